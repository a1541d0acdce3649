"""Envelopes: several things for one person leave as one message, under a key of its own, so that it is found again after a crash."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel

from storage import outbox  # noqa: F401  (its table is registered by importing it)
from storage.recall import TOO_LATE

FOLDED = ("alert", "reminder", "notice", "digest")
"""The kinds that may travel together; an answer stays under the question, an envelope is closed."""

MOST = 10
"""Members of one envelope; the rest leaves in the next."""

_OUTBOX = SQLModel.metadata.tables["outbox"]
_FOLLOWING = (
    sa.select(
        _OUTBOX.c.id,
        _OUTBOX.c.key,
        _OUTBOX.c.kind,
        _OUTBOX.c.person_id,
        _OUTBOX.c.attempts,
        _OUTBOX.c.state,
        _OUTBOX.c.due_at,
        _OUTBOX.c.body,
    )
    .where(_OUTBOX.c.person_id.in_(sa.bindparam("people", expanding=True)), _OUTBOX.c.door.is_(None))
    .where(_OUTBOX.c.state.in_([sa.literal_column("'pending'"), sa.literal_column("'sending'")]), _OUTBOX.c.due_at <= sa.bindparam("now"))
    .order_by(_OUTBOX.c.due_at, _OUTBOX.c.id)
    .with_for_update()
)
_NEW = {
    "sqlite": sqlite.insert(_OUTBOX).on_conflict_do_nothing(index_elements=["key"]).returning(_OUTBOX.c.id),
    "postgresql": postgresql.insert(_OUTBOX).on_conflict_do_nothing(index_elements=["key"]).returning(_OUTBOX.c.id),
}
_INSIDE = (
    sa.update(_OUTBOX)
    .where(_OUTBOX.c.id == sa.bindparam("b_id"), _OUTBOX.c.state == "pending")
    .values(state="enveloped", envelope_id=sa.bindparam("b_envelope"))
)

_OVER = (
    sa.update(_OUTBOX)
    .where(_OUTBOX.c.envelope_id.in_(sa.bindparam("ids", expanding=True)), _OUTBOX.c.state == "enveloped")
    .where(_OUTBOX.c.not_after <= sa.bindparam("now"))
    .values(state="cancelled", last_error=TOO_LATE)
)
_MEMBERS = (
    sa.select(_OUTBOX.c.envelope_id, _OUTBOX.c.body)
    .where(_OUTBOX.c.envelope_id.in_(sa.bindparam("ids", expanding=True)), _OUTBOX.c.state == "enveloped")
    .order_by(_OUTBOX.c.due_at, _OUTBOX.c.id)
)
_CHANGED = sa.update(_OUTBOX).where(_OUTBOX.c.id == sa.bindparam("b_id")).values(body=sa.bindparam("b_body"))
_NOTHING_LEFT = sa.update(_OUTBOX).where(_OUTBOX.c.id.in_(sa.bindparam("ids", expanding=True))).values(state="cancelled")


@dataclass(frozen=True, slots=True)
class Envelope:
    id: int
    key: str
    body: list[Any]

    @property
    def content(self) -> dict[str, Any]:
        return {"id": self.id, "key": self.key, "kind": "envelope", "body": self.body}


_BEFORE_THE_REST = timedelta(microseconds=1)
"""An envelope's id is later than those of rows that are due with its members and did not fit in: this keeps it before them."""

Head = tuple[int, str, int | None, int]
"""(id, kind, person, attempts so far) of the first row of a lane."""


def fold(connection: sa.Connection, heads: Sequence[Head], *, now: datetime) -> dict[int, Envelope]:
    """Put each head together with what is due after it for the same person; the envelope that took its place, by head.

    A head that was tried before keeps its own key, because it may have been sent under it.
    """
    people = {person: id_ for id_, kind, person, attempts in heads if person is not None and kind in FOLDED and not attempts}
    if not people:
        return {}
    lanes: dict[int, list[Any]] = defaultdict(list)
    for row in connection.execute(_FOLLOWING, {"people": list(people), "now": now}):
        lanes[row.person_id].append(row)
    envelopes: dict[int, Envelope] = {}
    for person, head in people.items():
        members = _members(lanes[person])
        if len(members) > 1 and members[0].id == head and (envelope := _seal(connection, person, members, now=now)):
            envelopes[head] = envelope
    return envelopes


def _members(lane: list[Any]) -> list[Any]:
    """The rows at the beginning of a lane that may travel together."""
    for place, row in enumerate(lane):
        if row.kind not in FOLDED or row.attempts or row.state != "pending" or place == MOST:
            return lane[:place]
    return lane


def _seal(connection: sa.Connection, person: int, members: list[Any], *, now: datetime) -> Envelope | None:
    key = "envelope:" + hashlib.sha256("\n".join(row.key for row in members).encode()).hexdigest()[:40]
    body = [reply for row in members for reply in row.body]
    row: dict[str, Any] = {
        "key": key, "kind": "envelope", "person_id": person, "body": body, "state": "pending", "attempts": 0, "created_at": now,
        "due_at": members[0].due_at - _BEFORE_THE_REST,
    }  # fmt: skip
    envelope_id = connection.execute(_NEW[connection.dialect.name], row).scalar_one_or_none()
    if envelope_id is None:
        return None
    connection.execute(_INSIDE, [{"b_id": member.id, "b_envelope": envelope_id} for member in members])
    return Envelope(envelope_id, key, body)


def still_wanted(connection: sa.Connection, envelopes: Mapping[int, list[Any]], *, now: datetime) -> dict[int, list[Any]]:
    """The bodies of envelopes that are about to be claimed, by id, made of the members nobody called back; kept where they changed.

    `envelopes`: what they held so far.  One that nothing is left of is cancelled; its body is empty.
    """
    if not envelopes:
        return {}
    connection.execute(_OVER, {"ids": list(envelopes), "now": now})
    bodies: dict[int, list[Any]] = {id_: [] for id_ in envelopes}
    for row in connection.execute(_MEMBERS, {"ids": list(envelopes)}):
        bodies[row.envelope_id] += row.body
    if changed := [{"b_id": id_, "b_body": body} for id_, body in bodies.items() if body and body != envelopes[id_]]:
        connection.execute(_CHANGED, changed)
    if empty := [id_ for id_, body in bodies.items() if not body]:
        connection.execute(_NOTHING_LEFT, {"ids": empty})
    return bodies
