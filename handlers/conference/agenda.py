"""The agenda with its organization of work, and the documents before a session."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from handlers.conference.standing import session_named
from handlers.conversation.access import Refused
from handlers.conversation.capability import Capability, Offer
from handlers.conversation.context import Context
from handlers.conversation.hearing import Understood
from handlers.conversation.press import press
from handlers.conversation.reply import Action, Item, Listing, Replies
from handlers.conversation.text import Moment, Names, T, Text
from handlers.conversation.turn import Said
from storage.conference import AgendaItem, ConferenceSession, Document, Meeting, next_session

_SYMBOL = re.compile(r"\b[A-Z]{1,6}(?:[./][A-Z0-9.\-]+)+", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![A-Za-z0-9/.])(\d{1,2})(?![0-9/])\s*(?:\(\s*([a-z])\s*\)|([a-z])(?![a-z]))?", re.IGNORECASE)


def item_named(text: str) -> str | None:
    """The agenda item a message names, as printed: `item 1 f`, `1 (f)` → `1 (f)`; a document's symbol is none."""
    found = _NUMBER.search(_SYMBOL.sub(" ", text))
    if not found:
        return None
    letter = (found[2] or found[3] or "").lower()
    return f"{int(found[1])} ({letter})" if letter else str(int(found[1]))


def _coming(context: Context) -> ConferenceSession:
    conference = next_session(context.session, context.now)
    if conference is None:
        raise Refused("no_session")
    return conference


def _titles(session: Session, conference: ConferenceSession) -> dict[str, Names]:
    query = select(AgendaItem).where(AgendaItem.session_id == conference.id).order_by(col(AgendaItem.position))
    return {item.number: Names(dict(item.title)) for item in session.exec(query).all()}


def on_agenda(context: Context, rest: str) -> Replies:
    """The meetings of today, or of the next day that has some; `agenda item 5` asks for its documents."""
    if item_named(rest):
        return documents(context, rest)
    conference = _coming(context)
    titles = _titles(context.session, conference)
    day = _day_of_work(context, conference)
    items = tuple(_meeting_item(meeting, titles, conference) for meeting in day)
    whole = Action(id=press("agenda.items"), label=T("agenda.whole"))
    text = T("agenda.work" if items else "agenda.over", session=session_named(conference))
    return (Listing(text=text, items=items, actions=(whole, _documents_action())),)


def _day_of_work(context: Context, conference: ConferenceSession) -> Sequence[Meeting]:
    query = select(Meeting).where(Meeting.session_id == conference.id, Meeting.ends_at > context.now).order_by(col(Meeting.starts_at))
    ahead = context.session.exec(query).all()
    there = ZoneInfo(conference.zone)
    return [m for m in ahead if m.starts_at.astimezone(there).date() == ahead[0].starts_at.astimezone(there).date()]


def _meeting_item(meeting: Meeting, titles: dict[str, Names], conference: ConferenceSession) -> Item:
    """When it is, and each agenda item it takes up; one without items has a title of its own."""
    details = tuple(_numbered(number, titles) for number in meeting.items if number in titles)
    ends = f"{meeting.ends_at.astimezone(ZoneInfo(conference.zone)):%H:%M}".replace("00:00", "24:00")
    place = Names(dict(conference.place)) if conference.place else conference.zone
    when = T("agenda.meeting", starts=Moment(meeting.starts_at, conference.zone), ends=ends, place=place)
    return Item(text=when, details=details or (T("agenda.titled", title=Names(dict(meeting.title))),))


def _numbered(number: str, titles: dict[str, Names]) -> Text:
    return T("agenda.item", number=number, title=titles[number])


def _documents_action() -> Action:
    return Action(id=press("documents.list"), label=T("documents.see_all"))


def _on_items(context: Context, args: tuple[str, ...]) -> Replies:
    conference = _coming(context)
    titles = _titles(context.session, conference)
    items = tuple(Item(text=_numbered(number, titles)) for number in titles)
    return (Listing(text=T("agenda.of", session=session_named(conference)), items=items, actions=(_documents_action(),)),)


def on_documents(context: Context, understood: Understood) -> Replies:
    """`which documents for item 5?`, `CTOC/COP/2020/7`, or all of them."""
    said = context.turn.what.text if isinstance(context.turn.what, Said) else ""
    return documents(context, said)


def _on_documents_press(context: Context, args: tuple[str, ...]) -> Replies:
    return documents(context, "")


def documents(context: Context, said: str) -> Replies:
    """The documents a message asks for, by symbol or agenda item; Refused for an item the agenda does not have."""
    conference = _coming(context)
    titles = _titles(context.session, conference)
    number = item_named(said)
    if number and number not in titles:
        raise Refused("no_agenda_item", Action(id=press("agenda.items"), label=T("agenda.whole")), number=number)
    everything = context.session.exec(select(Document).where(Document.session_id == conference.id).order_by(col(Document.id))).all()
    found = [d for d in everything if _asked_for(d, said, number)]
    items = tuple(Item(text=T("documents.line", symbol=d.symbol, title=d.title), details=_belongs(d, titles)) for d in found)
    if number:
        key = "documents.of_item" if items else "documents.none_of_item"
        return (Listing(text=T(key, item=_numbered(number, titles)), items=items),)
    return (Listing(text=T("documents.of_session" if items else "documents.none", session=session_named(conference)), items=items),)


def _asked_for(document: Document, said: str, number: str | None) -> bool:
    """An item's documents are its own, its sub-items' and, for a sub-item, those of the whole item."""
    symbols = {symbol.upper().rstrip(".") for symbol in _SYMBOL.findall(said)}
    if symbols:
        return document.symbol.upper() in symbols
    if number is None:
        return True
    return any(item == number or item.startswith(f"{number} (") for item in document.items)


def _belongs(document: Document, titles: dict[str, Names]) -> tuple[Text, ...]:
    known: Iterable[str] = (number for number in document.items if number in titles)
    return tuple(_numbered(number, titles) for number in known)


CAPABILITY = Capability(
    name="agenda",
    intents={"documents": on_documents},
    commands={"agenda": on_agenda},
    presses={"agenda.items": _on_items, "documents.list": _on_documents_press},
    offers=(Offer("documents", press("documents.list"), lambda actor: bool(actor.roles)),),
    interrupts=("documents",),
    in_public=("documents", "agenda", "agenda.items", "documents.list"),
)
