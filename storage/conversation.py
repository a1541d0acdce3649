"""What was heard (inbox), what is half-said (drafts), and the channels the bot was brought into."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select

from storage.database import UtcInstant

_OPEN = sa.text("state = 'open'")


class Inbox(SQLModel, table=True):
    """One inbound event, unique by the platform's own event id; `replies` is what it was answered with."""

    __tablename__ = "inbox"

    event: str = Field(primary_key=True, max_length=300)
    door: str = Field(max_length=20)
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    place: str = Field(max_length=300, index=True)
    said: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    replies: list[Any] = Field(default_factory=list, sa_type=sa.JSON)
    received_at: datetime = Field(sa_type=UtcInstant, index=True)


class Draft(SQLModel, table=True):
    """A form half filled in: `{answers, trail}` and nothing else decides what is asked next.

    `editing` is the one field being changed at review; `about` the reference of the record being edited, if any.
    States: `open`, `parked`, `saved`, `cancelled`.  One open draft a person and place.
    """

    __tablename__ = "draft"
    __table_args__ = (
        sa.Index("one_open_draft", "person_id", "place", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        sa.Index("drafts_of_person", "person_id", "state"),
    )

    id: str = Field(primary_key=True, max_length=16)
    person_id: int = Field(foreign_key="person.id")
    place: str = Field(max_length=300)
    form: str = Field(max_length=40)
    answers: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    trail: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    editing: str | None = Field(default=None, max_length=40)
    about: str | None = Field(default=None, max_length=40)
    state: str = Field(default="open", max_length=10)
    result: str | None = Field(default=None, max_length=40)
    version: int = Field(default=1)
    created_at: datetime = Field(sa_type=UtcInstant)
    updated_at: datetime = Field(sa_type=UtcInstant)


class Channel(SQLModel, table=True):
    """A shared place the bot was brought into: its own language and audience level, default `public` (DESIGN 2.6)."""

    __tablename__ = "channel"
    __table_args__ = (sa.UniqueConstraint("door", "key"),)

    id: int | None = Field(default=None, primary_key=True)
    door: str = Field(max_length=20)
    key: str = Field(max_length=300)
    address: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    name: str = Field(default="", max_length=200)
    language: str = Field(default="en", max_length=2)
    zone: str = Field(default="Europe/Vienna", max_length=64)
    audience: str = Field(default="public", max_length=20)
    digest: str = Field(default="off", max_length=10)
    unreachable: str | None = Field(default=None, max_length=80)
    created_at: datetime = Field(sa_type=UtcInstant)


def open_draft(session: Session, person_id: int, place: str) -> Draft | None:
    query = select(Draft).where(Draft.person_id == person_id, Draft.place == place, Draft.state == "open")
    return session.exec(query).first()


def unfinished_drafts(session: Session, person_id: int) -> Sequence[Draft]:
    """Open and parked drafts of a person in every place, the latest first."""
    query = select(Draft).where(Draft.person_id == person_id, col(Draft.state).in_(("open", "parked")))
    return session.exec(query.order_by(col(Draft.updated_at).desc())).all()


def channel_of(session: Session, door: str, key: str) -> Channel | None:
    return session.exec(select(Channel).where(Channel.door == door, Channel.key == key)).first()
