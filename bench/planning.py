"""Planning a deadline's reminders: every party the reference data has, six steps each, in one transaction, on SQLite.

python -m bench.planning
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from sqlmodel import func, select

from handlers.conference import reminders
from storage.conference import ConferenceSession, Deadline, Reminder
from storage.reference import parties
from tests.contracts.conference_house import appoint, conference_house
from tests.databases import furnished_sqlite_url
from tests.tenth_session import SET_AT, ZONES

STEPS = ("30d", "14d", "7d", "3d", "24h", "2h")
ALLOWED = 1.0
"""Seconds (SPEED, timers)."""


def main() -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        conference_house(furnished_sqlite_url(Path(folder))) as house,
        house.database.transaction() as session,
    ):
        for code in [code for code in parties() if code not in ZONES]:
            appoint(session, f"{code.lower()}-focal", "focal_point", code, "en", "America/Lima")
        reminders.set_steps(session, "registration", STEPS)
        conference = session.exec(select(ConferenceSession)).one()
        deadline = Deadline(session_id=conference.id or 0, kind="registration", closes_at=conference.opens_at, created_at=SET_AT)
        session.add(deadline)
        session.flush()
        begun = time.perf_counter()
        reminders.replan(session, deadline, SET_AT)
        seconds = time.perf_counter() - begun
        planned = session.exec(select(func.count()).select_from(Reminder).where(Reminder.deadline_id == deadline.id)).one()
    assert planned == len(parties()) * len(STEPS)
    sys.stdout.write(f"{planned} reminders planned in {seconds:.2f} s; at most {ALLOWED:.0f} s is asked for\n")


if __name__ == "__main__":
    main()
