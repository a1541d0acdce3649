"""A time of day in a message: 12:00, 18h30, 6 pm, noon, полдень, 下午3点, الساعة 12."""

from __future__ import annotations

from collections.abc import Collection

from handlers.understanding.heard import Heard, Mark
from handlers.understanding.numbers import quantity_at

_ENDS_OF_A_DAY = ("00:00", "24:00")


def hours_in(heard: Heard, taken: Collection[int] = ()) -> tuple[str, ...]:
    """The first hour outside the tokens `taken` by dates, `00:00` to `24:00`; both ends of the day where only midnight is said."""
    free = [at for at in range(len(heard.tokens)) if at not in taken]
    said = next((found for at in free if (found := _hour_at(heard, at))), None)
    if any(heard.says("when", at, "midnight") for at in free) and said in (None, "12:00", *_ENDS_OF_A_DAY):
        return (said,) if said in _ENDS_OF_A_DAY else _ENDS_OF_A_DAY
    return (said,) if said else ()


def _hour_at(heard: Heard, at: int) -> str | None:
    if heard.says("when", at, "noon") and heard.word(at + 1) not in ("1", "2", "3", "4", "5", "6"):
        return "12:00"
    if not heard.tokens[at].is_number:
        return _chinese_hour(heard, at)
    return _in_digits(heard, at)


def _in_digits(heard: Heard, at: int) -> str | None:
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


def _clocked(heard: Heard, at: int, said: tuple[int, int, int], marked: bool) -> str | None:
    hour, minute, end = said
    led = at > 0 and heard.says("when", at - 1, "clock", "am", "pm") is not None
    half = heard.says("when", end, "am", "pm") or _half_before(heard, at)
    if not (marked or half or led) or heard.at("month", end) or minute > 59:
        return None
    if half and "pm" in half.values and hour < 12:
        hour += 12
    if half and "am" in half.values and hour == 12:
        hour = 0
    return f"{hour:02}:{minute:02}" if hour < 24 or (hour, minute) == (24, 0) else None


def _half_before(heard: Heard, at: int) -> Mark | None:
    """The half of the day said before the hour, as in 下午3点."""
    marks = (heard.says("when", at - back, "am", "pm") for back in (1, 2) if at >= back)
    return next((mark for mark in marks if mark and mark.end == at), None)


def _chinese_hour(heard: Heard, at: int) -> str | None:
    quantity = quantity_at(heard, at) if heard.at("number", at) and heard.language == "zh" else None
    if quantity is None or quantity.value > 24 or heard.word(quantity.end) not in ("点", "时", "點"):
        return None
    minute = 30 if heard.word(quantity.end + 1) == "半" else 0
    return _clocked(heard, at, (int(quantity.value), minute, quantity.end + 1), True)
