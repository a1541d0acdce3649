"""A message as heard: its tokens, its language, and what every phrase in it may mean."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from handlers.understanding.language import LATIN, detect
from handlers.understanding.lexicon import Hit, Sense
from handlers.understanding.text import Token, tokens
from handlers.understanding.vocabulary import lexicon


class Mark(NamedTuple):
    """A phrase of one kind over the tokens `start` … `end` (exclusive), with what it may mean."""

    start: int
    end: int
    values: tuple[str, ...]

    @property
    def value(self) -> str:
        return self.values[0]


@dataclass(frozen=True, slots=True)
class Heard:
    """Tokens and marks of one message; `marks[kind][start]` is the longest phrase of that kind starting there."""

    tokens: tuple[Token, ...]
    language: str
    marks: dict[str, dict[int, Mark]]

    def at(self, kind: str, start: int) -> Mark | None:
        return self.marks.get(kind, _NOTHING).get(start)

    def says(self, kind: str, start: int, *values: str) -> Mark | None:
        """The mark of `kind` at `start` if one of its values is among `values`."""
        mark = self.at(kind, start)
        return mark if mark and any(value in values for value in mark.values) else None

    def all(self, kind: str) -> Iterator[Mark]:
        """Marks of `kind` from left to right, none inside another."""
        reached = 0
        for start, mark in sorted(self.marks.get(kind, _NOTHING).items()):
            if start >= reached:
                reached = mark.end
                yield mark

    def word(self, index: int) -> str:
        return self.tokens[index].word if 0 <= index < len(self.tokens) else ""

    def gap(self, index: int) -> str:
        """What stands before the token at `index`; a full stop beyond the end."""
        return self.tokens[index].gap if 0 <= index < len(self.tokens) else "."


_NOTHING: dict[int, Mark] = {}


def hear(text: str, hint: str | None = None) -> Heard:
    """Read `text`: tokens, language (with `hint` where the words do not tell) and marks."""
    found = tokens(text)
    hits = lexicon().hits(found)
    language = detect(text, found, hits, hint)
    return Heard(tuple(found), language, _marks(found, hits, language))


def _marks(found: list[Token], hits: list[Hit], language: str) -> dict[str, dict[int, Mark]]:
    best: dict[tuple[str, int], tuple[int, int, list[str]]] = {}
    for hit in hits:
        for sense in hit.senses:
            if not _meant(sense, found[hit.start], language):
                continue
            key, rank = (sense.kind, hit.start), (hit.end, -hit.cost)
            held = best.get(key)
            if held is None or rank > held[:2]:
                best[key] = (*rank, [sense.value])
            elif rank == held[:2] and sense.value not in held[2]:
                held[2].append(sense.value)
    marks: dict[str, dict[int, Mark]] = {}
    for (kind, start), (end, _, values) in best.items():
        marks.setdefault(kind, {})[start] = Mark(start, end, tuple(values))
    return marks


def _meant(sense: Sense, first: Token, language: str) -> bool:
    if sense.cased and not (first.loud if len(first.word) <= 3 else first.capital):
        return False
    return not (sense.strict and sense.language in LATIN and language in LATIN and sense.language != language)
