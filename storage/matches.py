"""Matches: a need and somebody who may help with it, with the reasons in codes and what both sides said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select

from storage import outbox  # noqa: F401  (an alert is a row of the outbox)
from storage.database import UtcInstant
from storage.recall import call_back, let_go


class Match(SQLModel, table=True):
    """Need × person, once each. `reasons`: a list of `{"code": …, "params": {…}}`; `score` 0 to 100.

    States: `suggested` (told in a digest), `told`, `interested`, `declined`, `already`.
    """

    __tablename__ = "match"
    __table_args__ = (sa.UniqueConstraint("need_id", "person_id"),)

    id: int | None = Field(default=None, primary_key=True)
    ref: str = Field(unique=True, max_length=20)
    need_id: int = Field(foreign_key="need.id", index=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    subscription_id: int | None = Field(default=None, foreign_key="subscription.id")
    activity_id: int | None = Field(default=None, foreign_key="activity.id")
    score: int = 0
    reasons: list[dict[str, Any]] = Field(default_factory=list, sa_type=sa.JSON)
    state: str = Field(default="told", max_length=12)
    created_at: datetime = Field(sa_type=UtcInstant, index=True)
    answered_at: datetime | None = Field(default=None, sa_type=UtcInstant)


_OUTBOX = SQLModel.metadata.tables["outbox"]


def match_of(session: Session, need_id: int, person_id: int) -> Match | None:
    return session.exec(select(Match).where(Match.need_id == need_id, Match.person_id == person_id)).first()


def match_by_ref(session: Session, ref: str) -> Match | None:
    return session.exec(select(Match).where(Match.ref == ref.upper())).first()


def matches_of_need(session: Session, need_id: int, *states: str) -> Sequence[Match]:
    """The matches of a need, those in `states` only where any are named, oldest first."""
    query = select(Match).where(Match.need_id == need_id)
    return session.exec((query.where(col(Match.state).in_(states)) if states else query).order_by(col(Match.id))).all()


def hold_alerts(session: Session, need_ref: str) -> None:
    """Keep back the alerts of a need that are not sent yet."""
    call_back(session.connection(), _alerts(session, need_ref, "pending", "enveloped"))


def release_alerts(session: Session, need_ref: str) -> None:
    """Let go the alerts that `hold_alerts` kept back."""
    let_go(session.connection(), _alerts(session, need_ref, "cancelled"))


def _alerts(session: Session, need_ref: str, *states: str) -> Sequence[str]:
    of_need = _OUTBOX.c.key.startswith(f"alert:{need_ref}:", autoescape=True)
    return session.connection().execute(sa.select(_OUTBOX.c.key).where(of_need, _OUTBOX.c.state.in_(states))).scalars().all()
