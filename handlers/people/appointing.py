"""Appointments: one acting focal point a party and convention, deputies named; donors and observers at their organization."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from handlers.conference.reminders import replan_party
from storage import turns
from storage.people import Appointment, Organization, RoleRequest, appointments_of

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
    """Make the appointments a request asks for, less those the person holds already.

    A second focal point of the same party and convention becomes a deputy.
    """
    if request.role == "focal_point" and request.party:
        for convention in CONVENTIONS if request.convention in (None, "both") else (request.convention,):
            _focal_point(session, request, convention, approved_by, now)
        return
    organization = _organization(session, request.organization, request.party, now) if request.organization else None
    if _holds(session, request, organization_id=organization.id if organization else None):
        return
    session.add(
        Appointment(
            person_id=request.person_id, role=request.role, organization_id=organization.id if organization else None,
            authority=request.authority, approved_by=approved_by, created_at=now,
        )
    )  # fmt: skip
    session.flush()


def _holds(session: Session, request: RoleRequest, **at: str | int | None) -> bool:
    """Whether the person of a request holds its role in force, for the same party, convention or organization."""
    held = select(Appointment.id).where(
        Appointment.person_id == request.person_id, Appointment.role == request.role, col(Appointment.ended_at).is_(None)
    )
    return session.exec(held.filter_by(**at)).first() is not None


def _focal_point(session: Session, request: RoleRequest, convention: str, approved_by: int | None, now: datetime) -> None:
    turns.lock(session.connection(), f"focal_point:{request.party}:{convention}")  # two approvals at once: the second is a deputy
    if _holds(session, request, party=request.party, convention=convention):
        return
    standing = "deputy" if has_acting(session, request.party or "", convention) else "acting"
    session.add(
        Appointment(
            person_id=request.person_id, role="focal_point", party=request.party, convention=convention, standing=standing,
            authority=request.authority, starts_on=now.date(), approved_by=approved_by, created_at=now,
        )
    )  # fmt: skip
    session.flush()
    replan_party(session, request.party or "", now)


@dataclass(frozen=True, slots=True)
class Ending:
    """Who ends appointments, and where it was said: a person's turn, or the command line, where nobody is named."""

    door: str
    person_id: int | None = None
    event: str | None = None


def end_appointments(session: Session, appointments: Sequence[Appointment], by: Ending, *, now: datetime) -> None:
    """End appointments in force. Each is audited, and a party's reminders are planned anew for whoever acts for it now, if anybody."""
    for appointment in appointments:
        before = appointment.model_dump(mode="json")
        appointment.ended_at = now
        session.add(appointment)
        session.flush()
        turns.note(
            session.connection(), at=now, person_id=by.person_id, door=by.door, event=by.event, action="appointment.ended",
            subject=f"person:{appointment.person_id}", outcome="done", before=before, after=appointment.model_dump(mode="json"),
        )  # fmt: skip
    for party in sorted({appointment.party for appointment in appointments if appointment.party}):
        replan_party(session, party, now)


def held_by(session: Session, person_id: int, *, role: str | None = None, party: str | None = None) -> list[Appointment]:
    """A person's appointments in force, all of them, or those to a role or for a party."""
    held = appointments_of(session, person_id)
    return [one for one in held if role in (None, one.role) and party in (None, one.party)]


def _organization(session: Session, name: str, party: str | None, now: datetime) -> Organization:
    turns.lock(session.connection(), f"organization:{name}")
    known = session.exec(select(Organization).where(Organization.name == name)).first()
    if known:
        return known
    made = Organization(name=name, party=party, created_at=now)
    session.add(made)
    session.flush()
    return made
