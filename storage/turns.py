"""The statements of every turn, in SQLAlchemy core on the same tables: inbox, speaker, draft, outbox.

A turn runs these six or seven statements whatever is said, so they do without the unit of work of the ORM.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel

from storage import conversation, outbox, people, records  # noqa: F401  (their tables are registered by importing them)
from storage.prepared import Prepared

_TABLES = SQLModel.metadata.tables
_INBOX, _DRAFT, _OUTBOX = _TABLES["inbox"], _TABLES["draft"], _TABLES["outbox"]
_PERSON, _IDENTITY = _TABLES["person"], _TABLES["identity"]
_APPOINTMENT, _ORGANIZATION, _AUDIT = _TABLES["appointment"], _TABLES["organization"], _TABLES["audit"]


@dataclass(frozen=True, slots=True)
class Speaker:
    """The person behind an account, and what is known of the account itself."""

    person_id: int
    identity_id: int
    handle: str | None
    name: str
    language: str
    zone: str
    welcomed: bool
    address: Mapping[str, Any]
    unreachable: str | None
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """One appointment in force, with the organization's name where there is one."""

    role: str
    party: str | None
    organization_id: int | None
    organization: str | None
    convention: str | None
    standing: str | None


@dataclass(frozen=True, slots=True)
class DraftState:
    """A draft as the dialogue knows it: see `storage.conversation.Draft`."""

    id: str
    person_id: int
    place: str
    form: str
    answers: Mapping[str, Any]
    trail: tuple[str, ...] = ()
    editing: str | None = None
    about: str | None = None
    state: str = "open"
    result: str | None = None
    version: int = 0


def _on_conflict_nothing(table: sa.Table, column: str) -> dict[str, Any]:
    """By the name of the dialect; only SQLAlchemy's own class knows how its database says it."""
    return {
        "sqlite": sqlite.insert(table).on_conflict_do_nothing(index_elements=[column]).returning(table.c[column]),
        "postgresql": postgresql.insert(table).on_conflict_do_nothing(index_elements=[column]).returning(table.c[column]),
    }


_HEAR = {name: Prepared(statement) for name, statement in _on_conflict_nothing(_INBOX, "event").items()}
_TELL = _on_conflict_nothing(_OUTBOX, "key")
_HEARD = sa.select(_INBOX.c.replies, _INBOX.c.person_id).where(_INBOX.c.event == sa.bindparam("event"))
_LATELY = (
    sa.select(_INBOX.c.event, _INBOX.c.said, _INBOX.c.replies)
    .where(_INBOX.c.person_id == sa.bindparam("person_id"), _INBOX.c.place == sa.bindparam("place"))
    .order_by(_INBOX.c.received_at.desc())
    .limit(sa.bindparam("limit", type_=sa.Integer))
)
_ANSWERED_AT = sa.update(_INBOX).where(_INBOX.c.event == sa.bindparam("b_event"))
_ANSWERED = Prepared(_ANSWERED_AT.values(replies=sa.bindparam("b_replies"), person_id=sa.bindparam("b_person")))
_SPEAKER = Prepared(
    sa.select(
        _PERSON.c.id, _IDENTITY.c.id, _PERSON.c.handle, _PERSON.c.name, _PERSON.c.language, _PERSON.c.zone,
        _PERSON.c.welcomed_at.is_not(None), _IDENTITY.c.address, _IDENTITY.c.unreachable,
        _IDENTITY.c.last_seen_at,
    )
    .join_from(_IDENTITY, _PERSON, _IDENTITY.c.person_id == _PERSON.c.id)
    .where(_IDENTITY.c.door == sa.bindparam("door"), _IDENTITY.c.key == sa.bindparam("key"))
)  # fmt: skip
_HELD = Prepared(
    sa.select(
        _APPOINTMENT.c.role, _APPOINTMENT.c.party, _APPOINTMENT.c.organization_id, _ORGANIZATION.c.name,
        _APPOINTMENT.c.convention, _APPOINTMENT.c.standing,
    )
    .join_from(_APPOINTMENT, _ORGANIZATION, _APPOINTMENT.c.organization_id == _ORGANIZATION.c.id, isouter=True)
    .where(_APPOINTMENT.c.person_id == sa.bindparam("person_id"), _APPOINTMENT.c.ended_at.is_(None))
    .order_by(_APPOINTMENT.c.id)
)  # fmt: skip
_DRAFT_COLUMNS = (
    _DRAFT.c.id, _DRAFT.c.person_id, _DRAFT.c.place, _DRAFT.c.form, _DRAFT.c.answers, _DRAFT.c.trail,
    _DRAFT.c.editing, _DRAFT.c.about, _DRAFT.c.state, _DRAFT.c.result, _DRAFT.c.version,
)  # fmt: skip
_OPEN = Prepared(
    sa.select(*_DRAFT_COLUMNS).where(
        _DRAFT.c.person_id == sa.bindparam("person_id"), _DRAFT.c.place == sa.bindparam("place"), _DRAFT.c.state == "open"
    )
)
_BY_ID = Prepared(sa.select(*_DRAFT_COLUMNS).where(_DRAFT.c.id == sa.bindparam("id")))
_NEW_DRAFT = Prepared(sa.insert(_DRAFT))
_KEEP = Prepared(
    sa.update(_DRAFT)
    .where(_DRAFT.c.id == sa.bindparam("b_id"), _DRAFT.c.version == sa.bindparam("b_version"))
    .values(
        {
            name: sa.bindparam(f"v_{name}")
            for name in ("answers", "trail", "editing", "about", "state", "result", "version", "place", "updated_at")
        }
    )
)
_NEW_AUDIT = sa.insert(_AUDIT)
_LOCK = sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")
_SEEN = sa.update(_IDENTITY).where(_IDENTITY.c.id == sa.bindparam("b_id"))
_SEEN = _SEEN.values(address=sa.bindparam("b_address"), last_seen_at=sa.bindparam("b_seen"), unreachable=None)


class StaleDraft(Exception):
    """The draft was changed by somebody else since it was read."""


def hear(connection: sa.Connection, *, event: str, door: str, place: str, said: Mapping[str, Any], now: datetime) -> bool:
    """Keep one inbound event; False when it was heard before."""
    row: dict[str, Any] = {"event": event, "door": door, "place": place, "said": said, "replies": [], "person_id": None, "received_at": now}
    return _HEAR[connection.dialect.name].run(connection, row).first is not None


def lock(connection: sa.Connection, key: str) -> None:
    """One turn at a time for `key`, over all processes: on SQLite the transaction itself is that lock."""
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCK, {"key": key})


def heard(connection: sa.Connection, event: str) -> tuple[list[Any], int | None]:
    """The stored replies to an event that was heard before, and who said it."""
    row = connection.execute(_HEARD, {"event": event}).one()
    return row[0], row[1]


@dataclass(frozen=True, slots=True)
class Past:
    """A turn that was heard: its event, the text that was typed, if any, and what it was answered with."""

    event: str
    text: str
    replies: list[Any]


def lately(connection: sa.Connection, person_id: int, place: str, *, limit: int) -> list[Past]:
    """The last turns of a person in a place, the latest first."""
    rows = connection.execute(_LATELY, {"person_id": person_id, "place": place, "limit": limit})
    return [Past(event, str(said.get("text") or ""), replies) for event, said, replies in rows]


def answered(connection: sa.Connection, *, event: str, person_id: int, replies: Sequence[Any]) -> None:
    """Keep whose event it was and what it was answered with."""
    _ANSWERED.run(connection, {"b_event": event, "b_person": person_id, "b_replies": list(replies)})


def speaker(connection: sa.Connection, door: str, key: str) -> Speaker | None:
    row = _SPEAKER.run(connection, {"door": door, "key": key}).first
    return Speaker(*row) if row else None


def held(connection: sa.Connection, person_id: int) -> tuple[Held, ...]:
    return tuple(Held(*row) for row in _HELD.run(connection, {"person_id": person_id}).rows)


def seen(connection: sa.Connection, *, identity_id: int, address: Mapping[str, Any], now: datetime) -> None:
    """Refresh where to write to an account; an account that speaks is reachable again."""
    connection.execute(_SEEN, {"b_id": identity_id, "b_address": dict(address), "b_seen": now})


def open_draft(connection: sa.Connection, person_id: int, place: str) -> DraftState | None:
    return _draft(_OPEN.run(connection, {"person_id": person_id, "place": place}).first)


def draft(connection: sa.Connection, draft_id: str) -> DraftState | None:
    return _draft(_BY_ID.run(connection, {"id": draft_id}).first)


def latest_draft(connection: sa.Connection, person_id: int, states: Sequence[str]) -> DraftState | None:
    """The draft of a person that was touched last among those in one of `states`."""
    query = sa.select(*_DRAFT_COLUMNS).where(_DRAFT.c.person_id == person_id, _DRAFT.c.state.in_(states))
    return _draft(connection.execute(query.order_by(_DRAFT.c.updated_at.desc()).limit(1)).first())


def _draft(row: Any) -> DraftState | None:
    if row is None:
        return None
    id_, person_id, place, form, answers, trail, *rest = row
    return DraftState(id_, person_id, place, form, answers, tuple(trail), *rest)


def keep_draft(connection: sa.Connection, state: DraftState, *, now: datetime) -> DraftState:
    """Write a draft, new (version 0) or changed; StaleDraft when another turn changed it first."""
    columns = {
        "answers": dict(state.answers), "trail": list(state.trail), "editing": state.editing, "state": state.state,
        "result": state.result, "version": state.version + 1, "place": state.place, "about": state.about, "updated_at": now,
    }  # fmt: skip
    kept = DraftState(**{name: getattr(state, name) for name in DraftState.__slots__} | {"version": state.version + 1})
    if state.version == 0:
        fixed = {"id": state.id, "person_id": state.person_id, "form": state.form, "created_at": now}
        _NEW_DRAFT.run(connection, fixed | columns)
        return kept
    changed = _KEEP.run(connection, {"b_id": state.id, "b_version": state.version} | {f"v_{k}": v for k, v in columns.items()})
    if changed.changed != 1:
        raise StaleDraft(state.id)
    return kept


def tell(connection: sa.Connection, **row: Any) -> bool:
    """Put one row into the outbox; False when its key is there already. Columns: see `storage.outbox.Outbox`."""
    return connection.execute(_TELL[connection.dialect.name], {"state": "pending", "attempts": 0} | row).first() is not None


def note(connection: sa.Connection, **row: Any) -> None:
    """Put one row into the audit trail. Columns: see `storage.records.Audit`."""
    connection.execute(_NEW_AUDIT, row)
