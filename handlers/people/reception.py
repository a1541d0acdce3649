"""Receiving people: who a new account is, the first words they hear, and what is said when nothing was understood."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sqlalchemy as sa
from sqlmodel import Session, col

from handlers.conversation.capability import Offer
from handlers.conversation.context import Context
from handlers.conversation.dispatch import Reception
from handlers.conversation.hearing import Understood
from handlers.conversation.reply import Action, Replies, Say
from handlers.conversation.text import T
from handlers.conversation.turn import Turn
from handlers.people.channels import arrived
from handlers.people.help import OFFER_ROLE, offered
from handlers.people.unheard import share_button
from storage import turns
from storage.people import Identity, Person, add_person
from storage.reference import LANGUAGES
from storage.turns import Speaker


def reception(offers: tuple[Offer, ...], started_by: Callable[[str], str | None], *, zone: str = "Europe/Vienna") -> Reception:
    """The reception of a house with these offers.

    `started_by(intent)` is the press that starts what an intent means; `zone` that of people whose platform names none.
    """

    def welcome(context: Context) -> Replies:
        if context.turn.where.kind != "personal":
            return arrived(context)
        _mark_welcomed(context)
        return (Say(text=T("welcome", name=context.actor.name or T("word.you")), actions=offered(context, offers)),)

    def likeliest(context: Context, understood: Understood) -> Replies:
        starts = [(intent, started_by(intent)) for intent in understood.likely]
        suited = {offer.press: offer.suits(context.actor) for offer in offers}
        guesses = tuple(Action(id=start, label=T(f"intent.{intent}")) for intent, start in starts if start and suited.get(start, True))[:3]
        if not context.actor.roles:
            guesses = (OFFER_ROLE,)
        return (
            Say(
                text=T("did_you_mean" if guesses else "help.again"),
                actions=(*(guesses or offered(context, offers)[:3]), *share_button(context)),
            ),
        )

    def enrolled(session: Session, turn: Turn, now: datetime) -> Speaker:
        return enrol(session, turn, now, zone=zone)

    return Reception(enrol=enrolled, welcome=welcome, likeliest=likeliest)


def _mark_welcomed(context: Context) -> None:
    table = sa.update(Person).where(col(Person.id) == context.actor.id, col(Person.welcomed_at).is_(None))
    context.connection.execute(table.values(welcomed_at=context.now))


def enrol(session: Session, turn: Turn, now: datetime, *, zone: str = "Europe/Vienna") -> Speaker:
    """A person for an account nobody knows yet: no role, in the platform's language and zone as a first guess (DESIGN 2.6)."""
    person = add_person(
        session, Person(name=turn.who.name[:200], language=_language(turn.who.locale), zone=_zone(turn.who.zone) or zone, created_at=now)
    )
    session.add(
        Identity(
            person_id=person.id or 0,
            door=turn.door,
            key=turn.who.key,
            address=dict(turn.who.address),
            locale=turn.who.locale,
            last_seen_at=now,
        )
    )
    session.flush()
    speaker = turns.speaker(session.connection(), turn.door, turn.who.key)
    assert speaker is not None
    return speaker


def _language(locale: str | None) -> str:
    code = (locale or "").replace("_", "-").split("-")[0].lower()
    return code if code in LANGUAGES else "en"


def _zone(name: str | None) -> str | None:
    try:
        return ZoneInfo(name).key if name else None
    except (ZoneInfoNotFoundError, ValueError):
        return None
