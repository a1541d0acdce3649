"""Calling back what was not sent yet: because it is wanted no more, or because its moment is over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import SQLModel

from storage import outbox  # noqa: F401  (its table is registered by importing it)

TOO_LATE = "too_late"
"""The error of a row that was cancelled because its `not_after` had come before it could be sent."""

_OUTBOX = SQLModel.metadata.tables["outbox"]
_PIECE = 500
"""Keys a statement: a database takes only so many parameters."""

_NAMED = _OUTBOX.c.key.in_(sa.bindparam("keys", expanding=True))
_ENVELOPES = sa.select(_OUTBOX.c.envelope_id).where(_NAMED, _OUTBOX.c.envelope_id.is_not(None))
_UNSENT = sa.select(_OUTBOX.c.id).where(_OUTBOX.c.id.in_(sa.bindparam("ids", expanding=True)), _OUTBOX.c.state == "pending")
_UNSENT = _UNSENT.order_by(_OUTBOX.c.id).with_for_update()
_FREE = sa.and_(_NAMED, _OUTBOX.c.state == "pending")
_FOLDED = sa.and_(_NAMED, _OUTBOX.c.state == "enveloped", _OUTBOX.c.envelope_id.in_(sa.bindparam("envelopes", expanding=True)))
_CALL_BACK = sa.update(_OUTBOX).where(sa.or_(_FREE, _FOLDED)).values(state="cancelled").returning(_OUTBOX.c.key)

_REWORD = sa.update(_OUTBOX).where(_OUTBOX.c.key == sa.bindparam("b_key"), _OUTBOX.c.state.in_(("pending", "enveloped")))
_REWORD = _REWORD.values(body=sa.bindparam("b_body"))

_MEMBER = _OUTBOX.alias("member")
_STILL_INSIDE = sa.exists().where(_MEMBER.c.envelope_id == _OUTBOX.c.id, _MEMBER.c.state == "enveloped")
_EMPTY = sa.update(_OUTBOX).where(_OUTBOX.c.id.in_(sa.bindparam("ids", expanding=True)), _OUTBOX.c.state == "pending", ~_STILL_INSIDE)
_EMPTY = _EMPTY.values(state="cancelled")

_OPENABLE = sa.select(_OUTBOX.c.id).where(
    _OUTBOX.c.id.in_(sa.bindparam("ids", expanding=True)), _OUTBOX.c.state.in_(("pending", "cancelled"))
)
_OPENABLE = _OPENABLE.order_by(_OUTBOX.c.id).with_for_update()
_CALLED_BACK = sa.and_(_NAMED, _OUTBOX.c.state == "cancelled")
_BACK_INSIDE = sa.update(_OUTBOX).where(_CALLED_BACK, _OUTBOX.c.envelope_id.in_(sa.bindparam("envelopes", expanding=True)))
_BACK_INSIDE = _BACK_INSIDE.values(state="enveloped")
_AGAIN = sa.update(_OUTBOX).where(_OUTBOX.c.id.in_(sa.bindparam("ids", expanding=True)), _OUTBOX.c.state == "cancelled", _STILL_INSIDE)
_AGAIN = _AGAIN.values(state="pending")
_ALONE = sa.update(_OUTBOX).where(_CALLED_BACK).values(state="pending", envelope_id=None)

_READY = sa.or_(_OUTBOX.c.state == "pending", sa.and_(_OUTBOX.c.state == "sending", _OUTBOX.c.lease_until < sa.bindparam("machine_now")))
_OVER = sa.select(_OUTBOX.c.id).where(_OUTBOX.c.not_after <= sa.bindparam("business_now"), _READY)
_EXPIRE = (
    sa.update(_OUTBOX)
    .where(_OUTBOX.c.id.in_(_OVER.with_for_update(skip_locked=True).scalar_subquery()))
    .values(state="cancelled", last_error=TOO_LATE)
)


def call_back(connection: sa.Connection, keys: Sequence[str]) -> list[str]:
    """Cancel those of `keys` that are not sent yet, also inside an envelope that is not; which they were.

    What is being sent is left, alone or in its envelope: it may be out already.
    """
    called: list[str] = []
    for piece in _pieces(keys):
        envelopes = _locked(connection, _UNSENT, piece)
        called += connection.execute(_CALL_BACK, {"keys": piece, "envelopes": envelopes}).scalars()
        if envelopes:
            connection.execute(_EMPTY, {"ids": envelopes})
    return called


def reword(connection: sa.Connection, key: str, body: Sequence[object]) -> None:
    """Give other words to what is not sent yet, alone or in its envelope."""
    connection.execute(_REWORD, {"b_key": key, "b_body": list(body)})


def let_go(connection: sa.Connection, keys: Sequence[str]) -> None:
    """Send after all what was called back: in its envelope where that was not sent without it, since it may be known by its key."""
    for piece in _pieces(keys):
        if envelopes := _locked(connection, _OPENABLE, piece):
            connection.execute(_BACK_INSIDE, {"keys": piece, "envelopes": envelopes})
            connection.execute(_AGAIN, {"ids": envelopes})
        connection.execute(_ALONE, {"keys": piece})


def expire(connection: sa.Connection, *, business_now: datetime, machine_now: datetime) -> int:
    """Cancel what was to go before `business_now` and is in nobody's hands; how many."""
    return connection.execute(_EXPIRE, {"business_now": business_now, "machine_now": machine_now}).rowcount


def _locked(connection: sa.Connection, envelopes: sa.Select[int], keys: list[str]) -> list[int]:
    """The envelopes that hold any of `keys`, those that `envelopes` chooses: locked, so that no claim takes them meanwhile."""
    holding = list(connection.execute(_ENVELOPES, {"keys": keys}).scalars())
    return list(connection.execute(envelopes, {"ids": holding}).scalars()) if holding else []


def _pieces(keys: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(keys), _PIECE):
        yield list(keys[start : start + _PIECE])
