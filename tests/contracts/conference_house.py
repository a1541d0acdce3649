"""A house with a conference in it: the tenth session, focal points, a secretariat; and a way to talk to it without any door."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.resources import files

from sqlmodel import Session, col, select

from handlers.conference import agenda, deadlines, sessions, submissions
from handlers.conference.importing import import_session
from handlers.conference.reminders import fall_due
from handlers.conversation.codec import decode
from handlers.conversation.dispatch import Dispatcher, Reception
from handlers.conversation.reply import Action, Listing, Replies, Reply, Say
from handlers.conversation.text import T
from handlers.conversation.turn import Answered, Pressed, Said, Turn, What, Where, Who
from handlers.conversation.words import Reader, say
from handlers.people.reception import enrol
from handlers.understanding.ears import Ears
from storage.conference import ConferenceSession, Deadline, Reminder
from storage.database import Database
from storage.outbox import Outbox
from storage.people import Appointment, Identity, Person, person_named
from tests.tenth_session import SET_AT

PEOPLE = (
    ("sec", "secretariat", None, "en", "Europe/Vienna"),
    ("ke", "focal_point", "KE", "en", "Africa/Nairobi"),
    ("pe", "focal_point", "PE", "es", "America/Lima"),
    ("mn", "focal_point", "MN", "ru", "Asia/Ulaanbaatar"),
    ("fj", "focal_point", "FJ", "en", "Pacific/Fiji"),
    ("igo", "observer", None, "fr", "Europe/Paris"),
    ("donor", "donor", None, "en", "Europe/Oslo"),
)
"""Handle, role, party, language and zone."""


class ConferenceHouse:
    """One database, one clock that is set by hand."""

    def __init__(self, url: str) -> None:
        self.database = Database(url)
        self.now = SET_AT
        self.turns = 0
        self.dispatcher = Dispatcher(
            database=self.database,
            capabilities=(deadlines.CAPABILITY, submissions.CAPABILITY, sessions.CAPABILITY, agenda.CAPABILITY),
            hearing=Ears(),
            reception=Reception(
                enrol=enrol, welcome=lambda context: (), likeliest=lambda context, understood: (Say(text=T("help.again")),)
            ),
            now=lambda session: self.now,
        )

    def at(self, instant: str) -> None:
        """Set the clock, by UTC."""
        self.now = datetime.fromisoformat(instant).replace(tzinfo=UTC)

    def said(self, handle: str, text: str) -> Replies:
        return self._turn(handle, Said(text))

    def pressed(self, handle: str, action: Action) -> Replies:
        return self._turn(handle, Pressed(action.id))

    def answered(self, handle: str, draft: str, **answers: object) -> Replies:
        return self._turn(handle, Answered(draft, answers))

    def _turn(self, handle: str, what: What) -> Replies:
        self.turns += 1
        return self.dispatcher.dispatch(Turn(str(self.turns), "desk", Who(handle), Where(handle), what)).replies

    def tick(self) -> int:
        """Settle everything that is due now; how many reminders that were."""
        settled = 0
        while True:
            with self.database.transaction() as session:
                batch = fall_due(session, self.now)
            settled += batch
            if not batch:
                return settled

    def told(self, kind: str = "reminder") -> dict[str, list[str]]:
        """The outbox keys of a kind by the handle of who is told, in the order they were written."""
        with self.database.reading() as session:
            query = select(Person.handle, Outbox.key).join(Outbox, col(Outbox.person_id) == Person.id).where(Outbox.kind == kind)
            found: dict[str, list[str]] = {}
            for handle, key in session.exec(query.order_by(col(Outbox.id))).all():
                found.setdefault(str(handle), []).append(key)
            return found

    def body(self, key: str) -> Replies:
        with self.database.reading() as session:
            return decode(list(session.exec(select(Outbox.body).where(Outbox.key == key)).one()))

    def states(self, deadline: int, party: str) -> dict[str, str]:
        """The state of each step of the newest revision, by step."""
        with self.database.reading() as session:
            query = select(Reminder).where(Reminder.deadline_id == deadline, Reminder.party == party)
            return {row.step: row.state for row in session.exec(query.order_by(col(Reminder.revision), col(Reminder.id))).all()}

    def deadline(self, kind: str) -> int:
        with self.database.reading() as session:
            found = session.exec(select(Deadline.id).where(Deadline.kind == kind)).one()
            assert found is not None
            return found


@contextmanager
def conference_house(url: str) -> Iterator[ConferenceHouse]:
    """A house with the tenth session imported at `SET_AT`."""
    house = ConferenceHouse(url)
    try:
        with house.database.transaction() as session:
            for person in PEOPLE:
                appoint(session, *person)
            tenth_session(session)
        yield house
    finally:
        house.database.close()


def appoint(session: Session, handle: str, role: str, party: str | None, language: str, zone: str, *, convention: str = "UNTOC") -> Person:
    """A person with an account and one appointment, acting where it is a party's."""
    known = person_named(session, handle)
    person = known or Person(handle=handle, name=handle, language=language, zone=zone, welcomed_at=SET_AT, created_at=SET_AT)
    session.add(person)
    session.flush()
    number = person.id or 0
    concerned, standing = (convention, "acting") if party else (None, None)
    session.add(Appointment(person_id=number, role=role, party=party, convention=concerned, standing=standing, created_at=SET_AT))
    session.add(Identity(person_id=number, door="desk", key=handle, last_seen_at=SET_AT))
    session.flush()
    return person


def tenth_session(session: Session) -> ConferenceSession:
    text = (files("storage.reference") / "sessions" / "ctoc-cop-10.json").read_text(encoding="utf-8")
    return import_session(session, json.loads(text), SET_AT)


def words(reply: Reply, language: str = "en") -> str:
    """Everything a reply says, one line each."""
    reader = Reader(language, "Europe/Vienna")
    lines = [reply.text]
    if isinstance(reply, Listing):
        lines += [line for item in reply.items for line in (item.text, *item.details)]
    return "\n".join(say(line, reader) for line in lines)


def action(replies: Replies, verb: str) -> Action:
    """The first button of a verb, on a reply or one of its items."""
    items = (item for reply in replies if isinstance(reply, Listing) for item in reply.items)
    offered = [offer for shown in (*replies, *items) for offer in shown.actions]
    return next(offer for offer in offered if offer.id.split(":")[0] == verb)
