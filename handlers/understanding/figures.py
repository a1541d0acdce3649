"""Dates written in figures: 2027-03-15, 30/06/2027, 30.06, 2027年3月15日."""

from __future__ import annotations

from datetime import date

from handlers.understanding.heard import Heard
from handlers.understanding.numbers import quantity_at
from handlers.understanding.span import (
    Span,
    coming,
    coming_year,
    dated_day,
    day_of,
    introduced,
    short_number,
    span_on,
    whole_month,
    year_at,
)

_UNTIL = ("至", "到")


def year_first(heard: Heard, at: int, today: date) -> Span | None:
    """2027-03-15, 2027/3/15, 2027.03.15; not a document symbol's tail."""
    year, month, day = year_at(heard, at), short_number(heard, at + 1), short_number(heard, at + 2)
    if year is None or month is None or day is None or heard.gap(at + 1) not in ("-", "/", ".") or heard.gap(at + 2) != heard.gap(at + 1):
        return None
    return None if _in_symbol(heard, at) else span_on(day_of(year, month, day), at, at + 3)


def _in_symbol(heard: Heard, at: int) -> bool:
    return at > 0 and heard.gap(at) in ("/", "-", ".") and not heard.at("when", at - 1)


def day_month_year(heard: Heard, at: int, today: date) -> Span | None:
    """30/06/2027, 30.06.27: day first; month first only where it must be. In digits that allow both, both are choices."""
    first, second = short_number(heard, at), short_number(heard, at + 1)
    year = year_at(heard, at + 2) or _short_year(heard, at + 2)
    separator = heard.gap(at + 1)
    if first is None or second is None or year is None or separator not in ("/", ".", "-") or heard.gap(at + 2) != separator:
        return None
    if _in_symbol(heard, at):
        return None
    read = [day for day in (day_of(year, second, first), day_of(year, first, second)) if day]
    if not read:
        return None
    distinct = tuple(dict.fromkeys(read))
    unsure = len(distinct) > 1 and separator != "."
    return Span(at, at + 3, (read[0], read[0]), choices=distinct if unsure else ())


def _short_year(heard: Heard, index: int) -> int | None:
    number = short_number(heard, index)
    return 2000 + number if number is not None and len(heard.word(index)) == 2 and number >= 20 else None


def day_and_month(heard: Heard, at: int, today: date) -> Span | None:
    """30/06 or 30.06 after a word such as `by`."""
    first, second = short_number(heard, at), short_number(heard, at + 1)
    if first is None or second is None or heard.gap(at + 1) not in ("/", ".") or not introduced(heard, at):
        return None
    if heard.gap(at + 1) == "." and len(heard.word(at + 1)) != 2:
        return None
    if heard.at("scale", at + 2) or heard.at("currency", at + 2) or heard.at("money_word", at + 2):
        return None
    read = [day for day in (coming(second, first, today), coming(first, second, today)) if day]
    distinct = tuple(dict.fromkeys(read))
    unsure = len(distinct) > 1 and heard.gap(at + 1) == "/"
    return Span(at, at + 2, (read[0], read[0]), choices=distinct if unsure else (), year_said=False) if read else None


def chinese_date(heard: Heard, at: int, today: date) -> Span | None:
    """2027年3月15日, 3月15日, 三月十五日, 2027年4月, 明年3月."""
    if heard.language != "zh":
        return None
    year, index = _chinese_year(heard, at, today)
    month = _small(heard, index)
    if month is None or heard.word(month[1]) != "月" or not 1 <= month[0] <= 12:
        return None
    after = month[1] + 1
    day = _small(heard, after)
    if day and heard.word(day[1]) in ("日", "号", "號"):
        found = dated_day(month[0], year, day[0], today)
        return _chinese_range(heard, at, day[1] + 1, found) or span_on(found, at, day[1] + 1, year_said=bool(year))
    return _month_part(heard, at, after, (year or coming_year(month[0], today), month[0]), bool(year))


def _chinese_range(heard: Heard, at: int, end: int, first: date | None) -> Span | None:
    """5月3日至7日."""
    linked = heard.word(end) in _UNTIL or _dashed(heard, end)
    last = _small(heard, end + (heard.word(end) in _UNTIL)) if linked and first else None
    if first is None or last is None or heard.word(last[1]) not in ("日", "号"):
        return None
    until = day_of(first.year, first.month, last[0])
    return Span(at, last[1] + 1, (first, until), ranged=True) if until and until > first else None


def _month_part(heard: Heard, at: int, end: int, month: tuple[int, int], year_said: bool) -> Span | None:
    first, last = whole_month(*month)
    part = heard.at("part_after", end)
    if part:
        days = {"end": (last, last), "middle": (date(*month, 15), date(*month, 15)), "start": (first, first)}[part.value]
        return Span(at, part.end, days, year_said=year_said, part=True)
    if not year_said and not heard.at("after_date", end) and not _in_month_range(heard, at, end):
        return None
    return Span(at, end, (first, last), year_said=year_said)


def _dashed(heard: Heard, at: int) -> bool:
    return heard.gap(at).strip() in ("-", "–", "—", "~")


def _in_month_range(heard: Heard, at: int, end: int) -> bool:
    """Whether 至, 到 or a dash joins this month to another one: 1月至12月, 1月—12月."""
    begun = heard.word(at - 1 - (heard.word(at - 1) in _UNTIL)) == "月" and (heard.word(at - 1) in _UNTIL or _dashed(heard, at))
    linked = heard.word(end) in _UNTIL or _dashed(heard, end)
    following = _small(heard, end + (heard.word(end) in _UNTIL)) if linked else None
    return begun or (following is not None and heard.word(following[1]) == "月")


def _chinese_year(heard: Heard, at: int, today: date) -> tuple[int | None, int]:
    if year_at(heard, at) and heard.word(at + 1) == "年":
        return year_at(heard, at), at + 2
    named = heard.at("named_year", at)
    return (today.year + int(named.value), named.end) if named else (None, at)


def _small(heard: Heard, at: int) -> tuple[int, int] | None:
    if at >= len(heard.tokens):
        return None
    quantity = quantity_at(heard, at)
    return (int(quantity.value), quantity.end) if quantity and not quantity.scaled and quantity.value < 100 else None
