"""What every record shares: the audit trail, reference numbers, settings of the house."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, Session, SQLModel

from storage.database import UtcInstant


class Audit(SQLModel, table=True):
    """Who did what to which record, when, through which door, and how it stood before and after. Never changed, never deleted."""

    __tablename__ = "audit"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=UtcInstant, index=True)
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    door: str = Field(max_length=20)
    event: str | None = Field(default=None, max_length=300)
    action: str = Field(max_length=60)
    subject: str | None = Field(default=None, max_length=60, index=True)
    outcome: str = Field(default="done", max_length=10)
    before: dict[str, Any] | None = Field(default=None, sa_type=sa.JSON)
    after: dict[str, Any] | None = Field(default=None, sa_type=sa.JSON)


class Sequence(SQLModel, table=True):
    """The last number given out for a kind and year; numbers are never reused."""

    __tablename__ = "sequence"

    kind: str = Field(primary_key=True, max_length=20)
    year: int = Field(primary_key=True)
    last: int


class Setting(SQLModel, table=True):
    """One value of the running house, by name: whether it is a demo, the demo clock's offset, whether sending is stopped."""

    __tablename__ = "setting"

    name: str = Field(primary_key=True, max_length=60)
    value: Any = Field(default=None, sa_type=sa.JSON)


DEMO = "demo"
"""The setting that makes a database a demo: its clock can be moved, and a person can be picked without signing in."""

CLOCK_OFFSET = "clock.offset_seconds"
"""The setting that moves a demo's business clock; every process reads the same."""

CLOCK_YEARS = range(1990, 2101)
"""The years a demo's clock may show."""

_SEQUENCE = SQLModel.metadata.tables["sequence"]


_Record = TypeVar("_Record", bound=SQLModel)


def locked(session: Session, model: type[_Record], record_id: int) -> _Record | None:
    """A record as it stands now, kept from everybody else until the transaction ends: on SQLite the transaction itself keeps it."""
    return session.get(model, record_id, with_for_update=True, populate_existing=True)


def next_number(session: Session, kind: str, year: int, *, take: int = 1) -> int:
    """The next number of `kind` in `year`, from 1; taken inside the caller's transaction, so a rollback takes it back unseen.

    With `take`, that many in a row, of which the last is returned.
    """
    dialect = session.connection().dialect.name
    insert: Any = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = insert(_SEQUENCE).values(kind=kind, year=year, last=take)
    statement = statement.on_conflict_do_update(index_elements=["kind", "year"], set_={"last": _SEQUENCE.c.last + take})
    number: int = session.connection().execute(statement.returning(_SEQUENCE.c.last)).scalar_one()
    return number


def next_reference(session: Session, kind: str, now: datetime) -> str:
    """A readable reference such as `N-2026-0007` (DOMAIN: reference numbers)."""
    return f"{kind}-{now.year}-{next_number(session, kind, now.year):04d}"


def next_references(session: Session, kind: str, now: datetime, count: int) -> list[str]:
    """That many references in a row, taken at once."""
    last = next_number(session, kind, now.year, take=count) if count else 0
    return [f"{kind}-{now.year}-{number:04d}" for number in range(last - count + 1, last + 1)]


def setting(session: Session, name: str) -> Any:
    row = session.get(Setting, name)
    return row.value if row else None


def set_setting(session: Session, name: str, value: Any) -> None:
    row = session.get(Setting, name)
    if row is None:
        session.add(Setting(name=name, value=value))
    else:
        row.value = value
        session.add(row)
    session.flush()
