"""Block Kit, within its limits: every text that enters a block is cut to size, never empty, and shown as typed.

People's words go into `plain_text`, where nothing pings, links or formats.  Limits: https://docs.slack.dev/reference/block-kit
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

Block = dict[str, Any]

SECTION, FIELD, BUTTON, OPTION, OPTION_VALUE, TITLE, HEADER, LABEL = 3000, 2000, 75, 75, 75, 24, 150, 2000
FIELDS, OPTIONS, CONTEXT, BUTTONS = 10, 100, 10, 25
ELLIPSIS = "…"
NOTHING = "–"

_ENTITY = re.compile(r"&(?=(?:lt|gt|amp);)")
_MARKS = re.compile(r"[*_~`<>&@#:\\]|//|www\.")


def weight(text: str) -> int:
    """Characters as Slack counts them: UTF-16 units, with `&`, `<` and `>` escaped."""
    units = len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
    return units + 4 * text.count("&") + 3 * (text.count("<") + text.count(">"))


def is_carried(value: str) -> bool:
    """Whether an option can hold this value."""
    return 0 < len(value) <= OPTION_VALUE


def cut(text: str, most: int) -> str:
    """At most `most` characters, the last an ellipsis where something is missing; never empty."""
    text = text if text.strip() else NOTHING
    if len(text) * 5 <= most or weight(text) <= most:
        return text
    room, kept = most - 1, 0
    for at, character in enumerate(text):
        kept += weight(character)
        if kept > room:
            return text[:at].rstrip() + ELLIPSIS
    return text


def literal(text: str) -> str:
    """Text for `plain_text`: Slack decodes `&lt;` there too, so a typed one gets an invisible joiner after its ampersand."""
    return _ENTITY.sub("&\u2060", text)


def escaped(text: str) -> str:
    """Text for a place that Slack parses: as https://docs.slack.dev/messaging/formatting-message-text asks."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def plain(text: str, most: int) -> Block:
    return {"type": "plain_text", "text": cut(literal(text), most), "emoji": False}


def label(text: str) -> Block:
    """A field's name: bold where nothing in it could be taken for a mark."""
    if _MARKS.search(text) or not text.strip():
        return plain(text, FIELD)
    return {"type": "mrkdwn", "text": f"*{cut(text.strip(), FIELD - 2)}*", "verbatim": True}


def section(text: str, accessory: Block | None = None) -> Block:
    block: Block = {"type": "section", "text": plain(text, SECTION)}
    return block | {"accessory": accessory} if accessory else block


def header(text: str) -> Block:
    """A title; one that is too long for a header is an ordinary paragraph."""
    return {"type": "header", "text": plain(text, HEADER)} if weight(text) <= HEADER and "\n" not in text else section(text)


def paragraphs(text: str) -> Iterator[Block]:
    """A text of any length as sections, parted between words."""
    rest = text
    while weight(rest) > SECTION:
        at = _break(rest)
        yield section(rest[:at])
        rest = rest[at:].lstrip()
    yield section(rest)


def _break(text: str) -> int:
    kept = 0
    for at, character in enumerate(text):
        kept += weight(character)
        if kept > SECTION - 10:
            space = max(text.rfind("\n", 0, at), text.rfind(" ", 0, at))
            return space if space > at // 2 else at
    return len(text)


def context(texts: Iterable[str]) -> Iterator[Block]:
    for group in chunks([plain(text, FIELD) for text in texts], CONTEXT):
        yield {"type": "context", "elements": group}


def stacked(lines: Iterable[str]) -> Iterator[Block]:
    """Small print, a line each: the elements of one context block would run into each other."""
    told: list[str] = []
    for line in lines:
        if told and weight("\n".join((*told, line))) > FIELD:
            yield from context(("\n".join(told),))
            told = []
        told.append(line)
    if told:
        yield from context(("\n".join(told),))


def fields(pairs: Iterable[tuple[str, str]]) -> Iterator[Block]:
    """Names and values side by side; a long value has a paragraph of its own."""
    short: list[Block] = []
    for name, value in pairs:
        if weight(value) <= 500:
            short += [label(name), plain(value, FIELD)]
            continue
        yield from _rows(short)
        short = []
        yield {"type": "section", "text": label(name)}
        yield section(value)
    yield from _rows(short)


def _rows(cells: list[Block]) -> Iterator[Block]:
    for group in chunks(cells, FIELDS):
        yield {"type": "section", "fields": group}


def button(text: str, packed: str, style: str = "plain") -> Block:
    """`packed` is what it carries; the message makes the action id unique."""
    block: Block = {"type": "button", "text": plain(text, BUTTON), "action_id": packed, "value": packed}
    return block | {"style": style} if style != "plain" else block


def actions(elements: list[Block]) -> Iterator[Block]:
    for group in chunks(elements, BUTTONS):
        yield {"type": "actions", "elements": group}


def option(text: str, value: str) -> Block:
    return {"text": plain(text, OPTION), "value": value}


def chunks(items: list[Block], size: int) -> Iterator[list[Block]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def texts_in(value: Any) -> Iterator[str]:
    """Every text a block shows, in order."""
    if isinstance(value, list):
        for item in value:
            yield from texts_in(item)
    elif isinstance(value, dict):
        if value.get("type") in ("plain_text", "mrkdwn"):
            yield str(value["text"])
        else:
            for item in value.values():
                yield from texts_in(item)


def numbered(blocks: list[Block]) -> list[Block]:
    """The blocks with every action id made unique in their message: `form.pick:…` → `3/form.pick:…`."""
    count = 0

    def number(value: Any) -> Any:
        nonlocal count
        if isinstance(value, list):
            return [number(item) for item in value]
        if not isinstance(value, dict):
            return value
        if "action_id" in value:
            count += 1
            return value | {"action_id": f"{count}/{value['action_id']}"}
        return {name: number(item) for name, item in value.items()}

    return [number(block) for block in blocks]
