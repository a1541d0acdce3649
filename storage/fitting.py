"""Needs and activities that may fit each other: candidates by their tags, with what the rules weigh."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select

from storage import people  # noqa: F401  (appointments are joined by their table)
from storage.activities import Activity, ActivityTag
from storage.needs import Need, NeedLine, NeedTag
from storage.reference import members, places_around

RUNNING = ("1", "2", "3")
"""IATI statuses of an activity that is planned or under way: pipeline, implementation, finalisation."""

_APPOINTMENT = SQLModel.metadata.tables["appointment"]


@dataclass(frozen=True, slots=True)
class Subject:
    """What a need or an activity is about; `places` of a need is its party alone."""

    places: tuple[str, ...]
    instruments: tuple[str, ...]
    articles: tuple[str, ...]
    types: tuple[str, ...]

    @property
    def topics(self) -> tuple[str, ...]:
        return (*self.instruments, *self.articles)


def need_subjects(session: Session, need_ids: Sequence[int]) -> dict[int, Subject]:
    """What each need is about, by its id."""
    parties = dict(session.exec(select(Need.id, Need.party).where(col(Need.id).in_(need_ids))).all())
    lines = session.exec(select(NeedLine).where(col(NeedLine.need_id).in_(need_ids)).order_by(col(NeedLine.id))).all()
    tags = session.exec(select(NeedTag).where(col(NeedTag.need_id).in_(need_ids)).order_by(NeedTag.code)).all()
    return {
        need_id: Subject(
            places=(party,),
            instruments=tuple(tag.code for tag in tags if tag.need_id == need_id and tag.list == "instrument"),
            articles=tuple(tag.code for tag in tags if tag.need_id == need_id and tag.list == "article"),
            types=tuple(line.assistance_type for line in lines if line.need_id == need_id),
        )
        for need_id, party in parties.items()
        if need_id is not None
    }


def activity_subjects(session: Session, activity_ids: Sequence[int]) -> dict[int, Subject]:
    """What each activity is about, by its id."""
    found: dict[int, dict[str, list[str]]] = {one: {} for one in activity_ids}
    query = select(ActivityTag).where(col(ActivityTag.activity_id).in_(activity_ids)).order_by(ActivityTag.code)
    for tag in session.exec(query).all():
        found[tag.activity_id].setdefault(tag.list, []).append(tag.code)
    return {one: _subject(lists) for one, lists in found.items()}


def _subject(lists: Mapping[str, Sequence[str]]) -> Subject:
    return Subject(*(tuple(lists.get(name, ())) for name in ("recipient", "instrument", "article", "assistance_type")))


def reach(places: Iterable[str]) -> frozenset[str]:
    """Every place that shares a party with one of `places`."""
    parties = {party for place in places for party in members(place)}
    return frozenset(parties | {around for party in parties for around in places_around(party)})


def activities_about(session: Session, subject: Subject) -> Sequence[Activity]:
    """Planned or running activities that share a party, a topic and an assistance type with `subject`, oldest first."""
    query = select(Activity).where(col(Activity.status).in_(RUNNING))
    query = query.where(_tagged(("recipient",), reach(subject.places)), _tagged(("instrument", "article"), subject.topics))
    query = query.where(_tagged(("assistance_type",), subject.types))
    return session.exec(query.order_by(col(Activity.id))).all()


def _tagged(lists: Iterable[str], codes: Iterable[str]) -> sa.ColumnElement[bool]:
    tagged = select(ActivityTag.activity_id).where(col(ActivityTag.list).in_(list(lists)), col(ActivityTag.code).in_(list(codes)))
    return col(Activity.id).in_(tagged)


def open_needs_about(session: Session, subject: Subject, today: date) -> Sequence[Need]:
    """Open needs of a party that `subject` reaches, not yet past their day, that share a topic and an assistance type, oldest first."""
    parties = {party for place in subject.places for party in members(place)}
    topics = select(NeedTag.need_id).where(col(NeedTag.list).in_(("instrument", "article")), col(NeedTag.code).in_(subject.topics))
    types = select(NeedLine.need_id).where(col(NeedLine.assistance_type).in_(subject.types))
    query = select(Need).where(Need.status == "open", col(Need.party).in_(parties))
    query = query.where(sa.or_(col(Need.needed_by).is_(None), col(Need.needed_by) >= today))
    return session.exec(query.where(col(Need.id).in_(topics), col(Need.id).in_(types)).order_by(col(Need.id))).all()


def officers_of(session: Session, organization_ids: Iterable[int]) -> dict[int, list[int]]:
    """The donor officers in office, by organization."""
    found: dict[int, list[int]] = {}
    query = sa.select(_APPOINTMENT.c.organization_id, _APPOINTMENT.c.person_id).where(
        _APPOINTMENT.c.role == "donor", _APPOINTMENT.c.ended_at.is_(None), _APPOINTMENT.c.organization_id.in_(list(organization_ids))
    )
    for organization_id, person_id in session.connection().execute(query.order_by(_APPOINTMENT.c.id)):
        found.setdefault(organization_id, []).append(person_id)
    return found


def donors_among(session: Session, person_ids: Iterable[int]) -> dict[int, int]:
    """Those who are donor officers now, with an organization of theirs, by person."""
    query = sa.select(_APPOINTMENT.c.person_id, _APPOINTMENT.c.organization_id).where(
        _APPOINTMENT.c.role == "donor", _APPOINTMENT.c.ended_at.is_(None), _APPOINTMENT.c.person_id.in_(list(person_ids))
    )
    return {person_id: organization_id for person_id, organization_id in session.connection().execute(query) if organization_id}
