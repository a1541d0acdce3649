"""What was said of a deadline, and the instant it means (DESIGN 4; DOMAIN, rules of the house)."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from handlers.conference.moments import (
    Frame,
    Said,
    closing,
    days_before,
    ends_day,
    first_showing,
    hour_stated,
    is_relative,
    last_showing,
    opening,
)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


VIENNA = Frame("Europe/Vienna", utc("2020-10-12T10:00"), utc("2020-10-16T16:00"))
"""The tenth session: Monday 12 October, noon, to Friday 16 October 2020, 18:00, Vienna."""


def wall(text: str, *, stated: bool) -> Said:
    return {"wall": text, "hour_stated": stated}


def offset(count: int, unit: str, anchor: str, **more: str) -> Said:
    return {"offset": {"count": count, "unit": unit, "anchor": anchor, **more}}


@pytest.mark.parametrize(
    ("said", "instant"),
    [
        (wall("2020-10-09T12:00", stated=True), "2020-10-09T10:00"),
        (wall("2020-09-21", stated=False), "2020-09-21T22:00"),
        (wall("2020-09-21T24:00", stated=False), "2020-09-21T22:00"),
        (wall("2020-09-21T24:00", stated=True), "2020-09-21T22:00"),
        (wall("2020-12-31", stated=False), "2020-12-31T23:00"),
        (offset(24, "hours", "opening"), "2020-10-11T10:00"),
        (offset(14, "days", "opening"), "2020-09-28T22:00"),
        (offset(2, "weeks", "opening"), "2020-09-28T22:00"),
        (offset(60, "days", "opening"), "2020-08-13T22:00"),
        (offset(0, "days", "closing"), "2020-10-16T22:00"),
        (offset(3, "days", "closing", hour="18:00"), "2020-10-13T16:00"),
        (offset(-2, "days", "closing"), "2020-10-18T22:00"),
    ],
)
def test_closing_of_what_was_said(said: Said, instant: str) -> None:
    assert closing(said, VIENNA) == utc(instant)


@pytest.mark.parametrize(
    ("said", "instant"),
    [
        (wall("2020-08-31", stated=False), "2020-08-30T22:00"),
        (wall("2020-08-31T09:30", stated=True), "2020-08-31T07:30"),
        (offset(14, "days", "opening"), "2020-09-27T22:00"),
        (offset(2, "hours", "closing"), "2020-10-16T14:00"),
    ],
)
def test_without_an_hour_a_window_opens_at_the_day_s_beginning(said: Said, instant: str) -> None:
    assert opening(said, VIENNA) == utc(instant)


def test_day_offsets_count_calendar_days_over_the_change_of_clocks() -> None:
    after = Frame("Europe/Vienna", utc("2020-10-26T11:00"), utc("2020-10-30T17:00"))
    assert closing(offset(2, "days", "opening"), after) == utc("2020-10-24T22:00")
    assert closing(offset(1, "days", "opening"), after) == utc("2020-10-25T23:00")


def test_hour_offsets_are_elapsed_hours_over_the_change_of_clocks() -> None:
    after = Frame("Europe/Vienna", utc("2020-10-25T11:00"), utc("2020-10-30T17:00"))
    assert closing(offset(24, "hours", "opening"), after) == utc("2020-10-24T11:00")
    assert utc("2020-10-24T11:00").astimezone(ZoneInfo("Europe/Vienna")).hour == 13


@pytest.mark.parametrize(
    ("zone", "shown", "instant"),
    [
        ("Europe/Vienna", "2021-03-28T01:59", "2021-03-28T00:59"),
        ("Europe/Vienna", "2021-03-28T02:00", "2021-03-28T01:00"),
        ("Europe/Vienna", "2021-03-28T02:30", "2021-03-28T01:00"),
        ("Europe/Vienna", "2021-03-28T03:00", "2021-03-28T01:00"),
        ("Europe/Vienna", "2020-10-25T02:30", "2020-10-25T00:30"),
        ("Europe/Vienna", "2020-10-25T03:00", "2020-10-25T02:00"),
        ("Asia/Kathmandu", "2020-10-12T12:00", "2020-10-12T06:15"),
        ("Pacific/Apia", "2011-12-30T12:00", "2011-12-30T10:00"),
        ("Pacific/Apia", "2011-12-31T00:00", "2011-12-30T10:00"),
        ("Pacific/Apia", "2011-12-29T23:59", "2011-12-30T09:59"),
        ("America/Santiago", "2020-09-06T00:00", "2020-09-06T04:00"),
        ("America/Santiago", "2020-09-06T00:30", "2020-09-06T04:00"),
        ("America/Santiago", "2020-09-06T01:00", "2020-09-06T04:00"),
        ("America/Santiago", "2020-04-04T23:30", "2020-04-05T02:30"),
    ],
)
def test_skipped_times_mean_the_first_after_the_gap_and_doubled_ones_the_first_showing(zone: str, shown: str, instant: str) -> None:
    assert first_showing(datetime.fromisoformat(shown), zone) == utc(instant)


def test_the_last_showing_of_a_doubled_time_is_an_hour_later_and_of_a_skipped_one_the_end_of_the_gap() -> None:
    assert last_showing(datetime.fromisoformat("2020-10-25T02:30"), "Europe/Vienna") == utc("2020-10-25T01:30")
    assert last_showing(datetime.fromisoformat("2021-03-28T02:30"), "Europe/Vienna") == utc("2021-03-28T01:00")
    assert last_showing(datetime.fromisoformat("2020-10-24T02:30"), "Europe/Vienna") == utc("2020-10-24T00:30")


def test_a_day_that_ends_in_a_midnight_gap_ends_at_the_gap() -> None:
    santiago = Frame("America/Santiago", utc("2020-09-10T15:00"), utc("2020-09-11T15:00"))
    assert closing(wall("2020-09-05", stated=False), santiago) == utc("2020-09-06T04:00")


def test_days_before_keep_the_wall_time_over_the_change_of_clocks() -> None:
    assert days_before(utc("2020-10-26T11:00"), 3, "Europe/Vienna") == utc("2020-10-23T10:00")
    assert days_before(utc("2020-10-23T10:00"), -3, "Europe/Vienna") == utc("2020-10-26T11:00")


def test_only_offsets_move_with_the_session_and_only_a_stated_hour_is_stated() -> None:
    day, hour = wall("2020-09-21", stated=False), wall("2020-10-09T12:00", stated=True)
    days, hours, with_hour = offset(14, "days", "opening"), offset(24, "hours", "opening"), offset(14, "days", "opening", hour="18:00")
    assert [is_relative(said) for said in (day, hour, days, hours, with_hour)] == [False, False, True, True, True]
    assert [hour_stated(said) for said in (day, hour, days, hours, with_hour)] == [False, True, False, True, True]
    assert not is_relative(None)


@pytest.mark.parametrize("said", [{}, {"wall": "soon", "hour_stated": False}, offset(1, "months", "opening"), offset(1, "days", "lunch")])
def test_what_is_no_moment_is_refused(said: Said) -> None:
    with pytest.raises((KeyError, ValueError)):
        closing(said, VIENNA)


def test_24_00_is_the_end_of_its_day_and_00_00_is_not() -> None:
    ends = (wall("2020-09-21T24:00", stated=True), offset(3, "days", "closing", hour="24:00"))
    others = (wall("2020-09-22T00:00", stated=True), wall("2020-09-21", stated=False), offset(1, "days", "opening"))
    assert all(ends_day(said) for said in ends)
    assert not any(ends_day(said) for said in others)
