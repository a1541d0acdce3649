"""One-time sign-in links: signed, good for fifteen minutes and once; the database keeps a hash and when it was used."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

import sqlalchemy as sa
from sqlmodel import Session, col

from bot.web.session import signed, unsigned
from storage.database import database_now
from storage.people import LinkCode

LASTS = timedelta(minutes=15)


def new_link(session: Session, person_id: int, *, secret: str, base_url: str) -> str:
    """The address that signs `person_id` in to the web chat, to be sent to them and to nobody else."""
    nonce = secrets.token_urlsafe(24)
    session.add(LinkCode(hashed=_hashed(nonce), person_id=person_id, expires_at=database_now(session) + LASTS))
    session.flush()
    return f"{base_url}/chat/link/{signed(secret, 'link', nonce)}"


def spend(session: Session, token: str, *, secret: str) -> int | None:
    """The person a link signs in, once; None when it is forged, too old or was used."""
    nonce = unsigned(secret, "link", token)
    if nonce is None:
        return None
    now = database_now(session)
    unspent = sa.and_(col(LinkCode.hashed) == _hashed(nonce), col(LinkCode.used_at).is_(None), col(LinkCode.expires_at) > now)
    statement = sa.update(LinkCode).where(unspent).values(used_at=now).returning(col(LinkCode.person_id))
    person_id: int | None = session.connection().execute(statement).scalar_one_or_none()
    return person_id


def _hashed(nonce: str) -> str:
    """Apart from the codes that link accounts, so that neither can be used as the other."""
    return hashlib.sha256(f"sign-in {nonce}".encode()).hexdigest()
