"""The watcher: proves that nothing overdue is unsent, whatever the senders say of themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from storage import backlog

GRACE = timedelta(minutes=2)
"""So long a due row may be on its way before it is overdue, and so long anybody could have claimed it."""

LATELY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Overdue:
    """`unsent`: rows overdue that nothing holds back, the oldest due at `oldest_due`. `failed`: given up within the last hour.

    Rows that wait for a next attempt, or behind one that does, are late but not forgotten, and are not counted.
    """

    unsent: int
    oldest_due: datetime | None
    failed: int
    stopped: bool

    @property
    def is_clear(self) -> bool:
        return not self.unsent and not self.failed


def overdue(session: Session, now: datetime) -> Overdue:
    """What should have been sent by `now` (business time) and was not."""
    connection = session.connection()
    unsent, oldest = backlog.unsent(connection, due_before=now - GRACE, ready_for=GRACE)
    return Overdue(unsent, oldest, backlog.failed_within(connection, LATELY), backlog.is_stopped(connection))
