"""Files belong to the form that is open or the record spoken of, are seen by whoever sees the record, and changed by its owner."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import select

from handlers.conversation.dispatch import Heard
from handlers.conversation.reply import Listing, Refusal, Review
from handlers.conversation.turn import File, Sent
from storage.attachments import Attachment
from storage.records import Audit
from tests.assistance import in_english, primary
from tests.house import Desk, desk_on

NEED = "Kenya needs help drafting legislation on trafficking in persons by 30 June 2027, about USD 200,000"
PLAN = File("plan.pdf", 120_000, "a" * 64)


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    with desk_on(database_url, tmp_path) as opened:
        opened.add("ke", "focal_point", party="KE")
        opened.add("sn", "focal_point", party="SN")
        opened.add("no", "donor", organization="Norad")
        opened.add("igo", "observer")
        yield opened


def rows(desk: Desk) -> list[Attachment]:
    with desk.house.database.reading() as session:
        return list(session.exec(select(Attachment).order_by(Attachment.id)).all())  # type: ignore[arg-type]


def need(desk: Desk) -> str:
    desk.say("ke", NEED)
    return save(desk, desk.say("ke", "skip the rest"))


def save(desk: Desk, heard: Heard) -> str:
    review = heard.replies[-1]
    assert isinstance(review, Review)
    saved = desk.press("ke", primary(review).id).replies[0]
    return str(getattr(saved, "ref", ""))


def code_of(heard: Heard) -> str:
    [refused] = [reply for reply in heard.replies if isinstance(reply, Refusal)]
    return refused.code


def test_a_file_sent_while_its_form_is_open_becomes_the_records(desk: Desk) -> None:
    desk.say("ke", NEED)
    assert "plan.pdf" in in_english(desk.hear("ke", Sent((PLAN,))).replies)
    assert [(row.ref, bool(row.draft_id)) for row in rows(desk)] == [(None, True)]
    ref = save(desk, desk.say("ke", "skip the rest"))
    assert [row.ref for row in rows(desk)] == [ref]
    assert "plan.pdf (117 kB)" in in_english(desk.say("ke", ref).replies)


def test_what_is_written_with_a_file_is_heard_and_the_file_goes_with_it(desk: Desk) -> None:
    heard = desk.hear("ke", Sent((PLAN,), NEED))
    assert "plan.pdf" in in_english(heard.replies)
    ref = save(desk, desk.say("ke", "skip the rest"))
    assert [(row.ref, row.name) for row in rows(desk)] == [(ref, "plan.pdf")]


def test_a_file_goes_to_the_record_named_or_spoken_of_last(desk: Desk) -> None:
    ref = need(desk)
    desk.hear("ke", Sent((PLAN,)))
    desk.hear("ke", Sent((File("note.docx", 10, "b" * 64),), ref))
    assert [(row.ref, row.name) for row in rows(desk)] == [(ref, "plan.pdf"), (ref, "note.docx")]
    with desk.house.database.reading() as session:
        assert [a.action for a in session.exec(select(Audit).where(Audit.subject == ref)).all()].count("need.attached") == 2


def test_a_file_of_nothing_is_asked_about(desk: Desk) -> None:
    assert code_of(desk.hear("ke", Sent((PLAN,)))) == "file_of_what"
    assert rows(desk) == []


@pytest.mark.parametrize("problem", ["file_too_large", "file_type", "file_empty", "file_other_type", "file_unreadable"])
def test_what_was_not_kept_is_said_and_the_rest_is(desk: Desk, problem: str) -> None:
    ref = need(desk)
    heard = desk.hear("ke", Sent((File("big.pdf", problem=problem), PLAN), ref))
    assert code_of(heard) == problem
    assert "big.pdf" in in_english(heard.replies)
    assert [row.name for row in rows(desk)] == ["plan.pdf"]


def test_a_record_has_only_so_many(desk: Desk) -> None:
    ref = need(desk)
    for number in range(4):
        desk.hear("ke", Sent(tuple(File(f"{number}-{n}.pdf", 1, "c" * 64) for n in range(5)), ref))
    assert code_of(desk.hear("ke", Sent((PLAN,), ref))) == "file_too_many"
    assert len(rows(desk)) == 20


def test_who_sees_the_record_gets_its_files_and_nobody_else(desk: Desk) -> None:
    ref = need(desk)
    desk.hear("ke", Sent((PLAN,), ref))
    [row] = rows(desk)
    for handle in ("ke", "no", "sn"):
        assert "/chat/file/" in in_english(desk.press(handle, f"file.get:{row.id}").replies)
    assert code_of(desk.press("igo", f"file.get:{row.id}")) == "no_such_record"
    assert code_of(desk.press("igo", "file.get:99")) == "no_such_file"


def test_only_the_owner_attaches_and_removes(desk: Desk) -> None:
    ref = need(desk)
    for handle, code in (("no", "not_allowed"), ("sn", "other_partys")):
        assert code_of(desk.hear(handle, Sent((PLAN,), ref))) == code
    desk.hear("ke", Sent((PLAN,), ref))
    [row] = rows(desk)
    assert code_of(desk.press("no", f"file.remove:{row.id}")) == "not_allowed"
    card = desk.say("no", ref).replies[-1]
    assert isinstance(card, Listing)
    assert "file.remove" not in str([action.id for item in card.items for action in item.actions])
    desk.press("ke", f"file.remove:{row.id}")
    assert "plan.pdf" not in in_english(desk.say("ke", ref).replies)
    assert code_of(desk.press("ke", f"file.get:{row.id}")) == "no_such_file"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd.pdf", "_.._etc_passwd.pdf"),
        ("a\u202efdp.exe.pdf", "a_fdp.exe.pdf"),
        ("x" * 400 + ".pdf", "x" * 177 + ".pdf"),
        ("", "file"),
    ],
)
def test_a_name_is_only_a_name(desk: Desk, name: str, shown: str) -> None:
    ref = need(desk)
    desk.hear("ke", Sent((File(name, 1, "d" * 64),), ref))
    assert [row.name for row in rows(desk)] == [shown]


def test_a_delivery_twice_attaches_once(desk: Desk) -> None:
    ref = need(desk)
    for _ in range(2):
        desk.hear("ke", Sent((PLAN,), ref), event="twice")
    assert len(rows(desk)) == 1
