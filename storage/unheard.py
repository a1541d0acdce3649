"""Sentences nobody understood, which their authors let the secretariat see: without a name, so that vocabularies grow."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select

from storage.database import UtcInstant


class Unheard(SQLModel, table=True):
    """One sentence as typed, and the language of whoever typed it; `event` is a digest of its event, so that it is kept once.

    Who typed it is not kept.  `done_at`: somebody of the secretariat has dealt with it.
    """

    __tablename__ = "unheard"

    id: int | None = Field(default=None, primary_key=True)
    event: str = Field(unique=True, max_length=64)
    text: str = Field(sa_type=sa.Text)
    language: str = Field(max_length=2)
    shared_at: datetime = Field(sa_type=UtcInstant, index=True)
    done_at: datetime | None = Field(default=None, sa_type=UtcInstant)


def keep(session: Session, sentence: Unheard) -> bool:
    """Keep a sentence; False where it is kept already."""
    if session.exec(select(Unheard.id).where(Unheard.event == sentence.event)).first() is not None:
        return False
    session.add(sentence)
    session.flush()
    return True


def waiting(session: Session, *, most: int) -> tuple[int, Sequence[Unheard]]:
    """How many sentences nobody has dealt with, and the oldest of them."""
    open_ = col(Unheard.done_at).is_(None)
    count = session.exec(select(sa.func.count()).select_from(Unheard).where(open_)).one()
    return count, session.exec(select(Unheard).where(open_).order_by(col(Unheard.id)).limit(most)).all()
