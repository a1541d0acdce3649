"""A platform with behaviour, and a house that has things to tell: what the tests of delivery are written with."""

from __future__ import annotations

import asyncio
import itertools
import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, select

from handlers.conversation.codec import encode
from handlers.conversation.reply import Say
from handlers.conversation.text import T
from handlers.conversation.words import say
from scheduler.clock import BusinessClock
from scheduler.delivery import Delivery, Pace
from scheduler.door import Message
from storage import buckets, turns
from storage.conversation import Channel
from storage.database import Database
from storage.outbox import Outbox
from storage.people import Appointment, Identity, Person

NOON = datetime(2026, 9, 14, 12, 0, tzinfo=UTC)
CLOCK = BusinessClock(lambda: NOON)

Behaviour = Callable[[], Exception | None]


class Platform:
    """Takes messages and counts them by key. `trouble` holds for each place what it does instead, attempt by attempt.

    `forgets` takes the message and loses the answer; `silent` places take it and never answer.
    """

    def __init__(self, name: str = "post", *, per_second: float = math.inf) -> None:
        self.name = name
        self.per_second = per_second
        self.taken: list[tuple[str, str, str]] = []
        self.messages: list[Message] = []
        self.asked: list[str] = []
        self.tried: Counter[str] = Counter()
        self.trouble: dict[str, Iterator[Exception]] = {}
        self.forgets: dict[str, Exception] = {}
        self.silent: set[str] = set()
        self.speaks = asyncio.Event()
        self._numbers = itertools.count(1)

    async def send(self, address: Mapping[str, Any], message: Message, *, key: str) -> str:
        place = address["place"]
        self.tried[key] += 1
        await asyncio.sleep(0)
        if place in self.silent:
            await self.speaks.wait()
        if (problem := next(self.trouble.get(place, iter(())), None)) is not None:
            raise problem
        self.taken.append((place, key, " / ".join(_text(reply, message) for reply in message.replies)))
        self.messages.append(message)
        if (problem := self.forgets.pop(place, None)) is not None:
            raise problem
        return f"{self.name}-{next(self._numbers)}"

    async def find_sent(self, address: Mapping[str, Any], key: str) -> str | None:
        self.asked.append(key)
        return next((f"found-{n}" for n, (_, taken, _) in enumerate(self.taken) if taken == key), None)

    async def close(self) -> None:
        pass

    @property
    def keys(self) -> list[str]:
        return [key for _, key, _ in self.taken]

    @property
    def counts(self) -> Counter[str]:
        return Counter(self.keys)

    @property
    def texts(self) -> list[str]:
        return [text for _, _, text in self.taken]


def _text(reply: Any, message: Message) -> str:
    return str(say(reply.text.params["name"], message.reader))


@contextmanager
def new_database(url: str) -> Iterator[Database]:
    database = Database(url)
    try:
        yield database
    finally:
        database.close()


class Post:
    """A house with things to tell, and the moves a test makes."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def person(self, name: str, *, door: str | None = "post", language: str = "en", role: str | None = None) -> int:
        """A person; with a `door` their account there has the address `{"place": name}`."""
        with self.database.transaction() as session:
            person = Person(name=name, language=language, created_at=NOON)
            session.add(person)
            session.flush()
            assert person.id
            if door:
                session.add(Identity(person_id=person.id, door=door, key=name, address={"place": name}, last_seen_at=NOON))
            if role:
                session.add(Appointment(person_id=person.id, role=role, created_at=NOON))
            return person.id

    def channel(self, name: str, *, language: str = "fr", audience: str = "donors") -> int:
        with self.database.transaction() as session:
            channel = Channel(
                door="post", key=name, name=name, address={"place": name}, language=language, audience=audience, created_at=NOON
            )
            session.add(channel)
            session.flush()
            assert channel.id
            return channel.id

    def tell(
        self, key: str, *, person: int | None = None, channel: int | None = None, kind: str = "alert", late: float = 0.0,
        answer_at: str | None = None, body: list[Any] | None = None,
    ) -> bool:  # fmt: skip
        """Something due `late` seconds before noon; its text is its key. `answer_at` fixes the place."""
        with self.database.transaction() as session:
            return turns.tell(
                session.connection(), key=key, kind="answer" if answer_at else kind, person_id=person, channel_id=channel,
                door="post" if answer_at else None, address={"place": answer_at} if answer_at else None,
                body=encode((Say(text=T("delivery.unreachable", name=key, reason="")),)) if body is None else body,
                due_at=NOON - timedelta(seconds=late), created_at=NOON,
            )  # fmt: skip

    def row(self, key: str) -> Outbox:
        with self.database.reading() as session:
            row = session.exec(select(Outbox).where(Outbox.key == key)).one()
            session.expunge_all()
            return row

    def rows(self) -> list[Outbox]:
        with self.database.reading() as session:
            rows = list(session.exec(select(Outbox).order_by(sa.column("id"))))
            session.expunge_all()
            return rows

    def states(self) -> dict[str, str]:
        return {row.key: row.state for row in self.rows()}

    def pass_time(self, seconds: float) -> None:
        """Let machine time pass: every lease, wait and pause was noted so much earlier."""
        with self.database.transaction() as session:
            _earlier(session, Outbox, ("retry_at", "lease_until"), seconds)
            _earlier(session, buckets.RateBucket, ("refilled_at", "paused_until"), seconds)


def _earlier(session: Session, table: type[SQLModel], columns: tuple[str, ...], seconds: float) -> None:
    for row in session.exec(select(table)):
        for column in columns:
            if (moment := getattr(row, column)) is not None:
                setattr(row, column, moment - timedelta(seconds=seconds))
        session.add(row)
    session.flush()


@contextmanager
def deliveries(post: Post, *doors: Platform, owner: str = "one", pace: Pace | None = None) -> Iterator[Delivery]:
    """A delivery without chance: every wait is the longest it may be, and a round ends when all its sends have."""
    delivery = Delivery(post.database, doors, CLOCK, owner, pace=pace or Pace(patience=30.0), chance=lambda: 1.0)
    try:
        yield delivery
    finally:
        delivery.abandon()


async def until_quiet(delivery: Delivery) -> int:
    """Rounds until nothing more is claimed; how many rows were sent."""
    sent = 0
    while (outcome := await delivery.run_once()).claimed:
        sent += outcome.sent
    return sent + outcome.sent
