"""Claiming what is due and marking what became of it: statements on the outbox, each in one short transaction.

Two rows are in one *lane* when they must keep their order: all that is pushed to one person, all answers to one person through
one door, all that goes to one channel.  Only the head of a lane is ever claimed, so a later row waits while the earlier one is
being sent or waits for its next attempt; other lanes go on.

Due is business time; leases, waits and buckets are the database's own time, which every replica shares (DESIGN 4).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel

from storage import buckets, conversation, outbox, people  # noqa: F401  (their tables are registered by importing them)
from storage.database import machine_time
from storage.envelopes import fold, still_wanted
from storage.recall import expire

_TABLES = SQLModel.metadata.tables
_OUTBOX, _PERSON, _IDENTITY, _CHANNEL = _TABLES["outbox"], _TABLES["person"], _TABLES["identity"], _TABLES["channel"]

NO_ACCOUNT = "no_reachable_account"
"""The error of a row that waits because its recipient has no account, or no channel, that still accepts messages."""

NO_ACCOUNT_WAIT = 60.0
"""Seconds until such a recipient is looked up again."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A row that is ours to send until its lease ends, with the place it goes to.

    `was_sending`: whoever held it before never marked it, so it may have been sent; taking it over counts as no new attempt, because
    a crash tells nothing about the row.  `audience` is set for a channel.
    """

    id: int
    key: str
    kind: str
    body: list[Any]
    due_at: datetime
    attempts: int
    was_sending: bool
    last_error: str | None
    person_id: int | None
    channel_id: int | None
    identity_id: int | None
    door: str
    address: Mapping[str, Any]
    place: str
    language: str
    zone: str
    audience: str | None
    is_answer: bool
    owner: str = ""
    lease_until: datetime | None = None


def _literal(*words: str) -> list[sa.ColumnElement[str]]:
    return [sa.literal_column(f"'{word}'") for word in words]  # a bound value would keep the partial indexes from being used


def is_waiting(row: sa.FromClause) -> sa.ColumnElement[bool]:
    """Neither sent nor given up."""
    return row.c.state.in_(_literal("pending", "sending"))


def is_ended(row: sa.FromClause) -> sa.ColumnElement[bool]:
    """Nothing more happens to it unless somebody asks for it."""
    return row.c.state.in_(_literal("sent", "failed", "cancelled", "enveloped"))


def is_ready(row: sa.FromClause, now: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Not waiting for a next attempt, nor leased to somebody, at the machine time `now`."""
    pending = sa.and_(row.c.state == "pending", sa.or_(row.c.retry_at.is_(None), row.c.retry_at <= now))
    return sa.or_(pending, sa.and_(row.c.state == "sending", row.c.lease_until < now))


def is_head(row: sa.FromClause) -> sa.ColumnElement[bool]:
    """The first of its lane."""
    earlier = _OUTBOX.alias("earlier")
    before = sa.tuple_(earlier.c.due_at, earlier.c.id) < sa.tuple_(row.c.due_at, row.c.id)
    same_door = sa.func.coalesce(earlier.c.door, "") == sa.func.coalesce(row.c.door, "")
    person = sa.exists().where(earlier.c.person_id == row.c.person_id, same_door, is_waiting(earlier), before)
    channel = sa.exists().where(earlier.c.channel_id == row.c.channel_id, is_waiting(earlier), before)
    return sa.and_(~person, ~channel)


_NOW = sa.bindparam("machine_now", type_=_OUTBOX.c.lease_until.type)
_DUE = sa.and_(is_waiting(_OUTBOX), _OUTBOX.c.due_at <= sa.bindparam("business_now"))
_LAST_USED = (
    sa.select(_IDENTITY.c.id)
    .where(_IDENTITY.c.person_id == _OUTBOX.c.person_id, _IDENTITY.c.unreachable.is_(None))
    .where(_IDENTITY.c.door.in_(sa.bindparam("doors", expanding=True)))
    .order_by(_IDENTITY.c.door == people.DESK, _IDENTITY.c.last_seen_at.desc(), _IDENTITY.c.id)
    .limit(1)
    .correlate(_OUTBOX)
    .scalar_subquery()
)
_ACCOUNT = _IDENTITY.alias("account")
_GOES_THROUGH = sa.or_(
    _ACCOUNT.c.door == sa.bindparam("door"),
    sa.and_(_CHANNEL.c.door == sa.bindparam("door"), _CHANNEL.c.unreachable.is_(None)),
)
_HEADS = (
    sa.select(
        _OUTBOX.c.id, _OUTBOX.c.key, _OUTBOX.c.kind, _OUTBOX.c.body, _OUTBOX.c.due_at, _OUTBOX.c.attempts,
        (_OUTBOX.c.state == "sending").label("was_sending"), _OUTBOX.c.last_error, _OUTBOX.c.person_id, _OUTBOX.c.channel_id,
        _ACCOUNT.c.id.label("identity_id"), _OUTBOX.c.door.label("fixed_door"), _OUTBOX.c.address.label("fixed_address"),
        _ACCOUNT.c.address.label("account_address"), _CHANNEL.c.address.label("channel_address"),
        sa.func.coalesce(_PERSON.c.language, _CHANNEL.c.language, "en").label("language"),
        sa.func.coalesce(_PERSON.c.zone, _CHANNEL.c.zone, "UTC").label("zone"), _CHANNEL.c.audience,
    )
    .select_from(
        _OUTBOX.outerjoin(_ACCOUNT, sa.and_(_OUTBOX.c.door.is_(None), _ACCOUNT.c.id == _LAST_USED))
        .outerjoin(_PERSON, _PERSON.c.id == _OUTBOX.c.person_id)
        .outerjoin(_CHANNEL, _CHANNEL.c.id == _OUTBOX.c.channel_id)
    )
    .where(_DUE, is_ready(_OUTBOX, _NOW), is_head(_OUTBOX))
    .order_by(_OUTBOX.c.due_at, _OUTBOX.c.id)
    .limit(sa.bindparam("at_most"))
    .with_for_update(of=_OUTBOX, skip_locked=True)
)  # fmt: skip
_ANSWERS = _HEADS.where(_OUTBOX.c.door == sa.bindparam("door"))
_PUSHED = _HEADS.where(_OUTBOX.c.door.is_(None), _GOES_THROUGH)
_ANY_READY = sa.select(sa.exists().where(_DUE, is_ready(_OUTBOX, _NOW)))
_TAKE = (
    sa.update(_OUTBOX)
    .where(_OUTBOX.c.id.in_(sa.bindparam("ids", expanding=True)), is_ready(_OUTBOX, _NOW))
    .values(state="sending", lease_owner=sa.bindparam("owner"), lease_until=sa.bindparam("until"))
    .values(retry_at=None, attempts=_OUTBOX.c.attempts + sa.case((_OUTBOX.c.state == "pending", 1), else_=0))
    .returning(_OUTBOX.c.id, _OUTBOX.c.attempts)
)  # fmt: skip
_HOLD = (
    sa.update(_OUTBOX).where(_OUTBOX.c.id == sa.bindparam("b_id"), _OUTBOX.c.state == "pending").values(retry_at=sa.bindparam("b_until"))
)
_REACHABLE = sa.exists().where(_IDENTITY.c.person_id == _OUTBOX.c.person_id, _IDENTITY.c.unreachable.is_(None))
_OPEN_CHANNEL = sa.exists().where(_CHANNEL.c.id == _OUTBOX.c.channel_id, _CHANNEL.c.unreachable.is_(None))
_SET_ASIDE = (
    sa.update(_OUTBOX)
    .where(_DUE, _OUTBOX.c.door.is_(None), is_ready(_OUTBOX, _NOW), ~_REACHABLE, ~_OPEN_CHANNEL)
    .values(retry_at=sa.bindparam("until"), lease_until=sa.case((_OUTBOX.c.state == "sending", sa.bindparam("until")), else_=None))
    .values(last_error=sa.func.coalesce(_OUTBOX.c.last_error, NO_ACCOUNT))
)


def anything_ready(connection: sa.Connection, *, business_now: datetime) -> bool:
    """Whether a claim could find anything: asked first, because it takes no lock."""
    return bool(connection.execute(_ANY_READY, {"business_now": business_now, "machine_now": machine_time(connection)}).scalar_one())


def claim(
    connection: sa.Connection, *, owner: str, door: str, doors: Sequence[str], per_second: float, business_now: datetime,
    limit: int, answers: int, lease_seconds: float,
) -> list[Claimed]:  # fmt: skip
    """Up to `answers` answers and `limit` other due rows that go through `door`, now ours for `lease_seconds`.

    Each in the order of (due, id); an answer, whose place is fixed, does not wait until a thousand reminders are sent.
    A person is written to at the account they used last among those on `doors` that are reachable, at
    their desk only where there is no other.  A row whose place has no
    token left (`per_second`) is put off until it has; several for one person leave in one envelope.
    """
    if buckets.is_paused(connection, buckets.door_key(door)):
        return []
    now = machine_time(connection)
    expire(connection, business_now=business_now, machine_now=now)
    asked = {"door": door, "doors": list(doors), "business_now": business_now, "machine_now": now}
    found = [*connection.execute(_ANSWERS, asked | {"at_most": answers}), *connection.execute(_PUSHED, asked | {"at_most": limit})]
    heads = [_placed(row, door) for row in found]
    allowed = _within_limits(connection, heads, per_second=per_second, now=now)
    if not allowed:
        return []
    rows = make_envelopes(connection, _reopened(connection, allowed, business_now), business_now=business_now)
    return _take(connection, rows, owner=owner, now=now, lease=timedelta(seconds=lease_seconds))


def make_envelopes(connection: sa.Connection, heads: Sequence[Claimed], *, business_now: datetime) -> list[Claimed]:
    """The heads, those with more behind them replaced by the envelope that now holds both (`storage.envelopes`)."""
    pushed = [(row.id, row.kind, row.person_id, row.attempts) for row in heads if not row.is_answer]
    folded = fold(connection, pushed, now=business_now)
    return [replace(row, **folded[row.id].content) if row.id in folded else row for row in heads]


def _reopened(connection: sa.Connection, heads: list[Claimed], now: datetime) -> list[Claimed]:
    """The heads, envelopes that were made before with what is still wanted of them, and without those that nothing is left of."""
    wanted = still_wanted(connection, {row.id: row.body for row in heads if row.kind == "envelope"}, now=now)
    return [replace(row, body=wanted.get(row.id, row.body)) for row in heads if wanted.get(row.id, row.body)]


def _placed(row: Any, door: str) -> Claimed:
    address = row.fixed_address if row.fixed_door is not None else row.account_address or row.channel_address
    return Claimed(
        id=row.id, key=row.key, kind=row.kind, body=row.body, due_at=row.due_at, attempts=row.attempts,
        was_sending=bool(row.was_sending), last_error=row.last_error, person_id=row.person_id, channel_id=row.channel_id,
        identity_id=row.identity_id, door=door, address=address or {}, place=buckets.place_key(door, address or {}),
        language=row.language, zone=row.zone, audience=row.audience, is_answer=row.fixed_door is not None,
    )  # fmt: skip


def _within_limits(connection: sa.Connection, heads: list[Claimed], *, per_second: float, now: datetime) -> list[Claimed]:
    if math.isinf(per_second):
        return heads
    waits = buckets.reserve(connection, [row.place for row in heads], per_second=per_second)
    if late := [{"b_id": row.id, "b_until": now + timedelta(seconds=wait)} for row, wait in zip(heads, waits, strict=True) if wait]:
        connection.execute(_HOLD, late)
    return [row for row, wait in zip(heads, waits, strict=True) if not wait]


def _take(connection: sa.Connection, rows: list[Claimed], *, owner: str, now: datetime, lease: timedelta) -> list[Claimed]:
    asked = {"ids": [row.id for row in rows], "machine_now": now, "owner": owner, "until": now + lease}
    taken: dict[int, int] = {row[0]: row[1] for row in connection.execute(_TAKE, asked)}
    return [replace(row, attempts=taken[row.id], owner=owner, lease_until=now + lease) for row in rows if row.id in taken]


def set_aside(connection: sa.Connection, *, business_now: datetime) -> int:
    """Let rows wait whose recipient cannot be reached anywhere; they are listed with `NO_ACCOUNT` and looked at again. How many."""
    now = machine_time(connection)
    asked = {"business_now": business_now, "machine_now": now, "until": now + timedelta(seconds=NO_ACCOUNT_WAIT)}
    return connection.execute(_SET_ASIDE, asked).rowcount


_STILL_OURS = sa.and_(
    _OUTBOX.c.id == sa.bindparam("b_id"), _OUTBOX.c.state == "sending",
    _OUTBOX.c.lease_owner == sa.bindparam("b_owner"), _OUTBOX.c.lease_until == sa.bindparam("b_lease"),
)  # fmt: skip
_SENT = sa.update(_OUTBOX).where(_STILL_OURS)
_SENT = _SENT.values(state="sent", message_id=sa.bindparam("b_message"), sent_at=sa.bindparam("b_now"), last_error=None)
_LATER = sa.update(_OUTBOX).where(_STILL_OURS)
_LATER = _LATER.values(
    state="pending",
    retry_at=sa.bindparam("b_until"),
    last_error=sa.bindparam("b_error"),
    attempts=_OUTBOX.c.attempts - sa.bindparam("b_uncounted"),
)
_FAILED = sa.update(_OUTBOX).where(_STILL_OURS).values(state="failed", last_error=sa.bindparam("b_error"))
_RELEASED = sa.update(_OUTBOX).where(_STILL_OURS).values(state="pending", retry_at=None, attempts=_OUTBOX.c.attempts - 1)
_LEFT = sa.update(_OUTBOX).where(_STILL_OURS).values(lease_until=sa.bindparam("b_now"))


def mark_sent(connection: sa.Connection, sent: Sequence[tuple[Claimed, str]], *, now: datetime) -> int:
    """(row, the platform's message id) each; how many of them were still ours. `now` is business time."""
    return _mark(connection, _SENT, [_ours(row) | {"b_message": _storable(message, 200), "b_now": now} for row, message in sent])


def mark_later(connection: sa.Connection, later: Sequence[tuple[Claimed, float, str, bool]]) -> int:
    """(row, seconds to wait, error, whether it counts as an attempt) each; how many were still ours."""
    now = machine_time(connection)
    rows = [
        _ours(row) | {"b_until": now + timedelta(seconds=wait), "b_error": _storable(error, 300), "b_uncounted": 0 if counts else 1}
        for row, wait, error, counts in later
    ]
    return _mark(connection, _LATER, rows)


def mark_failed(connection: sa.Connection, failed: Sequence[tuple[Claimed, str]]) -> int:
    """(row, error) each, never tried again unless somebody asks for it; how many were still ours. The lease tells when it was."""
    return _mark(connection, _FAILED, [_ours(row) | {"b_error": _storable(error, 300)} for row, error in failed])


def release(connection: sa.Connection, rows: Sequence[Claimed]) -> int:
    """Give back rows that were claimed and not tried, as they were: one that may have been sent stays so."""
    now = machine_time(connection)
    left = _mark(connection, _LEFT, [_ours(row) | {"b_now": now} for row in rows if row.was_sending])
    return left + _mark(connection, _RELEASED, [_ours(row) for row in rows if not row.was_sending])


def _mark(connection: sa.Connection, statement: sa.Update, rows: list[dict[str, Any]]) -> int:
    return connection.execute(statement, rows).rowcount if rows else 0


def _ours(row: Claimed) -> dict[str, Any]:
    return {"b_id": row.id, "b_owner": row.owner, "b_lease": row.lease_until}


def _storable(said: str, at_most: int) -> str:
    """A platform's words cut to their column, without what a database refuses in a text."""
    return said[:at_most].replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
