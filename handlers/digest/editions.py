"""Who gets an edition when: each morning or each Monday morning by the reader's own clock, once, whatever crashes in between."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, col, select

from handlers.conversation.access import VISIBILITY, Actor, Role, visible_to
from handlers.conversation.context import tell, tell_channel
from handlers.conversation.reply import Listing
from handlers.digest.edition import Audience, compose
from storage import turns
from storage.conversation import Channel
from storage.digests import DigestEdition, has_edition, last_edition, quiet_readers
from storage.matches import Match
from storage.people import Person
from storage.records import set_setting, setting

MORNING = time(8, 0)
"""When an edition goes out, by the reader's own clock."""

LOOKED = "digest.looked"
"""The quarter of an hour whose editions are all composed; zones differ by whole quarters."""

_SPAN = {"daily": timedelta(days=1), "weekly": timedelta(days=7)}


@dataclass(frozen=True, slots=True)
class Reader:
    """One reader of the digest: a person or a channel, with what they may see."""

    key: str
    audience: Audience
    frequency: str
    since: datetime
    channel_id: int | None = None


def latest_slot(now: datetime, zone: str, frequency: str) -> datetime:
    """The last moment an edition was due: this morning or the last one, this Monday's or the last one's."""
    local = now.astimezone(ZoneInfo(zone))
    day = local.date() if local.time() >= MORNING else local.date() - timedelta(days=1)
    if frequency == "weekly":
        day -= timedelta(days=day.weekday())
    return datetime.combine(day, MORNING, tzinfo=ZoneInfo(zone))


def fall_due(session: Session, now: datetime) -> int:
    """Compose every edition that is due and was not composed; how many. After downtime only the latest of each reader is."""
    quarter = now.replace(minute=now.minute - now.minute % 15, second=0, microsecond=0).isoformat()
    if setting(session, LOOKED) == quarter:
        return 0
    composed = sum(_if_due(session, reader, now) for reader in readers(session))
    set_setting(session, LOOKED, quarter)
    return composed


def readers(session: Session) -> Iterator[Reader]:
    """Everybody who asked for a digest, and every channel that has one."""
    for person, frequency, since in quiet_readers(session):
        yield person_reader(session, person, frequency, since)
    wanting = select(Channel).where(col(Channel.digest).in_(("daily", "weekly")), col(Channel.unreachable).is_(None))
    for channel in session.exec(wanting.order_by(col(Channel.id))).all():
        levels = VISIBILITY[VISIBILITY.index(channel.audience) :]
        yield Reader(f"channel:{channel.id}", Audience(levels, channel.zone), channel.digest, channel.created_at, channel.id)


def person_reader(session: Session, person: Person, frequency: str, since: datetime) -> Reader:
    held = turns.held(session.connection(), person.id or 0)
    actor = Actor(person.id or 0, person.name, person.language, person.zone, tuple(Role(h.role, h.party) for h in held))
    return Reader(f"person:{person.id}", Audience(visible_to(actor), person.zone, actor.parties, person.id), frequency, since)


def _if_due(session: Session, reader: Reader, now: datetime) -> int:
    slot = latest_slot(now, reader.audience.zone, reader.frequency)
    if slot <= reader.since or has_edition(session, reader.key, slot.date().isoformat()):
        return 0
    send(session, reader, period=slot.date().isoformat(), until=slot, now=now)
    return 1


def send(session: Session, reader: Reader, *, period: str, until: datetime, now: datetime, since: datetime | None = None) -> bool:
    """Compose one edition and put it into the outbox; False when there is nothing to tell. It counts as composed either way.

    It goes on where the reader's last one ended, unless `since` says otherwise.
    """
    since = since or _went_until(session, reader, until)
    session.add(DigestEdition(reader=reader.key, period=period, since=since, until=until, composed_at=now))
    session.flush()
    edition = compose(session, reader.audience, since=since, until=until)
    if not edition.items:
        return False
    _tell(session, reader, edition, key=f"digest:{reader.key}:{period}", now=now)
    return True


def _went_until(session: Session, reader: Reader, until: datetime) -> datetime:
    last = last_edition(session, reader.key)
    return last.until if last and last.until < until else until - _SPAN[reader.frequency]


def _tell(session: Session, reader: Reader, edition: Listing, *, key: str, now: datetime) -> None:
    if reader.channel_id is not None:
        tell_channel(session, reader.channel_id, (edition,), key=key, kind="digest", due=now, now=now)
        return
    person_id = reader.audience.person_id or 0
    tell(session, person_id, (edition,), key=key, kind="digest", due=now, now=now)
    told = sa.update(Match).where(col(Match.person_id) == person_id, col(Match.state) == "suggested")
    session.connection().execute(told.values(state="told"))
