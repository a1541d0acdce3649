"""Dates in a message: which days, and whether each is an end (`by`), a beginning (`from`) or neither."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from handlers.understanding.days import TIMELY, span_at
from handlers.understanding.heard import Heard
from handlers.understanding.numbers import MOST_STARTS, number_starts
from handlers.understanding.span import Span, whole_month

_BY = ("by", "before")
_ROLES = ("by", "before", "from", "between", "to", "of_day")
_SKIPPED = ("of", "on", "clock")

_SETTLED = {"to": "by", "of_day": ""}
"""Roles that only a pair of dates gives: `du 3 mai` alone is the third of May, `al 7` an end."""


@dataclass(frozen=True, slots=True)
class Dated:
    """What a message says of time: `by` (deadline, needed by, end), `start`, and the days an unsure numeric date may mean."""

    by: date | None = None
    start: date | None = None
    choices: tuple[date, ...] = ()
    taken: frozenset[int] = frozenset()


def spans(heard: Heard, today: date) -> list[Span]:
    """Every date in the message from left to right, with its role."""
    found: list[Span] = []
    reached = 0
    starts = number_starts(heard).union(*(heard.marks.get(kind, ()) for kind in TIMELY))
    for at in sorted(starts)[:MOST_STARTS]:
        span = span_at(heard, at, today) if at >= reached else None
        if span:
            found.append(replace(span, role=span.role or _role(heard, span)))
            weekday = heard.at("weekday", span.end)
            reached = weekday.end if weekday and heard.gap(span.end).strip(" ,،(") == "" else span.end
    return _ranges(heard, found)


def dated(heard: Heard, today: date) -> Dated:
    """The deadline and the beginning a message names; a range sets both, a date in digits that can be read two ways is asked."""
    found = spans(heard, today)
    taken = frozenset(index for span in found for index in range(span.start, span.end))
    start = _first(found, lambda span: span.role == "from")
    by = _first(found, lambda span: span.role in _BY) or _first(found, lambda span: span.role != "from")
    if by is not None and by.choices:
        return Dated(None, start.first if start else None, by.choices, taken)
    if start is not None and start.choices:
        return Dated(by.last if by else None, None, start.choices, taken)
    began = start.first if start else by.first if by and by.ranged else None
    return Dated(_ending(by), began, (), taken)


def _ending(span: Span | None) -> date | None:
    if span is None:
        return None
    return span.first if span.role == "before" and span.first != span.last and not span.part else span.last


def _first(found: list[Span], wanted: Callable[[Span], bool]) -> Span | None:
    return next((span for span in found if wanted(span)), None)


def _role(heard: Heard, span: Span) -> str:
    """What the words just before a date (or, in Chinese, just after it) make of it."""
    after = heard.at("after_date", span.end)
    if after:
        return after.value
    at = span.start
    for back in (4, 3, 2, 1):
        mark = heard.at("when", at - back) if at >= back else None
        if mark and mark.end >= at - _skippable(heard, mark.end, at):
            role = next((value for value in mark.values if value in _ROLES), None)
            if role:
                return "from" if role == "between" else role
    return ""


def _skippable(heard: Heard, start: int, end: int) -> int:
    """How many tokens between a role's word and its date say nothing: the, of, on, a weekday."""
    between = range(start, end)
    silent = all(heard.says("when", index, *_SKIPPED) or heard.at("weekday", index) or heard.at("article_word", index) for index in between)
    return len(between) if silent else 0


def _ranges(heard: Heard, found: list[Span]) -> list[Span]:
    """Pair `from A to B`, `A – B`: the first becomes the beginning, the second the end; a year said once serves both."""
    for left, right in zip(range(len(found)), range(1, len(found)), strict=False):
        first, second = found[left], found[right]
        linked = second.role == "to" or _joined(heard, first, second)
        if not (linked or (first.role in ("from", "of_day") and second.role == "by")) or second.start - first.end > 2:
            continue
        began = first.first
        if not first.year_said and second.year_said:
            began = _same_year(first.first, second.last)
        found[left] = replace(first, role="from", days=(began, began))
        found[right] = _until(second, began) if first.year_said or second.last < began else replace(second, role="by")
    return [replace(span, role=_SETTLED.get(span.role, span.role)) for span in found]


def _joined(heard: Heard, first: Span, second: Span) -> bool:
    if second.start == first.end:
        return heard.gap(second.start).strip() in ("-", "–", "—", "~")
    return second.start == first.end + 1 and heard.word(first.end) in ("至", "到")


def _until(second: Span, began: date) -> Span:
    """The end of a range that began then: where its year was not said, the first such day from there on."""
    if second.year_said or second.choices:
        return replace(second, role="by")
    year = began.year if (second.last.month, second.last.day) >= (began.month, began.day) else began.year + 1
    first, last = whole_month(year, second.last.month)
    day = last if second.first != second.last else last.replace(day=min(second.last.day, last.day))
    return replace(second, role="by", days=(first if second.first != second.last else day, day))


def _same_year(day: date, end: date) -> date:
    year = end.year if (day.month, day.day) <= (end.month, end.day) else end.year - 1
    return day.replace(year=year, day=min(day.day, 28)) if (day.month, day.day) == (2, 29) else day.replace(year=year)
