"""Persons, the platform identities that speak for them, and what they were appointed to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, NewType

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select

from storage.database import UtcInstant

PersonId = NewType("PersonId", int)
OrganizationId = NewType("OrganizationId", int)

_PENDING = sa.text("state = 'pending'")
_OPEN_ACTING = sa.text("role = 'focal_point' AND standing = 'acting' AND ended_at IS NULL")


class Person(SQLModel, table=True):
    """Somebody who talks to the bot. `handle` is the short name of the command line; hours of quiet are wall time, `HH:MM`."""

    __tablename__ = "person"

    id: int | None = Field(default=None, primary_key=True)
    handle: str | None = Field(default=None, unique=True, max_length=40)
    name: str = Field(max_length=200)
    language: str = Field(default="en", max_length=2)
    zone: str = Field(default="Europe/Vienna", max_length=64)
    quiet_from: str | None = Field(default="22:00", max_length=5)
    quiet_until: str | None = Field(default="07:00", max_length=5)
    welcomed_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    created_at: datetime = Field(sa_type=UtcInstant)


class Identity(SQLModel, table=True):
    """One account on one door that speaks for a person; `address` is what that door needs to write to them first."""

    __tablename__ = "identity"
    __table_args__ = (sa.UniqueConstraint("door", "key"),)

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    door: str = Field(max_length=20)
    key: str = Field(max_length=200)
    address: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    locale: str | None = Field(default=None, max_length=20)
    last_seen_at: datetime = Field(sa_type=UtcInstant)
    unreachable: str | None = Field(default=None, max_length=80)


class Organization(SQLModel, table=True):
    """A donor or other provider; `kind` is an IATI OrganisationType code, `party` the State it belongs to, if any."""

    __tablename__ = "organization"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=200, unique=True)
    kind: str = Field(default="10", max_length=2)
    party: str | None = Field(default=None, max_length=2)
    created_at: datetime = Field(sa_type=UtcInstant)


class Appointment(SQLModel, table=True):
    """What a person may act as: a role, for a party and convention or for an organization, with the authority on record.

    At most one acting focal point a party and convention (DESIGN 6; seed 004, paragraph 3); the index proves it.
    """

    __tablename__ = "appointment"
    __table_args__ = (
        sa.Index("one_acting_focal_point", "party", "convention", unique=True, sqlite_where=_OPEN_ACTING, postgresql_where=_OPEN_ACTING),
    )

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    role: str = Field(max_length=20)
    party: str | None = Field(default=None, max_length=2, index=True)
    organization_id: int | None = Field(default=None, foreign_key="organization.id")
    convention: str | None = Field(default=None, max_length=10)
    standing: str | None = Field(default=None, max_length=10)
    authority: str | None = Field(default=None, max_length=200)
    starts_on: date | None = None
    ends_on: date | None = None
    ended_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    approved_by: int | None = Field(default=None, foreign_key="person.id")
    created_at: datetime = Field(sa_type=UtcInstant)


class RoleRequest(SQLModel, table=True):
    """A person's wish to be appointed; pending until the secretariat approves or refuses it. One at a time: the index proves it."""

    __tablename__ = "role_request"
    __table_args__ = (sa.Index("one_pending_request", "person_id", unique=True, sqlite_where=_PENDING, postgresql_where=_PENDING),)

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    role: str = Field(max_length=20)
    party: str | None = Field(default=None, max_length=2)
    organization: str | None = Field(default=None, max_length=200)
    convention: str | None = Field(default=None, max_length=10)
    authority: str | None = Field(default=None, max_length=200)
    state: str = Field(default="pending", max_length=10, index=True)
    decided_by: int | None = Field(default=None, foreign_key="person.id")
    decided_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    created_at: datetime = Field(sa_type=UtcInstant)


class LinkCode(SQLModel, table=True):
    """A one-time code that links the account which types it to `person_id`; only its SHA-256 is kept."""

    __tablename__ = "link_code"

    hashed: str = Field(primary_key=True, max_length=64)
    person_id: int = Field(foreign_key="person.id")
    expires_at: datetime = Field(sa_type=UtcInstant)
    used_at: datetime | None = Field(default=None, sa_type=UtcInstant)


DESK = "desk"
"""The door of the web chat and the terminal, which everybody has: what is sent there is read from the database."""

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def add_person(session: Session, person: Person) -> Person:
    """Keep a new person, with their desk: the account that the web chat and the terminal speak through."""
    session.add(person)
    session.flush()
    key = f"person:{person.id}"
    session.add(Identity(person_id=person.id or 0, door=DESK, key=key, address={"person": person.id}, last_seen_at=_NEVER))
    session.flush()
    return person


def identity_of(session: Session, door: str, key: str) -> Identity | None:
    return session.exec(select(Identity).where(Identity.door == door, Identity.key == key)).first()


def person_named(session: Session, handle: str) -> Person | None:
    return session.exec(select(Person).where(Person.handle == handle)).first()


def people_called(session: Session, name: str) -> Sequence[Person]:
    """Everybody of this short name or full name, whatever its case."""
    same = sa.or_(sa.func.lower(Person.handle) == name.lower(), sa.func.lower(Person.name) == name.lower(), col(Person.name) == name)
    return session.exec(select(Person).where(same).order_by(col(Person.id))).all()


def spend_code(session: Session, hashed: str, *, now: datetime) -> int | None:
    """The person a one-time code is for, and the code is spent in the same statement; None where it cannot be spent."""
    good = (col(LinkCode.hashed) == hashed, col(LinkCode.used_at).is_(None), col(LinkCode.expires_at) > now)
    person: int | None = (
        session.connection()
        .execute(sa.update(LinkCode).where(*good).values(used_at=now).returning(col(LinkCode.person_id)))
        .scalar_one_or_none()
    )
    return person


def decide_request(session: Session, request_id: int, state: str, *, by: int, now: datetime) -> bool:
    """Give a pending request its one decision; False when it has one."""
    pending = (col(RoleRequest.id) == request_id, col(RoleRequest.state) == "pending")
    decided = sa.update(RoleRequest).where(*pending).values(state=state, decided_by=by, decided_at=now)
    return session.connection().execute(decided.returning(col(RoleRequest.id))).first() is not None


def pending_request(session: Session, person_id: int) -> RoleRequest | None:
    """The request of a person that waits for a decision, if there is one."""
    return session.exec(select(RoleRequest).where(RoleRequest.person_id == person_id, RoleRequest.state == "pending")).first()


def appointments_of(session: Session, person_id: int) -> Sequence[Appointment]:
    """The appointments in force, oldest first."""
    in_force = select(Appointment).where(Appointment.person_id == person_id, col(Appointment.ended_at).is_(None))
    return session.exec(in_force.order_by(col(Appointment.id))).all()


def people_appointed(session: Session, role: str) -> Sequence[Person]:
    """Everybody who holds `role` now, once each."""
    holders = select(Appointment.person_id).where(Appointment.role == role, col(Appointment.ended_at).is_(None))
    return session.exec(select(Person).where(col(Person.id).in_(holders)).order_by(col(Person.id))).all()


def focal_point_of(session: Session, party: str, convention: str) -> Person | None:
    """The acting focal point of `party` for `convention` (`UNTOC` with its Protocols, or `UNCAC`), looked up at the moment of asking."""
    query = (
        select(Person)
        .join(Appointment, col(Appointment.person_id) == Person.id)
        .where(Appointment.role == "focal_point", Appointment.party == party, Appointment.convention == convention)
        .where(Appointment.standing == "acting", col(Appointment.ended_at).is_(None))
    )
    return session.exec(query).first()


def parties_with_focal_point(session: Session, convention: str) -> Sequence[tuple[str, Person]]:
    """(party, acting focal point) for every party that has one, by party code."""
    query = (
        select(Appointment.party, Person)
        .join(Person, col(Appointment.person_id) == Person.id)
        .where(Appointment.role == "focal_point", Appointment.convention == convention)
        .where(Appointment.standing == "acting", col(Appointment.ended_at).is_(None))
        .order_by(col(Appointment.party))
    )
    return [(party, person) for party, person in session.exec(query).all() if party]


def reachable_identity(session: Session, person_id: int) -> Identity | None:
    """Where to write to a person first: the account they used last among those that still accept messages; their desk comes last."""
    query = select(Identity).where(Identity.person_id == person_id, col(Identity.unreachable).is_(None))
    return session.exec(query.order_by(col(Identity.door) == DESK, col(Identity.last_seen_at).desc(), col(Identity.id))).first()
