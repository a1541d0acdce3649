"""Which parties have nothing left to hand in at a deadline."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlmodel import Session, col, select

from storage.conference import Deadline, Submission, deadlines_of

_MET_BY = {"credentials_provisional": "credentials"}
"""The time given to those who take part provisionally concerns only parties whose credentials are not there yet (002, item 1 (e))."""


def met_by(deadline: Deadline, others: Iterable[Deadline]) -> tuple[int, ...]:
    """The deadlines at which handing in settles this one: itself, and the one it only prolongs."""
    kinds = (_MET_BY.get(deadline.kind),)
    return tuple(d.id for d in (deadline, *(other for other in others if other.kind in kinds)) if d.id is not None)


def prolongs_another(deadline: Deadline) -> bool:
    return deadline.kind in _MET_BY


def prolonged_by(deadline: Deadline, others: Iterable[Deadline]) -> Deadline | None:
    """The deadline that this one only prolongs for parties that have missed it, if it does."""
    return next((other for other in others if other.kind == _MET_BY.get(deadline.kind)), None)


def settled_by(deadline: Deadline, others: Iterable[Deadline]) -> list[Deadline]:
    """The deadlines that handing in at this one settles."""
    return [deadline, *(other for other in others if _MET_BY.get(other.kind) == deadline.kind)]


def receipts_for(session: Session, deadline: Deadline) -> Sequence[Submission]:
    """What was handed in that settles a deadline, in order of receipt."""
    ids = met_by(deadline, deadlines_of(session, deadline.session_id))
    query = select(Submission).where(col(Submission.deadline_id).in_(ids), Submission.state == "received")
    return session.exec(query.order_by(col(Submission.received_at), col(Submission.id))).all()


def parties_settled(session: Session, deadline: Deadline) -> frozenset[str]:
    """The parties that have nothing left to hand in at a deadline."""
    return frozenset(submission.party for submission in receipts_for(session, deadline) if submission.party)
