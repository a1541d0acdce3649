"""The two clocks. Machine time is read here and nowhere else; business time is machine time, moved only on a demo database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlmodel import Session

from storage.records import CLOCK_OFFSET, CLOCK_YEARS, set_setting, setting


def machine_now() -> datetime:
    """The machine's own time. Leases and backoff take the database's instead (`storage.database.database_now`)."""
    return datetime.now(UTC)


class OutOfTime(ValueError):
    """A demo's clock shows a moment between 1990 and 2100."""


class BusinessClock:
    """What time it is for deadlines and people. `machine` is a parameter so that a test may stand still."""

    def __init__(self, machine: Callable[[], datetime] = machine_now, *, movable: bool = False) -> None:
        self.machine = machine
        self.movable = movable

    def now(self, session: Session) -> datetime:
        if not self.movable:
            return self.machine()
        return self.machine() + timedelta(seconds=float(setting(session, CLOCK_OFFSET) or 0))

    def move_to(self, session: Session, instant: datetime) -> None:
        """Set a demo's clock; it runs on from there. PermissionError on a database that is no demo, OutOfTime outside its years."""
        if not self.movable:
            raise PermissionError("only a demo's clock can be moved")
        if instant.year not in CLOCK_YEARS:
            raise OutOfTime(f"a demo's clock shows a year from {CLOCK_YEARS[0]} to {CLOCK_YEARS[-1]}")
        set_setting(session, CLOCK_OFFSET, (instant - self.machine()).total_seconds())
