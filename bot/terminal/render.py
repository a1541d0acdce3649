"""Replies for a terminal: as lines to read, or as the JSON objects of the contract (DESIGN 8)."""

from __future__ import annotations

import re
from typing import Any, assert_never

from handlers.conversation.present import said_as
from handlers.conversation.reply import (
    KIND_NAMES,
    Action,
    Ask,
    Choice,
    FormSheet,
    Item,
    Line,
    Listing,
    Receipt,
    Refusal,
    Replies,
    Reply,
    Review,
    Say,
    Sheet,
)  # fmt: skip
from handlers.conversation.text import Text
from handlers.conversation.words import Reader, say

FEW = 12
"""Choices that a person reads as a list; longer ones are found by typing."""


def as_json(reply: Reply, reader: Reader) -> dict[str, Any]:
    """One reply as `chat --json` prints it; absent keys are left out."""
    shown: dict[str, Any] = {"kind": KIND_NAMES[type(reply)], "text": text_of(reply, reader)}
    if isinstance(reply, Ask):
        shown["ask"] = {"field": reply.field, "kind": reply.kind, "choices": _choices(reply.choices, reader)}
    if fields := _fields(reply, reader):
        shown["fields"] = fields
    if actions := actions_of(reply):
        shown["actions"] = [{"id": a.id, "label": say(a.label, reader), "style": a.style} for a in actions]
    if isinstance(reply, Receipt | Listing) and reply.ref:
        shown["ref"] = reply.ref
    if isinstance(reply, Refusal):
        shown["code"] = reply.code
    if isinstance(reply, Ask) and reply.problem:
        shown["code"] = reply.problem.key.removeprefix("problem.")
    return shown


def _choices(choices: tuple[Choice, ...], reader: Reader) -> list[dict[str, str]]:
    return [{"value": choice.value, "label": say(choice.label, reader)} for choice in choices]


def _fields(reply: Reply, reader: Reader) -> list[dict[str, str]]:
    if isinstance(reply, Review | Receipt):
        return [{"name": f.name, "label": say(f.label, reader), "value": say(f.value, reader)} for f in reply.fields]
    if isinstance(reply, FormSheet):
        return [{"name": s.name, "label": say(s.label, reader), "value": _held(s)} for s in reply.sheets]
    return []


def _held(sheet: Sheet) -> str:
    """What a field of a whole form holds, as a line that reads back to it."""
    if isinstance(sheet.value, bool):
        return "yes" if sheet.value else "no"
    return "" if sheet.value is None else said_as(sheet.value)


def actions_of(reply: Reply) -> tuple[Action, ...]:
    """Every button of a reply, those of its entries first."""
    if isinstance(reply, Listing):
        return (*(action for item in reply.items for action in item.actions), *reply.actions)
    return reply.actions


def text_of(reply: Reply, reader: Reader) -> str:
    """Everything a reply says, without its fields and buttons."""
    match reply:
        case Say() | Receipt() | Refusal():
            return say(reply.text, reader)
        case Ask():
            return _joined((*reply.lead, *((reply.problem,) if reply.problem else ()), reply.text), reader)
        case Review():
            return _joined((reply.text, *reply.notes), reader)
        case Listing():
            return "\n".join([say(reply.text, reader), *(_item(item, reader) for item in reply.items)])
        case FormSheet():
            problems = tuple(sheet.problem for sheet in reply.sheets if sheet.problem)
            return _joined((reply.text, *problems), reader)
        case _:
            assert_never(reply)


def _joined(texts: tuple[Text, ...], reader: Reader) -> str:
    return "\n".join(say(text, reader) for text in texts)


def _item(item: Item, reader: Reader) -> str:
    details = [f"    {say(detail, reader)}" for detail in item.details]
    return "\n".join([f"  • {say(item.text, reader)}", *details])


_ORDERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def on_screen(text: str) -> str:
    """A text without what a terminal would obey: what people type is shown, it never clears, colours or turns round a screen."""
    return _ORDERS.sub("\ufffd", text)


def as_text(replies: Replies, reader: Reader) -> tuple[str, tuple[str, ...]]:
    """What a person reads, and the ids of the numbered buttons `/1`, `/2` …"""
    buttons: list[str] = []
    blocks = [_block(reply, reader, buttons) for reply in replies]
    return "\n\n".join(blocks), tuple(buttons)


def without_buttons(reply: Reply, reader: Reader) -> str:
    """What a person reads of one reply where nothing can be pressed."""
    return "\n".join([text_of(reply, reader), *(_field(line, reader) for line in getattr(reply, "fields", ()))])


def _block(reply: Reply, reader: Reader, buttons: list[str]) -> str:
    parts = [text_of(reply, reader)]
    if isinstance(reply, Review | Receipt):
        parts += [_field(line, reader) for line in reply.fields]
    if isinstance(reply, FormSheet):
        parts += [f"    {say(sheet.label, reader)}: {_held(sheet)}" for sheet in reply.sheets]
    if isinstance(reply, Ask) and len(reply.choices) <= FEW:
        parts += [f"    {number}. {say(choice.label, reader)}" for number, choice in enumerate(reply.choices, 1)]
    parts += [_button(action, reader, buttons) for action in actions_of(reply)]
    return "\n".join(parts)


def _field(line: Line, reader: Reader) -> str:
    return f"    {say(line.label, reader)}: {say(line.value, reader)}"


def _button(action: Action, reader: Reader, buttons: list[str]) -> str:
    buttons.append(action.id)
    return f"  /{len(buttons)} {say(action.label, reader)}"
