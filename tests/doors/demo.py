"""A prepared demo database for each test: made once, then copied as a file."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

from bot.demo.prepare import prepare
from storage.database import Database
from storage.people import Person, add_person
from tests.doors.seen import Newcomer

_JOINED = datetime(2020, 8, 1, tzinfo=UTC)


def template(session: Path) -> Path:
    """A demo database, closed, so that the one file holds all of it; made once in the folder of a test session."""
    file = session / "template" / "demo.sqlite"
    if not file.exists():
        file.parent.mkdir()
        database = Database(f"sqlite:///{file}")
        prepare(database)
        database.close()
    assert not file.with_name("demo.sqlite-wal").exists()
    return file


def copied(made: Path, folder: Path) -> str:
    """The URL of a copy of its own."""
    return f"sqlite:///{shutil.copy(made, folder / 'demo.sqlite')}"


def add_newcomer(url: str) -> None:
    """Somebody at a desk whom nobody appointed: where there is no platform, the command line is what makes them known."""
    newcomer = Newcomer()
    database = Database(url)
    with database.transaction() as session:
        add_person(session, Person(handle=newcomer.handle, name=newcomer.name, zone=newcomer.zone, created_at=_JOINED))
    database.close()
