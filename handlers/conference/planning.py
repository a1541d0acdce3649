"""Which reminders a deadline asks for: pure, from the deadline's facts, the parties' hours and the policy (DESIGN 4).

A step is `14d` (the same wall time so many calendar days earlier in the conference's zone), `24h` (so many elapsed hours earlier)
or `notice`.  Every instant is an aware one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from handlers.conference.moments import days_before
from handlers.conference.quiet import Hours, last_waking, next_waking

NOTICE = "notice"
USUAL_STEPS = ("14d", "3d", "24h", "2h")


@dataclass(frozen=True, slots=True)
class Due:
    """The facts of a deadline that its reminders depend on; `expected` or optional; `after`: nobody is reminded of it before."""

    zone: str
    closes_at: datetime
    opens_at: datetime | None = None
    expected: bool = True
    after: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reached:
    """A party that has not handed in, and the waking hours of whoever acts for it."""

    party: str
    hours: Hours


@dataclass(frozen=True, slots=True)
class Planned:
    """One reminder; `missed` when its moment was past before it could be planned."""

    party: str
    step: str
    due_at: datetime
    missed: bool = False


def step_at(step: str, closes_at: datetime, zone: str) -> datetime:
    """The moment of a step before a deadline, before anybody's quiet hours; ValueError for a step of no known shape."""
    count, unit = int(step[:-1]), step[-1]
    if unit == "d":
        return days_before(closes_at, count, zone)
    if unit == "h":
        return closes_at - timedelta(hours=count)
    raise ValueError(f"a step of no known unit: {step}")


def plan(due: Due, parties: Iterable[Reached], policy: Iterable[str], *, now: datetime) -> tuple[Planned, ...]:
    """Every reminder that a deadline asks for, those already past as `missed`; none once it has closed.

    - A step inside the reader's quiet hours goes at the moment these begin; steps that fall together become the more urgent one.
    - A step before the opening of the window goes when it opens.
    - A deadline that only prolongs another asks for nothing before that one has closed.
    - Where all steps are past and the deadline is still open, one notice goes at once instead.
    - An optional deadline has one notice besides: when its window opens, or at once where it is open already.
    - What goes at once waits for the end of quiet hours, unless the deadline closes before.
    """
    if due.closes_at <= now:
        return ()
    steps = ((step_at(step, due.closes_at, due.zone), step) for step in set(policy))
    moments = sorted((at, step) for at, step in steps if due.after is None or at > due.after)
    opened = [(max(at, due.opens_at or at), step) for at, step in moments]
    return tuple(row for reached in parties for row in _for_party(due, reached, opened, now))


def _for_party(due: Due, reached: Reached, moments: list[tuple[datetime, str]], now: datetime) -> Iterator[Planned]:
    merged = {last_waking(at, reached.hours): step for at, step in moments}
    steps = [Planned(reached.party, step, at, missed=at < now) for at, step in merged.items()]
    if not due.expected:
        yield Planned(reached.party, NOTICE, _notice_at(due, reached.hours, now))
    elif all(step.missed for step in steps) and (due.after is None or now >= due.after):
        yield Planned(reached.party, NOTICE, _at_once(due, reached.hours, now))
    yield from steps


def _notice_at(due: Due, hours: Hours, now: datetime) -> datetime:
    if due.opens_at and due.opens_at > now:
        waking = last_waking(due.opens_at, hours)
        if waking >= now:
            return waking
    return _at_once(due, hours, now)


def _at_once(due: Due, hours: Hours, now: datetime) -> datetime:
    waking = next_waking(now, hours)
    return waking if waking < due.closes_at else now
