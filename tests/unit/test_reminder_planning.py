"""Which reminders a deadline asks for, as tables of cases (DESIGN 4)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from handlers.conference.falling_due import left
from handlers.conference.planning import NOTICE, USUAL_STEPS, Due, Planned, Reached, plan, step_at
from handlers.conference.policy import steps_said
from handlers.conference.quiet import Hours, last_waking, next_waking
from handlers.conversation.text import T
from tests.tenth_session import SET_AT, ZONES, reminders_by_hand


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def hours(zone: str, quiet_from: str | None = "22:00", quiet_until: str | None = "07:00") -> Hours:
    return Hours(zone, quiet_from, quiet_until)


VIENNA = Reached("AT", hours("Europe/Vienna"))
SLEEPLESS = Reached("AT", hours("Europe/Vienna", None, None))
NOON = Due("Europe/Vienna", closes_at=utc("2020-10-09T10:00"))


def told(rows: tuple[Planned, ...]) -> dict[str, str]:
    return {row.step: f"{row.due_at:%m-%dT%H:%M}" for row in rows if not row.missed}


def missed(rows: tuple[Planned, ...]) -> set[str]:
    return {row.step for row in rows if row.missed}


TENTH_SESSION = {
    "draft_resolutions": Due("Europe/Vienna", utc("2020-09-21T22:00"), expected=False),
    "speakers_list": Due("Europe/Vienna", utc("2020-10-09T10:00"), utc("2020-08-30T22:00"), expected=False),
    "high_level_speakers": Due("Europe/Vienna", utc("2020-10-09T10:00"), expected=False),
    "credentials": Due("Europe/Vienna", utc("2020-10-11T10:00")),
    "credentials_provisional": Due("Europe/Vienna", utc("2020-10-16T10:00"), after=utc("2020-10-11T10:00")),
}


def test_the_tenth_session_is_planned_as_it_was_worked_out_by_hand() -> None:
    parties = [Reached(party, hours(zone)) for party, zone in ZONES.items()]
    planned = {
        (row.party, kind, row.step): row.due_at
        for kind, due in TENTH_SESSION.items()
        for row in plan(due, parties, USUAL_STEPS, now=SET_AT)
    }
    assert planned == reminders_by_hand()


@pytest.mark.parametrize(
    ("step", "closes", "at"),
    [
        ("3d", "2020-10-26T11:00", "2020-10-23T10:00"),
        ("1d", "2021-03-28T10:00", "2021-03-27T11:00"),
        ("24h", "2021-03-28T10:00", "2021-03-27T10:00"),
        ("24h", "2020-10-25T11:00", "2020-10-24T11:00"),
        ("2h", "2020-10-25T02:00", "2020-10-25T00:00"),
        ("14d", "2020-10-09T10:00", "2020-09-25T10:00"),
    ],
)
def test_day_steps_keep_the_wall_time_in_vienna_and_hour_steps_count_elapsed_hours(step: str, closes: str, at: str) -> None:
    assert step_at(step, utc(closes), "Europe/Vienna") == utc(at)


@pytest.mark.parametrize(
    ("zone", "quiet", "instant", "before", "after"),
    [
        ("America/Lima", ("22:00", "07:00"), "2020-10-11T08:00", "2020-10-11T03:00", "2020-10-11T12:00"),
        ("Pacific/Fiji", ("22:00", "07:00"), "2020-10-11T10:00", "2020-10-11T10:00", "2020-10-11T10:00"),
        ("Pacific/Fiji", ("22:00", "07:00"), "2020-10-11T10:01", "2020-10-11T10:00", "2020-10-11T19:00"),
        ("Pacific/Fiji", ("22:00", "07:00"), "2020-10-11T19:00", "2020-10-11T19:00", "2020-10-11T19:00"),
        ("Asia/Ulaanbaatar", ("22:00", "07:00"), "2020-09-07T22:00", "2020-09-07T14:00", "2020-09-07T23:00"),
        ("Europe/Vienna", ("12:00", "14:00"), "2020-10-09T11:00", "2020-10-09T10:00", "2020-10-09T12:00"),
        ("Europe/Vienna", ("12:00", "14:00"), "2020-10-09T12:30", "2020-10-09T12:30", "2020-10-09T12:30"),
        ("Europe/Vienna", ("00:00", "06:00"), "2020-10-09T01:00", "2020-10-08T22:00", "2020-10-09T04:00"),
        ("Europe/Vienna", ("02:30", "07:00"), "2021-03-28T03:00", "2021-03-28T01:00", "2021-03-28T05:00"),
        ("Europe/Vienna", ("23:00", "02:30"), "2020-10-25T01:15", "2020-10-24T21:00", "2020-10-25T01:30"),
        ("Asia/Kathmandu", ("22:00", "07:00"), "2020-10-11T20:00", "2020-10-11T16:15", "2020-10-12T01:15"),
        ("Europe/Vienna", (None, None), "2020-10-09T01:00", "2020-10-09T01:00", "2020-10-09T01:00"),
        ("Europe/Vienna", ("22:00", "22:00"), "2020-10-09T01:00", "2020-10-09T01:00", "2020-10-09T01:00"),
    ],
)
def test_quiet_hours_end_in_the_last_waking_moment_before_or_the_first_after(
    zone: str, quiet: tuple[str | None, str | None], instant: str, before: str, after: str
) -> None:
    assert last_waking(utc(instant), hours(zone, *quiet)) == utc(before)
    assert next_waking(utc(instant), hours(zone, *quiet)) == utc(after)


def test_steps_that_fall_together_become_the_more_urgent_one() -> None:
    """Awake from 08:30 to 09:00 only: 24 h, 4 h, 3 h and 2 h before noon fall together at 09:00 of two mornings."""
    short_day = Reached("AT", hours("Europe/Vienna", "09:00", "08:30"))
    rows = plan(NOON, [short_day], ("24h", "4h", "3h", "2h"), now=utc("2020-09-01T10:00"))
    assert told(rows) == {"4h": "10-08T07:00", "2h": "10-09T07:00"}


def test_steps_already_past_are_missed_and_the_rest_still_goes() -> None:
    rows = plan(NOON, [SLEEPLESS], USUAL_STEPS, now=utc("2020-10-07T10:00"))
    assert missed(rows) == {"14d", "3d"}
    assert told(rows) == {"24h": "10-08T10:00", "2h": "10-09T08:00"}


def test_when_all_steps_are_past_and_it_is_still_open_one_notice_goes_at_once() -> None:
    rows = plan(NOON, [SLEEPLESS], USUAL_STEPS, now=utc("2020-10-09T09:00"))
    assert missed(rows) == set(USUAL_STEPS)
    assert told(rows) == {NOTICE: "10-09T09:00"}


def test_a_notice_at_night_waits_for_the_morning_but_not_beyond_the_deadline() -> None:
    lima = Reached("PE", hours("America/Lima"))
    early = Due("Europe/Vienna", closes_at=utc("2020-10-09T14:00"))
    assert told(plan(early, [lima], ("24h",), now=utc("2020-10-09T08:00"))) == {NOTICE: "10-09T12:00"}
    assert told(plan(NOON, [lima], ("24h",), now=utc("2020-10-09T08:00"))) == {NOTICE: "10-09T08:00"}


def test_after_the_closing_nothing_is_planned() -> None:
    assert plan(NOON, [VIENNA], USUAL_STEPS, now=NOON.closes_at) == ()


def test_no_step_goes_before_the_window_opens() -> None:
    window = Due("Europe/Vienna", closes_at=utc("2020-10-09T10:00"), opens_at=utc("2020-10-06T08:00"))
    rows = plan(window, [SLEEPLESS], USUAL_STEPS, now=utc("2020-09-01T10:00"))
    assert told(rows) == {"3d": "10-06T10:00", "24h": "10-08T10:00", "2h": "10-09T08:00", "14d": "10-06T08:00"}


def test_an_optional_deadline_has_one_notice_when_its_window_opens_or_at_once() -> None:
    ahead = Due("Europe/Vienna", utc("2020-10-09T10:00"), utc("2020-08-31T08:00"), expected=False)
    assert told(plan(ahead, [VIENNA], (), now=utc("2020-08-24T07:00"))) == {NOTICE: "08-31T08:00"}
    assert told(plan(ahead, [VIENNA], (), now=utc("2020-09-02T07:00"))) == {NOTICE: "09-02T07:00"}


def test_an_opening_at_night_is_announced_the_evening_before_or_next_morning_when_that_is_past() -> None:
    midnight = Due("Europe/Vienna", utc("2020-10-09T10:00"), utc("2020-08-30T22:00"), expected=False)
    assert told(plan(midnight, [VIENNA], (), now=utc("2020-08-24T07:00"))) == {NOTICE: "08-30T20:00"}
    assert told(plan(midnight, [VIENNA], (), now=utc("2020-08-30T21:00"))) == {NOTICE: "08-31T05:00"}


@pytest.mark.parametrize(
    ("said", "steps"),
    [
        ("30 days, 7 days, 1 day before credentials", ("30d", "7d", "1d")),
        ("2 weeks and 3 hours", ("14d", "3h")),
        ("30 jours, 12 heures avant", ("30d", "12h")),
        ("30 días, 2 horas", ("30d", "2h")),
        ("за 30 дней, 24 часа", ("30d", "24h")),
        ("提前30天、24小时", ("30d", "24h")),
        ("قبل 30 يوما و 5 أيام و 3 ساعات", ("30d", "5d", "3h")),
        ("7 days, 7 days", ("7d",)),
        ("soon", ()),
        ("item 5", ()),
    ],
)
def test_steps_are_read_in_six_languages_longest_first(said: str, steps: tuple[str, ...]) -> None:
    assert steps_said(said) == steps


@pytest.mark.parametrize(
    ("closes", "now", "shown"),
    [
        ("2020-10-09T10:00", "2020-09-25T10:00", T("reminder.left.days", n=14)),
        ("2020-10-09T10:00", "2020-09-25T10:01", T("reminder.left.days", n=14)),
        ("2020-10-09T10:00", "2020-10-08T10:00", T("reminder.left.hours", n=24)),
        ("2020-10-09T10:00", "2020-10-09T08:00", T("reminder.left.hours", n=2)),
        ("2020-10-09T10:00", "2020-10-09T09:55", T("reminder.left.hours", n=1)),
    ],
)
def test_what_is_left_is_said_in_whole_days_then_hours(closes: str, now: str, shown: object) -> None:
    assert left(utc(closes) - utc(now)) == shown
