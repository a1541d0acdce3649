"""A trie of phrases, each with its senses: one walk over a message finds the longest phrase of every kind at every token."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from handlers.understanding.text import Token, arabic_forms, is_arabic, words

STEM = "*"
"""Ends a vocabulary word that stands for every word beginning so."""


class Sense(NamedTuple):
    """What a phrase may mean: `kind` of thing, its `value`, the languages it is said in, whether only in those."""

    kind: str
    value: str
    language: str = ""
    strict: bool = False
    cased: bool = False


class Hit(NamedTuple):
    """A phrase found from token `start` up to, not including, `end`; `cost` counts Arabic prefixes taken off."""

    start: int
    end: int
    cost: int
    senses: tuple[Sense, ...]


@dataclass(slots=True)
class Node:
    children: dict[str, Node] = field(default_factory=dict)
    stems: dict[str, Node] = field(default_factory=dict)
    lengths: tuple[int, ...] = ()
    senses: tuple[Sense, ...] = ()

    def exact(self, word: str) -> Node:
        return self.children.setdefault(word, Node())

    def stem(self, word: str) -> Node:
        node = self.stems.setdefault(word, Node())
        self.lengths = tuple(sorted({len(stem) for stem in self.stems}, reverse=True))
        return node

    def after(self, word: str) -> Iterator[Node]:
        """The nodes one word further on."""
        node = self.children.get(word)
        if node is not None:
            yield node
        for length in self.lengths:
            if length <= len(word) and (node := self.stems.get(word[:length])) is not None:
                yield node


class Lexicon:
    """Phrases and their senses, compiled once."""

    def __init__(self) -> None:
        self.root = Node()

    def add(self, phrase: str, sense: Sense) -> None:
        """Make `phrase` carry `sense`; a word ending in `*` matches by its beginning, an Arabic word with or without its article."""
        nodes = [self.root]
        for part in phrase.split():
            stem = part.endswith(STEM)
            for word in words(part):
                nodes = [node for before in nodes for node in _grown(before, word, stem=stem, sense=sense)]
        for node in nodes:
            if node is not self.root and sense not in node.senses:
                node.senses += (sense,)

    def hits(self, tokens: Sequence[Token]) -> list[Hit]:
        """Every phrase found, shorter ones inside longer ones included."""
        found: list[Hit] = []
        for start in range(len(tokens)):
            _walk(self.root, tokens, start, start, 0, found)
        return found


def _grown(node: Node, word: str, *, stem: bool, sense: Sense) -> Iterable[Node]:
    forms = [word]
    if is_arabic(word) and sense.kind not in _NAMES and word.startswith("ال") and len(word) > 4:
        forms = [word[2:]]
    return [node.stem(form) if stem else node.exact(form) for form in forms]


_NAMES = frozenset({"party", "day", "weekday"})
"""Kinds whose Arabic words either have the article or not: اليوم is today, يوم a day."""


def _walk(node: Node, tokens: Sequence[Token], start: int, at: int, cost: int, found: list[Hit]) -> None:
    if at >= len(tokens):
        return
    word = tokens[at].word
    for step, form in enumerate(arabic_forms(word) if is_arabic(word) else (word,)):
        for after in node.after(form):
            if after.senses:
                found.append(Hit(start, at + 1, cost + step, after.senses))
            if after.children or after.stems:
                _walk(after, tokens, start, at + 1, cost + step, found)
