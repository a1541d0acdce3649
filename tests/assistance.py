"""A small register of needs with people in it, for tests: real dispatcher, real understanding, a real database."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any, TypeVar

from sqlmodel import SQLModel, col, select

from handlers.assistance import activities, match_answers, needs, subscriptions
from handlers.conversation.codec import decode
from handlers.conversation.dispatch import Dispatcher
from handlers.conversation.reply import Action, Ask, Replies, Reply, Review
from handlers.conversation.text import Text
from handlers.conversation.turn import Answered, Pressed, Said, Turn, What, Where, Who
from handlers.conversation.words import Reader, say
from handlers.people.reception import reception
from handlers.understanding.ears import Ears
from storage import conference, conversation, digests, matches, outbox, records  # noqa: F401  (every table has to exist)
from storage.database import Database
from storage.outbox import Outbox
from storage.people import Appointment, Identity, Organization, Person, appointments_of

Row = TypeVar("Row", bound=SQLModel)

CAPABILITIES = (needs.CAPABILITY, activities.CAPABILITY, subscriptions.CAPABILITY, match_answers.CAPABILITY)
NOW = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)
ENGLISH = Reader("en", "UTC")


class Register:
    """People talk by their handles; what they are told lies in the outbox."""

    def __init__(self, url: str) -> None:
        self.database = Database(url)
        self.now = NOW
        self._events = count(1)
        self.dispatcher = Dispatcher(
            database=self.database, capabilities=CAPABILITIES, hearing=Ears(), reception=reception((), lambda intent: None),
            now=lambda session: self.now,
        )  # fmt: skip

    def focal_point(self, handle: str, party: str, *, language: str = "en", convention: str = "UNTOC", standing: str = "acting") -> int:
        return self._appointed(handle, language, role="focal_point", party=party, convention=convention, standing=standing)

    def donor(self, handle: str, organization: str, *, language: str = "en") -> int:
        with self.database.transaction() as session:
            standing = session.exec(select(Organization).where(Organization.name == organization)).first()
            kept = standing or Organization(name=organization, created_at=NOW)
            session.add(kept)
            session.flush()
            organization_id = kept.id
        return self._appointed(handle, language, role="donor", organization_id=organization_id)

    def observer(self, handle: str) -> int:
        return self._appointed(handle, "en", role="observer")

    def holder(self, handle: str, role: str) -> int:
        """A person whose role stands for no party or organization."""
        return self._appointed(handle, "en", role=role)

    def leave(self, handle: str) -> None:
        """End every appointment of a person."""
        with self.database.transaction() as session:
            person = session.exec(select(Person).where(Person.handle == handle)).one()
            for held in appointments_of(session, person.id or 0):
                held.ended_at = self.now

    def _appointed(self, handle: str, language: str, **appointment: Any) -> int:
        with self.database.transaction() as session:
            person = session.exec(select(Person).where(Person.handle == handle)).first()
            if person is None:
                person = Person(handle=handle, name=handle.title(), language=language, zone="UTC", welcomed_at=NOW, created_at=NOW)
                session.add(person)
                session.flush()
                session.add(Identity(person_id=person.id or 0, door="test", key=handle, last_seen_at=NOW))
            session.add(Appointment(person_id=person.id or 0, created_at=NOW, **appointment))
            session.flush()
            return person.id or 0

    def hear(self, handle: str, what: What) -> Replies:
        turn = Turn(event=f"e{next(self._events)}", door="test", who=Who(key=handle), where=Where(key=handle), what=what)
        return self.dispatcher.dispatch(turn).replies

    def say(self, handle: str, text: str) -> Replies:
        return self.hear(handle, Said(text))

    def press(self, handle: str, button: str) -> Replies:
        return self.hear(handle, Pressed(button))

    def fill(self, handle: str, form: str, **values: object) -> Replies:
        """Open a form, answer it as a whole and save it."""
        [opened] = self.press(handle, f"form.new:{form}")
        assert isinstance(opened, Ask | Review)
        replies = self.through(handle, self.hear(handle, Answered(opened.draft, values)))
        return self.press(handle, primary(replies[-1]).id)

    def through(self, handle: str, replies: Replies) -> Replies:
        """Skip every question that may be skipped, down to the review or a question that may not."""
        while isinstance(last := replies[-1], Ask) and last.optional:
            replies = self.press(handle, next(action.id for action in last.actions if "skip" in action.id))
        return replies

    def told(self, handle: str) -> list[tuple[str, Replies]]:
        """(kind, replies) of what a person is told, in order."""
        with self.database.reading() as session:
            query = select(Outbox).join(Person, col(Outbox.person_id) == Person.id).where(Person.handle == handle)
            rows = session.exec(query.where(Outbox.state == "pending").order_by(col(Outbox.id))).all()
            return [(row.kind, decode(row.body)) for row in rows]

    def rows(self, table: type[Row]) -> list[Row]:
        with self.database.reading() as session:
            return list(session.exec(select(table)).all())


def primary(reply: Reply) -> Action:
    """The one primary action of a reply."""
    [action] = [action for action in reply.actions if action.style == "primary"]
    return action


def in_english(replies: object) -> str:
    """Everything a reply says, in English, one text a line."""
    found: list[str] = []
    _gather(replies, found)
    return "\n".join(found)


def _gather(value: object, found: list[str]) -> None:
    if isinstance(value, Text):
        found.append(say(value, ENGLISH))
    elif isinstance(value, tuple | list):
        for item in value:
            _gather(item, found)
    elif is_dataclass(value) and not isinstance(value, type):
        for part in fields(value):
            _gather(getattr(value, part.name), found)
