"""An answer picked from a list: by code, by label in any language, by its number in the list, or, never surely, by likeness."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from rapidfuzz import fuzz, process

from handlers.understanding.reading import Reading
from handlers.understanding.text import words

Labels = Mapping[str, Sequence[str]]

_ALIKE = 80.0
_BETWEEN = re.compile(r"\s*[,;،؛、,;/&+\n]\s*")
_AND = frozenset({"and", "et", "y", "e", "и", "或", "和", "及", "و", "or", "ou", "o", "или", "أو"})
_NUMBER = re.compile(r"\s*#?([0-9]{1,3})[.)]?\s*")


def _key(text: str) -> str:
    return " ".join(words(text))


def read_choice(text: str, labels: Labels, *, language: str | None = None) -> Reading[str]:
    """One value of `labels` (value → its labels): exactly, by position from 1, by a part of a label, else the three most alike, unsure."""
    exact = _exact(text, labels)
    if exact:
        return Reading((exact,), True)
    said = _key(text)
    if not said:
        return Reading((), False)
    within = [value for value, listed in labels.items() if any(f" {said} " in f" {_key(label)} " for label in listed)]
    holding = [value for value, listed in labels.items() if any(f" {_key(label)} " in f" {said} " for label in listed if _key(label))]
    found = tuple(dict.fromkeys(holding or within))
    if found:
        return Reading(found[:5], len(found) == 1)
    return Reading(_alike(said, labels), False)


def read_choices(text: str, labels: Labels, *, language: str | None = None) -> Reading[tuple[str, ...]]:
    """Several values: `training and equipment`, `1, 3`, 培训、设备; unsure if any part is."""
    whole = _exact(text, labels)
    if whole:
        return Reading(((whole,),), True)
    parts = [read_choice(part, labels, language=language) for part in _parts(text, labels)]
    chosen = tuple(dict.fromkeys(value for part in parts if part.values for value in part.values[:1]))
    if not chosen:
        return Reading((), False)
    return Reading((chosen,), all(part.sure for part in parts))


def _exact(text: str, labels: Labels) -> str | None:
    said = _key(text)
    for value, listed in labels.items():
        if said and (said == _key(value) or text.strip().casefold() == value.casefold() or any(said == _key(label) for label in listed)):
            return value
    number = _NUMBER.fullmatch(" ".join(words(text)))
    index = int(number[1]) - 1 if number else -1
    return list(labels)[index] if 0 <= index < len(labels) else None


def _parts(text: str, labels: Labels) -> Iterator[str]:
    """The pieces of a list; a label that holds `and` stays whole."""
    for piece in filter(None, _BETWEEN.split(text)):
        if _exact(piece, labels):
            yield piece
            continue
        yield from _at_ands(piece)


def _at_ands(piece: str) -> Iterator[str]:
    held: list[str] = []
    for word in piece.replace("和", " 和 ").replace("及", " 及 ").split():
        if word.casefold() in _AND and held:
            yield " ".join(held)
            held = []
        elif word.startswith("و") and len(word) > 3 and held:
            yield " ".join(held)
            held = [word[1:]]
        elif word.casefold() not in _AND:
            held.append(word)
    if held:
        yield " ".join(held)


def _alike(said: str, labels: Labels) -> tuple[str, ...]:
    spelled = [(_key(label), value) for value, listed in labels.items() for label in (value, *listed)]
    found = process.extract(said[:200], [label for label, _ in spelled], scorer=fuzz.WRatio, score_cutoff=_ALIKE, limit=6)
    return tuple(dict.fromkeys(spelled[index][1] for _, _, index in found))[:3]
