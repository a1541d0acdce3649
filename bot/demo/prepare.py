"""A demo database: its people, the tenth session, and records that the people of the demo registered by the same forms as anybody."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from bot.app import assemble
from bot.demo.people import PEOPLE, DemoPerson
from bot.demo.story import STORY, Told
from bot.house import House
from bot.post import deliver_all
from bot.settings import from_environment
from handlers.conference.importing import import_session
from handlers.conversation.press import press
from handlers.conversation.reply import Ask, Receipt, Review
from handlers.conversation.turn import Answered, Pressed, Turn, What, Where, Who
from handlers.people.appointing import appoint
from scheduler.clock import machine_now
from storage.database import Database, StorageProblem
from storage.migrate import upgrade
from storage.outbox import Outbox
from storage.people import DESK, Person, RoleRequest, add_person, person_named
from storage.records import CLOCK_OFFSET, DEMO, set_setting, setting

STARTS = datetime.fromisoformat("2020-08-24T09:00:00+02:00")
"""Where the demo's clock starts, and runs from."""


def prepare(database: Database) -> int:
    """How many people the demo has. StorageProblem `database_in_use` where the database is in real use."""
    upgrade(database)
    with database.transaction() as session:
        if setting(session, DEMO):
            return len(PEOPLE)
        if session.get(Person, 1) is not None:
            raise StorageProblem("database_in_use")
        set_setting(session, DEMO, True)
        _people(session, STARTS - timedelta(days=60))
        import_session(session, _tenth_session(), STARTS)
    house = assemble(from_environment({}), database)
    for told in STORY:
        _tell(house, told)
        asyncio.run(deliver_all(house))
    with database.transaction() as session:
        session.connection().execute(sa.update(Outbox).where(col(Outbox.state) == "sent").values(read_at=STARTS))
    _set_clock(house, STARTS)
    house.threads.shutdown()
    return len(PEOPLE)


def _tenth_session() -> Mapping[str, Any]:
    data: Mapping[str, Any] = json.loads(files("storage.reference").joinpath("sessions/ctoc-cop-10.json").read_text(encoding="utf-8"))
    return data


def _people(session: Session, now: datetime) -> None:
    for row in PEOPLE:
        person = add_person(
            session, Person(handle=row.handle, name=row.name, language=row.language, zone=row.zone, welcomed_at=now, created_at=now)
        )
        appoint(session, _request(row, person.id or 0, now), approved_by=None, now=now)


def _request(row: DemoPerson, person_id: int, now: datetime) -> RoleRequest:
    return RoleRequest(
        person_id=person_id, role=row.role, party=row.party, organization=row.organization, convention="both" if row.party else None,
        authority="Note verbale 2020/17" if row.party else None, created_at=now,
    )  # fmt: skip


def _tell(house: House, told: Told) -> None:
    """One record, through the form a person would fill in, at the moment of the story."""
    _set_clock(house, told.at)
    with house.database.reading() as session:
        person = person_named(session, told.person)
    assert person is not None
    event = f"story:{told.person}:{told.form}:{told.at.isoformat()}"
    asked = _say(house, person, Pressed(press("form.new", told.form)), f"{event}:1")
    assert isinstance(asked, Ask | Review)
    shown = _say(house, person, Answered(asked.draft, told.answers), f"{event}:2")
    if isinstance(shown, Ask):
        shown = _say(house, person, Pressed(press("form.skip_rest", shown.draft)), f"{event}:rest")
    assert isinstance(shown, Review), shown
    save = next(action.id for action in shown.actions if action.style == "primary")
    receipt = _say(house, person, Pressed(save), f"{event}:3")
    assert isinstance(receipt, Receipt), receipt


def _say(house: House, person: Person, what: What, event: str) -> object:
    key, address = f"person:{person.id}", {"person": person.id}
    turn = Turn(event=event, door=DESK, who=Who(key=key, address=address), where=Where(key=key, address=address), what=what)
    return house.dispatcher.dispatch(turn).replies[-1]


def _set_clock(house: House, instant: datetime) -> None:
    with house.database.transaction() as session:
        set_setting(session, CLOCK_OFFSET, (instant - machine_now()).total_seconds())
