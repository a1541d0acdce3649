"""A request's bytes as the mapping Slack meant: JSON, or a form that holds one. Whatever cannot be that is `Malformed`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from yarl import query_to_pairs

from handlers.conversation.turn import storable

Body = Mapping[str, Any]

_MOST_FIELDS = 60


class Malformed(Exception):
    """Signed, but not what Slack sends: answered with 400."""


def opened(raw: bytes, *, content_type: str) -> dict[str, Any]:
    """The request as a mapping; NUL characters are taken out and lone surrogates replaced, since no database takes them."""
    try:
        text = raw.decode("utf-8")
        found = json.loads(text) if content_type == "application/json" else _from_form(text)
        if not isinstance(found, dict):
            raise Malformed(f"a {type(found).__name__}, not an object")
        return storable(found) if _may_hold_unstorable(text) else found
    except (ValueError, RecursionError) as problem:
        raise Malformed(type(problem).__name__) from problem


def _from_form(text: str) -> Any:
    fields = dict(query_to_pairs(text, max_fields=_MOST_FIELDS))  # of its size: the standard library takes fifty times as long
    return json.loads(fields["payload"]) if "payload" in fields else fields


def _may_hold_unstorable(text: str) -> bool:
    return "\\u" in text or "%5Cu" in text or "%5cu" in text or "%00" in text or "\x00" in text


def text_at(body: Body, *path: str) -> str:
    """The string at a path; Malformed where there is none."""
    found = maybe_at(body, *path)
    if not found:
        raise Malformed(".".join(path))
    return found


def maybe_at(body: Body, *path: str) -> str | None:
    """The string at a path, or None; Malformed where something else is there."""
    found = value_at(body, *path)
    if found is not None and not isinstance(found, str):
        raise Malformed(".".join(path))
    return found


def value_at(body: Body, *path: str) -> Any:
    """Whatever is at a path, or None."""
    found: Any = body
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def mapping_at(body: Body, *path: str) -> Body:
    """The mapping at a path; Malformed where there is none."""
    found = value_at(body, *path)
    if not isinstance(found, Mapping):
        raise Malformed(".".join(path))
    return found


def list_at(body: Body, *path: str) -> list[Any]:
    """The list at a path; Malformed where there is none."""
    found = value_at(body, *path)
    if not isinstance(found, list):
        raise Malformed(".".join(path))
    return found
