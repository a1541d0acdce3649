"""The outbox as those see it who run the house: what waits, since when, what was given up, and what they may do about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from storage.database import machine_time
from storage.deliveries import is_ended, is_head, is_ready, is_waiting
from storage.records import set_setting

STOPPED = "sending.stopped"
"""The setting that stops all sending at once, in every process."""

STATES = ("pending", "sending", "sent", "failed", "cancelled", "enveloped")

_TABLES = SQLModel.metadata.tables
_OUTBOX, _PERSON, _CHANNEL, _SETTING = _TABLES["outbox"], _TABLES["person"], _TABLES["channel"], _TABLES["setting"]
_NOW = sa.bindparam("machine_now", type_=_OUTBOX.c.lease_until.type)
_STOPPED = sa.select(_SETTING.c.value).where(_SETTING.c.name == STOPPED)
_DUE = sa.select(sa.func.count(), sa.func.min(_OUTBOX.c.due_at)).where(
    is_waiting(_OUTBOX), _OUTBOX.c.due_at <= sa.bindparam("business_now")
)
_UNSENT = _DUE.where(is_ready(_OUTBOX, _NOW), is_head(_OUTBOX))
_BY_STATE = sa.union_all(  # in two parts, each of which has its index
    *(sa.select(_OUTBOX.c.state, sa.func.count()).where(part(_OUTBOX)).group_by(_OUTBOX.c.state) for part in (is_waiting, is_ended))
)
_FAILED_SINCE = sa.select(sa.func.count()).where(
    is_ended(_OUTBOX), _OUTBOX.c.state == "failed", _OUTBOX.c.lease_until > sa.bindparam("since")
)


@dataclass(frozen=True, slots=True)
class Backlog:
    """`due`: rows due and not yet sent, the oldest of them since `oldest_due`; `by_state`: all rows there are."""

    due: int
    oldest_due: datetime | None
    by_state: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row as `liaison deliveries` lists it: instants in UTC, `to` is the person's or the channel's name."""

    id: int
    key: str
    kind: str
    to: str
    state: str
    due_at: datetime
    attempts: int
    retry_at: datetime | None
    last_error: str | None


def backlog(connection: sa.Connection, *, business_now: datetime) -> Backlog:
    due, oldest = connection.execute(_DUE, {"business_now": business_now}).one()
    counted: dict[str, int] = {row[0]: row[1] for row in connection.execute(_BY_STATE)}
    return Backlog(due, oldest, {state: counted.get(state, 0) for state in STATES})


def unsent(connection: sa.Connection, *, due_before: datetime, ready_for: timedelta) -> tuple[int, datetime | None]:
    """Heads of lanes due before `due_before` (business time) that anybody could have claimed for `ready_for` (machine time)."""
    asked = {"business_now": due_before, "machine_now": machine_time(connection) - ready_for}
    count, oldest = connection.execute(_UNSENT, asked).one()
    return count, oldest


def failed_within(connection: sa.Connection, span: timedelta) -> int:
    """Rows given up in the last `span` of machine time, by the lease under which it happened."""
    return int(connection.execute(_FAILED_SINCE, {"since": machine_time(connection) - span}).scalar_one())


def is_stopped(connection: sa.Connection) -> bool:
    return bool(connection.execute(_STOPPED).scalar_one_or_none())


def stop(session: Session, stopped: bool) -> None:
    """Stop all sending, or let it go on; what is due meanwhile waits."""
    set_setting(session, STOPPED, stopped)


def listed(connection: sa.Connection, *, state: str | None = None, limit: int = 50) -> list[Waiting]:
    """Rows in `state`, by default all but those sent or enveloped, the earliest due first."""
    to = sa.func.coalesce(_PERSON.c.name, _CHANNEL.c.name, _OUTBOX.c.door, "")
    o = _OUTBOX.c
    query = sa.select(o.id, o.key, o.kind, to, o.state, o.due_at, o.attempts, o.retry_at, o.last_error)
    query = query.select_from(_OUTBOX.outerjoin(_PERSON, _PERSON.c.id == o.person_id).outerjoin(_CHANNEL, _CHANNEL.c.id == o.channel_id))
    if state:
        part = is_waiting if state in ("pending", "sending") else is_ended
        query = query.where(part(_OUTBOX), o.state == state)
    else:
        query = query.where(sa.or_(is_waiting(_OUTBOX), sa.and_(is_ended(_OUTBOX), o.state.in_(("failed", "cancelled")))))
    return [Waiting(*row) for row in connection.execute(query.order_by(o.due_at, o.id).limit(limit))]


def list_failed(connection: sa.Connection, *, limit: int = 50) -> list[Waiting]:
    """The dead letters."""
    return listed(connection, state="failed", limit=limit)


def requeue(connection: sa.Connection, ids: Sequence[int]) -> int:
    """Try failed or cancelled rows again, from the first attempt; how many there were. Their last error is kept until then."""
    again: dict[str, Any] = {"state": "pending", "attempts": 0, "retry_at": None, "lease_owner": None, "lease_until": None}
    chosen = sa.and_(_OUTBOX.c.id.in_(ids), _OUTBOX.c.state.in_(("failed", "cancelled")))
    return connection.execute(sa.update(_OUTBOX).where(chosen).values(again)).rowcount


def cancel(connection: sa.Connection, ids: Sequence[int]) -> int:
    """Never send these; how many were not sent or being sent yet."""
    chosen = sa.and_(_OUTBOX.c.id.in_(ids), _OUTBOX.c.state.in_(("pending", "failed")))
    return connection.execute(sa.update(_OUTBOX).where(chosen).values(state="cancelled")).rowcount
