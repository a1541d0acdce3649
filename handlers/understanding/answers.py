"""Answers to a single question of a form: one value, several to ask about, or nothing understood."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal

from handlers.understanding.choices import read_choice, read_choices
from handlers.understanding.clock import hours_in
from handlers.understanding.heard import Heard, hear
from handlers.understanding.moments import spans
from handlers.understanding.money import Amount, amounts, is_bare_article, settle, span_of_money
from handlers.understanding.numbers import number_starts, quantity_at
from handlers.understanding.periods import length_at
from handlers.understanding.places import places
from handlers.understanding.reading import Reading, one_of
from handlers.understanding.topics import topics
from storage import reference

__all__ = [
    "Reading",
    "read_articles",
    "read_choice",
    "read_choices",
    "read_date",
    "read_instruments",
    "read_moment",
    "read_money",
    "read_number",
    "read_offset",
    "read_parties",
    "read_yes_no",
]


def read_date(text: str, *, language: str | None, today: date) -> Reading[date]:
    """A day; in digits that can be read two ways, both (day first)."""
    found = spans(hear(text, language), today)
    return one_of(day for span in found[:2] for day in (span.choices or (span.last,)))


def read_number(text: str, *, language: str | None) -> Reading[Decimal]:
    """A number in digits or words: 1.2m, 20万, 1,5 млн, ٢٠٠ ألف, half a million."""
    return one_of(_numbers(hear(text, language)))


def _numbers(heard: Heard, *, but_articles: bool = False) -> Iterable[Decimal]:
    """Every number said; `a lot` and `un peu` hold none."""
    at = 0
    while at < len(heard.tokens):
        quantity = quantity_at(heard, at)
        if quantity and not (but_articles and is_bare_article(quantity)):
            yield quantity.value
        at = quantity.end if quantity else at + 1


def read_money(text: str, *, language: str | None) -> Reading[tuple[Decimal, str | None]]:
    """A sum and its currency (ISO 4217), or None where no currency was said."""
    heard = hear(text, language)
    if _NO_SUM.search(text):
        return Reading((), False)
    found = amounts(heard)
    if not found or (len(found) == 1 and found[0].currency is None):
        return one_of((value, None) for value in _the_number(heard))
    chosen: list[tuple[Decimal, str | None]] = [(value, None) for value in _unnamed_ends(heard, found)] if len(found) == 1 else []
    for amount in found:
        currency = settle(amount.currency, places(heard).parties)
        chosen += [(amount.value, code) for code in currency.choices or (currency.code,)]
    return one_of(chosen)


_NO_SUM = re.compile(r"^\s*[-−–]\s*[\d$€£]|\d[eE][+-]?\d|[=/]")
"""A negative number, one in scientific notation, a fraction, a formula."""

_ROUGHLY = frozenset(
    word
    for line in (
        "about around approximately approx circa ca roughly some up to max maximum total of the only just nearly almost a an",
        "environ près de jusqu à au total soit quelque unos unas cerca aproximadamente hasta alrededor en",
        "около примерно порядка приблизительно до всего",
        "حوالي حوالى نحو بنحو بحوالي تقريبا قرابة",
        "大 概 约 左 右 共 总",
    )
    for word in line.split()
)
"""Words that may stand beside a sum in an answer that is nothing but one."""


def _the_number(heard: Heard) -> Iterator[Decimal]:
    """The one number of an answer that holds nothing else: `about 5 people` and `2 February` are no sums."""
    found = ((start, quantity_at(heard, start)) for start in sorted(number_starts(heard)))
    first, quantity = next(((start, q) for start, q in found if q and not is_bare_article(q)), (0, None))
    if quantity is None:
        return
    budget = {index for mark in heard.marks.get("budget", {}).values() for index in range(mark.start, mark.end)}
    beside = [(index, token) for index, token in enumerate(heard.tokens) if not first <= index < quantity.end]
    if all(index in budget or token.word in _ROUGHLY for index, token in beside):
        yield quantity.value


def _unnamed_ends(heard: Heard, found: Sequence[Amount]) -> Iterator[Decimal]:
    """Large numbers beside the one sum that has a currency: the other end of a range, so that which is meant is asked."""
    covered = {index for amount in found for index in span_of_money(heard, amount)}
    for start in sorted(number_starts(heard)):
        quantity = quantity_at(heard, start) if start not in covered else None
        if quantity and quantity.value >= 1000:
            yield quantity.value


def read_parties(text: str, *, language: str | None) -> Reading[tuple[str, ...]]:
    """The parties named, by code or name; a shared or misspelt name is not sure."""
    heard = hear(text, language)
    found = places(heard)
    known = reference.parties()
    coded = [token.word.upper() for token in heard.tokens if token.loud or len(heard.tokens) == 1]
    named = tuple(dict.fromkeys([*(code for code in coded if code in known), *found.parties]))
    if found.shared:
        return Reading(tuple((*named, code) for code in found.shared), False)
    return Reading((named,) if named else (), bool(named) and not found.guessed)


def read_articles(text: str, *, language: str | None) -> Reading[tuple[str, ...]]:
    """Articles by code or number; a number alone may belong to several instruments."""
    found = topics(hear(text, language))
    if found.unsure_articles:
        return Reading(tuple((*found.articles, code) for code in found.unsure_articles), False)
    return Reading((found.articles,) if found.articles else (), bool(found.articles))


def read_instruments(text: str, *, language: str | None) -> Reading[tuple[str, ...]]:
    """Instruments by code, name, nickname or subject."""
    found = topics(hear(text, language)).instruments
    return Reading((found,) if found else (), bool(found))


def read_moment(text: str, *, language: str | None, today: date) -> Reading[tuple[date, str | None]]:
    """A day and, where one is stated, its hour, `00:00` to `24:00`: 9 October 2020 12:00, 16 oct 18h, завтра в полдень.

    Midnight may be either end of its day, so it is two readings.
    """
    heard = hear(text, language)
    found = spans(heard, today)
    taken = {index for span in found for index in range(span.start, span.end)}
    hours = hours_in(heard, taken) or (None,)
    return one_of((day, hour) for span in found[:2] for day in (span.choices or (span.last,)) for hour in hours)


def read_offset(text: str, *, language: str | None) -> Reading[tuple[int, str, str]]:
    """A moment counted from another: (14, "days", "opening") for 14 days before the opening; negative where it comes after."""
    heard = hear(text, language)
    length = next((found for at in range(len(heard.tokens)) if (found := length_at(heard, at))), None)
    anchor = next((mark.value for mark in heard.all("anchor")), None)
    if length is None or anchor is None:
        return Reading((), False)
    count, unit, _ = length
    after = any("after" in mark.values for mark in heard.marks.get("when", {}).values())
    before = any(set(mark.values) & {"before"} for mark in heard.marks.get("when", {}).values())
    signed = -count if after and not before else count
    return Reading(((signed, f"{unit}s", anchor),), before or after)


def read_yes_no(text: str) -> Reading[bool]:
    """Yes or no in any of the six languages."""
    heard = hear(text, None)
    said = {mark.value for mark in heard.all("yes")}
    if len(said) != 1 or len(heard.tokens) > 6:
        return Reading((), False)
    return Reading((said == {"yes"},), True)
