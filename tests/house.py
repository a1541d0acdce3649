"""A real house on a test's own database, spoken to at a desk: what every test of the core begins with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from bot.app import assemble
from bot.house import House
from bot.settings import Settings
from handlers.conversation.dispatch import Heard
from handlers.conversation.reply import Reply
from handlers.conversation.turn import Answered, Arrived, Pressed, Said, Turn, What, Where, Who
from handlers.conversation.words import Reader, say
from handlers.people.appointing import appoint
from storage.database import Database
from storage.people import DESK, Person, RoleRequest, add_person

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""Where the clock of a test stands unless it says otherwise: a Monday."""


@dataclass(slots=True)
class Standing:
    """A machine clock that stands still until a test moves it."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass(slots=True)
class Desk:
    """People at their desks, by handle."""

    house: House
    clock: Standing
    people: dict[str, int] = field(default_factory=dict)
    events: Iterator[int] = field(default_factory=lambda: count(1))

    def add(
        self, handle: str, role: str | None = None, *, party: str | None = None, organization: str | None = None, language: str = "en"
    ) -> int:
        """A person, appointed at once where a role is named."""
        with self.house.database.transaction() as session:
            person = add_person(session, Person(handle=handle, name=handle.title(), language=language, welcomed_at=NOW, created_at=NOW))
            self.people[handle] = person.id or 0
            if role:
                request = RoleRequest(
                    person_id=person.id or 0, role=role, party=party, organization=organization, convention="both", created_at=NOW
                )
                appoint(session, request, approved_by=None, now=NOW)
        return self.people[handle]

    def hear(self, handle: str, what: What, *, event: str | None = None) -> Heard:
        key = f"person:{self.people[handle]}"
        address = {"person": self.people[handle]}
        turn = Turn(event or f"e{next(self.events)}", DESK, Who(key=key, address=address), Where(key=key, address=address), what)
        return self.house.dispatcher.dispatch(turn)

    def say(self, handle: str, text: str, *, event: str | None = None) -> Heard:
        return self.hear(handle, Said(text), event=event)

    def press(self, handle: str, packed: str, *, event: str | None = None) -> Heard:
        return self.hear(handle, Pressed(packed), event=event)

    def answer(self, handle: str, draft: str, **answers: object) -> Heard:
        return self.hear(handle, Answered(draft, answers))

    def arrive(self, handle: str) -> Heard:
        return self.hear(handle, Arrived())


def text_of(reply: Reply, reader: Reader) -> str:
    """The sentence of a reply as its reader sees it."""
    return say(reply.text, reader)


@contextmanager
def desk_on(url: str, folder: Path) -> Iterator[Desk]:
    """A house on a database at our schema."""
    database = Database(url)
    clock = Standing()
    settings = Settings(url, "s" * 32, "Europe/Vienna", "http://127.0.0.1:8000", folder / "files")
    house = assemble(settings, database, machine=clock)
    try:
        yield Desk(house, clock)
    finally:
        house.close()
