"""Markup that is safe by construction: everything that is not `Html` already is escaped on its way in."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from handlers.conversation.text import Series, Text, Value
from handlers.conversation.words import Reader, say

Attribute = str | int | bool | None

_VOID = frozenset(("br", "input", "link", "meta"))
_OPEN, _CLOSE = "\ufdd0", "\ufdd1"  # noncharacters: no message means anything by them, so they can mark where typed text lies
_INITIATORS = "\u2066\u2067\u2068"
_POP_ISOLATE = "\u2069"


class Html(str):
    """Markup; only `element`, `joined` and `spoken` make it."""

    __slots__ = ()


def element(name: str, /, *children: str | None, **attributes: Attribute) -> Html:
    """One element. Attribute names are written as in Python (`class_`, `for_`, `aria_label`); None and False leave one out."""
    inside = "".join(_safe(child) for child in children if child is not None)
    head = "".join(_attribute(key, value) for key, value in attributes.items())
    return Html(f"<{name}{head}>" if name in _VOID else f"<{name}{head}>{inside}</{name}>")


def joined(parts: Iterable[str | None]) -> Html:
    return Html("".join(_safe(part) for part in parts if part is not None))


def _safe(part: str) -> str:
    return part if isinstance(part, Html) else escape(part)


def _attribute(key: str, value: Attribute) -> str:
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{escape(str(value))}"'


def spoken(value: Value, reader: Reader) -> Html:
    """A value in the reader's language, with everything a person typed kept apart from the direction of the sentence around it."""
    text = escape(say(_marked(value), reader))
    return Html(text.replace(_OPEN, "<bdi>").replace(_CLOSE, "</bdi>"))


def standing_alone(name: str, value: Value, reader: Reader, **attributes: Attribute) -> Html:
    """An element that holds one value: what a person typed takes its own direction, everything else the page's."""
    if isinstance(value, str):
        return element(name, tame(value), dir="auto", **attributes)
    return element(name, spoken(value, reader), **attributes)


def plain(value: Value, reader: Reader) -> str:
    """The same for an attribute or an option, which hold no markup: isolated by characters instead."""
    return say(_marked(value), reader).replace(_OPEN, "\u2068").replace(_CLOSE, "\u2069")


def _marked(value: Value) -> Value:
    match value:
        case str():
            return f"{_OPEN}{tame(value)}{_CLOSE}"
        case Text():
            return Text(value.key, {name: _marked(param) for name, param in value.params.items()})
        case Series():
            return Series(tuple(_marked(item) for item in value.values), value.bound)
        case _:
            return value


def tame(text: str) -> str:
    """What a person typed, less the characters that would end the isolation it is shown in; nothing visible is lost."""
    kept: list[str] = []
    depth = 0
    for character in text:
        if (character == _POP_ISOLATE and depth == 0) or character in (_OPEN, _CLOSE):
            continue
        depth += (character in _INITIATORS) - (character == _POP_ISOLATE)
        kept.append(character)
    return "".join(kept)
