"""Replies as JSON and back, so that what was committed can be shown again, by another process, in any language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from handlers.conversation import reply as _reply
from handlers.conversation import text as _text
from handlers.conversation.reply import Replies

_TAG = "$"
_KNOWN: Mapping[str, type] = {
    kind.__name__: kind
    for kind in (
        _text.Code, _text.Moment, _text.Amount, _text.Names, _text.Series, _text.Text,
        _reply.Action, _reply.Choice, _reply.Line, _reply.Say, _reply.Ask, _reply.Review, _reply.Receipt,
        _reply.Item, _reply.Listing, _reply.Sheet, _reply.FormSheet, _reply.Refusal,
    )
}  # fmt: skip


def encode(replies: Replies) -> list[Any]:
    """Replies as plain JSON values; fields that hold their default are left out."""
    return [_down(reply) for reply in replies]


def decode(stored: list[Any]) -> Replies:
    """What `encode` wrote; fields of a newer release are passed over, so old code reads new rows."""
    return tuple(_up(item) for item in stored)


@lru_cache(maxsize=64)
def _shape(kind: type) -> tuple[tuple[str, Any], ...]:
    return tuple((f.name, f.default) for f in fields(kind))


def _down(value: Any) -> Any:
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, tuple | list):
        return _coded(value) or [_down(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _down(item) for key, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        kind = type(value)
        kept = ((name, getattr(value, name), default) for name, default in _shape(kind))
        return {_TAG: kind.__name__} | {name: _down(item) for name, item, default in kept if item != default}
    return _scalar(value)


def _coded(values: tuple[Any, ...] | list[Any]) -> dict[str, Any] | None:
    """Choices of a reference list by their codes alone: two hundred of them would be most of a stored turn."""
    if not values or not isinstance(values[0], _reply.Choice) or not isinstance(values[0].label, _text.Code):
        return None
    name = values[0].label.list
    if values is _reply.code_choices(name):
        return {_TAG: "codes", "list": name}
    if any(choice.label != _text.Code(name, choice.value) for choice in values):
        return None
    return {_TAG: "codes", "list": name, "codes": [choice.value for choice in values]}


def _scalar(value: Any) -> Any:
    if isinstance(value, datetime):
        return {_TAG: "datetime", "is": value.isoformat()}
    if isinstance(value, date):
        return {_TAG: "date", "is": value.isoformat()}
    if isinstance(value, Decimal):
        return {_TAG: "decimal", "is": str(value)}
    raise TypeError(f"{type(value).__name__} cannot be part of a reply")


def _up(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_up(item) for item in value)
    if not isinstance(value, dict):
        return value
    tag = value.get(_TAG)
    match tag:
        case None:
            return {key: _up(item) for key, item in value.items()}
        case "datetime":
            return datetime.fromisoformat(value["is"])
        case "date":
            return date.fromisoformat(value["is"])
        case "decimal":
            return Decimal(value["is"])
        case "codes":
            return _reply.code_choices(value["list"], tuple(value["codes"]) if "codes" in value else None)
    kind = _KNOWN[tag]
    known = {name for name, _ in _shape(kind)}
    return kind(**{key: _up(item) for key, item in value.items() if key in known})
