"""A recipient that a platform refuses for good: the account or channel is flagged, and the secretariat is told once."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, select

from handlers.conversation.codec import encode
from handlers.conversation.reply import Say
from handlers.conversation.text import T, Text
from storage import people, turns
from storage.conversation import Channel
from storage.deliveries import Claimed
from storage.people import Identity, Person


def flag_unreachable(session: Session, row: Claimed, *, reason: str, now: datetime) -> None:
    """Nothing more is sent there until the account speaks again; an answer's place that is neither account nor channel is let be."""
    if identity := _account(session, row):
        identity.unreachable = reason[:80]
        session.add(identity)
        person = session.get_one(Person, identity.person_id)
        words = T("delivery.unreachable", name=person.name, reason=reason[:80])
        _tell_secretariat(session, words, key=f"unreachable:{identity.id}", about=person.id, now=now)
    elif channel := _channel(session, row):
        channel.unreachable = reason[:80]
        session.add(channel)
        words = T("delivery.unreachable_channel", name=channel.name or channel.key, reason=reason[:80])
        _tell_secretariat(session, words, key=f"unreachable:channel:{channel.id}", about=None, now=now)


def _account(session: Session, row: Claimed) -> Identity | None:
    if row.identity_id is not None:
        return session.get(Identity, row.identity_id)
    theirs = select(Identity).where(Identity.person_id == row.person_id, Identity.door == row.door)
    return next((account for account in session.exec(theirs) if account.address == row.address), None)


def _channel(session: Session, row: Claimed) -> Channel | None:
    if row.channel_id is not None:
        return session.get(Channel, row.channel_id)
    return next((c for c in session.exec(select(Channel).where(Channel.door == row.door)) if c.address == row.address), None)


def _tell_secretariat(session: Session, words: Text, *, key: str, about: int | None, now: datetime) -> None:
    for person in people.people_appointed(session, "secretariat"):
        if person.id != about:
            turns.tell(
                session.connection(), key=f"{key}:{person.id}", kind="notice", person_id=person.id, channel_id=None, door=None,
                address=None, body=encode((Say(text=words),)), due_at=now, created_at=now,
            )  # fmt: skip
