"""Dates, money, plurals and names as each reader writes them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from handlers.conversation.text import Amount, Code, Moment, Names, Series, T
from handlers.conversation.words import Reader, day, say, text_direction

VIENNA = {language: Reader(language, "Europe/Vienna") for language in ("ar", "zh", "en", "fr", "ru", "es")}


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("en", "9 October 2020"),
        ("fr", "9 octobre 2020"),
        ("es", "9 de octubre de 2020"),
        ("ru", "9 октября 2020 года"),
        ("zh", "2020年10月9日"),
        ("ar", "9 تشرين الأول/أكتوبر 2020"),
    ],
)
def test_a_day(language: str, shown: str) -> None:
    assert day(date(2020, 10, 9), VIENNA[language]) == shown


def test_the_first_of_a_month_in_french() -> None:
    assert day(date(2020, 6, 1), VIENNA["fr"]) == "1er juin 2020"
    assert day(date(2020, 6, 11), VIENNA["fr"]) == "11 juin 2020"


def test_a_moment_names_its_zone_and_gives_the_readers_own_time() -> None:
    noon = Moment(datetime(2020, 10, 9, 10, 0, tzinfo=UTC), "Europe/Vienna")
    assert (
        say(noon, Reader("en", "Pacific/Fiji"))
        == "Friday, 9 October 2020, 12:00 (Vienna time); your time: Friday, 9 October 2020, 22:00 (Fiji time)"
    )
    assert say(noon, VIENNA["en"]) == "Friday, 9 October 2020, 12:00 (Vienna time)"


def test_a_deadline_without_an_hour_closes_at_24_of_its_own_day() -> None:
    closing = Moment(datetime(2020, 9, 21, 22, 0, tzinfo=UTC), "Europe/Vienna", ends_day=True)
    assert say(closing, VIENNA["en"]).startswith("Monday, 21 September 2020, 24:00")


@pytest.mark.parametrize(
    ("n", "shown"), [(1, "1 новая потребность"), (3, "3 новые потребности"), (5, "5 новых потребностей"), (21, "21 новая потребность")]
)
def test_russian_plurals(n: int, shown: str) -> None:
    assert say(T("digest.new_needs", n=n), VIENNA["ru"]) == shown


@pytest.mark.parametrize(
    ("n", "shown"), [(1, "احتياج جديد واحد"), (2, "احتياجان جديدان"), (4, "4 احتياجات جديدة"), (11, "11 احتياجا جديدا")]
)
def test_arabic_plurals(n: int, shown: str) -> None:
    assert say(T("digest.new_needs", n=n), VIENNA["ar"]) == shown


def test_money_and_names() -> None:
    assert say(Amount(Decimal("200000.00"), "USD"), VIENNA["en"]) == "USD 200,000"
    assert say(Amount(Decimal("1250.50"), "EUR"), VIENNA["es"]) == "1.250,50 EUR"
    assert say(Code("party", "CI"), VIENNA["ru"]) == "Кот-д’Ивуар"
    assert say(Series((Code("party", "KE"), Code("party", "SN"))), VIENNA["fr"]) == "Kenya et Sénégal"
    assert say(Names({"en": "Opening"}), VIENNA["zh"]) == "Opening"


def test_what_a_person_typed_is_never_formatted() -> None:
    assert say(T("form.field", label="{value}", value="{0} {label} %s"), VIENNA["en"]) == "{value}: {0} {label} %s"


def test_arabic_is_read_from_right_to_left() -> None:
    assert {language: text_direction(language) for language in VIENNA} == dict.fromkeys(VIENNA, "ltr") | {"ar": "rtl"}
