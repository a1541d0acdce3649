"""Replies as what the service takes: plain text, or Adaptive Cards of at most 28 KB each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, assert_never

from bot.teams import inputs
from bot.teams.cards import CARD_BYTES, Element, button, card, fact, rows, weight, written
from handlers.conversation.press import press
from handlers.conversation.reply import Action, Ask, FormSheet, Item, Line, Listing, Receipt, Refusal, Replies, Reply, Review, Say
from handlers.conversation.text import T, Text
from handlers.conversation.words import Reader, say

CARD = "application/vnd.microsoft.card.adaptive"

Activity = dict[str, Any]

_MARGIN = 1200
"""Bytes kept free for a card's frame and the line that says how much was left out."""

_TEXT_CHARACTERS = 6000
"""Characters of one text message: at most 24 KB, far below what the service takes."""


@dataclass(frozen=True, slots=True)
class Part:
    """Elements that stay together on one card. What is `spare` (an entry of a list) may be left out where there is but one card."""

    elements: tuple[Element, ...]
    spare: bool = False


def messages(replies: Replies, reader: Reader) -> tuple[Activity, ...]:
    """Activities still without an address: one text if nothing can be pressed, else cards, each in a message of its own."""
    if not replies:
        return ()
    if all(isinstance(reply, Say | Refusal) and not reply.actions for reply in replies):
        return tuple(_texts([say(reply.text, reader) for reply in replies], reader))
    return tuple(_message(body, replies, reader) for body in _packed(_parts(replies, reader)))


def invoke_answer(replies: Replies, reader: Reader) -> Activity:
    """The body that answers a button: one card, which takes the place of the one that was pressed."""
    if not replies:
        return {"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": ""}
    body = _one_card(_parts(replies, reader), reader)
    return {"statusCode": 200, "type": CARD, "value": card(body, reader, otherwise=say(replies[0].text, reader))}


def taken_up(reader: Reader) -> Activity:
    """The body that answers a message action: where to go on, in a dialog of the client's own."""
    return {"task": {"type": "message", "value": say(T("door.card.taken_up"), reader)}}


def _texts(texts: Sequence[str], reader: Reader) -> list[Activity]:
    """Plain text is shown as typed: no Markdown, no mention without an entity."""
    whole = "\n\n".join(texts)
    pieces = [whole[at : at + _TEXT_CHARACTERS] for at in range(0, len(whole), _TEXT_CHARACTERS)]
    return [{"type": "message", "text": piece, "textFormat": "plain", "locale": reader.language} for piece in pieces]


def _message(body: Sequence[Element], replies: Replies, reader: Reader) -> Activity:
    """`summary` is what the notification says."""
    said = say(replies[0].text, reader)
    content = card(body, reader, otherwise=said)
    return {
        "type": "message", "summary": said[:200], "locale": reader.language,
        "attachments": [{"contentType": CARD, "content": content}],
    }  # fmt: skip


def _parts(replies: Replies, reader: Reader) -> list[Part]:
    return [part for reply in replies for part in _shown(reply, reader)]


def _shown(reply: Reply, reader: Reader) -> list[Part]:
    match reply:
        case Say():
            return [_part(written(say(reply.text, reader)), reply.actions, reader)]
        case Ask():
            return _ask(reply, reader)
        case Review():
            notes = [element for note in reply.notes for element in written(say(note, reader), "strong")]
            heading = _together(written(say(reply.text, reader), "heading"))
            return [heading, *_facts(reply.fields, reader), *_some(notes), *_some(_buttons(reply.actions, reader))]
        case Receipt():
            heading = _together([*written(say(reply.text, reader), "heading"), *_reference(reply, reader)])
            return [heading, *_facts(reply.fields, reader), *_some(_buttons(reply.actions, reader))]
        case Listing():
            heading = _together(written(say(reply.text, reader), "heading"))
            return [heading, *(_item(item, reader) for item in reply.items), *_some(_buttons(reply.actions, reader))]
        case FormSheet():
            return _sheet(reply, reader)
        case Refusal():
            return [_part(written(say(reply.text, reader), "wrong"), reply.actions, reader)]
        case _:
            assert_never(reply)


def _reference(receipt: Receipt, reader: Reader) -> list[Element]:
    """The reference, where the sentence does not name it."""
    return written(receipt.ref, "strong") if receipt.ref and receipt.ref not in say(receipt.text, reader) else []


def _ask(ask: Ask, reader: Reader) -> list[Part]:
    """What went before, what was wrong, the question, how to answer it, and the ways out."""
    before = [element for text in ask.lead for element in written(say(text, reader))]
    wrong = written(say(ask.problem, reader), "wrong") if ask.problem else []
    question = [*before, *wrong, *written(say(ask.text, reader), "strong")]
    buttons = _buttons(ask.actions, reader)
    room = CARD_BYTES - _MARGIN - weight(question) - weight(buttons)
    return [_together([*question, *inputs.answers(ask, reader, room=room), *buttons])]


def _sheet(reply: FormSheet, reader: Reader) -> list[Part]:
    """The whole form on one card; one that no card holds is gone through question by question."""
    heading = written(say(reply.text, reader), "heading")
    fields = inputs.sheet(reply, reader, room=CARD_BYTES - _MARGIN - weight(heading))
    if fields is None:
        one_by_one = Action(id=press("form.review", reply.draft), label=T("door.card.one_by_one"), style="primary")
        return [_part([*heading, *written(say(T("door.card.too_long"), reader))], (one_by_one, *reply.actions), reader)]
    return [_together([*heading, *fields])]


def _item(item: Item, reader: Reader) -> Part:
    details = [element for detail in item.details for element in written(say(detail, reader), "subtle")]
    shown = [*written(say(item.text, reader), "strong"), *details, *_buttons(item.actions, reader)]
    return Part(({"type": "Container", "separator": True, "items": shown},), spare=True)


def _facts(lines: Sequence[Line], reader: Reader) -> list[Part]:
    return [Part((fact(say(line.label, reader), say(line.value, reader)),), spare=True) for line in lines]


def _buttons(actions: Sequence[Action], reader: Reader) -> list[Element]:
    return rows([button(action, reader) for action in actions])


def _part(shown: list[Element], actions: Sequence[Action], reader: Reader) -> Part:
    return _together([*shown, *_buttons(actions, reader)])


def _together(shown: Sequence[Element]) -> Part:
    return Part(tuple(shown))


def _some(shown: Sequence[Element]) -> list[Part]:
    return [_together(shown)] if shown else []


def _packed(parts: Sequence[Part]) -> list[list[Element]]:
    """As few cards as hold them, in order. A part too long for one card goes element by element."""
    bodies: list[list[Element]] = [[]]
    spent = 0
    for piece in (piece for part in parts for piece in _pieces(part)):
        heavy = sum(weight(element) + 1 for element in piece)
        if bodies[-1] and spent + heavy > CARD_BYTES - _MARGIN:
            bodies.append([])
            spent = 0
        bodies[-1].extend(piece)
        spent += heavy
    return bodies


def _pieces(part: Part) -> list[tuple[Element, ...]]:
    if sum(map(weight, part.elements)) <= CARD_BYTES - _MARGIN:
        return [part.elements]
    loose = (inner for element in part.elements for inner in (element["items"] if element["type"] == "Container" else [element]))
    return [(element,) for element in loose]


def _one_card(parts: Sequence[Part], reader: Reader) -> list[Element]:
    """One card; entries that do not fit are left out from the end, and it says how many."""
    kept, left = list(parts), 0
    while sum(weight(part.elements) for part in kept) > CARD_BYTES - _MARGIN and any(part.spare for part in kept):
        last = max(at for at, part in enumerate(kept) if part.spare)
        kept.pop(last)
        left += 1
        last_left = last
    if left:
        kept.insert(last_left, _together(written(say(_left_out(left), reader), "subtle")))
    return _packed(kept)[0]


def _left_out(n: int) -> Text:
    return T("door.card.left_out", n=n)
