"""Whom to turn to about a party's needs, and how people of this area are named."""

from __future__ import annotations

from collections.abc import Iterable

from sqlmodel import Session

from handlers.conversation.access import ROLES, Actor, Role, visible_to
from handlers.conversation.text import Code, Series, T, Value
from storage.people import Person, focal_point_of


def conventions(instruments: Iterable[str]) -> tuple[str, ...]:
    """The conventions whose focal points are concerned: `UNTOC` stands for itself and its Protocols (DESIGN 6)."""
    return tuple(dict.fromkeys("UNCAC" if code == "UNCAC" else "UNTOC" for code in instruments)) or ("UNTOC", "UNCAC")


def focal_points(session: Session, party: str, instruments: Iterable[str]) -> list[Person]:
    """The acting focal points of a party for what is concerned, at this moment, once each."""
    found = (focal_point_of(session, party, convention) for convention in conventions(instruments))
    return list({person.id: person for person in found if person}.values())


def contact_of(session: Session, party: str, instruments: Iterable[str] = ()) -> Person | None:
    return next(iter(focal_points(session, party, instruments)), None)


def named(actor: Actor) -> Value:
    """A person with what they speak for: `Norway's donor office (Ingrid Larsen)`."""
    spoken_for = [role.organization for role in actor.roles if role.organization]
    own: tuple[Value, ...] = (*spoken_for, *(Code("party", party) for party in actor.parties))
    return T("person.of", name=actor.name, whom=Series(own)) if own else actor.name


def seen_by(visibility: str) -> tuple[str, ...] | None:
    """The roles that see a record of this visibility; None where everybody does."""
    if visibility == "public":
        return None
    return tuple(role for role in ROLES if visibility in visible_to(Actor(0, "", "en", "UTC", (Role(role),))))
