"""What becomes of a message once something in it was pressed: its controls give way to a line that says what was chosen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bot.slack.blocks import Block, context
from bot.slack.envelope import Body, value_at
from bot.slack.read import CHOOSE, DONE, packed_of
from handlers.conversation.press import unpack
from handlers.conversation.text import T
from handlers.conversation.words import Reader, say

_STAYS = ("form.sheet", "form.new", CHOOSE)


def settled(blocks: Iterable[Block], body: Body, reader: Reader) -> list[Block] | None:
    """The message after the press; None where it stays as it is.

    A press of a form takes away all controls of that form; any other takes away its own row if it was decisive, that is primary
    or dangerous: what only leads further may be pressed again.
    """
    action = body["actions"][0]
    pressed = str(action.get("value") or packed_of(str(action.get("action_id", ""))))
    verb, *args = unpack(pressed).verb, *unpack(pressed).args
    line = list(context((say(T("door.chat.chosen", what=chosen(body)), reader),)))
    if verb in _STAYS:
        return None
    if verb.startswith(("form.", "door.")) and args:
        return [block for block in blocks if not _is_control(block, str(args[0]))] + line
    if action.get("style") in ("primary", "danger"):
        return [part for block in blocks for part in (line if block.get("block_id") == action.get("block_id") else [block])]
    return None


def chosen(body: Body) -> str:
    """What the pressed thing says, or what was chosen before “Done” was pressed."""
    action = body["actions"][0]
    if unpack(str(action.get("value") or "")).verb == DONE and (several := _several(body)):
        return ", ".join(several)
    shown = value_at(action, "text", "text") or value_at(action, "selected_option", "text", "text") or action.get("selected_date")
    return str(shown or "")


def _several(body: Body) -> list[str]:
    elements = (element for block in (value_at(body, "state", "values") or {}).values() for element in block.values())
    options = (option for element in elements for option in element.get("selected_options") or ())
    return [str(value_at(option, "text", "text") or option.get("value")) for option in options]


def _is_control(block: Mapping[str, Any], draft: str) -> bool:
    elements = [*(block.get("elements") or ()), block.get("accessory")]
    packed = (packed_of(str(element["action_id"])) for element in elements if isinstance(element, Mapping) and "action_id" in element)
    return any(unpack(each).args[:1] == (draft,) and unpack(each).verb.startswith(("form.", "door.")) for each in packed)
