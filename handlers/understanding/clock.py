"""A time of day in a message: 12:00, 18h30, 6 pm, noon, полдень, 下午3点, الساعة 12."""

from __future__ import annotations

from collections.abc import Collection
from datetime import time

from handlers.understanding.heard import Heard, Mark
from handlers.understanding.numbers import quantity_at


def time_in(heard: Heard, taken: Collection[int] = ()) -> time | None:
    """The first time of day outside the tokens `taken` by dates; midnight at a day's end is 00:00."""
    return next((found for at in range(len(heard.tokens)) if at not in taken and (found := _time_at(heard, at))), None)


def _time_at(heard: Heard, at: int) -> time | None:
    if heard.says("when", at, "noon") and heard.word(at + 1) not in ("1", "2", "3", "4", "5", "6"):
        return time(12)
    if heard.says("when", at, "midnight"):
        return time(0)
    if not heard.tokens[at].is_number:
        return _chinese_time(heard, at)
    return _in_digits(heard, at)


def _in_digits(heard: Heard, at: int) -> time | None:
    hour, minute, end = int(heard.word(at)[:4]), 0, at + 1
    marked = False
    if heard.tokens[end : end + 1] and heard.tokens[end].is_number and heard.gap(end) in (":", ".") and len(heard.word(end)) == 2:
        minute, end, marked = int(heard.word(end)), end + 1, True
    elif heard.word(end) in ("h", "ч", "时", "点", "點"):
        marked, end = True, end + 1
        if end < len(heard.tokens) and heard.tokens[end].is_number and len(heard.word(end)) == 2:
            minute, end = int(heard.word(end)), end + 1
        elif heard.word(end) == "半":
            minute, end = 30, end + 1
    elif heard.says("when", end, "clock"):
        marked, end = True, end + 1
    return _clocked(heard, at, (hour, minute, end), marked)


def _clocked(heard: Heard, at: int, said: tuple[int, int, int], marked: bool) -> time | None:
    hour, minute, end = said
    led = at > 0 and heard.says("when", at - 1, "clock", "am", "pm") is not None
    half = heard.says("when", end, "am", "pm") or _half_before(heard, at)
    if not (marked or half or led) or heard.at("month", end) or minute > 59:
        return None
    if half and "pm" in half.values and hour < 12:
        hour += 12
    if half and "am" in half.values and hour == 12:
        hour = 0
    if hour == 24 and minute == 0:
        return time(0)
    return time(hour, minute) if hour < 24 else None


def _half_before(heard: Heard, at: int) -> Mark | None:
    """The half of the day said before the hour, as in 下午3点."""
    marks = (heard.says("when", at - back, "am", "pm") for back in (1, 2) if at >= back)
    return next((mark for mark in marks if mark and mark.end == at), None)


def _chinese_time(heard: Heard, at: int) -> time | None:
    quantity = quantity_at(heard, at) if heard.at("number", at) and heard.language == "zh" else None
    if quantity is None or quantity.value > 24 or heard.word(quantity.end) not in ("点", "时", "點"):
        return None
    minute = 30 if heard.word(quantity.end + 1) == "半" else 0
    return _clocked(heard, at, (int(quantity.value), minute, quantity.end + 1), True)
