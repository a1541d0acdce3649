"""Subscriptions: what a person wants to hear of, kept as filters and as composite keys that one indexed look-up answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select

from storage.database import UtcInstant


class Subscription(SQLModel, table=True):
    """An empty list means any. `places` holds party codes, M49 regions and regional groups; `frequency`: `at_once`, `daily`, `weekly`.

    `widened`: its keys cover more than its filters, since all of them would be too many rows; what they find is checked once more.
    """

    __tablename__ = "subscription"

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    places: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    instruments: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    articles: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    assistance_types: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    frequency: str = Field(default="at_once", max_length=10)
    widened: bool = Field(default=False)
    created_at: datetime = Field(sa_type=UtcInstant)
    ended_at: datetime | None = Field(default=None, sa_type=UtcInstant)


class SubscriptionKey(SQLModel, table=True):
    """One place × topic × assistance type that a subscription covers; `*` is any. A topic is an instrument or an article.

    Whose it is and how often it is heard stand here too, so that the look-up reads nothing but this one index.
    """

    __tablename__ = "subscription_key"
    __table_args__ = ({"sqlite_with_rowid": False},)

    place: str = Field(primary_key=True, max_length=20)
    topic: str = Field(primary_key=True, max_length=20)
    assistance_type: str = Field(primary_key=True, max_length=40)
    subscription_id: int = Field(foreign_key="subscription.id", primary_key=True, index=True)
    person_id: int = Field(foreign_key="person.id")
    frequency: str = Field(max_length=10)
    widened: bool = Field(default=False)


def subscriptions_of(session: Session, person_id: int) -> Sequence[Subscription]:
    query = select(Subscription).where(Subscription.person_id == person_id, col(Subscription.ended_at).is_(None))
    return session.exec(query.order_by(col(Subscription.id))).all()
