"""What the buttons of a card carry, written and read in one place.

Everything of ours lies under one name, beside the values of the card's inputs, whose ids are `<draft>.<field>`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from handlers.conversation.press import press
from handlers.conversation.turn import Answered, Pressed

NAME = "liaison"

Data = dict[str, Any]


def of_press(packed: str) -> Data:
    """A button that presses."""
    return {NAME: {"press": packed}}


def of_choice(draft: str, field: str, value: str) -> Data:
    """A button that is one of the answers to a question."""
    return {NAME: {"draft": draft, "field": field, "value": value}}


def of_input(draft: str, field: str, *, many: bool) -> Data:
    """The button beside the one input of a question; `many` where several can be chosen."""
    return {NAME: {"draft": draft, "field": field, "many": many}}


def of_sheet(draft: str, fields: Sequence[str], many: Sequence[str]) -> Data:
    """The button that hands in a whole form; an empty input may be left out by the client, so its `fields` are named."""
    return {NAME: {"draft": draft, "fields": list(fields), "many": list(many)}}


def input_id(draft: str, field: str) -> str:
    return f"{draft}.{field}"


def read(data: object) -> Pressed | Answered | None:
    """What was pressed or handed in; None where the data is not ours."""
    mark = data.get(NAME) if isinstance(data, Mapping) else None
    if not isinstance(data, Mapping) or not isinstance(mark, Mapping):
        return None
    match mark:
        case {"press": str(packed)}:
            return Pressed(packed)
        case {"draft": str(draft), "fields": list(fields), "many": list(many)}:
            return Answered(draft, {name: _given(data, draft, name, name in many) for name in fields if isinstance(name, str)})
        case {"draft": str(draft), "field": str(field), "value": str(value)}:
            return _answer(draft, field, value)
        case {"draft": str(draft), "field": str(field), "many": bool(many)}:
            return _answer(draft, field, _given(data, draft, field, many))
    return None


def _given(data: Mapping[str, Any], draft: str, field: str, many: bool) -> Any:
    """An input's value; several choices come as one string with commas."""
    value = data.get(input_id(draft, field), "")
    return [part for part in value.split(",") if part] if many and isinstance(value, str) else value


def _answer(draft: str, field: str, value: Any) -> Pressed | Answered:
    """An answer to the one open question. What no press can hold goes the way of a form with that one field."""
    try:
        return Pressed(press("form.pick", draft, field, "; ".join(value) if isinstance(value, list) else str(value)))
    except ValueError:
        return Answered(draft, {field: value})
