"""The real server in a process of its own, which kills itself at one named point of the nth turn: `python -m tests.edges.crashing_server`.

CRASH_AT: `before_commit`, `after_commit`, or nothing.  CRASH_TURN: the turn it happens in, from 1.
"""

from __future__ import annotations

import os
import signal
import sys

from bot.app import build
from bot.cli_serve import listening, serve
from bot.settings import from_environment
from handlers.conversation.dispatch import Dispatcher, Heard
from handlers.conversation.reply import Replies
from handlers.conversation.turn import Turn
from scheduler.delivery import Pace

PACE = Pace(lease_seconds=3.0, send_seconds=1.0)
"""A row that was being sent in the crash is free again after three seconds instead of a minute."""


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Crashing:
    """Stands before a dispatcher and ends the process where it was told to."""

    def __init__(self, inner: Dispatcher, *, at: str, turn: int) -> None:
        self.inner, self.at, self.left = inner, at, turn
        self.specs = inner.specs
        if at == "before_commit":
            welcome = inner._safely
            inner._safely = lambda context: self._replies(welcome(context))  # type: ignore[method-assign]

    def _replies(self, replies: Replies) -> Replies:
        if self.left == 1:
            die()
        return replies

    def dispatch(self, turn: Turn) -> Heard:
        heard = self.inner.dispatch(turn)
        if self.left == 1 and self.at == "after_commit":
            die()
        self.left -= 1
        return heard


def main() -> None:
    house = build(from_environment(os.environ))
    house.pace = PACE
    at = os.environ.get("CRASH_AT", "")
    if at:
        house.dispatcher = Crashing(house.dispatcher, at=at, turn=int(os.environ["CRASH_TURN"]))  # type: ignore[assignment]
    serve(house, listening("127.0.0.1", int(os.environ.get("PORT", "0"))), host="127.0.0.1", out=sys.stdout)


if __name__ == "__main__":
    main()
