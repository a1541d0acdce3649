"""The conversation so far: what this person said here with its answers, and what reached them, in the order of time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from bot.web.fields import View
from bot.web.html import Html, element, joined, spoken, standing_alone
from bot.web.read import key_of
from bot.web.render import rendered
from handlers.conversation.codec import decode
from handlers.conversation.press import unpack
from handlers.conversation.reply import Ask, Listing, Replies
from handlers.conversation.text import Moment, Series, T, Value
from handlers.conversation.words import Reader
from storage.conversation import Inbox
from storage.outbox import Outbox
from storage.people import DESK

LAST = 50
"""Entries a reload shows."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One turn (`said` is set), or one message that came by itself; `key` names it on the page."""

    at: datetime
    key: str
    replies: Replies
    said: Mapping[str, Any] | None = None


@dataclass(slots=True)
class Shown:
    """What the person could have meant so far: every button by its id, every question by draft and field."""

    labels: dict[str, Value] = field(default_factory=dict)
    asks: dict[tuple[str, str], Ask] = field(default_factory=dict)
    last_ask: Ask | None = None


def history(session: Session, person_id: int) -> tuple[Entry, ...]:
    """The last `LAST` entries, oldest first."""
    heard = select(Inbox).where(Inbox.place == f"{DESK}:{key_of(person_id)}").order_by(col(Inbox.received_at).desc()).limit(LAST)
    entries = [Entry(row.received_at, _event_key(row.event), decode(row.replies), row.said) for row in session.exec(heard)]
    told = select(Outbox).where(Outbox.person_id == person_id, Outbox.state == "sent", Outbox.kind != "answer")
    entries += [told_entry(row) for row in session.exec(told.order_by(col(Outbox.id).desc()).limit(LAST))]
    entries.sort(key=lambda entry: (entry.at, entry.said is None))
    return tuple(entries[-LAST:])


def _event_key(event: str) -> str:
    return f"t-{event.rsplit(':', 1)[-1]}"


def told_entry(row: Outbox) -> Entry:
    """A message as it stands in the order of business time: when it was due, or came to be."""
    return Entry(max(row.due_at, row.created_at), f"o-{row.id}", decode(row.body))


def conversation(entries: tuple[Entry, ...], reader: Reader) -> Html:
    """Entries as markup; questions before the last turn are over, and buttons that were used afterwards are marked."""
    last = max((number for number, entry in enumerate(entries) if entry.said), default=-1)
    shown = Shown()
    parts = []
    for number, (entry, pressed) in enumerate(zip(entries, _pressed_after(entries), strict=True)):
        view = View(reader, key=entry.key, pressed=pressed, closed=number < last and entry.said is not None)
        parts.append(_turn(entry, view, shown) if entry.said else told(entry, view))
        _remember(shown, entry.replies)
    return joined(parts)


def _pressed_after(entries: tuple[Entry, ...]) -> list[frozenset[str]]:
    """For each entry the buttons that were used after it."""
    pressed: frozenset[str] = frozenset()
    after = []
    for entry in reversed(entries):
        after.append(pressed)
        if entry.said and entry.said.get("kind") == "Pressed":
            pressed |= {str(entry.said["id"])}
    return after[::-1]


def _turn(entry: Entry, view: View, shown: Shown) -> Html:
    return joined((mine(entry.said or {}, view, shown), answer(entry.replies, view)))


def answer(replies: Replies, view: View) -> Html:
    """The house's side of one turn."""
    return element("article", rendered(replies, view), class_="turn house", data_key=view.key)


def told(entry: Entry, view: View) -> Html:
    """A message that came by itself, with when."""
    when = spoken(T("door.page.received", when=Moment(entry.at, view.reader.zone)), view.reader)
    body = rendered(entry.replies, replace(view, closed=False))
    return element("article", element("p", when, class_="small when-told"), body, class_="turn house told", data_key=entry.key)


def mine(said: Mapping[str, Any], view: View, shown: Shown) -> Html | None:
    """The person's own side: what they typed, or what the button they pressed said."""
    value = _meant(said, shown)
    return standing_alone("p", value, view.reader, class_="turn mine") if value is not None else None


def _meant(said: Mapping[str, Any], shown: Shown) -> Value | None:
    match said.get("kind"):
        case "Said":
            return _as_choices(str(said["text"]), shown.last_ask) or str(said["text"])
        case "Pressed":
            return _pressed(str(said["id"]), shown)
        case "Sent":
            return "\n".join((*(f"📎 {file['name']}" for file in said["files"]), *filter(None, (str(said.get("text") or ""),))))
        case "Answered":
            return T("door.page.filled_in")
        case _:
            return None


def _pressed(packed: str, shown: Shown) -> Value | None:
    if packed in shown.labels:
        return shown.labels[packed]
    pressed = unpack(packed)
    match pressed.verb, pressed.args:
        case "form.pick", (draft, name, value):
            ask = shown.asks.get((draft, name))
            return _as_choices(value, ask) or _as_day(value) or value
        case "form.edit", _:
            return T("action.change")
        case _:
            return None


def _as_choices(value: str, ask: Ask | None) -> Value | None:
    """Values of a question's list, as the labels its reader saw."""
    if ask is None:
        return None
    if ask.kind == "yes_no" and value in ("yes", "no"):
        return T(f"word.{value}")
    labels = {choice.value: choice.label for choice in ask.choices}
    parts = [part.strip() for part in value.split(";")]
    if not all(part in labels for part in parts):
        return None
    return labels[parts[0]] if len(parts) == 1 else Series(tuple(labels[part] for part in parts), "unit")


def _as_day(value: str) -> Value | None:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _remember(shown: Shown, replies: Replies) -> None:
    for reply in replies:
        shown.labels.update({action.id: action.label for action in reply.actions})
        if isinstance(reply, Listing):
            shown.labels.update({action.id: action.label for item in reply.items for action in item.actions})
        if isinstance(reply, Ask):
            shown.asks[reply.draft, reply.field] = reply
    asks: Iterable[Ask] = (reply for reply in replies if isinstance(reply, Ask))
    shown.last_ask = next(iter(asks), shown.last_ask)
