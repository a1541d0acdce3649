"""A door, as the clock knows it: something that can say replies to a place, under a key, and tell what it did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from handlers.conversation.reply import Replies
from handlers.conversation.words import Reader


@dataclass(frozen=True, slots=True)
class Message:
    """What to say to whom. `audience` is the reader's visibility level in a channel, None for a person."""

    replies: Replies
    reader: Reader
    audience: str | None = None


class TryLater(Exception):
    """The platform could not take it now: a limit (`after` seconds as the platform asked), a fault of its own, or no answer.

    `everywhere` is set when the platform asked the whole app to slow down, not one place.
    """

    def __init__(self, reason: str, *, after: float | None = None, everywhere: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.after = after
        self.everywhere = everywhere


class NeverAgain(Exception):
    """The recipient cannot be reached at this address for good: left, blocked, removed, gone. `reason` is the platform's word."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Door(Protocol):
    """One way to people. `name` is the `door` of identities, channels and addresses; addresses are its own and opaque to others."""

    @property
    def name(self) -> str: ...

    @property
    def per_second(self) -> float:
        """Messages a second the platform takes for one place."""
        ...

    async def send(self, address: Mapping[str, Any], message: Message, *, key: str) -> str:
        """Say it and return the platform's id of the message; TryLater or NeverAgain otherwise. `key` travels with it."""
        ...

    async def find_sent(self, address: Mapping[str, Any], key: str) -> str | None:
        """The id of a message sent under `key` before, where the platform can be asked; None where it cannot, or was not sent."""
        ...

    async def close(self) -> None: ...
