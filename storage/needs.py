"""Needs: what parties ask for, with one line for each assistance type."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select

from storage.database import Money, UtcInstant


class Need(SQLModel, table=True):
    """What a party asks for. `visibility`: `secretariat`, `donors`, `parties`, `public`; `status`: `open`, `met`, `withdrawn`."""

    __tablename__ = "need"

    id: int | None = Field(default=None, primary_key=True)
    ref: str = Field(unique=True, max_length=20)
    party: str = Field(max_length=2, index=True)
    title: str = Field(max_length=200)
    description: str | None = Field(default=None, sa_type=sa.Text)
    beneficiary: str | None = Field(default=None, max_length=200)
    amount: Decimal | None = Field(default=None, sa_type=Money)
    currency: str | None = Field(default=None, max_length=3)
    needed_by: date | None = None
    priority: str = Field(default="medium", max_length=10)
    visibility: str = Field(default="parties", max_length=12, index=True)
    status: str = Field(default="open", max_length=12, index=True)
    language: str = Field(max_length=2)
    owner_id: int = Field(foreign_key="person.id")
    version: int = Field(default=1)
    created_at: datetime = Field(sa_type=UtcInstant, index=True)
    updated_at: datetime = Field(sa_type=UtcInstant)


class NeedLine(SQLModel, table=True):
    """One assistance type of a need; status: `requested`, `offered`, `committed`, `delivering`, `delivered`, `confirmed`."""

    __tablename__ = "need_line"
    __table_args__ = (sa.UniqueConstraint("need_id", "assistance_type"),)

    id: int | None = Field(default=None, primary_key=True)
    need_id: int = Field(foreign_key="need.id", index=True)
    assistance_type: str = Field(max_length=40)
    status: str = Field(default="requested", max_length=12)


class NeedTag(SQLModel, table=True):
    """What a need concerns: `list` is `instrument` or `article`, `code` from the reference data."""

    __tablename__ = "need_tag"
    __table_args__ = (sa.Index("need_tag_by_code", "list", "code"),)

    need_id: int = Field(foreign_key="need.id", primary_key=True)
    list: str = Field(primary_key=True, max_length=20)
    code: str = Field(primary_key=True, max_length=20)


def need_by_ref(session: Session, ref: str) -> Need | None:
    return session.exec(select(Need).where(Need.ref == ref.upper())).first()


def needs_of(session: Session, parties: Iterable[str]) -> Sequence[Need]:
    """The needs of these parties: open ones first, then the newest first."""
    query = select(Need).where(col(Need.party).in_(list(parties)))
    return session.exec(query.order_by(col(Need.status) != "open", col(Need.id).desc())).all()


def lines_of(session: Session, need_id: int) -> Sequence[NeedLine]:
    return session.exec(select(NeedLine).where(NeedLine.need_id == need_id).order_by(col(NeedLine.id))).all()


_NEW_LINES = sa.insert(SQLModel.metadata.tables["need_line"])
_NEW_TAGS = sa.insert(SQLModel.metadata.tables["need_tag"])


def first_lines(session: Session, need_id: int, types: Iterable[str], tags: Mapping[str, Iterable[str]]) -> None:
    """The lines of a need that has none yet, and its tags by list."""
    lines = [{"need_id": need_id, "assistance_type": kind, "status": "requested"} for kind in dict.fromkeys(types)]
    codes = [{"need_id": need_id, "list": name, "code": code} for name, listed in tags.items() for code in dict.fromkeys(listed)]
    for insert, rows in ((_NEW_LINES, lines), (_NEW_TAGS, codes)):
        if rows:
            session.connection().execute(insert, rows)


def set_tags(session: Session, need_id: int, list_name: str, codes: Iterable[str]) -> None:
    """Replace the codes of one list of a need."""
    session.connection().execute(sa.delete(NeedTag).where(col(NeedTag.need_id) == need_id, col(NeedTag.list) == list_name))
    session.add_all(NeedTag(need_id=need_id, list=list_name, code=code) for code in dict.fromkeys(codes))
    session.flush()


def set_lines(session: Session, need_id: int, types: Iterable[str]) -> None:
    """Make the lines of a need those of `types`; a line that stays keeps its status."""
    wanted = list(dict.fromkeys(types))
    standing = {line.assistance_type: line for line in lines_of(session, need_id)}
    for gone in standing.keys() - set(wanted):
        session.delete(standing[gone])
    session.add_all(NeedLine(need_id=need_id, assistance_type=kind) for kind in wanted if kind not in standing)
    session.flush()
