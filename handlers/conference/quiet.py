"""Quiet hours: the part of a person's night in which nothing reaches them on its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from handlers.conference.moments import first_showing, last_showing


@dataclass(frozen=True, slots=True)
class Hours:
    """A person's zone and quiet hours, wall time `HH:MM`; None, or two equal ends, where there are none."""

    zone: str
    quiet_from: str | None = None
    quiet_until: str | None = None


def night_around(instant: datetime, hours: Hours) -> tuple[datetime, datetime] | None:
    """The quiet hours that `instant` lies inside, as (first, last) instant; None in waking hours, their two ends included.

    Where clocks are set back inside them, they last until `quiet_until` is shown the last time.
    """
    if not hours.quiet_from or not hours.quiet_until or hours.quiet_from == hours.quiet_until:
        return None
    begins, ends = time.fromisoformat(hours.quiet_from), time.fromisoformat(hours.quiet_until)
    today = instant.astimezone(ZoneInfo(hours.zone)).date()
    for evening in (today - timedelta(days=1), today):
        first = first_showing(datetime.combine(evening, begins), hours.zone)
        last = last_showing(datetime.combine(evening + timedelta(days=ends < begins), ends), hours.zone)
        if first < instant < last:
            return first, last
    return None


def last_waking(instant: datetime, hours: Hours) -> datetime:
    """`instant`, or the moment at which the quiet hours around it begin."""
    night = night_around(instant, hours)
    return night[0] if night else instant


def next_waking(instant: datetime, hours: Hours) -> datetime:
    """`instant`, or the moment at which the quiet hours around it end."""
    night = night_around(instant, hours)
    return night[1] if night else instant
