"""What is attached to a record, or to a form that is not saved yet: the name, and the hash by which the file is found on disk."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select
from sqlmodel.sql.expression import SelectOfScalar

from storage.database import UtcInstant


class Attachment(SQLModel, table=True):
    """One file of one record. Before its form is saved `draft_id` says whose it will be; `removed_at` takes it away, the row stays.

    It is seen by whoever sees the record, and by nobody else.
    """

    __tablename__ = "attachment"

    id: int | None = Field(default=None, primary_key=True)
    ref: str | None = Field(default=None, max_length=20, index=True)
    draft_id: str | None = Field(default=None, max_length=16, index=True)
    name: str = Field(max_length=200)
    digest: str = Field(max_length=64)
    size: int
    owner_id: int = Field(foreign_key="person.id")
    created_at: datetime = Field(sa_type=UtcInstant)
    removed_at: datetime | None = Field(default=None, sa_type=UtcInstant)


_ATTACHMENT = SQLModel.metadata.tables["attachment"]


def attached_to(session: Session, ref: str) -> Sequence[Attachment]:
    """What is attached to a record, the oldest first."""
    return session.exec(_present().where(Attachment.ref == ref)).all()


def attached_to_draft(session: Session, draft_id: str) -> Sequence[Attachment]:
    return session.exec(_present().where(Attachment.draft_id == draft_id)).all()


def belong(connection: sa.Connection, draft_id: str, ref: str) -> None:
    """What was attached to a form belongs to the record it became."""
    here = sa.update(_ATTACHMENT).where(_ATTACHMENT.c.draft_id == draft_id, _ATTACHMENT.c.ref.is_(None))
    connection.execute(here.values(ref=ref))


def _present() -> SelectOfScalar[Attachment]:
    return select(Attachment).where(col(Attachment.removed_at).is_(None)).order_by(col(Attachment.id))
