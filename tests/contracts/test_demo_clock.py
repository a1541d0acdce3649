"""The clock of a demo moves when it is told to and nothing else is said; elsewhere it is not moved at all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from handlers.conversation.reply import Ask, Refusal, Say
from scheduler.clock import BusinessClock, OutOfTime
from storage.records import CLOCK_OFFSET, DEMO, set_setting, setting
from storage.reference import LANGUAGES
from tests.house import NOW, Desk, desk_on

NEED = "Advance training for 20 prosecutors in Kenya on trafficking in persons"


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    with desk_on(database_url, tmp_path) as desk:
        desk.add("ke", "focal_point", party="KE")
        for language in LANGUAGES:
            desk.add(language, "secretariat", language=language)
        yield desk


def demo(desk: Desk) -> None:
    with desk.house.database.transaction() as session:
        set_setting(session, DEMO, True)


def moved(desk: Desk) -> float:
    """By how many seconds the clock was moved."""
    with desk.house.database.reading() as session:
        return float(setting(session, CLOCK_OFFSET) or 0)


@pytest.mark.parametrize("is_demo", [False, True])
def test_a_need_that_begins_with_advance_is_heard_as_a_need(desk: Desk, is_demo: bool) -> None:
    if is_demo:
        demo(desk)
    replies = desk.say("ke", NEED).replies
    assert isinstance(replies[0], Ask), replies
    assert replies[0].field != "~change"
    assert moved(desk) == 0


DAY = 24 * 3600
STEPS = [
    ("en", "advance 3", 3 * DAY),
    ("en", "advance 3 days", 3 * DAY),
    ("en", "advance the clock by three weeks", 21 * DAY),
    ("en", "advance 2 hours", 2 * 3600),
    ("fr", "avancer de 3 jours", 3 * DAY),
    ("fr", "avancer d’une semaine", 7 * DAY),
    ("es", "avanzar dos semanas", 14 * DAY),
    ("ru", "вперёд на 3 дня", 3 * DAY),
    ("ru", "вперёд на 5 часов", 5 * 3600),
    ("zh", "前进三天", 3 * DAY),
    ("zh", "前进2小时", 2 * 3600),
    ("ar", "تقديم الساعة ٣ أيام", 3 * DAY),
    ("ar", "تقديم الساعة 5 ساعات", 5 * 3600),
]


def test_a_number_and_a_unit_move_a_demos_clock_in_every_language(desk: Desk) -> None:
    demo(desk)
    before = 0.0
    for language, text, seconds in STEPS:
        (said,) = desk.say(language, text).replies
        assert isinstance(said, Say), (text, said)
        assert moved(desk) - before == seconds, text
        before = moved(desk)


def test_elsewhere_the_clock_is_not_moved(desk: Desk) -> None:
    (refused,) = desk.say("ke", "advance 3 days").replies
    assert isinstance(refused, Refusal)
    assert (refused.code, moved(desk)) == ("not_a_demo", 0)


@pytest.mark.parametrize("year", [1, 1989, 2101, 9999])
def test_a_clock_outside_its_years_is_refused_and_stays(desk: Desk, year: int) -> None:
    clock = BusinessClock(lambda: NOW, movable=True)
    with desk.house.database.transaction() as session, pytest.raises(OutOfTime):
        clock.move_to(session, datetime(year, 6, 1, tzinfo=UTC))
    with desk.house.database.reading() as session:
        assert clock.now(session) == NOW
