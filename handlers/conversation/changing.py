"""One sentence that changes one answer: "the budget to 250000", "бюджет на 250000", "预算改为25万"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from handlers.conversation import present
from handlers.conversation.forms import Form, Question
from handlers.conversation.references import without_reference
from handlers.conversation.words import Reader, catalogue, phrases, say
from storage.reference import LANGUAGES

_ARTICLE = 4
"""Characters that may stand before the name of a field: `the`, `la`, `el`."""

_EDGES = ' \t\n:：=,，.;—–-→"«»“”'


def field_and_value(form: type[Form], text: str, *, language: str, at_its_start: bool = False) -> tuple[str, str] | None:
    """The field a text names and what it is to be, as typed; None where it names none. An empty value: only the field was named.

    `language` is the reader's: of a title, no word of another language is taken off (`a` is "to" in Spanish only).  `at_its_start`:
    only a text that begins with the field, or with a word for changing it.
    """
    said = _without_order(without_reference(text))
    named = _named(form, said)
    if named is None or (at_its_start and named[1] > _ARTICLE):
        return None
    name, start, end = named
    joining = _connectors(language if form.question(name).kind in ("text", "long_text") else None)
    return name, _value(said[end:], joining) or ("" if at_its_start else _value(said[:start], joining))


def begins_with_order(text: str) -> bool:
    """Whether a text begins with a word for changing something."""
    return text.strip().casefold().startswith(_orders())


def _without_order(said: str) -> str:
    """A text less the word for changing it begins with: `change the budget` → `the budget`."""
    folded = said.casefold()
    return next((said[len(order) :].strip() for order in _orders() if folded.startswith(order) and len(order) < len(folded)), said)


@lru_cache(maxsize=1)
def _orders() -> tuple[str, ...]:
    return tuple(
        sorted({f"{phrase} " if phrase[-1] < "\u2e80" else phrase for _, phrase in phrases("command.change")}, key=len, reverse=True)
    )


def _named(form: type[Form], said: str) -> tuple[str, int, int] | None:
    """The field named first, by the longest of its names, and where."""
    folded = said.casefold()
    found = [(at, -len(name), field) for field, name in _names(form) if (at := _at(folded, name)) is not None]
    if not found:
        return None
    at, length, field = min(found)
    return field, at, at - length


@lru_cache(maxsize=16)
def _names(form: type[Form]) -> tuple[tuple[str, str], ...]:
    return tuple((question.name, name) for question in form.questions for name in dict.fromkeys(_names_of(form, question)))


def _names_of(form: type[Form], question: Question) -> Iterator[str]:
    """A field's own name, its label and what else it is called, in all six languages."""
    yield question.name.replace("_", " ")
    for language in LANGUAGES:
        yield say(present.label(form, question), Reader(language, "UTC")).casefold()
    if f"field.{question.name}" in catalogue("en").entries:
        yield from (phrase for _, phrase in phrases(f"field.{question.name}"))


def _at(folded: str, name: str) -> int | None:
    """Where a name stands as a word of its own; Chinese parts no words, Arabic joins its article to them."""
    bounds = r"{}" if name[0] > "\u2e80" else r"(?:(?<=\bال)|(?<!\w)){}(?!\w)"
    found = re.search(bounds.format(re.escape(name)), folded)
    return found.start() if found else None


def _value(rest: str, joining: tuple[str, ...]) -> str:
    """What is left when the word between a field and its value is taken off: `to 250000` → `250000`."""
    said = rest.strip(_EDGES)
    for phrase in joining:
        apart = phrase[-1] > "\u2e80"
        if said.casefold().startswith(phrase) and (apart or not said[len(phrase) : len(phrase) + 1].isalnum()):
            return said[len(phrase) :].strip(_EDGES)
    return said


@lru_cache(maxsize=8)
def _connectors(language: str | None) -> tuple[str, ...]:
    """The words between a field and its value in one language, or in all six; the longest first."""
    said = {phrase for spoken, phrase in phrases("change.to") if language in (None, spoken)}
    return tuple(sorted(said, key=len, reverse=True))
