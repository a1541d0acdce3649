"""A date found in a message, and the arithmetic of the calendar."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date
from typing import Final

from handlers.understanding.heard import Heard

YEARS: Final = range(1990, 2101)
_LEADING: Final = frozenset({"by", "before", "from", "next", "to", "between"})


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


def dated_day(month: int, year: int | None, day: int, today: date) -> date | None:
    return day_of(year, month, day) if year else coming(month, day, today)


def span_on(day: date | None, start: int, end: int, *, year_said: bool = True) -> Span | None:
    return Span(start, end, (day, day), year_said=year_said) if day else None


def short_number(heard: Heard, index: int, longest: int = 2) -> int | None:
    word = heard.word(index)
    return int(word) if word and word[0] in "0123456789" and len(word) <= longest else None


def year_at(heard: Heard, index: int) -> int | None:
    word = heard.word(index)
    return int(word) if len(word) == 4 and word[0] in "12" and int(word) in YEARS else None


def introduced(heard: Heard, at: int) -> bool:
    """Whether a word such as `by`, `until`, `from` leads to this token."""
    backs = ((back, heard.at("when", at - back)) for back in (1, 2, 3) if at >= back)
    return any(
        mark and mark.end in (at, at - 1) and set(mark.values) & {"by", "before", "from", "next", "to", "between"} for _, mark in backs
    )
