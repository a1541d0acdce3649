"""One date at one place in a message, in any of the ways the six languages write it."""

from __future__ import annotations

import calendar
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from handlers.understanding.heard import Heard
from handlers.understanding.numbers import quantity_at
from handlers.understanding.periods import length_at, period_at, shifted

YEARS: Final = range(1990, 2101)
TIMELY: Final = ("day", "when", "month", "weekday", "unit", "period", "dual", "lone_unit", "rank", "named_year")
"""Kinds of words that may begin a date, besides numbers."""


@dataclass(frozen=True, slots=True)
class Span:
    """A date over the tokens `start` … `end` (exclusive).

    `days` are its first and last day; `choices` the days it may mean where its digits do not tell; `year_said` whether the year
    stood there; `part` whether an end, middle or beginning of a period was named; `ranged` whether both days were named.
    """

    start: int
    end: int
    days: tuple[date, date]
    role: str = ""
    choices: tuple[date, ...] = ()
    year_said: bool = True
    part: bool = False
    ranged: bool = False

    @property
    def first(self) -> date:
        return self.days[0]

    @property
    def last(self) -> date:
        return self.days[1]


Finder = Callable[[Heard, int, date], Span | None]


def span_at(heard: Heard, at: int, today: date) -> Span | None:
    """The date that begins at token `at`, or None."""
    if heard.tokens[at].is_number:
        finders: tuple[Finder, ...] = (_year_first, _numeric, _chinese, _day_range, _day_month, _relative, _bare_numeric)
    else:
        finders = (_named_day, _part, _month_day, _chinese, _relative, _weekday, _next_period, _day_range, _day_month, _month)
    return next((span for finder in finders if (span := finder(heard, at, today))), None)


def day_of(year: int, month: int, day: int) -> date | None:
    """That day, or None if there is none."""
    if year not in YEARS or not 1 <= month <= 12 or not 1 <= day <= calendar.monthrange(year, month)[1]:
        return None
    return date(year, month, day)


def coming(month: int, day: int, today: date) -> date | None:
    """The next such day from today on."""
    for year in (today.year, *range(today.year + 1, today.year + 9)):
        found = day_of(year, month, day)
        if found and found >= today:
            return found
    return None


def whole_month(year: int, month: int) -> tuple[date, date]:
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])


def coming_year(month: int, today: date) -> int:
    return today.year if month >= today.month else today.year + 1


def _on(day: date | None, start: int, end: int, *, year_said: bool = True) -> Span | None:
    return Span(start, end, (day, day), year_said=year_said) if day else None


def _number(heard: Heard, index: int, longest: int = 2) -> int | None:
    word = heard.word(index)
    return int(word) if word and word[0] in "0123456789" and len(word) <= longest else None


def year_at(heard: Heard, index: int) -> int | None:
    word = heard.word(index)
    return int(word) if len(word) == 4 and word[0] in "12" and int(word) in YEARS else None


def _year_first(heard: Heard, at: int, today: date) -> Span | None:
    """2027-03-15, 2027/3/15, 2027.03.15; not a document symbol's tail."""
    year, month, day = year_at(heard, at), _number(heard, at + 1), _number(heard, at + 2)
    if year is None or month is None or day is None or heard.gap(at + 1) not in ("-", "/", ".") or heard.gap(at + 2) != heard.gap(at + 1):
        return None
    return None if _in_symbol(heard, at) else _on(day_of(year, month, day), at, at + 3)


def _in_symbol(heard: Heard, at: int) -> bool:
    return at > 0 and heard.gap(at) in ("/", "-", ".") and not heard.at("when", at - 1)


def _numeric(heard: Heard, at: int, today: date) -> Span | None:
    """30/06/2027, 30.06.27: day first; month first only where it must be. In digits that allow both, both are choices."""
    first, second = _number(heard, at), _number(heard, at + 1)
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
    number = _number(heard, index)
    return 2000 + number if number is not None and len(heard.word(index)) == 2 and number >= 20 else None


def _bare_numeric(heard: Heard, at: int, today: date) -> Span | None:
    """30/06 or 30.06 after a word such as `by`."""
    first, second = _number(heard, at), _number(heard, at + 1)
    if first is None or second is None or heard.gap(at + 1) not in ("/", ".") or not _introduced(heard, at):
        return None
    if heard.gap(at + 1) == "." and len(heard.word(at + 1)) != 2:
        return None
    if heard.at("scale", at + 2) or heard.at("currency", at + 2) or heard.at("money_word", at + 2):
        return None
    read = [day for day in (coming(second, first, today), coming(first, second, today)) if day]
    distinct = tuple(dict.fromkeys(read))
    unsure = len(distinct) > 1 and heard.gap(at + 1) == "/"
    return Span(at, at + 2, (read[0], read[0]), choices=distinct if unsure else (), year_said=False) if read else None


def _introduced(heard: Heard, at: int) -> bool:
    """Whether a word such as `by`, `until`, `from` leads to this token."""
    backs = ((back, heard.at("when", at - back)) for back in (1, 2, 3) if at >= back)
    return any(mark and mark.end in (at, at - 1) and set(mark.values) & {"by", "before", "from", "next", "to", "between"} for _, mark in backs)


def _chinese(heard: Heard, at: int, today: date) -> Span | None:
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
        found = _dated(month[0], year, day[0], today)
        return _chinese_range(heard, at, day[1] + 1, found) or _on(found, at, day[1] + 1, year_said=bool(year))
    return _month_part(heard, at, after, (year or coming_year(month[0], today), month[0]), bool(year))


def _chinese_range(heard: Heard, at: int, end: int, first: date | None) -> Span | None:
    """5月3日至7日."""
    linked = heard.word(end) in ("至", "到") or heard.gap(end).strip() in ("-", "–", "—", "~")
    last = _small(heard, end + (heard.word(end) in ("至", "到"))) if linked and first else None
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
    if not year_said and not heard.at("after_date", end):
        return None
    return Span(at, end, (first, last), year_said=year_said)


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


def _day_number(heard: Heard, at: int) -> tuple[int, int] | None:
    """A day of the month in digits, its ordinal ending (1st, 1er, 1-го) passed over."""
    number = _number(heard, at)
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


def _dated(month: int, year: int | None, day: int, today: date) -> date | None:
    return day_of(year, month, day) if year else coming(month, day, today)


def _day_month(heard: Heard, at: int, today: date) -> Span | None:
    """15 March 2027, 15th of March, le 1er février, 15 de marzo de 2027, 15 марта 2027 года."""
    day = _day_number(heard, at)
    named = month_with_year(heard, over_of(heard, day[1])) if day else None
    if day is None or named is None or heard.gap(day[1]).strip(" .-/") != "":
        return None
    return _on(_dated(named[0], named[1], day[0], today), at, named[2], year_said=bool(named[1]))


def _month_day(heard: Heard, at: int, today: date) -> Span | None:
    """March 15, 2027; February 1st."""
    mark = heard.at("month", at)
    day = _day_number(heard, mark.end) if mark else None
    if mark is None or day is None or heard.gap(mark.end).strip(" .") != "":
        return None
    year = year_at(heard, day[1]) if heard.gap(day[1]).strip() in ("", ",") else None
    return _on(_dated(int(mark.value), year, day[0], today), at, day[1] + bool(year), year_said=bool(year))


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
    found = _dated(named[0], named[1], first[0], today) if named else None
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
    """June 2027, or a month alone after `by`, `before`, `from`."""
    named = month_with_year(heard, at)
    if named is None or not (named[1] or _introduced(heard, at)):
        return None
    return Span(at, named[2], whole_month(named[1] or coming_year(named[0], today), named[0]), year_said=bool(named[1]))


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
    return _on(shifted(today, count, unit), at, trailing.end if trailing else end)


def _named_day(heard: Heard, at: int, today: date) -> Span | None:
    mark = heard.at("day", at)
    return _on(today + timedelta(int(mark.value)), at, mark.end) if mark else None


def _weekday(heard: Heard, at: int, today: date) -> Span | None:
    """Next Monday, lundi prochain, 下周一: the next such day after today (下周 is the week after this one)."""
    leading = heard.says("when", at, "next", "this")
    mark = heard.at("weekday", over_of(heard, leading.end) if leading else at)
    if mark is None:
        return None
    trailing = heard.says("when", mark.end, "next", "next_after")
    dated = span_at(heard, mark.end, today) if not leading and not trailing and mark.end < len(heard.tokens) and heard.gap(mark.end).strip(" ,،") == "" else None
    if dated and heard.tokens[mark.end].is_number:
        return Span(at, dated.end, dated.days, dated.role, dated.choices, dated.year_said)
    ahead = (int(mark.value) - today.weekday() - 1) % 7 + 1
    return _on(today + timedelta(ahead), at, trailing.end if trailing else mark.end)


def _next_period(heard: Heard, at: int, today: date) -> Span | None:
    """Next week, this month, next quarter, Q2 2027, after a word such as `by` or alone: its last day."""
    found = period_at(heard, at, today)
    if found is None or not found[2]:
        return None
    present = found[0][0] <= today
    if present and not (_introduced(heard, at) or heard.at("after_date", found[1]) or heard.word(found[1] - 1) in ("底", "末")):
        return None
    return Span(at, found[1], found[0])
