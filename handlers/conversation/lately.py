"""What was spoken of last: the record that "it" means."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from typing import Any

from handlers.conversation.context import Context
from handlers.conversation.references import reference_in
from handlers.conversation.words import phrases
from storage import turns

_TURNS = 8
"""Turns that are looked back on: further back, nobody would be sure what is meant."""


def last_reference(context: Context, letters: Collection[str]) -> str | None:
    """The reference with one of these letters named last in this conversation, by the person or in the answer."""
    for past in turns.lately(context.connection, context.actor.id, context.place, limit=_TURNS):
        for ref in (reference_in(past.text), *_references(past.replies)):
            if ref and ref.partition("-")[0] in letters:
                return ref
    return None


def _references(replies: list[Any]) -> Iterator[str]:
    """Of stored replies, what each is about; of a list, what its one entry is about."""
    for reply in replies:
        about = reply.get("ref")
        inside = {str(item["ref"]) for item in _items(reply) if item.get("ref")}
        yield from (str(about),) if about else inside if len(inside) == 1 else ()


def _items(reply: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    items: list[Mapping[str, Any]] = reply.get("items") or []
    return items


def means_it(text: str) -> bool:
    """Whether a text is nothing but a word for what was spoken of last: `it`, `cela`, `это`."""
    return text.strip(" .!?。！？؟").casefold() in _words_for_it()


@lru_cache(maxsize=1)
def _words_for_it() -> frozenset[str]:
    return frozenset(phrase for _, phrase in phrases("change.it"))
