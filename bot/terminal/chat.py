"""`liaison chat`: the conversation on a terminal, or one JSON object a line for programs (DESIGN 8)."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TextIO

import sqlalchemy as sa
from sqlmodel import col, select

from bot.files import file_of
from bot.house import House
from bot.post import deliver_all
from bot.terminal.read import Attached, Heard, NotUnderstood, Order, read_line, turn
from bot.terminal.render import as_json, as_text, on_screen
from handlers.conversation.codec import decode
from handlers.conversation.reply import Ask, FormSheet, Replies, Review
from handlers.conversation.turn import Sent
from handlers.conversation.words import Reader
from scheduler.clock import OutOfTime
from storage import turns
from storage.outbox import Outbox
from storage.people import DESK, person_named


class NobodyThere(Exception):
    """No person of that name."""


@dataclass(slots=True)
class Chat:
    """One conversation at a terminal; `person_id` speaks, and may change with `/as`."""

    house: House
    out: TextIO
    json: bool
    person_id: int
    buttons: tuple[str, ...] = ()
    draft: str | None = None
    orders: dict[str, Callable[[str], None]] = field(init=False)

    def __post_init__(self) -> None:
        self.orders = {"as": self._as, "inbox": self._inbox, "tick": self._tick, "now": self._now}

    def run(self, lines: Iterable[str]) -> None:
        """Every line until `/quit` or the end."""
        for line in lines:
            if not line.strip():
                if self.json:  # one line in is always answered by its last line: a program waits for it
                    self._done()
                continue
            try:
                heard = read_line(line, self.buttons, self.draft)
                if isinstance(heard, Order) and heard.name == "quit":
                    return
                self._do(heard)
            except (NotUnderstood, NobodyThere) as problem:
                self._plain(str(problem))
            self._done()

    def _do(self, heard: Order | Heard | Attached) -> None:
        if isinstance(heard, Attached):
            heard = Heard(Sent((file_of(self.house.settings.files_dir, heard.path),), heard.text), heard.event)
        if isinstance(heard, Order):
            self.orders[heard.name](heard.rest)
            return
        spoken = turn(heard, person_id=self.person_id, event=uuid.uuid4().hex)
        answer = self.house.dispatcher.dispatch(spoken)
        self._show(answer.replies, answer.reader)

    def _show(self, replies: Replies, reader: Reader) -> None:
        for reply in replies:
            if isinstance(reply, Ask | Review | FormSheet):
                self.draft = reply.draft
        if self.json:
            for reply in replies:
                self._line(as_json(reply, reader))
            return
        text, self.buttons = as_text(replies, reader)
        self.out.write(f"{on_screen(text)}\n\n")

    def _line(self, value: dict[str, object]) -> None:
        self.out.write(json.dumps(value, ensure_ascii=False) + "\n")

    def _plain(self, text: str) -> None:
        if self.json:
            self._line({"kind": "refused", "code": "line", "text": text})
        else:
            self.out.write(f"{text}\n\n")

    def _done(self) -> None:
        if self.json:
            self._line({"kind": "done"})
        self.out.flush()

    def _as(self, handle: str) -> None:
        with self.house.database.reading() as session:
            person = person_named(session, handle)
        if person is None or person.id is None:
            raise NobodyThere(f"nobody here is called {handle!r}")
        self.person_id, self.draft, self.buttons = person.id, None, ()

    def _tick(self, rest: str) -> None:
        asyncio.run(deliver_all(self.house))

    def _now(self, iso: str) -> None:
        try:
            instant = datetime.fromisoformat(iso)
        except ValueError as problem:
            raise NotUnderstood(f"{iso!r} is no moment such as 2020-10-09T12:00+02:00") from problem
        if instant.tzinfo is None:
            raise NotUnderstood("a moment names its offset, as 2020-10-09T12:00+02:00 does")
        if not self.house.is_demo:
            raise NotUnderstood("only a demo's clock can be moved")
        try:
            with self.house.database.transaction() as session:
                self.house.clock.move_to(session, instant)
        except OutOfTime as problem:
            raise NotUnderstood(str(problem)) from problem

    def _inbox(self, rest: str) -> None:
        """Deliver what is due, then show what this person received since the last look."""
        asyncio.run(deliver_all(self.house))
        with self.house.database.transaction() as session:
            speaker = turns.speaker(session.connection(), DESK, f"person:{self.person_id}")
            if speaker is None:
                raise NobodyThere("this person has no desk")
            reader = Reader(speaker.language, speaker.zone)
            waiting = self._unread(session.exec)
            session.connection().execute(
                sa.update(Outbox).where(col(Outbox.id).in_([row.id for row in waiting])).values(read_at=self.house.clock.now(session))
            )
        self._show(tuple(reply for row in waiting for reply in decode(row.body)), reader)

    def _unread(self, run: Callable[..., Iterable[Outbox]]) -> list[Outbox]:
        mine = select(Outbox).where(Outbox.person_id == self.person_id, Outbox.state == "sent", Outbox.kind != "answer")
        return list(run(mine.where(col(Outbox.read_at).is_(None)).order_by(col(Outbox.sent_at), col(Outbox.id))))


def person_id_of(house: House, handle: str) -> int:
    """NobodyThere when nobody has that handle."""
    with house.database.reading() as session:
        person = person_named(session, handle)
        if person is None or person.id is None:
            raise NobodyThere(f"nobody here is called {handle!r}")
        return person.id
