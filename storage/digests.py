"""Digests that were composed: one a reader and period, so that a crash never composes the same one twice."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from storage.database import UtcInstant


class DigestEdition(SQLModel, table=True):
    """The edition `period` (an ISO date: the first day it covers) for one reader: `person:7` or `channel:3`."""

    __tablename__ = "digest_edition"
    __table_args__ = (sa.UniqueConstraint("reader", "period"),)

    id: int | None = Field(default=None, primary_key=True)
    reader: str = Field(max_length=40)
    period: str = Field(max_length=10)
    since: datetime = Field(sa_type=UtcInstant)
    until: datetime = Field(sa_type=UtcInstant)
    composed_at: datetime = Field(sa_type=UtcInstant)
