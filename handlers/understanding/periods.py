"""Weeks, months, quarters and years: how long, and which one."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

from handlers.understanding.heard import Heard
from handlers.understanding.numbers import quantity_at

_MOST = {"hour": 24 * 3660, "day": 3660, "week": 520, "month": 120, "quarter": 40, "year": 10}

Period = tuple[tuple[date, date], int, bool]
"""First and last day, where the words end, and whether the words alone name a date (next month) or need `by` (the year)."""


def shifted(day: date, count: int, unit: str) -> date | None:
    """`day` moved on by `count` units, at most ten years."""
    if not 0 <= count <= _MOST[unit]:
        return None
    if unit == "hour":
        return day + timedelta(days=count // 24)
    if unit in ("day", "week"):
        return day + timedelta(days=count * (7 if unit == "week" else 1))
    months = count * {"month": 1, "quarter": 3, "year": 12}[unit]
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def length_at(heard: Heard, at: int) -> tuple[int, str, int] | None:
    """A length of time at token `at`: three weeks, 10 days, un mois, شهرين, 两个月 → (count, unit, end)."""
    dual = heard.at("dual", at)
    if dual:
        count, unit = dual.value.split()
        return int(count), unit, dual.end
    if at >= len(heard.tokens):
        return None
    quantity = quantity_at(heard, at)
    if quantity is None:
        alone = heard.at("lone_unit", at)
        return (1, alone.value, alone.end) if alone else None
    mark = heard.at("unit", quantity.end)
    if mark is None or quantity.value != int(quantity.value):
        return None
    return int(quantity.value), mark.value, mark.end


def period_at(heard: Heard, at: int, today: date) -> Period | None:
    """The week, month, quarter or year named at token `at`."""
    return _named(heard, at, today) or _quarter(heard, at, today) or _neighbour(heard, at, today) or _year(heard, at, today)


def _named(heard: Heard, at: int, today: date) -> Period | None:
    mark = heard.at("period", at)
    if mark is None:
        return None
    unit, steps = mark.value.split()
    return around(today, unit, int(steps)), mark.end, True


def _neighbour(heard: Heard, at: int, today: date) -> Period | None:
    """Next month, this year, le mois prochain, the month."""
    before = heard.says("when", at, "next", "this")
    unit = heard.at("unit", before.end if before else at)
    if unit is None or unit.value == "hour":
        return None
    after = heard.says("when", unit.end, "next", "this") if not before else None
    said = before or after
    steps = 1 if said and "next" in said.values else 0
    return around(today, unit.value, steps), (after.end if after else unit.end), bool(said)


def _year(heard: Heard, at: int, today: date) -> Period | None:
    word = heard.word(at)
    if len(word) != 4 or not word.startswith("20"):
        return None
    end = heard.at("year_word", at + 1)
    return (date(int(word), 1, 1), date(int(word), 12, 31)), end.end if end else at + 1, False


def _quarter(heard: Heard, at: int, today: date) -> Period | None:
    """Q2 2027, second quarter of 2027, 2e trimestre, второй квартал, 第二季度, 2027年第二季度."""
    rank, unit_at = _rank(heard, at)
    if rank is None:
        return None
    end = unit_at
    of = heard.says("when", end, "of")
    year_index = of.end if of else end
    year = heard.word(year_index)
    said = len(year) == 4 and year.startswith("20")
    if said:
        end = year_index + 1
    chosen = int(year) if said else today.year + (rank * 3 < today.month)
    last_month = rank * 3
    return (date(chosen, last_month - 2, 1), date(chosen, last_month, calendar.monthrange(chosen, last_month)[1])), end, True


def _rank(heard: Heard, at: int) -> tuple[int | None, int]:
    if heard.word(at) in ("q", "t") and heard.word(at + 1) in ("1", "2", "3", "4") and heard.gap(at + 1) == "":
        return int(heard.word(at + 1)), at + 2
    mark = heard.at("rank", at)
    if mark and (unit := heard.says("unit", mark.end, "quarter")):
        return int(mark.value), unit.end
    quarter = heard.says("unit", at, "quarter")
    after = heard.at("rank", quarter.end) if quarter else None
    return (int(after.value), after.end) if after else (None, at)


def around(today: date, unit: str, steps: int) -> tuple[date, date]:
    """The first and last day of the day, week (Monday to Sunday), month, quarter or year `steps` after the present one."""
    if unit == "day":
        return today + timedelta(steps), today + timedelta(steps)
    if unit == "week":
        monday = today - timedelta(today.weekday()) + timedelta(weeks=steps)
        return monday, monday + timedelta(6)
    length = {"month": 1, "quarter": 3, "year": 12}[unit]
    index = (today.year * 12 + today.month - 1) // length * length + steps * length
    year, month = divmod(index, 12)
    last_year, last = divmod(index + length - 1, 12)
    return date(year, month + 1, 1), date(last_year, last + 1, calendar.monthrange(last_year, last + 1)[1])
