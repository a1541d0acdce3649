"""Everyone a session's change affects, told once each."""

from __future__ import annotations

from sqlmodel import Session, col, select

from handlers.conversation.context import Context
from handlers.conversation.reply import Replies
from storage.conference import ConferenceSession
from storage.people import Appointment

_EVERY_SESSION = ("chair", "observer", "secretariat")


def people_affected(session: Session, conference: ConferenceSession) -> tuple[int, ...]:
    """Focal points and deputies of the session's convention, chairs, observers and the secretariat, by person id."""
    query = select(Appointment.person_id, Appointment.role, Appointment.convention).where(col(Appointment.ended_at).is_(None))
    return tuple(
        sorted(
            {
                person_id
                for person_id, role, convention in session.exec(query).all()
                if role in _EVERY_SESSION or (role == "focal_point" and convention == conference.convention)
            }
        )
    )


def tell_affected(context: Context, conference: ConferenceSession, replies: Replies, *, key: str) -> int:
    """Tell all of them but whoever made the change; how many were told. `key` names the change and its revision."""
    others = others_affected(context, conference)
    return sum(context.tell(person_id, replies, key=f"{key}:{person_id}", kind="notice") for person_id in others)


def others_affected(context: Context, conference: ConferenceSession) -> list[int]:
    """Everyone affected but whoever makes the change."""
    return [person_id for person_id in people_affected(context.session, conference) if person_id != context.actor.id]
