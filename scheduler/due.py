"""What falls due inside the house: reminders to write, digests to compose, procedures to close. The chores come from outside."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlmodel import Session

from scheduler.clock import BusinessClock
from storage.database import Database

log = logging.getLogger(__name__)

MOST_BATCHES = 20
"""Batches of one chore in one round, so that a long one leaves the others their turn."""


class Chore(Protocol):
    """Something that falls due. `run` does one batch of what is due at `now` (business time) and returns how much it did.

    Each batch is one transaction; what is left falls due again, so a chore is resumed by calling it again.  Doing a batch twice must
    change nothing: unique keys see to that.
    """

    @property
    def name(self) -> str: ...

    def run(self, session: Session, now: datetime) -> int: ...


@dataclass(frozen=True, slots=True)
class Chored:
    """What the chores of one round did: how much by name, and which of them failed."""

    done: dict[str, int]
    failed: tuple[str, ...]


def run_chores(database: Database, chores: Iterable[Chore], clock: BusinessClock) -> Chored:
    """Every chore until nothing of it is due, in batches of one transaction each; one that fails never holds the others."""
    done: dict[str, int] = {}
    failed: list[str] = []
    for chore in chores:
        done[chore.name] = 0
        try:
            for _ in range(MOST_BATCHES):
                did = _batch(database, chore, clock)
                done[chore.name] += did
                if not did:
                    break
        except Exception:
            log.exception("chore %s", chore.name)
            failed.append(chore.name)
    return Chored(done, tuple(failed))


def _batch(database: Database, chore: Chore, clock: BusinessClock) -> int:
    with database.transaction() as session:
        return chore.run(session, clock.now(session))
