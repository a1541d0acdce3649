"""The desk: a door for people without a platform. What is sent here is read from the database, by the web page and the terminal."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from scheduler.door import Message
from storage.people import DESK


class MailboxDoor:
    """Sending only marks the row as sent. The address is `{"person": id}`, the message id `desk:<key>`."""

    name = DESK
    per_second = math.inf

    async def send(self, address: Mapping[str, Any], message: Message, *, key: str) -> str:
        return f"desk:{key}"

    async def find_sent(self, address: Mapping[str, Any], key: str) -> str | None:
        return f"desk:{key}"

    async def close(self) -> None:
        pass
