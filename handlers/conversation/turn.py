"""What came in: one turn of one person in one place, in no platform's words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Said:
    """Free text, as typed, mentions of the bot taken off. At most `LONGEST` characters are kept."""

    text: str


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button, by the id it was given."""

    id: str


@dataclass(frozen=True, slots=True)
class Answered:
    """Several answers at once, as a modal, a card or a web form hands in; values as the platform's widgets give them."""

    draft: str
    answers: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Arrived:
    """The person opened the conversation, or the bot was brought into this place, and nothing was said yet."""


What = Said | Pressed | Answered | Arrived

LONGEST = 4000
"""Characters of one message that are read: what the speed promise is given for."""


@dataclass(frozen=True, slots=True)
class Who:
    """The account that speaks: `key` is unique on its door (workspace and user), `address` is what the door needs to write first."""

    key: str
    name: str = ""
    locale: str | None = None
    zone: str | None = None
    address: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Where:
    """The place of the conversation. In a `channel` or `group` others read along; `address` is opaque outside its door."""

    key: str
    kind: Literal["personal", "group", "channel"] = "personal"
    name: str = ""
    address: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Turn:
    """`event` is the platform's own id of the event, unique on its door. `answer_later`: the replies travel by the outbox."""

    event: str
    door: str
    who: Who
    where: Where
    what: What
    answer_later: bool = False
