"""An appointment that ended gives nothing any more: no button, no reminder, no record."""

from __future__ import annotations

import argparse
import io
import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from sqlmodel import select

from bot import cli_people
from bot.settings import Settings
from handlers.conference.importing import import_session
from handlers.conference.reminders import fall_due
from handlers.conversation.codec import decode
from handlers.conversation.press import press
from handlers.conversation.reply import Listing, Refusal, Say
from storage.conference import Reminder
from storage.outbox import Outbox
from storage.people import RoleRequest, appointments_of
from storage.records import Audit
from tests.house import NOW, Desk, desk_on


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    with desk_on(database_url, tmp_path) as desk:
        for handle in ("sec", "old"):
            desk.add(handle, "secretariat")
        desk.add("ke", "focal_point", party="KE")
        yield desk


def _buttons(desk: Desk, handle: str, *, by: str = "sec") -> list[str]:
    [shown] = desk.say(by, f"end role {handle}").replies
    assert isinstance(shown, Listing), shown
    return [action.id for item in shown.items for action in item.actions]


def _end(desk: Desk, handle: str) -> None:
    for button in _buttons(desk, handle):
        assert isinstance(desk.press("sec", button).replies[0], Say)


def _refused(desk: Desk, handle: str, button: str) -> str:
    reply = desk.press(handle, button).replies[-1]
    assert isinstance(reply, Refusal), reply
    return reply.code


def test_an_old_button_of_somebody_who_left_the_secretariat_is_refused(desk: Desk) -> None:
    newcomer = desk.add("new")
    with desk.house.database.transaction() as session:
        request = RoleRequest(person_id=newcomer, role="chair", created_at=NOW)
        session.add(request)
        session.flush()
        button = press("role.approve", request.id or 0)
    _end(desk, "old")
    assert _refused(desk, "old", button) == "no_role"
    with desk.house.database.reading() as session:
        assert list(appointments_of(session, newcomer)) == []


def test_reminders_stop_and_no_need_is_taken_when_a_focal_point_ended(desk: Desk) -> None:
    agenda = json.loads((files("storage.reference") / "sessions" / "ctoc-cop-10.json").read_text(encoding="utf-8"))
    desk.clock.now = NOW.replace(year=2020, month=8)
    with desk.house.database.transaction() as session:
        import_session(session, agenda, desk.clock.now)
    assert _planned(desk)
    _end(desk, "ke")
    with desk.house.database.transaction() as session:
        fall_due(session, max(reminder.due_at for reminder in _planned(desk)))
        told = select(Outbox).where(Outbox.person_id == desk.people["ke"], Outbox.kind == "reminder")
        assert list(session.exec(told).all()) == []
    assert _refused(desk, "ke", press("form.new", "need")) == "no_role"


def _planned(desk: Desk) -> list[Reminder]:
    with desk.house.database.reading() as session:
        return list(session.exec(select(Reminder).where(Reminder.party == "KE", Reminder.state == "planned")).all())


def test_the_person_is_told_it_is_audited_and_it_ends_once(desk: Desk) -> None:
    [button, _] = _buttons(desk, "ke")
    desk.press("sec", button)
    assert _refused(desk, "sec", button) == "ended_already"
    with desk.house.database.reading() as session:
        [told] = session.exec(select(Outbox).where(Outbox.person_id == desk.people["ke"], Outbox.kind == "notice")).all()
        [audit] = session.exec(select(Audit).where(Audit.action == "appointment.ended")).all()
    assert decode(told.body)[0].text.key == "people.you_are_ended"
    assert (audit.person_id, (audit.before or {})["ended_at"]) == (desk.people["sec"], None)
    assert (audit.after or {})["ended_at"] is not None


def test_only_the_secretariat_ends_a_role_and_never_its_own_last_one(desk: Desk) -> None:
    [button] = _buttons(desk, "sec", by="old")
    assert _refused(desk, "ke", button) == "not_allowed"
    _end(desk, "old")
    assert _refused(desk, "sec", button) == "last_of_secretariat"


def test_the_command_line_ends_what_is_named(desk: Desk, database_url: str, tmp_path: Path) -> None:
    settings = Settings(database_url, "s" * 32, "Europe/Vienna", "http://127.0.0.1:8000", tmp_path / "files")
    said = io.StringIO()
    parser = argparse.ArgumentParser()
    cli_people.add_parser(parser.add_subparsers())
    arguments = parser.parse_args(["people", "end", "ke", "--role", "focal_point", "--party", "KE"])
    assert [arguments.run(arguments, settings, said) for _ in range(2)] == [0, 1]
    assert said.getvalue().startswith("ended: focal_point KE UNTOC\nended: focal_point KE UNCAC\nnothing to end")
    with desk.house.database.reading() as session:
        assert [row.person_id for row in session.exec(select(Audit).where(Audit.action == "appointment.ended")).all()] == [None, None]
