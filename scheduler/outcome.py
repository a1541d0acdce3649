"""What became of one attempt, and of one round of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sent:
    message_id: str


@dataclass(frozen=True, slots=True)
class Later:
    """Try again in `wait` seconds. `counts` is False for a limit, which is no failure; `pause` is the bucket that rests meanwhile."""

    wait: float
    error: str
    counts: bool = True
    pause: str | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The platform will never take it for this recipient."""

    reason: str


@dataclass(frozen=True, slots=True)
class GivenUp:
    """Too many attempts: a dead letter."""

    error: str


@dataclass(frozen=True, slots=True)
class Released:
    """Claimed and not tried, because sending was stopped or the lease would not have lasted."""


Result = Sent | Later | Refused | GivenUp | Released


@dataclass(frozen=True, slots=True)
class Outcome:
    """One round: how many rows were claimed in it, and what those came to that ended in it."""

    claimed: int = 0
    sent: int = 0
    later: int = 0
    failed: int = 0


def outcome(claimed: int, results: Iterable[Result]) -> Outcome:
    kinds = [type(result) for result in results]
    return Outcome(claimed, kinds.count(Sent), kinds.count(Later), kinds.count(Refused) + kinds.count(GivenUp))
