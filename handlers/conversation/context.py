"""What a handler is given: the person, the moment, the session of the turn's one transaction, and three things it may do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session

from handlers.conversation.access import Actor, Owner, require
from handlers.conversation.codec import encode
from handlers.conversation.hearing import Hearing
from handlers.conversation.reply import Replies
from handlers.conversation.turn import Turn
from handlers.conversation.words import Reader
from storage import turns


@dataclass(slots=True)
class Context:
    """One turn, or one tick of the clock, in progress. A handler returns replies; it never sends, commits or reads a clock."""

    session: Session
    actor: Actor
    turn: Turn
    now: datetime
    hearing: Hearing
    notes: dict[str, Any] = field(default_factory=dict)
    _connection: sa.Connection | None = None

    @property
    def connection(self) -> sa.Connection:
        """The one connection of the turn; the session is asked for it once."""
        if self._connection is None:
            self._connection = self.session.connection()
        return self._connection

    @property
    def reader(self) -> Reader:
        return Reader(self.actor.language, self.actor.zone)

    @property
    def today(self) -> date:
        """The person's own day."""
        return self.now.astimezone(ZoneInfo(self.actor.zone)).date()

    @property
    def place(self) -> str:
        """The key of the conversation's place, unique over all doors."""
        return place_key(self.turn)

    def require(self, capability: str, owner: Owner | None = None) -> None:
        """Refused unless the access table allows it."""
        require(self.actor, capability, owner)

    def tell(
        self, person_id: int, replies: Replies, *, key: str, kind: str, due: datetime | None = None, not_after: datetime | None = None
    ) -> bool:
        """Tell a person, once: False when `key` was told before. They are looked up when it is sent, which is before `not_after`."""
        return tell(self.session, person_id, replies, key=key, kind=kind, due=due or self.now, now=self.now, not_after=not_after)

    def audit(
        self, action: str, subject: str | None = None, *, before: Mapping[str, Any] | None = None, after: Mapping[str, Any] | None = None
    ) -> None:
        """Write the audit row of a change."""
        turns.note(
            self.connection, at=self.now, person_id=self.actor.id, door=self.turn.door, event=self.turn.event,
            action=action, subject=subject, outcome="done", before=before, after=after,
        )  # fmt: skip


def place_key(turn: Turn) -> str:
    return f"{turn.door}:{turn.where.key}"


def tell(
    session: Session, person_id: int, replies: Replies, *, key: str, kind: str, due: datetime, now: datetime,
    not_after: datetime | None = None,
) -> bool:  # fmt: skip
    """Put a message to a person into the outbox; False when `key` is there already. From `not_after` on it is not sent any more."""
    return turns.tell(
        session.connection(), key=key, kind=kind, person_id=person_id, channel_id=None, door=None, address=None,
        body=encode(replies), due_at=due, created_at=now, not_after=not_after,
    )  # fmt: skip


def tell_channel(session: Session, channel_id: int, replies: Replies, *, key: str, kind: str, due: datetime, now: datetime) -> bool:
    """Put a message to a channel into the outbox; False when `key` is there already."""
    return turns.tell(
        session.connection(), key=key, kind=kind, person_id=None, channel_id=channel_id, door=None, address=None,
        body=encode(replies), due_at=due, created_at=now,
    )  # fmt: skip
