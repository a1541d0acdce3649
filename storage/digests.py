"""Digests: what goes into them, and which were composed, one a reader and period, so that a crash never composes one twice."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Field, Session, SQLModel, col, select

from storage.activities import Activity, ActivityTag
from storage.database import UtcInstant
from storage.fitting import RUNNING
from storage.matches import Match
from storage.needs import Need
from storage.people import Person
from storage.subscriptions import Subscription


class DigestEdition(SQLModel, table=True):
    """The edition `period` for one reader: `person:7` or `channel:3`.

    `period` is an ISO date, the first day it covers, or ten hexadecimal digits that name the digest which somebody sent by hand.
    """

    __tablename__ = "digest_edition"
    __table_args__ = (sa.UniqueConstraint("reader", "period"),)

    id: int | None = Field(default=None, primary_key=True)
    reader: str = Field(max_length=40)
    period: str = Field(max_length=10)
    since: datetime = Field(sa_type=UtcInstant)
    until: datetime = Field(sa_type=UtcInstant)
    composed_at: datetime = Field(sa_type=UtcInstant)


def new_needs(session: Session, since: datetime, until: datetime, levels: Collection[str]) -> Sequence[Need]:
    """Needs registered in the period that readers of these visibility levels see, the latest first."""
    query = select(Need).where(Need.created_at > since, Need.created_at <= until, Need.status == "open")
    return session.exec(query.where(col(Need.visibility).in_(levels)).order_by(col(Need.created_at).desc())).all()


def new_activities(session: Session, since: datetime, until: datetime, levels: Collection[str]) -> Sequence[Activity]:
    """Activities registered in the period that readers of these visibility levels see, the latest first."""
    query = select(Activity).where(Activity.created_at > since, Activity.created_at <= until)
    return session.exec(query.where(col(Activity.visibility).in_(levels)).order_by(col(Activity.created_at).desc())).all()


def interests(session: Session, since: datetime, until: datetime, levels: Collection[str]) -> int:
    """How many times somebody said in the period that they are interested in a need."""
    query = select(sa.func.count()).select_from(Match).join(Need, col(Need.id) == Match.need_id)
    query = query.where(col(Match.answered_at) > since, col(Match.answered_at) <= until, Match.state == "interested")
    return session.exec(query.where(col(Need.visibility).in_(levels))).one()


def unanswered_needs(session: Session, until: datetime, levels: Collection[str], *, most: int) -> tuple[int, Sequence[Need]]:
    """Open needs nobody is interested in or works on: how many, and the oldest ones."""
    taken = select(Match.need_id).where(col(Match.state).in_(("interested", "already")))
    query = select(Need).where(
        Need.status == "open", Need.created_at <= until, col(Need.visibility).in_(levels), col(Need.id).not_in(taken)
    )
    count = session.exec(select(sa.func.count()).select_from(query.subquery())).one()
    return count, session.exec(query.order_by(col(Need.created_at), col(Need.id)).limit(most)).all()


def overlaps(session: Session, since: datetime, until: datetime, levels: Collection[str]) -> Sequence[tuple[str, str]]:
    """Pairs of references (new activity, another one) for the same recipient, instrument and type at the same time, once each."""
    new, other = aliased(Activity), aliased(Activity)
    query = select(new.ref, other.ref).where(
        new.created_at > since, new.created_at <= until, other.id != new.id,
        col(new.visibility).in_(levels), col(other.visibility).in_(levels),
        col(new.status).in_(RUNNING), col(other.status).in_(RUNNING),
        sa.or_(col(new.ends_on).is_(None), col(other.starts_on).is_(None), col(new.ends_on) >= col(other.starts_on)),
        sa.or_(col(other.ends_on).is_(None), col(new.starts_on).is_(None), col(other.ends_on) >= col(new.starts_on)),
    )  # fmt: skip
    for shared in ("recipient", "instrument", "assistance_type"):
        query = query.where(_both_have(new, other, shared))
    pairs = {tuple(sorted((str(first), str(second)))): None for first, second in session.exec(query).all()}
    return [(first, second) for first, second in pairs]


def _both_have(new: Any, other: Any, list_name: str) -> sa.ColumnElement[bool]:
    mine, theirs = aliased(ActivityTag), aliased(ActivityTag)
    same = sa.select(sa.literal(1)).where(
        col(mine.activity_id) == new.id, col(theirs.activity_id) == other.id, col(mine.list) == list_name, col(theirs.list) == list_name,
        col(mine.code) == col(theirs.code),
    )  # fmt: skip
    return sa.exists(same)


def suggestions(session: Session, person_id: int) -> Sequence[tuple[Match, Need]]:
    """Needs that fit a person's quiet subscriptions and that they have not been told of, the oldest first."""
    query = select(Match, Need).join(Need, col(Need.id) == Match.need_id).where(Match.person_id == person_id, Match.state == "suggested")
    return session.exec(query.where(Need.status == "open").order_by(col(Match.id))).all()


def quiet_readers(session: Session) -> Sequence[tuple[Person, str, datetime]]:
    """Everybody who asked for a digest: the person, the shortest frequency they chose, and since when."""
    query = (
        select(Subscription.person_id, sa.func.min(Subscription.frequency), sa.func.min(Subscription.created_at))
        .where(col(Subscription.ended_at).is_(None), col(Subscription.frequency).in_(("daily", "weekly")))
        .group_by(col(Subscription.person_id))
    )
    rows = session.exec(query).all()
    people = {person.id: person for person in session.exec(select(Person).where(col(Person.id).in_([row[0] for row in rows]))).all()}
    return [(people[person_id], frequency, since) for person_id, frequency, since in rows]


def has_edition(session: Session, reader: str, period: str) -> bool:
    return session.exec(select(DigestEdition.id).where(DigestEdition.reader == reader, DigestEdition.period == period)).first() is not None


def last_edition(session: Session, reader: str) -> DigestEdition | None:
    query = select(DigestEdition).where(DigestEdition.reader == reader).order_by(col(DigestEdition.until).desc())
    return session.exec(query).first()


def composed_at(session: Session, period: str) -> datetime | None:
    """When the first edition of a period was composed, for whomever; None when there is none."""
    return session.exec(select(DigestEdition.composed_at).where(DigestEdition.period == period).order_by(col(DigestEdition.id))).first()
