"""Who is at the page, in the words of the page: a name, what they are appointed to, and for whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from bot.web.read import key_of
from handlers.conversation.access import ROLES
from handlers.conversation.text import Code, T, Value
from storage import turns
from storage.people import DESK, Appointment, Identity, Person, identity_of
from storage.turns import Held


@dataclass(frozen=True, slots=True)
class Face:
    """A person as others see them; `role` is None for somebody whom nobody appointed yet."""

    id: int
    name: str
    language: str
    zone: str
    role: str | None = None
    party: str | None = None
    organization: str | None = None

    @property
    def standing(self) -> tuple[Value, ...]:
        """Role and for whom: what stands under the name."""
        role: tuple[Value, ...] = (T(f"role.{self.role}"),) if self.role else ()
        party: tuple[Value, ...] = (Code("party", self.party),) if self.party else ()
        return (*role, *party, *((self.organization,) if self.organization else ()))


def face(session: Session, person_id: int) -> Face | None:
    person = session.get(Person, person_id)
    return _face(session, person) if person else None


def _face(session: Session, person: Person) -> Face:
    assert person.id is not None
    held = turns.held(session.connection(), person.id)
    first: Held | None = min(held, key=lambda appointment: ROLES.index(appointment.role), default=None)
    facts = (first.role, first.party, first.organization) if first else (None, None, None)
    return Face(person.id, person.name, person.language, person.zone, *facts)


def faces(session: Session) -> tuple[Face, ...]:
    """Everybody who is appointed to something, in the order they came."""
    appointed = select(Appointment.person_id).where(col(Appointment.ended_at).is_(None))
    query = select(Person).where(col(Person.id).in_(appointed)).order_by(col(Person.id))
    return tuple(_face(session, person) for person in session.exec(query).all())


def note_sign_in(session: Session, person_id: int, *, how: str, now: datetime) -> None:
    """Put a sign-in on record; whoever has no desk yet gets one, so that what is said there is said by them."""
    if identity_of(session, DESK, key_of(person_id)) is None:
        address = {"person": person_id}
        session.add(Identity(person_id=person_id, door=DESK, key=key_of(person_id), address=address, last_seen_at=now))
        session.flush()
    turns.note(
        session.connection(), at=now, person_id=person_id, door=DESK, event=None, action="person.signed_in", subject=f"person:{person_id}",
        outcome="done", before=None, after={"how": how},
    )  # fmt: skip
