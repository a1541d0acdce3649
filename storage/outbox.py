"""What is to be told, to whom and when: committed with the change that caused it, delivered afterwards.

States: `pending` → `sending` → `sent` | `failed` | `cancelled`; `enveloped` rows travel inside the row `envelope_id`.
`due_at` and `not_after` are business time; `retry_at` and `lease_until` are machine time (DESIGN 4).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from storage.database import UtcInstant

_WAITING = sa.text("state IN ('pending', 'sending')")
_ANSWERS = sa.text("door IS NOT NULL AND state IN ('pending', 'sending')")
_PERISHABLE = sa.text("not_after IS NOT NULL AND state IN ('pending', 'sending')")
_ENDED = sa.text("state IN ('sent', 'failed', 'cancelled', 'enveloped')")


class Outbox(SQLModel, table=True):
    """One thing to tell one recipient, unique by `key`.

    From `not_after` on it is of no use: it is cancelled instead of sent.
    `person_id` is set for a person (their place is looked up when it is sent, unless `address` fixes it, as for an answer),
    `channel_id` for a channel.  `body` is a list of encoded replies, rendered late in the reader's language; `read_at` is when the
    terminal's inbox showed it.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        sa.Index("outbox_waiting", "due_at", "id", sqlite_where=_WAITING, postgresql_where=_WAITING),
        sa.Index("outbox_of_person", "person_id", "due_at", "id", sqlite_where=_WAITING, postgresql_where=_WAITING),
        sa.Index("outbox_of_channel", "channel_id", "due_at", "id", sqlite_where=_WAITING, postgresql_where=_WAITING),
        sa.Index("outbox_answers", "door", "due_at", "id", sqlite_where=_ANSWERS, postgresql_where=_ANSWERS),
        sa.Index("outbox_perishable", "not_after", sqlite_where=_PERISHABLE, postgresql_where=_PERISHABLE),
        sa.Index("outbox_ended", "state", sqlite_where=_ENDED, postgresql_where=_ENDED),
    )

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True, max_length=300)
    kind: str = Field(max_length=20)
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    channel_id: int | None = Field(default=None, foreign_key="channel.id", index=True)
    door: str | None = Field(default=None, max_length=20)
    address: dict[str, Any] | None = Field(default=None, sa_type=sa.JSON)
    body: list[Any] = Field(default_factory=list, sa_type=sa.JSON)
    due_at: datetime = Field(sa_type=UtcInstant)
    not_after: datetime | None = Field(default=None, sa_type=UtcInstant)
    state: str = Field(default="pending", max_length=10)
    attempts: int = Field(default=0)
    retry_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    lease_owner: str | None = Field(default=None, max_length=60)
    lease_until: datetime | None = Field(default=None, sa_type=UtcInstant)
    envelope_id: int | None = Field(default=None, index=True)
    message_id: str | None = Field(default=None, max_length=200)
    last_error: str | None = Field(default=None, max_length=300)
    created_at: datetime = Field(sa_type=UtcInstant)
    sent_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    read_at: datetime | None = Field(default=None, sa_type=UtcInstant)
