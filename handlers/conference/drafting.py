"""Who is writing something for a deadline: unfinished forms of `submission`, by the deadline they name."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, col, select

from storage.conversation import Draft
from storage.people import Appointment

FORM = "submission"
UNFINISHED = ("open", "parked")


def about(deadline_id: int) -> str:
    """What a draft for a deadline is about."""
    return f"deadline:{deadline_id}"


def is_for(draft: Draft, deadline_id: int) -> bool:
    """A draft is for the deadline chosen in it; before one is chosen, for the one it was opened from."""
    chosen = draft.answers.get("deadline")
    return str(chosen) == str(deadline_id) if chosen is not None else draft.about == about(deadline_id)


def drafts_for(session: Session, deadline_id: int, person_id: int | None = None) -> Sequence[Draft]:
    """Unfinished drafts for a deadline, of everybody or one person, the latest first."""
    query = select(Draft).where(Draft.form == FORM, col(Draft.state).in_(UNFINISHED))
    if person_id is not None:
        query = query.where(Draft.person_id == person_id)
    found = session.exec(query.order_by(col(Draft.updated_at).desc())).all()
    return [draft for draft in found if is_for(draft, deadline_id)]


def parties_drafting(session: Session, deadline_id: int, convention: str) -> frozenset[str]:
    """The parties one of whose focal points, acting or deputy, has an unfinished draft for a deadline."""
    people = {draft.person_id for draft in drafts_for(session, deadline_id)}
    query = select(Appointment.party).where(
        col(Appointment.person_id).in_(people), Appointment.role == "focal_point", Appointment.convention == convention
    )
    return frozenset(party for party in session.exec(query.where(col(Appointment.ended_at).is_(None))).all() if party)
