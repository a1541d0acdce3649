"""Moments of a session: what was said of a deadline, and the instant it means (DESIGN 4; DOMAIN, rules of the house).

What was said is kept as it was said:

- `{"wall": "2020-10-09T12:00", "hour_stated": true}`: a wall time in the conference's zone, `00:00` to `24:00`;
- `{"wall": "2020-09-21", "hour_stated": false}`: a day; what closes then closes at 24:00, what opens then opens at 00:00;
- `{"offset": {"count": 14, "unit": "days", "anchor": "opening"}}`: so long before the opening or closing of the session; a
  negative count is so long after it.  Days and weeks are calendar days in the conference's zone, at the day's end (or at `hour`,
  `"18:00"`, where the offset has one); hours are elapsed hours from the anchor's instant.

A wall time that clocks skip means the first one they show again; one that they show twice means its first showing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

Said = Mapping[str, Any]

_MIDNIGHT = time(0)
_DAYS = {"days": 1, "weeks": 7}


@dataclass(frozen=True, slots=True)
class Frame:
    """What a said moment is measured against: the conference's zone, and when its session opens and closes."""

    zone: str
    opens_at: datetime
    closes_at: datetime

    def anchor(self, name: str) -> datetime:
        """The instant of `opening` or `closing`; KeyError for anything else."""
        return {"opening": self.opens_at, "closing": self.closes_at}[name]


def closing(said: Said, frame: Frame) -> datetime:
    """The instant at which something closes; without an hour, at 24:00. ValueError or KeyError for what is no said moment."""
    return _instant(said, frame, at_end=True)


def opening(said: Said, frame: Frame) -> datetime:
    """The instant at which something opens; without an hour, at 00:00."""
    return _instant(said, frame, at_end=False)


def is_relative(said: Said | None) -> bool:
    """Whether it moves with the session."""
    return bool(said and said.get("offset"))


def hour_stated(said: Said) -> bool:
    """Whether the hour was said, or has to be assumed."""
    offset = said.get("offset")
    if offset:
        return offset["unit"] == "hours" or bool(offset.get("hour"))
    return bool(said.get("hour_stated"))


def ends_day(said: Said) -> bool:
    """Whether it was said to be the end of a day: at 24:00, not at 00:00 of the day after."""
    offset = said.get("offset")
    return str(offset.get("hour") if offset else said.get("wall")).endswith("24:00")


def _instant(said: Said, frame: Frame, *, at_end: bool) -> datetime:
    offset = said.get("offset")
    if offset is None:
        day, hour = _wall(str(said["wall"]))
        return _on(day, hour if said.get("hour_stated") else None, frame.zone, at_end=at_end)
    anchor = frame.anchor(offset["anchor"])
    count = int(offset["count"])
    if offset["unit"] == "hours":
        return anchor - timedelta(hours=count)
    day = anchor.astimezone(ZoneInfo(frame.zone)).date() - timedelta(days=count * _DAYS[offset["unit"]])
    return _on(day, offset.get("hour"), frame.zone, at_end=at_end)


def _wall(wall: str) -> tuple[date, str | None]:
    day, _, hour = wall.partition("T")
    return date.fromisoformat(day), hour or None


def _on(day: date, hour: str | None, zone: str, *, at_end: bool) -> datetime:
    if hour is None or hour == "24:00":
        late = hour == "24:00" or at_end
        return first_showing(datetime.combine(day + timedelta(days=late), _MIDNIGHT), zone)
    return first_showing(datetime.combine(day, time.fromisoformat(hour)), zone)


def first_showing(wall: datetime, zone: str) -> datetime:
    """The first instant at which clocks in `zone` show `wall` (naive); where they skip it, the first instant after the gap."""
    there = ZoneInfo(zone)
    instant = wall.replace(tzinfo=there, fold=0).astimezone(UTC)
    if instant.astimezone(there).replace(tzinfo=None) == wall:
        return instant
    return _end_of_gap(wall.replace(tzinfo=there, fold=1).astimezone(UTC), instant, there)


def last_showing(wall: datetime, zone: str) -> datetime:
    """The last instant at which clocks in `zone` show `wall` (naive); where they skip it, the first instant after the gap."""
    there = ZoneInfo(zone)
    instant = wall.replace(tzinfo=there, fold=1).astimezone(UTC)
    return instant if instant.astimezone(there).replace(tzinfo=None) == wall else first_showing(wall, zone)


def _end_of_gap(before: datetime, after: datetime, there: ZoneInfo) -> datetime:
    """The second at which the clocks jump, between an instant before and one after it."""
    kept = before.astimezone(there).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=int((after - before).total_seconds()) // 2)
        if middle.astimezone(there).utcoffset() == kept:
            before = middle
        else:
            after = middle
    return after


def days_before(instant: datetime, days: int, zone: str) -> datetime:
    """The same wall time in `zone` so many calendar days earlier."""
    wall = instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    return first_showing(wall - timedelta(days=days), zone)
