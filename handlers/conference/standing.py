"""Where a deadline stands at a moment, and how it is named and shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Literal

from sqlmodel import Session

from handlers.conference import moments
from handlers.conference.moments import Frame
from handlers.conversation.access import Actor
from handlers.conversation.text import Moment, Names, T, Value
from handlers.conversation.words import phrases
from storage.conference import ConferenceSession, Deadline, deadlines_of

Standing = Literal["not_yet_open", "open", "closed"]


class DeadlineKind(StrEnum):
    """What a session asks for (DESIGN 8)."""

    DRAFT_RESOLUTIONS = "draft_resolutions"
    SPEAKERS_LIST = "speakers_list"
    HIGH_LEVEL_SPEAKERS = "high_level_speakers"
    CREDENTIALS = "credentials"
    CREDENTIALS_PROVISIONAL = "credentials_provisional"
    BUDGET = "budget"
    COMMENTS = "comments"
    REGISTRATION = "registration"
    OTHER = "other"


class Expectation(StrEnum):
    """Whether each party should hand in, or whoever wishes to."""

    EXPECTED = "expected"
    OPTIONAL = "optional"


def standing(deadline: Deadline, now: datetime) -> Standing:
    """Derived from its instants, never stored: open from `opens_at` on, closed from `closes_at` on (DESIGN 4)."""
    if now >= deadline.closes_at:
        return "closed"
    return "not_yet_open" if deadline.opens_at and now < deadline.opens_at else "open"


def frame_of(conference: ConferenceSession) -> Frame:
    return Frame(conference.zone, conference.opens_at, conference.closes_at)


def named(deadline: Deadline) -> Value:
    """Its own name, or that of its kind."""
    return Names(dict(deadline.title)) if deadline.title else T(f"deadline_kind.{deadline.kind}")


def session_named(conference: ConferenceSession) -> Value:
    return Names(dict(conference.title)) if conference.title else conference.symbol


def closes_shown(deadline: Deadline, zone: str) -> Moment:
    """When it closes; a day without an hour ends at 24:00 and says that this is assumed."""
    stated = moments.hour_stated(deadline.closes_said)
    return Moment(deadline.closes_at, zone, ends_day=not stated or moments.ends_day(deadline.closes_said), assumed=not stated)


def opens_shown(deadline: Deadline, zone: str) -> Moment | None:
    """When its window opens, if it has one."""
    if deadline.opens_at is None:
        return None
    said = deadline.opens_said or {}
    return Moment(deadline.opens_at, zone, ends_day=moments.ends_day(said), assumed=not moments.hour_stated(said))


def contact_of(deadline: Deadline, conference: ConferenceSession) -> Value:
    """Whom to write to; where none is on record, the secretariat at the address in the invitations."""
    return deadline.contact or conference.contact or T("deadline.contact_usual")


def asked_of_parties(session: Session, conference: ConferenceSession) -> Sequence[Deadline]:
    """The deadlines of a session at which parties hand something in."""
    assert conference.id is not None
    return [d for d in deadlines_of(session, conference.id) if d.addressee == "parties"]


def party_for(actor: Actor, conference: ConferenceSession) -> str | None:
    """The party a person speaks for at a session, as its focal point for the session's convention (DESIGN 6)."""
    held = (r for r in actor.roles if r.role == "focal_point" and r.party)
    return next((r.party for r in held if r.convention == conference.convention), None)


def kind_named(text: str) -> str | None:
    """The kind of deadline a message names in any of the six languages; the longest name wins."""
    folded = text.casefold()
    return next((kind for phrase, kind in _kinds_said() if phrase in folded), None)


@lru_cache(maxsize=1)
def _kinds_said() -> tuple[tuple[str, str], ...]:
    kinds = [kind.value for kind in DeadlineKind if kind is not DeadlineKind.OTHER]
    pairs = {phrase: kind for kind in kinds for _, phrase in phrases(f"deadline_said.{kind}")}
    return tuple(sorted(pairs.items(), key=lambda pair: -len(pair[0])))
