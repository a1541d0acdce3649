"""Sessions of the conferences: agenda, organization of work, documents, deadlines, reminders, submissions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select

from storage.database import UtcInstant


class ConferenceSession(SQLModel, table=True):
    """A session of a body of `reference/bodies.csv`. `title` and `place` are names by language; `zone` is the conference's."""

    __tablename__ = "conference_session"
    __table_args__ = (sa.UniqueConstraint("body", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    body: str = Field(max_length=20)
    number: int
    symbol: str = Field(max_length=60)
    convention: str = Field(default="UNTOC", max_length=10)
    title: dict[str, str] = Field(default_factory=dict, sa_type=sa.JSON)
    place: dict[str, str] = Field(default_factory=dict, sa_type=sa.JSON)
    zone: str = Field(default="Europe/Vienna", max_length=64)
    opens_at: datetime = Field(sa_type=UtcInstant)
    closes_at: datetime = Field(sa_type=UtcInstant)
    contact: str = Field(default="", max_length=200)
    revision: int = Field(default=1)
    created_at: datetime = Field(sa_type=UtcInstant)


class AgendaItem(SQLModel, table=True):
    """An item or sub-item of a session's agenda, `number` as printed: `1`, `1 (a)`."""

    __tablename__ = "agenda_item"
    __table_args__ = (sa.UniqueConstraint("session_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    session_id: int = Field(foreign_key="conference_session.id", index=True)
    position: int
    number: str = Field(max_length=12)
    title: dict[str, str] = Field(default_factory=dict, sa_type=sa.JSON)


class Meeting(SQLModel, table=True):
    """One line of the organization of work; `items` are agenda item numbers."""

    __tablename__ = "meeting"

    id: int | None = Field(default=None, primary_key=True)
    session_id: int = Field(foreign_key="conference_session.id", index=True)
    starts_at: datetime = Field(sa_type=UtcInstant)
    ends_at: datetime = Field(sa_type=UtcInstant)
    items: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    title: dict[str, str] = Field(default_factory=dict, sa_type=sa.JSON)


class Document(SQLModel, table=True):
    """A document before a session, by its symbol; `items` are the agenda items it belongs to."""

    __tablename__ = "document"

    id: int | None = Field(default=None, primary_key=True)
    session_id: int = Field(foreign_key="conference_session.id", index=True)
    symbol: str = Field(max_length=80, index=True)
    title: str = Field(sa_type=sa.Text)
    items: list[str] = Field(default_factory=list, sa_type=sa.JSON)


class Deadline(SQLModel, table=True):
    """Something a session asks for by a moment.

    `closes_said` and `opens_said` keep what was said: `{"wall": "2020-10-09T12:00", "hour_stated": true}` or
    `{"offset": {"count": 14, "unit": "days", "anchor": "opening"}}`; `closes_at` and `opens_at` are the computed instants and
    `revision` counts how often they moved.  `expectation`: `expected` (each party should hand in) or `optional`.
    `addressee`: `parties` or `secretariat`.
    """

    __tablename__ = "deadline"

    id: int | None = Field(default=None, primary_key=True)
    session_id: int = Field(foreign_key="conference_session.id", index=True)
    kind: str = Field(max_length=40)
    title: dict[str, str] = Field(default_factory=dict, sa_type=sa.JSON)
    expectation: str = Field(default="expected", max_length=10)
    addressee: str = Field(default="parties", max_length=12)
    opens_said: dict[str, Any] | None = Field(default=None, sa_type=sa.JSON)
    closes_said: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    opens_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    closes_at: datetime = Field(sa_type=UtcInstant, index=True)
    revision: int = Field(default=1)
    source: str = Field(default="", sa_type=sa.Text)
    contact: str = Field(default="", max_length=200)
    cancelled_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    created_at: datetime = Field(sa_type=UtcInstant)


_PLANNED = sa.text("state = 'planned'")


class Reminder(SQLModel, table=True):
    """One step before one deadline for one party; who is told is looked up when it falls due (DESIGN 4).

    `step`: `notice`, or `14d`, `3d`, `24h`, `2h` as the policy names them.  `state`: `planned`, `sent`, `dropped` (handed in or
    nobody concerned), `missed` (closed before it could go), `superseded` (the deadline moved).
    """

    __tablename__ = "reminder"
    __table_args__ = (
        sa.UniqueConstraint("deadline_id", "revision", "party", "step"),
        sa.Index("reminder_waiting", "due_at", sqlite_where=_PLANNED, postgresql_where=_PLANNED),
    )

    id: int | None = Field(default=None, primary_key=True)
    deadline_id: int = Field(foreign_key="deadline.id")
    revision: int
    party: str = Field(max_length=2)
    step: str = Field(max_length=10)
    due_at: datetime = Field(sa_type=UtcInstant)
    state: str = Field(default="planned", max_length=12)
    settled_at: datetime | None = Field(default=None, sa_type=UtcInstant)


class Submission(SQLModel, table=True):
    """Something handed in at a deadline, with its receipt: reference, instant, place in order. State: `received`, `withdrawn`."""

    __tablename__ = "submission"
    __table_args__ = (sa.UniqueConstraint("deadline_id", "place_in_order"),)

    id: int | None = Field(default=None, primary_key=True)
    ref: str = Field(unique=True, max_length=20)
    deadline_id: int = Field(foreign_key="deadline.id", index=True)
    party: str | None = Field(default=None, max_length=2, index=True)
    organization_id: int | None = Field(default=None, foreign_key="organization.id")
    person_id: int = Field(foreign_key="person.id")
    title: str = Field(max_length=300)
    text: str | None = Field(default=None, sa_type=sa.Text)
    language: str = Field(max_length=2)
    received_at: datetime = Field(sa_type=UtcInstant)
    place_in_order: int
    state: str = Field(default="received", max_length=10)


def next_session(session: Session, now: datetime) -> ConferenceSession | None:
    """The session that is on or comes next; the latest one when all are over."""
    ahead = select(ConferenceSession).where(ConferenceSession.closes_at >= now).order_by(col(ConferenceSession.opens_at))
    found = session.exec(ahead).first()
    return found or session.exec(select(ConferenceSession).order_by(col(ConferenceSession.closes_at).desc())).first()


def next_revision(session: Session, session_id: int, *, seen: int) -> ConferenceSession | None:
    """The session, taken to the revision after the one that was seen; None where there is none, or it is no longer at that one."""
    unchanged = (col(ConferenceSession.id) == session_id, col(ConferenceSession.revision) == seen)
    taken = sa.update(ConferenceSession).where(*unchanged).values(revision=seen + 1).returning(col(ConferenceSession.id))
    if session.connection().execute(taken).first() is None:
        return None
    return session.get(ConferenceSession, session_id, populate_existing=True)


def deadlines_of(session: Session, session_id: int) -> Sequence[Deadline]:
    """The deadlines in force of a session, the earliest closing first."""
    query = select(Deadline).where(Deadline.session_id == session_id, col(Deadline.cancelled_at).is_(None))
    return session.exec(query.order_by(col(Deadline.closes_at), col(Deadline.id))).all()


def submissions_to(session: Session, deadline_id: int) -> Sequence[Submission]:
    """What was handed in at a deadline, in order of receipt."""
    query = select(Submission).where(Submission.deadline_id == deadline_id, Submission.state == "received")
    return session.exec(query.order_by(col(Submission.place_in_order))).all()


def has_handed_in(session: Session, deadline_id: int, party: str) -> bool:
    query = select(Submission.id).where(Submission.deadline_id == deadline_id, Submission.party == party, Submission.state == "received")
    return session.exec(query).first() is not None
