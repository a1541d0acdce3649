"""Matches: a need and somebody who may help with it, with the reasons in codes and what both sides said."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from storage.database import UtcInstant


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
