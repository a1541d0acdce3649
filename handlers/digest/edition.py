"""One edition of the digest: what is new, what nobody has answered, what is due. One message, read in ten seconds."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from handlers.conference.standing import closes_shown, named
from handlers.conversation.press import press
from handlers.conversation.reply import Action, Item, Listing
from handlers.conversation.text import Code, Series, T, Text
from storage.activities import Activity
from storage.conference import Deadline, deadlines_of, has_handed_in, next_session
from storage.digests import interests, new_activities, new_needs, overlaps, suggestions, unanswered_needs
from storage.needs import Need

FEW = 3
"""Entries named in a group; the rest are counted."""

AHEAD = timedelta(days=21)
"""How far ahead deadlines are named."""


@dataclass(frozen=True, slots=True)
class Audience:
    """Who an edition is for: what they see, whose deadlines are theirs, and the person where it is one."""

    levels: Collection[str]
    zone: str
    parties: tuple[str, ...] = ()
    person_id: int | None = None


def compose(session: Session, audience: Audience, *, since: datetime, until: datetime) -> Listing:
    """The edition for a period. Groups with nothing in them are left out; an empty edition has no items."""
    groups = (
        _for_you(session, audience),
        _needs(session, audience, since, until),
        _activities(session, audience, since, until),
        _matches(session, audience, since, until),
        _unanswered(session, audience, until),
        _overlaps(session, audience, since, until),
        _due(session, audience, until),
    )
    zone = ZoneInfo(audience.zone)
    first, last = since.astimezone(zone).date(), until.astimezone(zone).date()
    return Listing(text=T("digest.title", since=first, until=last), items=tuple(group for group in groups if group))


def _for_you(session: Session, audience: Audience) -> Item | None:
    if audience.person_id is None:
        return None
    found = [need for _, need in suggestions(session, audience.person_id) if need.visibility in audience.levels]
    if not found:
        return None
    return Item(
        text=T("digest.for_you", n=len(found)), details=_named([_need(need) for need in found]), actions=tuple(map(_show, found[:FEW]))
    )


def _show(need: Need) -> Action:
    return Action(id=press("need.show", need.ref), label=T("digest.show", ref=need.ref))


def _needs(session: Session, audience: Audience, since: datetime, until: datetime) -> Item | None:
    found = new_needs(session, since, until, audience.levels)
    return Item(text=T("digest.new_needs", n=len(found)), details=_named([_need(need) for need in found])) if found else None


def _need(need: Need) -> Text:
    return T("digest.need", ref=need.ref, party=Code("party", need.party), title=need.title)


def _activities(session: Session, audience: Audience, since: datetime, until: datetime) -> Item | None:
    found = new_activities(session, since, until, audience.levels)
    return (
        Item(text=T("digest.new_activities", n=len(found)), details=_named([_activity(activity) for activity in found])) if found else None
    )


def _activity(activity: Activity) -> Text:
    return T("digest.activity", ref=activity.ref, provider=activity.provider, title=activity.title)


def _matches(session: Session, audience: Audience, since: datetime, until: datetime) -> Item | None:
    count = interests(session, since, until, audience.levels)
    return Item(text=T("digest.interests", n=count)) if count else None


def _unanswered(session: Session, audience: Audience, until: datetime) -> Item | None:
    count, oldest = unanswered_needs(session, until, audience.levels, most=FEW)
    if not count:
        return None
    lines = tuple(T("digest.waiting", need=_need(need), since=need.created_at.date()) for need in oldest)
    return Item(text=T("digest.unanswered", n=count), details=(*lines, *_more(count)))


def _overlaps(session: Session, audience: Audience, since: datetime, until: datetime) -> Item | None:
    pairs = overlaps(session, since, until, audience.levels)
    if not pairs:
        return None
    lines = [T("digest.pair", refs=Series(pair)) for pair in pairs]
    return Item(text=T("digest.overlaps", n=len(pairs)), details=_named(lines))


def _due(session: Session, audience: Audience, until: datetime) -> Item | None:
    conference = next_session(session, until)
    if conference is None or conference.id is None:
        return None
    ahead = [
        deadline
        for deadline in deadlines_of(session, conference.id)
        if until < deadline.closes_at <= until + AHEAD and deadline.addressee == "parties" and not _done(session, audience, deadline)
    ]
    lines = [T("digest.closes", what=named(deadline), when=closes_shown(deadline, conference.zone)) for deadline in ahead]
    return Item(text=T("digest.due", n=len(ahead)), details=_named(lines)) if ahead else None


def _done(session: Session, audience: Audience, deadline: Deadline) -> bool:
    return bool(audience.parties) and all(has_handed_in(session, deadline.id or 0, party) for party in audience.parties)


def _named(lines: Sequence[Text]) -> tuple[Text, ...]:
    """The first few, and how many more there are."""
    return (*lines[:FEW], *_more(len(lines)))


def _more(count: int) -> tuple[Text, ...]:
    return (T("digest.more", n=count - FEW),) if count > FEW else ()
