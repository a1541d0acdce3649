"""A form by flags is the same form: the same answers, the same words, the same record as in the chat."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from bot.app import build
from bot.cli_forms import FORMS
from bot.settings import from_environment
from bot.terminal.chat import person_id_of
from bot.terminal.form import FormAtTerminal, NotFilled, flag
from tests.doors.commands import Run, exported
from tests.doors.terminal import Terminal

NEED = (
    "--as", "ke", "--title", "Asset recovery", "--assistance-types", "training; legal advice", "--instruments", "corruption",
    "--needed-by", "30 June 2027", "--amount", "half a million dollars", "--articles", "UNCAC.31", "--beneficiary", "The judiciary",
)  # fmt: skip
KEPT = ("title", "lines", "instruments", "needed_by", "amount", "currency", "articles", "beneficiary", "priority", "visibility", "party")


def newest(run: Run, kind: str = "needs") -> dict[str, Any]:
    return max(exported(run, kind), key=lambda row: str(row["ref"]))


def test_flags_leave_the_record_that_they_say(run: Run) -> None:
    code, out, err = run("need", *NEED)
    assert (code, err) == (0, "")
    row = newest(run)
    assert str(row["ref"]) in out
    assert (row["amount"], row["currency"], row["needed_by"], row["articles"]) == (500000, "USD", "2027-06-30", ["UNCAC.31"])
    assert [line["assistance_type"] for line in row["lines"]] == ["training", "legal_advice"]


async def test_the_chat_leaves_the_same(run: Run, chat: Terminal) -> None:
    run("need", *NEED)
    by_flags = newest(run)
    [asked] = await chat.line("ke", "/press form.new:need")
    answers = {flag_[2:].replace("-", "_"): value for flag_, value in zip(NEED[2::2], NEED[3::2], strict=True)}
    [review] = await chat.line("ke", json.dumps({"answers": answers, "draft": asked["actions"][-1]["id"].split(":")[1]}))
    await chat.line("ke", f"/press {review['actions'][0]['id']}")
    in_chat = newest(run)
    assert in_chat["ref"] != by_flags["ref"]
    assert {name: in_chat[name] for name in KEPT} == {name: by_flags[name] for name in KEPT}


def test_a_dry_run_shows_and_saves_nothing(run: Run) -> None:
    before = exported(run, "needs")
    code, out, err = run("need", *NEED, "--dry-run")
    assert (code, err) == (0, "")
    assert "USD 500,000" in out
    assert exported(run, "needs") == before


@pytest.mark.parametrize(
    ("argv", "lines"),
    [
        (
            ("need", "--as", "ke", "--title", "As", "--needed-by", "soon"),
            ["--title: ", "--assistance-types: ", "--instruments: ", "--needed-by: "],
        ),
        (("need", "--as", "sn", "--title", "Formation"), ["--assistance-types: Quels types"]),
        (("need", "--as", "donor-no", "--title", "Asset"), ["This is for the focal point"]),
        (("need", "--as", "nobody", "--title", "Asset"), ["--as: nobody here is called 'nobody'"]),
        (("activity", "--as", "ke", "--title", "Courses", "--status", "nonsense"), ["--status: "]),
    ],
    ids=lambda argv: " ".join(argv)[:40],
)
def test_a_mistake_is_one_line_with_its_flag_and_nothing_is_left(run: Run, argv: tuple[str, ...], lines: list[str]) -> None:
    before = exported(run, "needs"), exported(run, "activities")
    code, out, err = run(*argv)
    assert (code, out) == (2, "")
    said = err.splitlines()
    assert all(any(line.startswith(wanted) for line in said) for wanted in lines), err
    assert "Traceback" not in err
    assert (exported(run, "needs"), exported(run, "activities")) == before


def test_every_field_of_every_form_has_its_flag(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    for form, _ in FORMS:
        with pytest.raises(SystemExit) as ended:
            run(form.form_name, "--help")
        assert ended.value.code == 0
        shown = capsys.readouterr().out
        assert form.questions
        assert [q.name for q in form.questions if flag(q.name) not in shown] == []


@pytest.fixture
def filling(url: str) -> Iterator[tuple[FormAtTerminal, list[str], list[str]]]:
    """A form with a person in front of it: the lines they type, and what they are shown."""
    house = build(from_environment({"LIAISON_DATABASE_URL": url}))
    typed: list[str] = []
    shown: list[str] = []

    def ask(text: str) -> str | None:
        shown.append(text)
        if not typed:
            raise NotFilled("the answers ended")
        return typed.pop(0)

    yield FormAtTerminal(house, person_id_of(house, "ke"), ask, shown.append), typed, shown
    house.close()


def test_what_is_missing_is_asked_where_a_person_sits(filling: tuple[FormAtTerminal, list[str], list[str]], run: Run) -> None:
    form, typed, shown = filling
    typed += ["training", "nonsense", "UNTOC", "/2", "change", "priority", "urgent", "save"]
    form.fill("need", {"title": "Asked one by one"}, dry_run=False)
    assert newest(run)["title"] == "Asked one by one"
    assert newest(run)["priority"] == "urgent"
    assert any("not one of the choices" in text for text in shown)


def test_giving_up_saves_nothing(filling: tuple[FormAtTerminal, list[str], list[str]], run: Run) -> None:
    form, typed, _ = filling
    before = exported(run, "needs")
    typed += ["training"]
    with pytest.raises(NotFilled):
        form.fill("need", {"title": "Asked one by one"}, dry_run=False)
    assert exported(run, "needs") == before
