"""What programs may rely on at the terminal (DESIGN 8): `chat --json`, `understand`, `export`, `people`, and one clear line for mistakes."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bot import cli
from storage.exchange.records import ACTIVITY_HEADS, NEED_HEADS
from storage.reference import LANGUAGES, code_list
from tests.doors.demo import copied, template
from tests.doors.slack import Slack
from tests.doors.terminal import ROOT, Reply, Terminal, draft_of, environment

NEED = "Kenya needs help drafting legislation on trafficking in persons by 30 June 2027, about USD 200,000"
KINDS = {"say", "ask", "review", "receipt", "list", "form", "chart", "file", "refused"}
KEYS = {"kind", "text", "ask", "fields", "actions", "ref", "code", "path"}
UNDERSTOOD = {
    "intent", "also", "language", "parties", "regions", "instruments", "articles", "assistance_types", "amount", "currency", "date",
    "date_from", "ambiguous", "confidence",
}  # fmt: skip


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return template(tmp_path_factory.mktemp("demo"))


@pytest.fixture
def url(demo: Path, tmp_path: Path) -> str:
    return copied(demo, tmp_path)


@pytest.fixture
async def chat(url: str) -> AsyncIterator[Terminal]:
    terminal = Terminal(url)
    yield terminal
    await terminal.close()


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, url: str) -> Callable[..., tuple[int, str, str]]:
    """`run("db", "check")` → exit code, output, complaints; keyword arguments are environment variables."""

    def command(*argv: str, **variables: str) -> tuple[int, str, str]:
        for name in (name for name in environment("") if name.startswith(("LIAISON_", "SLACK_", "MICROSOFT_"))):
            monkeypatch.delenv(name, raising=False)
        for name, value in {"LIAISON_DATABASE_URL": url, **variables}.items():
            monkeypatch.setenv(name, value)
        out, err = io.StringIO(), io.StringIO()
        code = cli.main(argv, out=out, err=err)
        return code, out.getvalue(), err.getvalue()

    return command


Run = Callable[..., tuple[int, str, str]]


def actions(replies: list[Reply]) -> list[dict[str, str]]:
    return [action for reply in replies for action in reply.get("actions", ())]


def primary(replies: list[Reply]) -> str:
    """The id of the one action that saves."""
    [found] = [action["id"] for action in actions(replies) if action["style"] == "primary"]
    return found


def is_as_promised(reply: Reply) -> bool:
    """Whether a reply has the keys and shapes of the contract, and leaves absent keys out."""
    assert reply.keys() <= KEYS, reply
    assert {"kind", "text"} <= reply.keys()
    assert reply["kind"] in KINDS
    assert all(reply[name] for name in reply.keys() - {"text"}), reply
    assert all(set(action) == {"id", "label", "style"} for action in reply.get("actions", ()))
    assert all(set(field) == {"name", "label", "value"} for field in reply.get("fields", ()))
    assert ("ask" in reply) == (reply["kind"] == "ask")
    if reply["kind"] == "ask":
        assert set(reply["ask"]) == {"field", "kind", "choices"}
        assert all(set(choice) == {"value", "label"} for choice in reply["ask"]["choices"])
    if reply["kind"] == "review":
        assert len([action for action in reply["actions"] if action["style"] == "primary"]) == 1
    assert reply["kind"] != "refused" or reply["code"]
    assert reply["kind"] != "receipt" or reply["ref"]
    return True


async def test_every_reply_has_the_promised_shape(chat: Terminal) -> None:
    said = [
        ("ke", "help"), ("ke", "what is due?"), ("ke", NEED), ("ke", "hmm"), ("ke", "skip the rest"), ("ke", "change"), ("ke", "save"),
        ("ke", "my needs"), ("ke", "withdraw N-2020-0006"), ("ke", "Senegal needs a law"), ("ke", "/inbox"), ("donor-no", "/inbox"),
        ("sec", "move session to 19 October 2020"), ("sec", "digest"), ("igo", "help"), ("tn", "ما المطلوب؟"), ("ke", "/press nothing:1"),
        ("ke", "{"), ("ke", '{"event_id": "a"}'), ("ke", "/now yesterday"), ("ke", "/tick"),
    ]  # fmt: skip
    heard = [reply for person, text in said for reply in await chat.line(person, text)]
    assert all(is_as_promised(reply) for reply in heard)
    assert {reply["kind"] for reply in heard} >= {"say", "ask", "review", "receipt", "list", "refused"}


async def test_the_main_job_asks_only_what_is_missing_and_ends_in_a_record(chat: Terminal, run: Run) -> None:
    replies = await chat.line("ke", NEED)
    while replies[-1]["kind"] == "ask":
        assert replies[-1]["ask"]["field"] in ("articles", "beneficiary")
        [skip, *_] = [action["id"] for action in actions(replies) if "skip" in action["id"]]
        replies = await chat.line("ke", f"/press {skip}")
    assert replies[-1]["kind"] == "review"
    [receipt] = await chat.line("ke", f"/press {primary(replies)}")
    assert receipt["kind"] == "receipt"
    [need] = [row for row in exported(run, "needs") if row["ref"] == receipt["ref"]]
    assert tuple(need) == NEED_HEADS
    assert need["lines"] == [{"assistance_type": "legislative_drafting", "status": "requested"}]
    assert (need["party"], need["instruments"], need["needed_by"]) == ("KE", ["TIP"], "2027-06-30")
    assert (need["amount"], need["currency"], need["status"]) == (200000, "USD", "open")
    alerts = await chat.line("donor-no", "/inbox")
    assert any(receipt["ref"] in alert["text"] and "Trafficking in Persons Protocol" in alert["text"] for alert in alerts)
    assert any(action["id"] == f"match.interested:{receipt['ref']}" for action in actions(alerts))
    assert await chat.line("donor-no", "/inbox") == []


def exported(run: Run, kind: str) -> list[dict[str, Any]]:
    code, out, err = run("export", kind, "--format", "json")
    assert (code, err) == (0, "")
    rows: list[dict[str, Any]] = json.loads(out)
    return rows


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_choice_is_answered_by_its_value_or_its_label_in_any_language(chat: Terminal, language: str) -> None:
    for answer in ("SOM", code_list("instrument")["SOM"].names[language]):
        await chat.line("ke", "/press form.new:need")
        await chat.line("ke", "A register of vessels")
        await chat.line("ke", "training")
        [asked] = await chat.line("ke", answer)
        assert asked["ask"]["field"] == "needed_by"


async def test_a_whole_form_is_handed_in_as_answers_and_problems_stand_beside_their_fields(chat: Terminal) -> None:
    [asked] = await chat.line("ke", "/press form.new:need")
    [form] = await chat.line("ke", f"/press form.sheet:{draft_of(asked)}")
    assert form["kind"] == "form"
    assert {"title", "assistance_types", "instruments"} <= {field["name"] for field in form["fields"]}
    given = {"title": "A register of vessels", "assistance_types": ["training"], "instruments": "SOM; TIP", "needed_by": "2019-01-01"}
    [form] = await chat.line("ke", json.dumps({"answers": given}))
    assert form["kind"] == "form"
    assert {field["name"]: field["value"] for field in form["fields"]}["instruments"] == "SOM; TIP"
    [asked] = await chat.line("ke", json.dumps({"answers": given | {"needed_by": "2021-06-30"}}))
    assert asked["ask"]["field"] == "amount"


async def test_a_message_delivered_twice_leaves_one_record_and_equal_answers(chat: Terminal, run: Run) -> None:
    await chat.line("ke", NEED)
    review = await chat.line("ke", "skip the rest")
    save = json.dumps({"action": primary(review), "event_id": uuid.uuid4().hex})
    assert await chat.line("ke", save) == await chat.line("ke", save)
    assert [row["party"] for row in exported(run, "needs")].count("KE") == 1


async def test_a_process_killed_between_any_two_messages_goes_on_where_it_was(chat: Terminal, run: Run) -> None:
    heard = []
    for line in (NEED, "article 5", "back", "article 5", "Office of the Director of Public Prosecutions", "save"):
        heard.append((await chat.line("ke", line))[-1])
        await chat.restart()
    asked = [reply["ask"]["field"] for reply in heard if reply["kind"] == "ask"]
    assert asked == ["articles", "beneficiary", "articles", "beneficiary"]
    assert [reply["kind"] for reply in heard[-2:]] == ["review", "receipt"]
    [need] = [row for row in exported(run, "needs") if row["party"] == "KE"]
    assert (need["articles"], need["beneficiary"]) == (["TIP.5"], "Office of the Director of Public Prosecutions")


async def test_a_process_killed_before_its_answer_was_read_answers_the_next_delivery_with_one_receipt(chat: Terminal, run: Run) -> None:
    await chat.line("ke", NEED)
    save = json.dumps({"action": primary(await chat.line("ke", "skip the rest")), "event_id": uuid.uuid4().hex})
    assert chat.process
    assert chat.process.stdin
    chat.process.stdin.write(f"{save}\n".encode())
    await chat.process.stdin.drain()
    await chat.restart()
    [receipt] = await chat.line("ke", save)
    assert receipt["kind"] == "receipt"
    assert [row["ref"] for row in exported(run, "needs") if row["party"] == "KE"] == [receipt["ref"]]
    alerts = [alert for alert in await chat.line("donor-no", "/inbox") if receipt["ref"] in alert["text"]]
    assert len(alerts) == 1


async def test_a_draft_is_not_lost_between_people_and_drafts_are_their_own(chat: Terminal) -> None:
    [asked] = await chat.line("ke", NEED)
    [refused] = await chat.line("fj", f"/press form.save:{draft_of(asked)}:1")
    assert refused["code"] == "not_your_form"
    [again] = await chat.line("ke", "resume")
    assert again["ask"]["field"] == asked["ask"]["field"]


@pytest.mark.parametrize(
    ("line", "words"), [("/as nobody", "nobody"), ("/now 2020-09-01T09:00", "offset"), ("[1]", ""), ('{"text": 3}', "JSON")]
)
async def test_a_line_that_is_none_of_the_contract_is_refused_and_the_chat_goes_on(chat: Terminal, line: str, words: str) -> None:
    await chat.line("ke", "help")
    process = chat.process
    assert process
    replies = await chat.line("ke", line)
    assert replies
    assert words in replies[-1]["text"]
    [listing] = await chat.line("ke", "help")
    assert listing["kind"] == "list"
    assert chat.process is process


def test_without_a_demo_database_the_chat_makes_a_throwaway_and_leaves_nothing(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "bot", "chat", "--as", "ke", "--demo", "--json"], input="what is due?\n", capture_output=True, text=True,
        env=environment("", TMPDIR=str(tmp_path), PYTHONPATH=str(ROOT)), cwd=tmp_path, check=True, timeout=60,
    )  # fmt: skip
    listing, done = map(json.loads, told.stdout.splitlines())
    assert (listing["kind"], done, told.stderr) == ("list", {"kind": "done"}, "")
    assert list(tmp_path.iterdir()) == []


def test_preparing_a_demo_twice_changes_nothing_and_never_touches_a_real_database(run: Run, tmp_path: Path) -> None:
    before = exported(run, "needs")
    assert run("demo", "--prepare")[0] == 0
    assert exported(run, "needs") == before
    real = f"sqlite:///{tmp_path / 'real.sqlite'}"
    assert run("db", "upgrade", LIAISON_DATABASE_URL=real)[0] == 0
    assert run("people", "add", "Ana Lee", "--role", "secretariat", LIAISON_DATABASE_URL=real)[0] == 0
    code, _, complaint = run("demo", "--prepare", LIAISON_DATABASE_URL=real)
    assert (code, complaint.count("\n")) == (2, 1)
    assert json.loads(run("people", "list", "--json", LIAISON_DATABASE_URL=real)[1])[0]["name"] == "Ana Lee"


def test_understand_gives_every_key_and_null_for_what_is_unknown(run: Run) -> None:
    code, out, _ = run("understand", NEED, "--now", "2020-08-24T09:00+02:00", "--json")
    heard = json.loads(out)
    assert (code, set(heard)) == (0, UNDERSTOOD)
    assert (heard["intent"], heard["parties"], heard["instruments"]) == ("need", ["KE"], ["TIP"])
    assert (heard["amount"], heard["currency"], heard["date"], heard["date_from"]) == (200000, "USD", "2027-06-30", None)
    assert 0 <= heard["confidence"] <= 1
    unknown = json.loads(run("understand", "qwertz", "--json")[1])
    assert (set(unknown), unknown["intent"], unknown["amount"]) == (UNDERSTOOD, "unknown", None)


def test_exports_have_the_same_heads_in_json_and_csv(run: Run) -> None:
    for kind, heads in (("needs", NEED_HEADS), ("activities", ACTIVITY_HEADS)):
        rows = exported(run, kind)
        sheet = list(csv.DictReader(io.StringIO(run("export", kind, "--format", "csv")[1].removeprefix("\ufeff"))))
        assert rows
        assert tuple(rows[0]) == tuple(sheet[0]) == heads
        assert [row["ref"] for row in rows] == [row["ref"] for row in sheet]
    assert sheet[0]["recipients"] == "; ".join(rows[0]["recipients"])


async def test_a_one_time_code_links_one_account_once(run: Run, url: str) -> None:
    code, out, _ = run("people", "add", "Ana Lee", "--role", "secretariat", "--handle", "ana")
    assert code == 0
    assert out.splitlines()[0] == "ana"
    one_time = out.split("code: ")[1].split()[0]
    slack = Slack(url)
    try:
        assert "Ana Lee" in (await slack.say("newcomer", f"link {one_time}")).text
        assert (await slack.say("newcomer", "set deadline")).button("form.cancel:")
        spent = await slack.say("ke", f"link {one_time}")
        assert "not known or was used before" in spent.text
    finally:
        await slack.close()


def test_people_are_listed_with_what_they_are_appointed_to(run: Run) -> None:
    rows = {row["handle"]: row for row in json.loads(run("people", "list", "--json")[1])}
    assert {"sec", "chair", "ke", "sn", "pe", "kg", "tn", "mn", "fj", "ci", "donor-no", "donor-fr", "donor-de", "igo"} <= rows.keys()
    assert rows["ke"]["roles"] == ["focal_point KE UNTOC", "focal_point KE UNCAC"]


@pytest.fixture
def file(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def missing(file: Path) -> None:
    file.unlink()


def empty(file: Path) -> None:
    file.write_bytes(b"")


def newer(file: Path) -> None:
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("UPDATE alembic_version SET version_num = 'ffffffffffff'")


def somebody_elses(file: Path) -> None:
    file.unlink()
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("CREATE TABLE songs (title TEXT)")


def no_database(file: Path) -> None:
    file.write_text("A letter, and no database at all.\n" * 100)


def read_only(file: Path) -> None:
    """By the mark in the file itself, which holds for whoever opens it (https://www.sqlite.org/fileformat.html, 1.3.3)."""
    with file.open("r+b") as raw:
        raw.seek(18)
        raw.write(b"\x03")


COMMANDS = (
    ("db", "check"),
    ("export", "needs", "--format", "json"),
    ("people", "add", "Ana Lee", "--role", "chair"),
    ("chat", "--as", "ke"),
    ("tick",),
)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("spoil", [missing, empty, newer, somebody_elses, no_database], ids=lambda spoil: spoil.__name__)
def test_a_database_that_is_not_ours_gives_one_clear_line(
    run: Run, file: Path, spoil: Callable[[Path], None], command: tuple[str, ...]
) -> None:
    spoil(file)
    was_there = file.exists()
    code, out, complaint = run(*command)
    assert (code, out) == (2, "")
    assert complaint.startswith("LIAISON_DATABASE_URL: ")
    assert complaint.count("\n") == 1
    assert file.exists() is was_there


def test_a_database_that_cannot_be_written_to_gives_one_clear_line(run: Run, file: Path) -> None:
    read_only(file)
    code, out, complaint = run("people", "add", "Ana Lee", "--role", "chair")
    assert (code, out) == (2, "")
    assert complaint == "LIAISON_DATABASE_URL: the database cannot be written to; check the rights of the file and its folder\n"


@pytest.fixture
def somebody_writing(file: Path) -> Iterator[None]:
    with closing(sqlite3.connect(file)) as database:
        database.execute("BEGIN IMMEDIATE")
        yield
        database.rollback()


@pytest.mark.usefixtures("somebody_writing")
def test_a_locked_database_gives_one_clear_line(run: Run) -> None:
    code, out, complaint = run("people", "add", "Ana Lee", "--role", "chair")
    assert (code, out) == (2, "")
    assert complaint == "LIAISON_DATABASE_URL: another process holds the database; try again when it is done\n"


def test_upgrade_refuses_what_it_does_not_know_and_leaves_it_as_it_is(run: Run, file: Path) -> None:
    somebody_elses(file)
    assert run("db", "upgrade")[0] == 2
    with closing(sqlite3.connect(file)) as database:
        assert database.execute("SELECT name FROM sqlite_master").fetchall() == [("songs",)]


def test_a_backup_is_restored_into_an_empty_database_with_every_record(run: Run, tmp_path: Path) -> None:
    needs, kept, again = exported(run, "needs"), tmp_path / "kept.backup", f"sqlite:///{tmp_path / 'again.sqlite'}"
    assert run("db", "backup", str(kept))[0] == 0
    assert run("db", "restore", str(kept), LIAISON_DATABASE_URL=again)[0] == 0
    assert json.loads(run("export", "needs", "--format", "json", LIAISON_DATABASE_URL=again)[1]) == needs


WRONG = [
    ("LIAISON_SECRET_KEY", {"LIAISON_SECRET_KEY": "short"}),
    ("LIAISON_TIMEZONE", {"LIAISON_TIMEZONE": "Europe/Wien"}),
    ("LIAISON_BASE_URL", {"LIAISON_BASE_URL": "liaison.example.org"}),
    ("LIAISON_DATABASE_URL", {"LIAISON_DATABASE_URL": "mysql://here/there"}),
    ("LIAISON_DATABASE_URL", {"LIAISON_DATABASE_URL": "nonsense"}),
    ("SLACK_BOT_TOKEN", {"SLACK_SIGNING_SECRET": "s"}),
    ("SLACK_SIGNING_SECRET", {"SLACK_BOT_TOKEN": "xoxb-1"}),
    ("SLACK_APP_TOKEN", {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "s", "SLACK_APP_TOKEN": "1"}),
    ("LIAISON_TEAMS_EMULATOR", {"LIAISON_TEAMS_EMULATOR": "yes"}),
]


@pytest.mark.parametrize(("name", "variables"), WRONG, ids=[f"{name}-{number}" for number, (name, _) in enumerate(WRONG)])
@pytest.mark.parametrize("command", [("tick",), ("serve", "--port", "0"), ("chat", "--as", "ke")], ids=" ".join)
def test_a_mistake_in_the_configuration_is_one_line_with_its_name(
    run: Run, name: str, variables: dict[str, str], command: tuple[str, ...]
) -> None:
    code, out, complaint = run(*command, **variables)
    assert (code, out) == (2, "")
    assert complaint.startswith(f"{name}: ")
    assert complaint.count("\n") == 1


def test_every_mistake_is_told_at_once_by_the_real_process(tmp_path: Path) -> None:
    wrong = {"LIAISON_TIMEZONE": "Mars", "LIAISON_SECRET_KEY": "short", "MICROSOFT_APP_ID": "a"}
    url = f"sqlite:///{tmp_path / 'none.sqlite'}"
    told = subprocess.run(
        [sys.executable, "-m", "bot", "serve"], capture_output=True, text=True, env=environment(url, **wrong), cwd=ROOT, timeout=60
    )
    names = [line.partition(":")[0] for line in told.stderr.splitlines()]
    assert (told.returncode, told.stdout) == (2, "")
    assert set(names) == {"LIAISON_SECRET_KEY", "LIAISON_TIMEZONE", "MICROSOFT_APP_PASSWORD", "MICROSOFT_APP_TENANT_ID"}
    assert list(tmp_path.iterdir()) == []


def test_emulator_mode_is_refused_where_other_machines_could_reach_it(run: Run) -> None:
    code, out, complaint = run("serve", "--host", "0.0.0.0", "--port", "0", LIAISON_TEAMS_EMULATOR="1")
    assert (code, out) == (2, "")
    assert complaint.startswith("LIAISON_TEAMS_EMULATOR: ")


def test_a_port_that_is_taken_is_one_clear_line(run: Run) -> None:
    code, _, complaint = run("serve", "--port", "70000")
    assert (code, complaint.count("\n")) == (2, 1)
    assert complaint.startswith("--port: ")


def test_nothing_is_left_where_the_folder_is_missing(run: Run, tmp_path: Path) -> None:
    code, _, complaint = run("db", "upgrade", LIAISON_DATABASE_URL=f"sqlite:///{tmp_path / 'no' / 'such.sqlite'}")
    assert (code, complaint) == (2, "LIAISON_DATABASE_URL: there is no such file, or it cannot be opened; `liaison db upgrade` makes one where the folder exists\n")
