"""Activities: what a provider does or plans, with its IATI status."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select

from storage.database import Money, UtcInstant


class Activity(SQLModel, table=True):
    """`status` is an IATI ActivityStatus: 1 pipeline, 2 implementation, 3 finalisation, 4 closed, 5 cancelled, 6 suspended.

    `reported_by` is the party that reported an activity it receives (seed 004); such a record is the party's, not the provider's.
    """

    __tablename__ = "activity"

    id: int | None = Field(default=None, primary_key=True)
    ref: str = Field(unique=True, max_length=20)
    title: str = Field(max_length=200)
    description: str | None = Field(default=None, sa_type=sa.Text)
    organization_id: int | None = Field(default=None, foreign_key="organization.id", index=True)
    provider: str = Field(max_length=200)
    partners: str | None = Field(default=None, max_length=500)
    status: str = Field(default="1", max_length=1)
    starts_on: date | None = None
    ends_on: date | None = None
    commitment: Decimal | None = Field(default=None, sa_type=Money)
    disbursed: Decimal | None = Field(default=None, sa_type=Money)
    currency: str | None = Field(default=None, max_length=3)
    visibility: str = Field(default="parties", max_length=12, index=True)
    language: str = Field(max_length=2)
    reported_by: str | None = Field(default=None, max_length=2, index=True)
    owner_id: int = Field(foreign_key="person.id")
    version: int = Field(default=1)
    created_at: datetime = Field(sa_type=UtcInstant, index=True)
    updated_at: datetime = Field(sa_type=UtcInstant)


class ActivityTag(SQLModel, table=True):
    """What an activity concerns: `list` is `recipient` (a party or M49 region), `instrument`, `article` or `assistance_type`."""

    __tablename__ = "activity_tag"
    __table_args__ = (sa.Index("activity_tag_by_code", "list", "code"),)

    activity_id: int = Field(foreign_key="activity.id", primary_key=True)
    list: str = Field(primary_key=True, max_length=20)
    code: str = Field(primary_key=True, max_length=40)


def activity_by_ref(session: Session, ref: str) -> Activity | None:
    return session.exec(select(Activity).where(Activity.ref == ref.upper())).first()


def activities_of(session: Session, organization_ids: Iterable[int], parties: Iterable[str], owner_id: int) -> Sequence[Activity]:
    """The activities of these organizations, those these parties reported, and what else `owner_id` registered, newest first."""
    nobodys = sa.and_(col(Activity.organization_id).is_(None), col(Activity.reported_by).is_(None))
    mine = sa.or_(
        col(Activity.organization_id).in_(list(organization_ids)), col(Activity.reported_by).in_(list(parties)),
        sa.and_(nobodys, col(Activity.owner_id) == owner_id),
    )  # fmt: skip
    return session.exec(select(Activity).where(mine).order_by(col(Activity.id).desc())).all()


def set_activity_tags(session: Session, activity_id: int, list_name: str, codes: Iterable[str]) -> None:
    """Replace the codes of one list of an activity."""
    here = (col(ActivityTag.activity_id) == activity_id, col(ActivityTag.list) == list_name)
    session.connection().execute(sa.delete(ActivityTag).where(*here))
    session.add_all(ActivityTag(activity_id=activity_id, list=list_name, code=code) for code in dict.fromkeys(codes))
    session.flush()
