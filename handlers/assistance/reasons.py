"""Reasons of a match put into words, and what a record is about as its reader names it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from handlers.assistance.matching import ORDER
from handlers.conversation.text import Code, Series, Text, Value
from storage.reference import articles as all_articles


def coded(list_name: str, codes: Iterable[str]) -> Series:
    """Codes of one list, in a row."""
    return Series(tuple(Code(list_name, code) for code in codes))


def cited(codes: Iterable[str]) -> Series:
    """Articles by number and treaty: `article 29 of the Organized Crime Convention`."""
    return Series(tuple(_citation(code) for code in codes))


def _citation(code: str) -> Value:
    article = all_articles().get(code)
    if article is None:
        return code
    return Text("value.article", {"number": str(article.number), "instrument": Code("instrument", article.instrument)})


_SHOWN: Mapping[str, Callable[[Any], Value]] = {
    "party": lambda code: Code("party", code),
    "place": lambda code: Code("place", code),
    "instruments": lambda codes: coded("instrument", codes),
    "articles": cited,
    "types": lambda codes: coded("assistance_type", codes),
    "date": date.fromisoformat,
    "starts": date.fromisoformat,
    "ends": date.fromisoformat,
}


def in_words(reasons: Iterable[Mapping[str, Any]], *, theirs: bool = False) -> tuple[Text, ...]:
    """Stored reasons as sentences, to the match's person or, with `theirs`, about them; one of another release is left out."""
    return tuple(_sentence(reason, theirs) for reason in reasons if reason["code"] in _CODES)


def _sentence(reason: Mapping[str, Any], theirs: bool) -> Text:
    key = "reason_theirs" if theirs and reason["code"] in _ADDRESSING else "reason"
    return Text(f"{key}.{reason['code']}", {name: _SHOWN.get(name, str)(value) for name, value in reason["params"].items()})


_CODES = frozenset(ORDER)
_ADDRESSING = frozenset({"party", "region", "anywhere", "serves", "serves_region", "ends_before", "starts_after"})
"""Reasons that say "you" to the match's person: to anybody else they have other words."""
