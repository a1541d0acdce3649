"""The house as its doors see it: hear a turn, wake the post, know the settings."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bot.metrics import turn_timed
from bot.settings import Settings
from handlers.conversation.dispatch import Dispatcher, Heard
from handlers.conversation.turn import Turn
from scheduler.clock import BusinessClock
from scheduler.delivery import Pace
from storage.database import Database


@dataclass(slots=True)
class House:
    """`dispatcher` runs in worker threads; `wake` tells the delivery that something new is due, and costs nothing."""

    settings: Settings
    database: Database
    dispatcher: Dispatcher
    clock: BusinessClock
    is_demo: bool
    pace: Pace = field(default_factory=Pace)
    wake: Callable[[], None] = lambda: None
    threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(max_workers=8, thread_name_prefix="turn"))
    _locks: dict[str, tuple[asyncio.Lock, list[int]]] = field(default_factory=dict)

    async def hear(self, turn: Turn) -> Heard:
        """Dispatch a turn in a worker thread, one at a time for a person on a door, so that two quick messages keep their order."""
        async with self._turn_of(f"{turn.door}:{turn.who.key}"):
            with turn_timed(turn.door):
                heard = await asyncio.get_running_loop().run_in_executor(self.threads, self.dispatcher.dispatch, turn)
        self.wake()
        return heard

    @asynccontextmanager
    async def _turn_of(self, key: str) -> AsyncIterator[None]:
        lock, waiting = self._locks.setdefault(key, (asyncio.Lock(), [0]))
        waiting[0] += 1
        try:
            async with lock:
                yield
        finally:
            waiting[0] -= 1
            if not waiting[0]:
                self._locks.pop(key, None)

    def close(self) -> None:
        self.threads.shutdown(wait=True)
        self.database.close()
