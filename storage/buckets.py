"""Rate limits that all replicas share: token buckets in the database, refilled by the database's own time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, SQLModel

from storage.database import UtcInstant, machine_time

LONGEST_PAUSE = 7 * 24 * 3600.0
"""Seconds: a platform that asks for more is taken at this."""

KEPT_SECONDS = 3600.0
"""A bucket nobody drew from for so long is full again, and forgotten."""


class RateBucket(SQLModel, table=True):
    """What one place, or one whole door, may still be sent. Nothing goes there before `paused_until`."""

    __tablename__ = "rate_bucket"

    key: str = Field(primary_key=True, max_length=80)
    tokens: float
    refilled_at: datetime = Field(sa_type=UtcInstant)
    paused_until: datetime | None = Field(default=None, sa_type=UtcInstant)


_BUCKET = SQLModel.metadata.tables["rate_bucket"]
_NEW = {
    "sqlite": sqlite.insert(_BUCKET).on_conflict_do_nothing(index_elements=["key"]),
    "postgresql": postgresql.insert(_BUCKET).on_conflict_do_nothing(index_elements=["key"]),
}
_LOCKED = (
    sa.select(_BUCKET.c.key, _BUCKET.c.tokens, _BUCKET.c.refilled_at, _BUCKET.c.paused_until)
    .where(_BUCKET.c.key.in_(sa.bindparam("keys", expanding=True)))
    .order_by(_BUCKET.c.key)
    .with_for_update()
)
_DRAWN = (
    sa.update(_BUCKET)
    .where(_BUCKET.c.key == sa.bindparam("b_key"))
    .values(tokens=sa.bindparam("b_tokens"), refilled_at=sa.bindparam("b_at"))
)  # fmt: skip
_PAUSED = sa.update(_BUCKET).where(
    _BUCKET.c.key == sa.bindparam("b_key"), sa.or_(_BUCKET.c.paused_until.is_(None), _BUCKET.c.paused_until < sa.bindparam("b_until"))
)
_PAUSED = _PAUSED.values(paused_until=sa.bindparam("b_until"))
_PAUSE_OF = sa.select(_BUCKET.c.paused_until).where(_BUCKET.c.key == sa.bindparam("key"))


def place_key(door: str, address: Mapping[str, Any]) -> str:
    """The bucket of one place on a door."""
    said = json.dumps(address, sort_keys=True, separators=(",", ":"))
    return f"{door}:{hashlib.sha256(said.encode()).hexdigest()[:40]}"


def door_key(door: str) -> str:
    """The bucket of a whole door."""
    return f"door:{door}"


def burst_of(per_second: float) -> float:
    """How many may go at once to a place that was quiet; two at least, or what refills between two looks would run over."""
    return min(3.0, max(2.0, per_second))


def draw(tokens: float, *, elapsed: float, per_second: float) -> tuple[float, float]:
    """One token out of a bucket last touched `elapsed` seconds ago: (tokens left, 0.0), or (tokens, seconds until there is one)."""
    full = min(burst_of(per_second), tokens + max(0.0, elapsed) * per_second)
    return (full - 1.0, 0.0) if full >= 1.0 else (full, (1.0 - full) / per_second)


def reserve(connection: sa.Connection, keys: Sequence[str], *, per_second: float) -> list[float]:
    """For each key in turn 0.0 when a token was reserved, else the seconds to wait. Held until the caller's transaction ends."""
    if not keys:
        return []
    now = machine_time(connection)
    held = _held(connection, sorted(set(keys)), burst=burst_of(per_second), now=now)
    waits = [_draw(held, key, per_second=per_second, now=now) for key in keys]
    connection.execute(_DRAWN, [{"b_key": key, "b_tokens": tokens, "b_at": at} for key, (tokens, at, _) in held.items()])
    return waits


_Held = dict[str, tuple[float, datetime, datetime | None]]


def _draw(held: _Held, key: str, *, per_second: float, now: datetime) -> float:
    tokens, at, paused_until = held[key]
    if paused_until is not None and paused_until > now:
        return (paused_until - now).total_seconds()
    left, wait = draw(tokens, elapsed=(now - at).total_seconds(), per_second=per_second)
    held[key] = (left, now, paused_until)
    return wait


def _held(connection: sa.Connection, keys: list[str], *, burst: float, now: datetime) -> _Held:
    """The buckets, locked in the order of their keys so that two replicas never wait for each other."""
    held = _locked(connection, keys)
    if missing := [key for key in keys if key not in held]:
        new = [{"key": key, "tokens": burst, "refilled_at": now, "paused_until": None} for key in missing]
        connection.execute(_NEW[connection.dialect.name], new)
        held |= _locked(connection, missing)
    return held


def _locked(connection: sa.Connection, keys: list[str]) -> _Held:
    return {key: (tokens, at, until) for key, tokens, at, until in connection.execute(_LOCKED, {"keys": keys})}


def pause(connection: sa.Connection, key: str, *, seconds: float) -> None:
    """Nothing to this place, or through this door, for so long; a longer pause that stands already is kept."""
    now = machine_time(connection)
    connection.execute(_NEW[connection.dialect.name], [{"key": key, "tokens": 0.0, "refilled_at": now, "paused_until": None}])
    connection.execute(_PAUSED, {"b_key": key, "b_until": now + timedelta(seconds=min(seconds, LONGEST_PAUSE))})


def is_paused(connection: sa.Connection, key: str) -> bool:
    until = connection.execute(_PAUSE_OF, {"key": key}).scalar_one_or_none()
    return until is not None and until > machine_time(connection)


def forget_full(connection: sa.Connection) -> int:
    """Drop the buckets that were not drawn from for an hour; how many."""
    now = machine_time(connection)
    idle = _BUCKET.c.refilled_at < now - timedelta(seconds=KEPT_SECONDS)
    return connection.execute(
        sa.delete(_BUCKET).where(idle, sa.or_(_BUCKET.c.paused_until.is_(None), _BUCKET.c.paused_until < now))
    ).rowcount
