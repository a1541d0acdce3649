"""The post of the house: its doors, its chores and the delivery between them, wired."""

from __future__ import annotations

import os
import socket

from bot.house import House
from bot.mailbox import MailboxDoor
from handlers.chores import CHORES
from scheduler.delivery import Delivery
from scheduler.door import Door
from scheduler.due import run_chores

ROUNDS = 200
"""Claims one `tick` makes at most before it leaves the rest to the next."""


PLATFORMS = ("slack", "teams")
"""The doors that only the server opens."""


def delivery(house: House, doors: tuple[Door, ...], *, elsewhere: tuple[str, ...] = ()) -> Delivery:
    """The delivery of this process; its owner name tells replicas apart."""
    owner = f"{socket.gethostname()}:{os.getpid()}"[:60]
    return Delivery(house.database, doors, house.clock, owner=owner, pace=house.pace, elsewhere=elsewhere)


async def deliver_all(house: House) -> int:
    """Do every chore that is due and deliver what is due at desks now; how many messages went out. Slack and Teams are the server's."""
    post = delivery(house, (MailboxDoor(),), elsewhere=PLATFORMS)
    sent = 0
    for _ in range(ROUNDS):
        done = run_chores(house.database, CHORES, house.clock)
        outcome = await post.run_once()
        sent += outcome.sent
        if not any(done.done.values()) and not outcome.claimed:
            break
    await post.close()
    return sent
