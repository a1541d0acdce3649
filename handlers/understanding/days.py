"""One date at one place in a message, in any of the ways the six languages write it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from handlers.understanding.figures import chinese_date, day_and_month, day_month_year, year_first
from handlers.understanding.heard import Heard
from handlers.understanding.periods import length_at, period_at, shifted
from handlers.understanding.span import Span, coming_year, dated_day, introduced, short_number, span_on, whole_month, year_at

TIMELY: Final = ("day", "when", "month", "weekday", "unit", "period", "dual", "lone_unit", "rank", "named_year")
"""Kinds of words that may begin a date, besides numbers."""

_AND: Final = frozenset({"and", "et", "y", "и", "و"})
"""Of the words that lead to a range's end, those that as well join two months into no range."""

Finder = Callable[[Heard, int, date], Span | None]


def span_at(heard: Heard, at: int, today: date) -> Span | None:
    """The date that begins at token `at`, or None."""
    if heard.tokens[at].is_number:
        finders: tuple[Finder, ...] = (year_first, day_month_year, chinese_date, _day_range, _day_month, _relative, day_and_month)
    else:
        finders = (_named_day, _part, _month_day, chinese_date, _relative, _weekday, _next_period, _day_range, _day_month, _month)
    return next((span for finder in finders if (span := finder(heard, at, today))), None)


def _day_number(heard: Heard, at: int) -> tuple[int, int] | None:
    """A day of the month in digits, its ordinal ending (1st, 1er, 1-го) passed over."""
    number = short_number(heard, at)
    if number is None or not 1 <= number <= 31:
        return None
    ordinal = heard.says("when", at + 1, "ordinal")
    return number, at + 2 if ordinal and heard.gap(at + 1) in ("", "-") else at + 1


def over_of(heard: Heard, at: int) -> int:
    mark = heard.says("when", at, "of")
    return mark.end if mark else at


def month_with_year(heard: Heard, at: int) -> tuple[int, int | None, int] | None:
    """A month's name and, if it follows, the year: (month, year or None, end). كانون الأول/ديسمبر is one month."""
    mark = heard.at("month", at)
    if mark is None:
        return None
    month, end = int(mark.value), mark.end
    twin = heard.at("month", end)
    if twin and twin.value == mark.value and "/" in heard.gap(end):
        end = twin.end
    year = year_at(heard, over_of(heard, end))
    return (month, year, _after_year(heard, over_of(heard, end) + 1)) if year and heard.gap(end).strip(" .,،") == "" else (month, None, end)


def _after_year(heard: Heard, end: int) -> int:
    mark = heard.at("year_word", end)
    return mark.end if mark else end


def _day_month(heard: Heard, at: int, today: date) -> Span | None:
    """15 March 2027, 15th of March, le 1er février, 15 de marzo de 2027, 15 марта 2027 года."""
    day = _day_number(heard, at)
    named = month_with_year(heard, over_of(heard, day[1])) if day else None
    if day is None or named is None or heard.gap(day[1]).strip(" .-/") != "":
        return None
    return span_on(dated_day(named[0], named[1], day[0], today), at, named[2], year_said=bool(named[1]))


def _month_day(heard: Heard, at: int, today: date) -> Span | None:
    """March 15, 2027; February 1st."""
    mark = heard.at("month", at)
    day = _day_number(heard, mark.end) if mark else None
    if mark is None or day is None or heard.gap(mark.end).strip(" .") != "":
        return None
    year = year_at(heard, day[1]) if heard.gap(day[1]).strip() in ("", ",") else None
    return span_on(dated_day(int(mark.value), year, day[0], today), at, day[1] + bool(year), year_said=bool(year))


def _day_range(heard: Heard, at: int, today: date) -> Span | None:
    """The first day of `3-7 May 2027`, `du 3 au 7 mai`, `с 3 по 7 мая`; its month and year are read ahead."""
    first = _day_number(heard, at)
    if first is None:
        return None
    linked = heard.says("when", first[1], "to")
    second = _day_number(heard, linked.end) if linked else _day_number(heard, first[1])
    if second is None or not (linked or heard.gap(first[1]).strip() in ("-", "–", "—")):
        return None
    named = month_with_year(heard, over_of(heard, second[1]))
    found = dated_day(named[0], named[1], first[0], today) if named else None
    return Span(at, first[1], (found, found), role="from", year_said=bool(named and named[1])) if found else None


def _part(heard: Heard, at: int, today: date) -> Span | None:
    """End of April 2027, mid-May, beginning of next month, end of the year, second quarter."""
    mark = heard.says("when", at, "end", "middle", "start")
    if mark is None:
        return None
    named = month_with_year(heard, over_of(heard, mark.end))
    if named:
        month = (named[1] or coming_year(named[0], today), named[0])
        period, end, said = whole_month(*month), named[2], bool(named[1])
    else:
        found = period_at(heard, over_of(heard, mark.end), today)
        if found is None:
            return None
        period, end, said = found[0], found[1], True
    first, last = period
    middle = date(first.year, first.month, 15) if (last - first).days < 32 else first + (last - first) / 2
    chosen = {"end": last, "middle": middle, "start": first}[next(v for v in mark.values if v in ("end", "middle", "start"))]
    return Span(at, end, (chosen, chosen), year_said=said, part=True)


def _month(heard: Heard, at: int, today: date) -> Span | None:
    """June 2027, or a month alone after `by`, `before`, `from`, or that begins a range: janvier à décembre."""
    named = month_with_year(heard, at)
    numbered = at > 0 and short_number(heard, at - 1) is not None and heard.gap(at).strip(" .") == ""
    if named is None or numbered or not (named[1] or introduced(heard, at) or _leads_to_month(heard, named[2])):
        return None
    return Span(at, named[2], whole_month(named[1] or coming_year(named[0], today), named[0]), year_said=bool(named[1]))


def _leads_to_month(heard: Heard, end: int) -> bool:
    """Whether a hyphen or a word such as `to` (but not `and`) joins what ends here to another month."""
    linked = heard.says("when", end, "to")
    if linked and heard.word(end) not in _AND:
        return heard.at("month", linked.end) is not None
    return heard.gap(end).strip() in ("-", "–", "—") and heard.at("month", end) is not None


def _relative(heard: Heard, at: int, today: date) -> Span | None:
    """In three weeks, within 10 days, two months from now, через месяц, 三周后, بعد شهرين."""
    leading = heard.says("when", at, "in")
    start = leading.end if leading else at
    length = length_at(heard, start)
    if length is None:
        return None
    count, unit, end = length
    trailing = heard.says("when", end, "hence") or heard.at("later", end)
    if not leading and not trailing:
        return None
    return span_on(shifted(today, count, unit), at, trailing.end if trailing else end)


def _named_day(heard: Heard, at: int, today: date) -> Span | None:
    mark = heard.at("day", at)
    return span_on(today + timedelta(int(mark.value)), at, mark.end) if mark else None


def _weekday(heard: Heard, at: int, today: date) -> Span | None:
    """Next Monday, lundi prochain, 下周一: the next such day after today (下周 is the week after this one)."""
    leading = heard.says("when", at, "next", "this")
    mark = heard.at("weekday", over_of(heard, leading.end) if leading else at)
    if mark is None:
        return None
    trailing = heard.says("when", mark.end, "next")
    dated = None if leading or trailing else _date_of_weekday(heard, mark.end, today)
    if dated:
        return replace(dated, start=at)
    ahead = (int(mark.value) - today.weekday() - 1) % 7 + 1
    return span_on(today + timedelta(ahead), at, trailing.end if trailing else mark.end)


def _date_of_weekday(heard: Heard, at: int, today: date) -> Span | None:
    """The date that says which Monday is meant: Monday 30 June, Wednesday, January 1, 2020."""
    follows = at < len(heard.tokens) and heard.gap(at).strip(" ,،") == ""
    begins = follows and (heard.tokens[at].is_number or heard.at("month", at) is not None)
    return span_at(heard, at, today) if begins else None


def _next_period(heard: Heard, at: int, today: date) -> Span | None:
    """Next week, this month, next quarter, Q2 2027, after a word such as `by` or alone: its last day."""
    found = period_at(heard, at, today)
    if found is None or not found[2]:
        return None
    present = found[0][0] <= today
    if present and not (introduced(heard, at) or heard.at("after_date", found[1]) or heard.word(found[1] - 1) in ("底", "末")):
        return None
    return Span(at, found[1], found[0])
