"""Replies as Slack messages: Block Kit and the plain text beside it, in the reader's language, parted where a message would be too long."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import assert_never
from urllib.parse import quote

from bot.slack import blocks as kit
from bot.slack.blocks import Block
from bot.slack.modal import placeholder
from bot.slack.read import CHOOSE, DONE
from handlers.conversation.press import MOST, press
from handlers.conversation.reply import Action, Ask, Choice, FormSheet, Item, Line, Listing, Receipt, Refusal, Replies, Reply, Review, Say
from handlers.conversation.text import T, Text
from handlers.conversation.words import Reader, say

BLOCKS = 50
HOME_BLOCKS = 100
CHARACTERS = 12_000
"""Block text of one message; Slack refuses more than about 13,200."""

FALLBACK = 3000
BUTTON_CHOICES = 5
_STATIC_CHARACTERS = 6000


@dataclass(frozen=True, slots=True)
class Post:
    """One message: `text` is what a notification and a screen reader say, escaped."""

    text: str
    blocks: tuple[Block, ...]


def posts(replies: Replies, reader: Reader) -> tuple[Post, ...]:
    """The messages that say the replies, in order."""
    groups = [group for reply in replies for group in groups_of(reply, reader)]
    return tuple(_post(parted) for parted in _parted(groups))


def home_blocks(replies: Replies, reader: Reader) -> list[Block]:
    """The replies as one Home view."""
    groups = (group for reply in replies for group in groups_of(reply, reader))
    return kit.numbered([block for group in groups for block in group][:HOME_BLOCKS])


def _parted(groups: Iterable[list[Block]]) -> Iterator[list[Block]]:
    """Groups of blocks together as long as they fit one message; a group is parted only where it alone does not fit."""
    held: list[Block] = []
    for group in groups:
        for piece in [group] if _fits(group) else [[block] for block in group]:
            if held and not _fits(held + piece):
                yield held
                held = []
            held = held + piece
    if held:
        yield held


def _fits(blocks: list[Block]) -> bool:
    return len(blocks) <= BLOCKS and sum(kit.weight(text) for text in kit.texts_in(blocks)) <= CHARACTERS


def _post(blocks: list[Block]) -> Post:
    said = (text for block in blocks if block["type"] in ("section", "header", "context") for text in _spoken(block))
    return Post(kit.cut(kit.escaped("\n".join(said))[: FALLBACK * 2], FALLBACK), tuple(kit.numbered(blocks)))


def _spoken(block: Block) -> Iterator[str]:
    shown = [block.get("text"), *block.get("fields", ()), *block.get("elements", ())]
    return (part["text"].strip("*") if part["type"] == "mrkdwn" else part["text"] for part in shown if part)


def groups_of(reply: Reply, reader: Reader) -> Iterator[list[Block]]:
    """One reply as groups of blocks that belong together."""
    match reply:
        case Say() | Refusal():
            yield [*kit.paragraphs(say(reply.text, reader)), *_buttons(reply.actions, reader)]
        case Ask():
            yield [*_question(reply, reader), *_ways_to_answer(reply, reader)]
        case Review():
            yield [
                kit.header(say(reply.text, reader)),
                *_lines(reply.fields, reader),
                *_notes(reply.notes, reader),
                *_buttons(reply.actions, reader),
            ]
        case Receipt():
            text = (*kit.paragraphs(say(reply.text, reader)), *_reference(reply, reader))
            yield [*text, *_lines(reply.fields, reader), *_buttons(reply.actions, reader)]
        case Listing():
            yield from _listing(reply, reader)
        case FormSheet():
            opener = Action(id=press("form.sheet", reply.draft), label=T("action.whole_form"), style="primary")
            yield [kit.section(say(reply.text, reader)), *_buttons((opener, *reply.actions), reader)]
        case _:
            assert_never(reply)


def _reference(receipt: Receipt, reader: Reader) -> Iterator[Block]:
    """The reference, where the sentence does not name it."""
    if receipt.ref and receipt.ref not in say(receipt.text, reader):
        yield from kit.context((receipt.ref,))


def _listing(reply: Listing, reader: Reader) -> Iterator[list[Block]]:
    yield list(kit.paragraphs(say(reply.text, reader)))
    for item in reply.items:
        yield _item(item, reader)
    if reply.actions:
        yield list(_buttons(reply.actions, reader))


def _item(item: Item, reader: Reader) -> list[Block]:
    """A heading with the facts under it; a single action stands beside it."""
    said = say(item.text, reader)
    details = list(kit.stacked(say(detail, reader) for detail in item.details))
    if len(item.actions) == 1 and kit.weight(said) <= kit.SECTION:
        return [kit.section(said, _button(item.actions[0], reader)), *details]
    return [*kit.paragraphs(said), *details, *_buttons(item.actions, reader)]


def _lines(lines: tuple[Line, ...], reader: Reader) -> Iterator[Block]:
    return kit.fields((say(line.label, reader), say(line.value, reader)) for line in lines)


def _notes(notes: tuple[Text, ...], reader: Reader) -> Iterator[Block]:
    for note in notes:
        yield from kit.paragraphs(say(note, reader))


def _buttons(actions: tuple[Action, ...], reader: Reader) -> Iterator[Block]:
    return kit.actions([_button(action, reader) for action in actions])


def _button(action: Action, reader: Reader) -> Block:
    return kit.button(say(action.label, reader), action.id, action.style)


def _question(ask: Ask, reader: Reader) -> Iterator[Block]:
    yield from _notes(ask.lead, reader)
    if ask.problem:
        yield from kit.paragraphs(f"⚠ {say(ask.problem, reader)}")
    yield from kit.paragraphs(say(ask.text, reader))


def _ways_to_answer(ask: Ask, reader: Reader) -> Iterator[Block]:
    """What can be pressed instead of typing: buttons, a menu, a calendar; then back, skip, the whole form, cancel."""
    yield from _answers(ask, reader)
    yield from _buttons(ask.actions, reader)


def _answers(ask: Ask, reader: Reader) -> Iterator[Block]:
    if ask.kind == "yes_no":
        ways = tuple(Choice(value=value, label=T(f"word.{value}")) for value in ("yes", "no"))
        yield from kit.actions(_choice_buttons(ask, ways, reader))
    elif ask.kind == "date":
        yield from kit.actions([{"type": "datepicker", "action_id": press("form.pick", ask.draft, ask.field)}])
    elif ask.kind == "choices" and ask.choices:
        yield from _several(ask, reader)
    elif ask.kind == "choice" and ask.choices:
        yield from _one(ask, reader)


def _one(ask: Ask, reader: Reader) -> Iterator[Block]:
    choices = _pressable(ask)
    if ask.found_by_typing or len(choices) > BUTTON_CHOICES:
        yield from kit.actions([_menu(ask, choices, press("form.pick", ask.draft, ask.field), reader)])
    else:
        yield from kit.actions(_choice_buttons(ask, choices, reader))


def _several(ask: Ask, reader: Reader) -> Iterator[Block]:
    """A menu that holds several answers, and the button that hands them in."""
    choices = _pressable(ask)
    if not choices:
        return
    menu = _menu(ask, choices, press(CHOOSE, ask.draft, ask.field), reader, prefix="multi_")
    yield kit.section(say(T("door.chat.several"), reader), menu)
    yield from kit.actions([kit.button(say(T("door.chat.done"), reader), press(DONE, ask.draft, ask.field), "primary")])


def _pressable(ask: Ask) -> tuple[Choice, ...]:
    """The choices whose value a button or menu can carry; any other is typed."""
    room = MOST - len(press("form.pick", ask.draft, ask.field)) - 1
    return tuple(c for c in ask.choices if kit.is_carried(c.value) and len(quote(c.value, safe="-_.*")) <= room)


def _choice_buttons(ask: Ask, choices: tuple[Choice, ...], reader: Reader) -> list[Block]:
    return [kit.button(say(c.label, reader), press("form.pick", ask.draft, ask.field, c.value)) for c in choices]


def _menu(ask: Ask, choices: tuple[Choice, ...], packed: str, reader: Reader, *, prefix: str = "") -> Block:
    options = [kit.option(say(choice.label, reader), choice.value) for choice in choices]
    heavy = sum(kit.weight(text) for text in kit.texts_in(options)) > _STATIC_CHARACTERS
    by_typing = ask.found_by_typing or len(options) > kit.OPTIONS or heavy
    element: Block = {"type": f"{prefix}{'external' if by_typing else 'static'}_select", "action_id": packed}
    element |= {"placeholder": placeholder(reader, by_typing=by_typing)}
    return element | ({"min_query_length": 0} if by_typing else {"options": options})
