"""What arrives while the page is open: messages that were sent to this person, and a demo's clock, as server-sent events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, or_, select

from bot.house import House
from bot.web.fields import View
from bot.web.history import Entry, told, told_entry
from handlers.conversation.words import Reader
from storage.outbox import Outbox
from storage.people import Person

EVERY = 0.5
"""Seconds between two looks at the database while somebody is connected."""
ALIVE = 15.0
"""Seconds of silence after which a comment keeps the connection open."""

_MOST_WAITING = 200


@dataclass(frozen=True, slots=True)
class Cursor:
    """Up to where this page has heard: every row to this person up to `last`, save those that were still `waiting` then."""

    last: int = 0
    waiting: tuple[int, ...] = ()

    def __str__(self) -> str:
        return ".".join(map(str, (self.last, *self.waiting)))


def cursor_in(text: str) -> Cursor | None:
    """A cursor as `str` wrote it; None when it is none."""
    parts = text.split(".") if len(text) < 4000 else []
    if not parts or not all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts):
        return None
    last, *waiting = map(int, parts)
    return Cursor(last, tuple(waiting[:_MOST_WAITING]))


def standing(session: Session, person_id: int) -> Cursor:
    """Where a page that shows the history now goes on from."""
    mine = (Outbox.person_id == person_id, Outbox.kind != "answer")
    last = session.exec(select(func.max(col(Outbox.id))).where(*mine)).one()
    waiting = select(Outbox.id).where(*mine, col(Outbox.state).in_(("pending", "sending"))).order_by(col(Outbox.id)).limit(_MOST_WAITING)
    return Cursor(last or 0, tuple(row for row in session.exec(waiting) if row))


def arrived(session: Session, person_id: int, cursor: Cursor) -> tuple[Cursor, tuple[Entry, ...]]:
    """The messages sent since `cursor`, in the order they came to be, and the cursor after them.

    Ids and not instants: a row may wait for its hour while later ones are sent, and a demo's clock may be set back.
    """
    unheard = or_(col(Outbox.id) > cursor.last, col(Outbox.id).in_(cursor.waiting))
    query = select(Outbox).where(Outbox.person_id == person_id, Outbox.kind != "answer", unheard)
    rows = session.exec(query.order_by(col(Outbox.id))).all()
    waiting = tuple(row.id for row in rows if row.id and row.state in ("pending", "sending"))
    last = max((row.id for row in rows if row.id), default=0)
    return Cursor(max(cursor.last, last), waiting[-_MOST_WAITING:]), tuple(told_entry(row) for row in rows if row.state == "sent")


@dataclass(frozen=True, slots=True)
class Look:
    """One look at the database: what is new for a person, and what time it is for them."""

    reader: Reader
    cursor: Cursor
    entries: tuple[Entry, ...]
    now: datetime


def look(house: House, person_id: int, cursor: Cursor) -> Look:
    with house.database.reading() as session:
        person = session.get(Person, person_id)
        reader = Reader(person.language, person.zone) if person else Reader("en", "UTC")
        cursor, entries = arrived(session, person_id, cursor)
        return Look(reader, cursor, entries, house.clock.now(session))


def as_event(name: str, data: object, *, cursor: Cursor | None = None) -> bytes:
    """One server-sent event; its data is JSON, so it is always one line."""
    head = f"id: {cursor}\n" if cursor is not None else ""
    return f"{head}event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


def told_events(seen: Look) -> bytes:
    events = []
    for entry in seen.entries:
        html = told(entry, View(seen.reader, key=entry.key))
        events.append(as_event("told", {"key": entry.key, "html": html}, cursor=seen.cursor))
    return b"".join(events)


Left = Callable[[float], Awaitable[bool]]
"""Waits so many seconds, and says whether nobody listens any more."""


async def events(house: House, person_id: int, cursor: Cursor, left: Left) -> AsyncIterator[bytes]:
    """Everything for one open page until it is left; an empty comment now and then keeps the connection open."""
    loop = asyncio.get_running_loop()
    minute = ""
    silent = 0.0
    yield b"retry: 1000\n\n"
    while True:
        seen = await loop.run_in_executor(house.threads, look, house, person_id, cursor)
        new, cursor = told_events(seen), seen.cursor
        if house.is_demo and f"{seen.now:%F %R}" != minute:
            minute = f"{seen.now:%F %R}"
            new += as_event("clock", {"now": seen.now.isoformat(), "text": View(seen.reader).say(seen.now)})
        silent = 0.0 if new else silent + EVERY
        if silent >= ALIVE:
            new, silent = b": alive\n\n", 0.0
        if new:
            yield new
        if await left(EVERY):
            return
