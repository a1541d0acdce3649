"""Parties, regions and regional groups in a message; a name that several parties share is asked, a misspelt one is offered."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz, process

from handlers.understanding.heard import Heard, Mark
from handlers.understanding.text import is_arabic, is_chinese, words
from handlers.understanding.vocabulary import lexicon, phrases

_ALIKE = 86.0
_ALIKE_SMALL = 91.0
_MOST_GUESSES = 6
_NO_NAMES: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
_KINDS = ("party", "ambiguous_party", "region", "regional_group")


@dataclass(frozen=True, slots=True)
class Places:
    """What a message names: `parties` (ISO2, guessed ones included), `regions` (M49 or group codes), and what must be asked.

    `shared` are the parties an ambiguous name may mean (Congo); `guessed` those read out of a misspelt name.
    """

    parties: tuple[str, ...]
    regions: tuple[str, ...]
    shared: tuple[str, ...]
    guessed: tuple[str, ...]


def places(heard: Heard, taken: Collection[int] = ()) -> Places:
    """The places a message names, outside the tokens `taken` by money and the like."""
    named = [(kind, mark) for kind, mark in _longest(heard) if mark.start not in taken]
    parties = [value for kind, mark in named if kind == "party" for value in mark.values[:1] if value]
    shared = [code for kind, mark in named if kind == "ambiguous_party" for code in mark.value.split()]
    regions = [mark.value for kind, mark in named if kind in ("region", "regional_group") and mark.value]
    covered = {index for _, mark in named for index in range(mark.start, mark.end)} | set(taken)
    guessed = list(_guesses(heard, covered))
    if set(shared) & set(parties):
        shared = []
    unique = tuple(dict.fromkeys([*parties, *guessed]))
    return Places(unique, tuple(dict.fromkeys(regions)), tuple(dict.fromkeys(shared)), tuple(dict.fromkeys(guessed)))


def _longest(heard: Heard) -> Iterator[tuple[str, Mark]]:
    """Place names left to right, the longest at each token, none inside another."""
    starts = sorted({start for kind in _KINDS for start in heard.marks.get(kind, {})})
    reached = 0
    for start in starts:
        if start < reached:
            continue
        found = [(kind, mark) for kind in _KINDS if (mark := heard.at(kind, start))]
        kind, mark = max(found, key=lambda pair: (pair[1].end, pair[0] != "party", pair[0] == "ambiguous_party"))
        reached = mark.end
        yield kind, mark


Names = tuple[tuple[str, ...], tuple[str, ...]]


@lru_cache(maxsize=1)
def _single_names() -> Mapping[str, Names]:
    """Names of one word, five letters or more, and the party each means, by their first letter."""
    names: dict[str, dict[str, str]] = {}
    for phrase, sense in phrases():
        spelled = words(phrase.rstrip("*"))
        if sense.kind == "party" and sense.value and len(spelled) == 1 and len(spelled[0]) >= 5 and not is_chinese(spelled[0]):
            names.setdefault(spelled[0][0], {}).setdefault(spelled[0], sense.value)
    return {letter: (tuple(found), tuple(found.values())) for letter, found in names.items()}


def _guesses(heard: Heard, covered: Collection[int]) -> Iterator[str]:
    tried = 0
    for index, token in enumerate(heard.tokens):
        if index in covered or len(token.word) < 6 or tried >= _MOST_GUESSES or not token.word.isalpha() or is_chinese(token.word):
            continue
        if len(token.word) > 24 or _is_known(heard, index):
            continue
        if not (token.capital or is_arabic(token.word) or len(token.word) >= 8):
            continue
        tried += 1
        found = guess(token.word, sure_of_name=token.capital)
        if found:
            yield found


def _is_known(heard: Heard, index: int) -> bool:
    return any(index in marks for marks in heard.marks.values())


@lru_cache(maxsize=2048)
def guess(word: str, *, sure_of_name: bool) -> str | None:
    """The party whose one-word name `word` misspells, or None; a word without a capital must be closer."""
    names, codes = _single_names().get(word[0], _NO_NAMES)
    cutoff = _ALIKE if sure_of_name else _ALIKE_SMALL
    best = process.extract(word, names, scorer=fuzz.ratio, score_cutoff=cutoff, limit=2)
    alike = [(score, codes[index]) for name, score, index in best if abs(len(name) - len(word)) <= 2]
    if not alike or (len(alike) > 1 and alike[0][0] == alike[1][0] and alike[0][1] != alike[1][1]):
        return None
    return alike[0][1]


def warm_places() -> None:
    """Compile the names that misspellings are compared with."""
    lexicon()
    _single_names()
