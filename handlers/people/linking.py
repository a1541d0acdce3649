"""Linking an account to a person with a one-time code, made on the command line or by the secretariat (DESIGN 6)."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col

from handlers.conversation.access import Refused
from handlers.conversation.capability import Capability
from handlers.conversation.context import Context
from handlers.conversation.press import press
from handlers.conversation.reply import Action, Replies, Say
from handlers.conversation.text import T
from storage.people import DESK, Identity, LinkCode, Person, spend_code

LASTS = timedelta(days=3)


def hashed(code: str) -> str:
    return hashlib.sha256(code.strip().upper().encode()).hexdigest()


def keep_code(session: Session, code: str, *, person_id: int, now: datetime) -> None:
    """Remember a code for a person; only its hash is kept. It is good for three days and once."""
    session.add(LinkCode(hashed=hashed(code), person_id=person_id, expires_at=now + LASTS))
    session.flush()


def use_code(session: Session, code: str, *, now: datetime) -> Person:
    """The person a code is for, and the code is spent. Refused when it is wrong, spent or too old."""
    person_id = spend_code(session, hashed(code), now=now)
    if person_id is None:
        found = session.get(LinkCode, hashed(code))
        raise Refused("code_expired" if found and found.used_at is None else "code_unknown")
    return session.get_one(Person, person_id)


_CODE = re.compile(r"[A-Za-z0-9]{6,20}")


def _link(context: Context, rest: str) -> Replies | None:
    if rest and not _CODE.fullmatch(rest.strip()):
        return None
    if context.turn.door == DESK:
        raise Refused("link_elsewhere")  # a desk is a person's own; a code is for an account of a platform
    person = use_code(context.session, rest, now=context.now)
    here = (col(Identity.door) == context.turn.door, col(Identity.key) == context.turn.who.key)
    context.connection.execute(sa.update(Identity).where(*here).values(person_id=person.id))
    context.audit("identity.linked", f"person:{person.id}", after={"door": context.turn.door, "key": context.turn.who.key})
    return (Say(text=T("link.done", name=person.name), actions=(Action(id=press("help.show"), label=T("offer.help")),)),)


CAPABILITY = Capability(name="linking", commands={"link": _link})
