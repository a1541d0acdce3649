"""The elements of an Adaptive Card 1.5, as plain dictionaries. Whatever a person typed goes through `written` or `title`.

A `TextRun` is shown as it stands: no Markdown, no links, no mentions. A `TextBlock` or a `FactSet` would read all of these.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from bot.teams import marks
from handlers.conversation.press import unpack
from handlers.conversation.reply import Action, Style
from handlers.conversation.words import Reader, say, text_direction

Element = dict[str, Any]
Tone = Literal["plain", "heading", "strong", "subtle", "wrong"]

CARD_BYTES = 28_000
"""What a card may weigh as UTF-8, so that the service takes it (28 KB)."""

LONGEST_TEXT = 5000
"""Characters shown of one text."""

LINES = 80
"""Lines shown of one text; what comes after goes on in the last."""

LONGEST_TITLE = 120
"""Characters of a choice or a button."""

ROW = 6
"""Buttons in one row; clients hide the rest."""

_TONES: Mapping[Tone, Element] = {
    "plain": {},
    "heading": {"weight": "Bolder", "size": "Medium"},
    "strong": {"weight": "Bolder"},
    "subtle": {"isSubtle": True},
    "wrong": {"color": "Attention", "weight": "Bolder"},
}
_STYLES: Mapping[Style, str] = {"primary": "positive", "danger": "destructive", "plain": "default"}
_FUNCTION = re.compile(r"\{\{(?=\s*(?:DATE|TIME)\s*\()", re.IGNORECASE)
_LINK = re.compile(r"\](?=[\[(:])|<(?=\S)")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def written(text: str, tone: Tone = "plain") -> list[Element]:
    """A text shown letter for letter, a block for each of its lines; nothing for a blank one."""
    lines = [line for line in _CONTROLS.sub(" ", _clipped(text, LONGEST_TEXT)).splitlines() if line.strip()]
    blocks = lines[: LINES - 1] + ([" ".join(lines[LINES - 1 :])] if len(lines) >= LINES else [])
    return [_line(line, tone, is_first=number == 0) for number, line in enumerate(blocks)]


def _line(line: str, tone: Tone, *, is_first: bool) -> Element:
    block: Element = {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": literal(line), **_TONES[tone]}]}
    return block if is_first else block | {"spacing": "Small"}


def literal(text: str) -> str:
    """Cards compute `{{DATE(…)}}` wherever they find it: an invisible joiner keeps it a text."""
    return _FUNCTION.sub("{\u2060{", text)


def title(text: str) -> str:
    """A choice or a button, on one line. Lists of checkboxes read Markdown, so links are broken with an invisible joiner."""
    flat = " ".join(_CONTROLS.sub(" ", text).split())
    return _LINK.sub(lambda found: f"{found[0]}\u2060", literal(_clipped(flat, LONGEST_TITLE)))


def fact(label: str, value: str) -> Element:
    """What it is called, and what it says, side by side."""
    return {
        "type": "ColumnSet",
        "spacing": "Small",
        "columns": [
            {"type": "Column", "width": 1, "items": written(label, "subtle")},
            {"type": "Column", "width": 2, "items": written(value)},
        ],
    }


def button(action: Action, reader: Reader) -> Element:
    return execute(say(action.label, reader), unpack(action.id).verb, marks.of_press(action.id), style=action.style)


def execute(label: str, verb: str, data: marks.Data, *, style: Style = "plain", with_inputs: bool = False) -> Element:
    """A button that is answered in place; clients that cannot do that send the same data as a message."""
    common = {"title": title(label), "style": _STYLES[style], "data": data, "associatedInputs": "auto" if with_inputs else "none"}
    return {"type": "Action.Execute", "verb": verb, **common, "fallback": {"type": "Action.Submit", **common}}


def rows(buttons: Sequence[Element]) -> list[Element]:
    """Buttons in rows the clients show whole."""
    return [{"type": "ActionSet", "actions": list(buttons[at : at + ROW])} for at in range(0, len(buttons), ROW)]


def card(body: Sequence[Element], reader: Reader, *, otherwise: str) -> Element:
    """`otherwise` is shown where cards of this version are not."""
    found: Element = {
        "type": "AdaptiveCard",
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "version": "1.5",
        "lang": reader.language,
        "fallbackText": _clipped(otherwise, 200),
        "body": list(body),
    }
    return found | {"rtl": True} if text_direction(reader.language) == "rtl" else found


def weight(element: object) -> int:
    """Bytes on the wire."""
    return len(json.dumps(element, ensure_ascii=False, separators=(",", ":")).encode())


def _clipped(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
