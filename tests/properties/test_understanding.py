"""Any text is survived, nothing is invented, and what CLDR writes is read back."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bench.understanding import HOSTILE
from handlers.understanding.answers import read_date, read_moment, read_money, read_number, read_offset, read_yes_no
from handlers.understanding.heard import hear
from handlers.understanding.understand import INTENTS, understand, warm

TODAY = date(2026, 11, 20)
LANGUAGES = ("ar", "zh", "en", "fr", "ru", "es")

languages = st.sampled_from(LANGUAGES)
days = st.dates(min_value=date(2020, 1, 1), max_value=date(2035, 12, 31))
pieces = st.sampled_from([*"3/.月万$и第条و -\u202e", "12", "March", "до", "من", "Kenya", "by", "half", "2027", "Congo"])


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    warm()


@given(text=st.text(max_size=300) | st.lists(pieces, max_size=60).map("".join), language=st.none() | languages)
@example(text="\ud800", language=None)
@example(text="\x00" * 50, language="ar")
@settings(deadline=None, max_examples=300)
def test_any_text_is_survived(text: str, language: str | None) -> None:
    understood = understand(text, language=language, today=TODAY)
    assert understood.intent in INTENTS
    assert 0 <= understood.confidence <= 1
    assert understood.language in LANGUAGES
    for reading in (read_date(text, language=language, today=TODAY), read_moment(text, language=language, today=TODAY)):
        assert not reading.sure or len(reading.values) == 1
    for read in (read_number, read_money, read_offset):
        answer = read(text, language=language)
        assert not answer.sure or len(answer.values) == 1
    assert len(read_yes_no(text).values) <= 1


@given(text=st.text(max_size=200), language=languages)
@settings(deadline=None, max_examples=300)
def test_nothing_is_invented(text: str, language: str) -> None:
    understood = understand(text, language=language, today=TODAY)
    heard = hear(text, language)
    timely = any(heard.marks.get(kind) for kind in ("number", "month", "day", "weekday", "unit", "period", "dual", "lone_unit", "rank"))
    digits = any(token.is_number for token in heard.tokens)
    if not digits and not any(heard.marks.get(kind) for kind in ("number", "scale", "half")):
        assert understood.amount is None
    if not digits and not timely:
        assert (understood.date, understood.date_from) == (None, None)
    if understood.parties:
        assert heard.marks.get("party") or understood.ambiguous.get("parties") == understood.parties


@given(day=days, language=languages, width=st.sampled_from(["medium", "long", "full"]))
@settings(deadline=None, max_examples=400)
def test_a_date_that_cldr_writes_is_read_back(day: date, language: str, width: str) -> None:
    written = format_date(day, format=width, locale=language)
    reading = read_date(written, language=language, today=TODAY)
    in_digits = language == "ar" and width == "medium"
    assert day in reading.values if in_digits and day.day <= 12 else reading.values == (day,), written


@given(day=days, language=languages)
@settings(deadline=None, max_examples=100)
def test_an_iso_date_is_read_back_in_any_language(day: date, language: str) -> None:
    assert read_date(day.isoformat(), language=language, today=TODAY).values == (day,)


@given(day=days, language=languages)
@settings(deadline=None, max_examples=200)
def test_a_date_without_a_year_is_the_next_one(day: date, language: str) -> None:
    pattern = {"zh": "M月d日", "en": "d MMMM", "fr": "d MMMM", "es": "d 'de' MMMM", "ru": "d MMMM", "ar": "d MMMM"}[language]
    found = read_date(format_date(day, format=pattern, locale=language), language=language, today=TODAY).values
    assert len(found) == 1
    assert (found[0].month, found[0].day) == (day.month, day.day)
    assert TODAY <= found[0] < TODAY + timedelta(days=366 * 4)


@given(value=st.integers(min_value=1000, max_value=999_999_999), language=languages, currency=st.sampled_from(["USD", "EUR", "CHF", "KES"]))
@settings(deadline=None, max_examples=300)
def test_a_sum_that_cldr_writes_is_read_back(value: int, language: str, currency: str) -> None:
    plain = format_decimal(value, locale=language)
    assert read_number(plain, language=language).values == (Decimal(value),), plain
    written = format_currency(value, currency, format_type="name", locale=language)
    assert read_money(written, language=language).values == ((Decimal(value), currency),), written


@pytest.mark.parametrize("name", HOSTILE)
def test_four_thousand_hostile_characters_are_read_in_every_language(name: str) -> None:
    for language in LANGUAGES:
        assert 0 <= understand(HOSTILE[name][:4000], language=language, today=TODAY).confidence <= 1


def test_text_beyond_the_longest_is_not_read() -> None:
    assert understand("a " * 3000 + "Kenya", language="en", today=TODAY).parties == ()
