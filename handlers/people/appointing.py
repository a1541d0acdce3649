"""Appointments: one acting focal point a party and convention, deputies named; donors and observers at their organization."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from handlers.conference.reminders import replan_party
from storage.people import Appointment, Organization, RoleRequest

CONVENTIONS = ("UNTOC", "UNCAC")


def has_acting(session: Session, party: str, convention: str) -> bool:
    """Whether `party` has an acting focal point for the convention, or for either when `both` are meant."""
    wanted = CONVENTIONS if convention == "both" else (convention,)
    query = select(Appointment.id).where(
        Appointment.role == "focal_point", Appointment.party == party, Appointment.standing == "acting",
        col(Appointment.convention).in_(wanted), col(Appointment.ended_at).is_(None),
    )  # fmt: skip
    return session.exec(query).first() is not None


def appoint(session: Session, request: RoleRequest, *, approved_by: int | None, now: datetime) -> None:
    """Make the appointments a request asks for. A second focal point of the same party and convention becomes a deputy."""
    if request.role == "focal_point" and request.party:
        for convention in CONVENTIONS if request.convention in (None, "both") else (request.convention,):
            _focal_point(session, request, convention, approved_by, now)
        return
    organization = _organization(session, request.organization, request.party, now) if request.organization else None
    session.add(
        Appointment(
            person_id=request.person_id, role=request.role, organization_id=organization.id if organization else None,
            authority=request.authority, approved_by=approved_by, created_at=now,
        )
    )  # fmt: skip
    session.flush()


def _focal_point(session: Session, request: RoleRequest, convention: str, approved_by: int | None, now: datetime) -> None:
    standing = "deputy" if has_acting(session, request.party or "", convention) else "acting"
    session.add(
        Appointment(
            person_id=request.person_id, role="focal_point", party=request.party, convention=convention, standing=standing,
            authority=request.authority, starts_on=now.date(), approved_by=approved_by, created_at=now,
        )
    )  # fmt: skip
    session.flush()
    replan_party(session, request.party or "", now)


def _organization(session: Session, name: str, party: str | None, now: datetime) -> Organization:
    known = session.exec(select(Organization).where(Organization.name == name)).first()
    if known:
        return known
    made = Organization(name=name, party=party, created_at=now)
    session.add(made)
    session.flush()
    return made
