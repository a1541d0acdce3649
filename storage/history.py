"""What was done to a record, read from the audit trail."""

from __future__ import annotations

from sqlmodel import Session, col, select

from storage.people import Person
from storage.records import Audit


def history_of(session: Session, ref: str, *, limit: int) -> list[tuple[Audit, str]]:
    """What was done to a record, with the name of who did it, the latest first; refusals are left out."""
    query = select(Audit, Person.name).join(Person, col(Person.id) == Audit.person_id, isouter=True)
    query = query.where(Audit.subject == ref, Audit.outcome == "done").order_by(col(Audit.id).desc())
    return [(audit, name or "") for audit, name in session.exec(query.limit(limit)).all()]
