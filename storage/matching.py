"""Who hears of a need: one statement over the composite keys of the subscriptions, on SQLite and PostgreSQL alike.

A subscription is kept as one row for each place × topic × assistance type it covers, `*` being any; a need has a handful of such
keys itself, so that finding its subscriptions is that many look-ups in one index.  There is no cache to keep right.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select

from storage import people  # noqa: F401  (appointments are joined by their table)
from storage.reference import articles, members, places_around
from storage.subscriptions import Subscription

ANY = "*"

MOST_KEYS = 2000
"""Rows one subscription may take; beyond, its broadest dimension is kept as `*` and checked when something is found."""

_TABLES = SQLModel.metadata.tables
_KEY, _APPOINTMENT = _TABLES["subscription_key"], _TABLES["appointment"]


@dataclass(frozen=True, slots=True)
class Sought:
    """What of a need decides who hears of it; `topics` are its instruments and articles, `seen_by` the roles its visibility allows.

    `seen_by` None: everybody. `owner_id` is the need's author, who never hears of it.
    """

    party: str
    topics: tuple[str, ...]
    types: tuple[str, ...]
    owner_id: int
    seen_by: tuple[str, ...] | None = None


class Follower(NamedTuple):
    """A subscription that matches."""

    subscription_id: int
    person_id: int
    frequency: str


def topics_followed(instruments: Iterable[str], chosen: Iterable[str]) -> tuple[str, ...]:
    """The topics a subscription covers: an instrument of which articles were chosen is followed for these only."""
    narrowed = tuple(dict.fromkeys(chosen))
    parted = {articles()[code].instrument for code in narrowed if code in articles()}
    return (*(code for code in dict.fromkeys(instruments) if code not in parted), *narrowed)


def keys_of(subscription: Subscription) -> tuple[tuple[tuple[str, str, str], ...], bool]:
    """The keys of a subscription, at most `MOST_KEYS`, and whether they are wider than its filters."""
    dimensions = [
        tuple(dict.fromkeys(subscription.places)) or (ANY,),
        topics_followed(subscription.instruments, subscription.articles) or (ANY,),
        tuple(dict.fromkeys(subscription.assistance_types)) or (ANY,),
    ]
    widened = False
    while len(dimensions[0]) * len(dimensions[1]) * len(dimensions[2]) > MOST_KEYS:
        dimensions[max(range(3), key=lambda n: len(dimensions[n]))] = (ANY,)
        widened = True
    return tuple((place, topic, kind) for place, topic, kind in product(*dimensions)), widened


def keep_subscription(session: Session, subscription: Subscription) -> Subscription:
    """Write a subscription, new or changed, together with its keys; an ended one has none."""
    keys, subscription.widened = keys_of(subscription)
    session.add(subscription)
    session.flush()
    connection = session.connection()
    connection.execute(sa.delete(_KEY).where(_KEY.c.subscription_id == subscription.id))
    if subscription.ended_at is None:
        connection.execute(sa.insert(_KEY), key_rows(subscription, keys))
    return subscription


def key_rows(subscription: Subscription, keys: Iterable[tuple[str, str, str]]) -> list[dict[str, Any]]:
    """The keys of a subscription as rows of their table."""
    whose = {"subscription_id": subscription.id, "person_id": subscription.person_id}
    heard = {"frequency": subscription.frequency, "widened": subscription.widened}
    return [{"place": place, "topic": topic, "assistance_type": kind} | whose | heard for place, topic, kind in keys]


def sought_keys(sought: Sought) -> list[tuple[str, str, str]]:
    """Every key under which a subscription to this need may be kept."""
    return list(product((ANY, sought.party, *places_around(sought.party)), (ANY, *sought.topics), (ANY, *sought.types)))


def followers(session: Session, sought: Sought) -> list[Follower]:
    """The subscriptions that match a need and may see it, by id; never its author's."""
    statement = _FOLLOWERS[session.connection().dialect.name, sought.seen_by is not None]
    keys = sought_keys(sought)
    values: dict[str, Any] = {"keys": json.dumps(keys), "owner_id": sought.owner_id}
    if session.connection().dialect.name == "postgresql":
        values = {"owner_id": sought.owner_id} | dict(zip(("places", "topics", "types"), map(list, zip(*keys, strict=True)), strict=True))
    if sought.seen_by is not None:
        values["roles"] = list(sought.seen_by)
    rows = session.connection().execute(statement, values).all()
    doubtful = _doubtful(session, [row[0] for row in rows if row[3]], sought)
    return sorted(Follower(*row[:3]) for row in rows if row[0] not in doubtful)


def _doubtful(session: Session, widened: Sequence[int], sought: Sought) -> set[int]:
    """Those among widened subscriptions whose own filters do not match after all."""
    if not widened:
        return set()
    found = session.exec(select(Subscription).where(col(Subscription.id).in_(widened))).all()
    return {subscription.id or 0 for subscription in found if not covers(subscription, sought)}


def covers(subscription: Subscription, sought: Sought) -> bool:
    """Whether the filters themselves match, an empty one being any."""
    topics = topics_followed(subscription.instruments, subscription.articles)
    return (
        (not subscription.places or any(sought.party in members(place) for place in subscription.places))
        and (not topics or not set(topics).isdisjoint(sought.topics))
        and (not subscription.assistance_types or not set(subscription.assistance_types).isdisjoint(sought.types))
    )


def _statement(dialect: str, by_role: bool) -> sa.Select[Any]:
    wanted = _wanted(dialect)
    same = sa.and_(_KEY.c.place == wanted.c.place, _KEY.c.topic == wanted.c.topic, _KEY.c.assistance_type == wanted.c.kind)
    query = sa.select(_KEY.c.subscription_id, _KEY.c.person_id, _KEY.c.frequency, _KEY.c.widened).distinct()
    query = query.select_from(wanted).join(_KEY, same).where(_KEY.c.person_id != sa.bindparam("owner_id"))
    return query.where(_KEY.c.person_id.in_(_HOLDERS)) if by_role else query


def _wanted(dialect: str) -> sa.Subquery:
    """The need's keys as a table: as many rows as there are, in one parameter that never changes the statement."""
    if dialect == "sqlite":
        each = sa.func.json_each(sa.bindparam("keys")).table_valued("value")
        parts = (sa.func.json_extract(each.c.value, f"$[{n}]").label(name) for n, name in enumerate(("place", "topic", "kind")))
        return sa.select(*parts).subquery()
    arrays = (sa.bindparam(name, type_=sa.ARRAY(sa.String)) for name in ("places", "topics", "types"))
    each = sa.func.unnest(*arrays).table_valued("place", "topic", "kind", name="wanted").render_derived()
    return sa.select(each.c.place, each.c.topic, each.c.kind).subquery()


_HOLDERS = sa.select(_APPOINTMENT.c.person_id).where(
    _APPOINTMENT.c.ended_at.is_(None), _APPOINTMENT.c.role.in_(sa.bindparam("roles", expanding=True))
)
_FOLLOWERS = {(dialect, by_role): _statement(dialect, by_role) for dialect in ("sqlite", "postgresql") for by_role in (True, False)}
