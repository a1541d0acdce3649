"""What falls due in this house, one row each; the scheduler calls them, each batch in a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from handlers.conference import reminders
from handlers.digest import editions


@dataclass(frozen=True, slots=True)
class Chore:
    """`run(session, now)` does one batch of what is due and returns how much it did."""

    name: str
    run: Callable[[Session, datetime], int]


CHORES: tuple[Chore, ...] = (
    Chore("reminders", reminders.fall_due),
    Chore("digests", editions.fall_due),
)
