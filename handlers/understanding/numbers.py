"""Numbers as people write them: 1,200,000 · 1.2m · 20万 · 1,5 млн · ٢٠٠ ألف · half a million · quatre-vingt mille."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from handlers.understanding.heard import Heard

_JOINING = frozenset({"", " ", "-", " - ", "  "})
_GROUPING = frozenset({",", ".", " ", "'", "’"})
_HALF = Decimal("0.5")
LARGEST = Decimal(10) ** 15
_MOST_TOKENS = 16
MOST_STARTS = 400
"""Places in one message at which a date or a sum is looked for: far more than any message has."""


class Quantity(NamedTuple):
    """A number over the tokens `start` … `end` (exclusive); `scaled` if a thousand or more was named; `words` if no digit was."""

    start: int
    end: int
    value: Decimal
    scaled: bool
    words: bool


def number_starts(heard: Heard) -> frozenset[int]:
    """The tokens at which a number may begin."""
    digits = (index for index, token in enumerate(heard.tokens) if token.is_number)
    return frozenset(digits).union(*(heard.marks.get(kind, ()) for kind in ("number", "scale", "half")))


def digits_at(heard: Heard, start: int) -> tuple[Decimal, int] | None:
    """The number written in digits at `start`, with thousands and decimals of any of the six languages, and where it ends."""
    if not _is_digits(heard, start):
        return None
    whole, end = heard.word(start), start + 1
    separator = heard.gap(end) if heard.gap(end) in _GROUPING and len(whole) <= 3 and whole[0] != "0" else ""
    groups = 0
    while separator and groups < 5 and _is_digits(heard, end) and heard.gap(end) == separator and len(heard.word(end)) == 3:
        whole, end, groups = whole + heard.word(end), end + 1, groups + 1
    if groups == 1 and separator in ",." and _is_scaled(heard, end):
        return Decimal(f"{whole[:-3]}.{whole[-3:]}"), end
    if _is_digits(heard, end) and heard.gap(end) in (".", ",") and (not groups or heard.gap(end) != separator):
        return _decimal(heard, whole, end)
    return Decimal(whole[:18]), end


def _decimal(heard: Heard, whole: str, end: int) -> tuple[Decimal, int] | None:
    if len(heard.word(end)) > 2 and not (len(heard.word(end)) == 3 and whole == "0"):
        return Decimal(whole[:18]), end
    if _is_digits(heard, end + 1) and heard.gap(end + 1) in (".", "/", "-"):
        return Decimal(whole[:18]), end
    return Decimal(f"{whole[:18]}.{heard.word(end)}"), end + 1


def quantity_at(heard: Heard, start: int) -> Quantity | None:
    """The number that begins at token `start`, in digits or words, with its scale."""
    if _within_numeral(heard, start):
        return None
    total = current = Decimal(0)
    last = Decimal(0)
    at, worded, ended = start, True, start
    while at < min(len(heard.tokens), start + _MOST_TOKENS) and (at == start or heard.gap(at) in _JOINING):
        written = digits_at(heard, at) if at == start else None
        if written:
            current, at, worded = written[0], written[1], False
        elif half := _half(heard, at, total, current, last):
            total, current, at = half
        elif step := _scale_at(heard, at, at == start):
            scale, at = step
            total, current = _scaled(total, current, scale, last)
            last = scale
        elif worded or last:
            more = _word_at(heard, at, current, after_scale=bool(last) and not worded)
            if more is None:
                break
            current, at = more
        else:
            break
        ended = at
        at = _over_joint(heard, at, worded)
    value = total + current
    return Quantity(start, ended, value, last >= 1000, worded) if ended > start and 0 <= value <= LARGEST else None


def _within_numeral(heard: Heard, start: int) -> bool:
    """Chinese numerals are read from their first character only."""
    if heard.language != "zh" or not start or heard.gap(start) or heard.tokens[start].is_number:
        return False
    return heard.at("number", start - 1) is not None or heard.at("scale", start - 1) is not None


def _scale_at(heard: Heard, at: int, first: bool) -> tuple[Decimal, int] | None:
    mark = heard.at("scale", at)
    if mark is None:
        return None
    if len(heard.word(at)) == 1 and heard.word(at).isascii() and (first or (heard.gap(at) != "" and not _is_money(heard, at + 1))):
        return None
    if first and heard.word(at) in ("mil", "mille"):
        return Decimal(mark.value), mark.end
    return (Decimal(mark.value), mark.end) if not first or len(heard.word(at)) > 2 else None


def _scaled(total: Decimal, current: Decimal, scale: Decimal, last: Decimal) -> tuple[Decimal, Decimal]:
    if last and scale > last:
        return (total + current) * scale, Decimal(0)
    return total + (current or 1) * scale, Decimal(0)


def _half(heard: Heard, at: int, total: Decimal, current: Decimal, last: Decimal) -> tuple[Decimal, Decimal, int] | None:
    mark = heard.at("half", at)
    if mark is None:
        return None
    if mark.value == "plus" and last and not current:
        return total + last * _HALF, current, mark.end
    if mark.value == "plus" and current >= 1000:
        return total, current + (500_000 if current >= 1_000_000 else 500), mark.end
    if mark.value == "plus":
        return (total, current + _HALF, mark.end) if current else None
    if current not in (0, 1) or heard.at("scale", mark.end) is None:
        return None
    return total, _HALF, mark.end


def _word_at(heard: Heard, at: int, current: Decimal, *, after_scale: bool) -> tuple[Decimal, int] | None:
    mark = heard.at("number", at)
    if mark is None or after_scale:
        return None
    value = Decimal(mark.value)
    if heard.language == "zh" and value == 10 and current % 10:
        return current + current % 10 * 9, mark.end
    if current and _multiplies(value, current, heard.language):
        return current * value, mark.end
    if current and not _adds(value, current, heard.language):
        return None
    return current + value, mark.end


def _adds(value: Decimal, current: Decimal, language: str) -> bool:
    """Twenty-one, dix-sept, 十二; in Arabic the unit comes first: خمسة وعشرون."""
    if language == "ar" and current < 10:
        return value in (10, 20, 30, 40, 50, 60, 70, 80, 90)
    return value < current and (current >= 20 or (current == 10 and language in ("fr", "zh")) or (language == "zh" and not current % 10))


def _multiplies(value: Decimal, current: Decimal, language: str) -> bool:
    return (value == 100 and current < 10) or (language == "fr" and value == 20 and current == 4)


def _over_joint(heard: Heard, at: int, worded: bool) -> int:
    joint = heard.says("joint", at, "and")
    if joint is None or not worded or heard.at("half", at) or not (heard.at("number", joint.end) or heard.at("scale", joint.end)):
        return at
    return joint.end


def _is_digits(heard: Heard, index: int) -> bool:
    return 0 <= index < len(heard.tokens) and heard.tokens[index].is_number


def _is_money(heard: Heard, index: int) -> bool:
    """3 M€, 2 M d'euros."""
    return heard.at("currency", index + (heard.word(index) in ("d", "de"))) is not None


def _is_scaled(heard: Heard, index: int) -> bool:
    mark = heard.at("scale", index)
    return mark is not None and heard.gap(index) in ("", " ")
