"""The metronome: APScheduler only beats; what is due is in the database, so nothing is lost between two beats.

A beat that finds the one before still at work is not skipped and not piled up: it is remembered, once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC

from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from scheduler.clock import BusinessClock
from scheduler.delivery import Delivery
from scheduler.due import Chore, run_chores
from storage.database import Database, StorageProblem

log = logging.getLogger(__name__)

CHORES_EVERY = 1.0
DELIVERY_EVERY = 0.5
"""Seconds between two beats."""


class Beat:
    """Work that is done again whenever it is rung for, one at a time; `work` returns whether there is more to do at once."""

    def __init__(self, name: str, work: Callable[[], Awaitable[bool]]) -> None:
        self.name = name
        self.work = work
        self.ended_at: float | None = None
        self._rung = asyncio.Event()
        self._ended = False

    def end(self) -> None:
        """After the work that is being done, no more."""
        self._ended = True
        self._rung.set()

    def ring(self) -> None:
        self._rung.set()

    async def go_on(self) -> None:
        """Until `end`. A failure is logged, and the next beat tries again."""
        while await self._rung.wait() and not self._ended:
            self._rung.clear()
            try:
                if await self.work():
                    self._rung.set()
                self.ended_at = asyncio.get_running_loop().time()
            except StorageProblem as problem:
                log.warning("%s waits for the database: %s", self.name, problem.code)
            except Exception:
                log.exception("%s", self.name)


class Metronome:
    """Beats for the chores and the delivery of one process; `start` and `stop` in the running loop, `wake` from any thread."""

    def __init__(self, database: Database, chores: Iterable[Chore], clock: BusinessClock, delivery: Delivery) -> None:
        self.database = database
        self.chores = tuple(chores)
        self.clock = clock
        self.delivery = delivery
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="chores")
        self._chores = Beat("chores", self._do_chores)
        self._post = Beat("delivery", self._deliver)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._scheduler: AsyncIOScheduler | None = None
        self._going: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._going = [asyncio.create_task(beat.go_on(), name=beat.name) for beat in (self._chores, self._post)]
        self._scheduler = AsyncIOScheduler(jobstores={"default": MemoryJobStore()}, event_loop=self._loop, timezone=UTC)
        for beat, seconds in ((self._chores, CHORES_EVERY), (self._post, DELIVERY_EVERY)):
            beat.ring()
            self._scheduler.add_job(
                _ring, "interval", args=(beat,), seconds=seconds, id=beat.name, max_instances=1, coalesce=True, misfire_grace_time=None
            )
        self._scheduler.start()

    async def stop(self) -> None:
        """Beat no more, and wait for what is being sent."""
        if self._scheduler is not None:
            self._scheduler.shutdown(wait=False)
            self._scheduler = None
        self._loop = None
        for beat in (self._chores, self._post):
            beat.end()
        await asyncio.gather(*self._going)
        await self.delivery.close()
        self._thread.shutdown(wait=True)

    def wake(self) -> None:
        """Deliver at once instead of at the next beat; from any thread, and harmless before `start` and after `stop`."""
        loop = self._loop
        if loop is not None:
            with suppress(RuntimeError):  # the loop was closed between the two lines
                loop.call_soon_threadsafe(self._post.ring)

    def seconds_since_delivery(self) -> float | None:
        """Since the delivery last ended a round without a failure; None before the first one."""
        if self._loop is None or self._post.ended_at is None:
            return None
        return self._loop.time() - self._post.ended_at

    async def _do_chores(self) -> bool:
        loop = asyncio.get_running_loop()
        chored = await loop.run_in_executor(self._thread, run_chores, self.database, self.chores, self.clock)
        if any(chored.done.values()):
            self._post.ring()
        return False

    async def _deliver(self) -> bool:
        return (await self.delivery.run_once()).claimed > 0


async def _ring(beat: Beat) -> None:
    """A coroutine, so that APScheduler runs it in the loop and not in a thread."""
    beat.ring()
