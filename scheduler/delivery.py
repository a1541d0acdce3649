"""Delivery: claim what is due, send it, mark what became of it.

The promise is *at least once*: nothing is lost, and a crash doubles at most what was being sent, `Pace.concurrency` and
`Pace.for_answers` a door, each under a key by which the door may find it again.  A row that may have been sent before is looked for.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from handlers.conversation.codec import decode
from handlers.conversation.words import Reader
from scheduler.backoff import MOST_ATTEMPTS, backoff
from scheduler.clock import BusinessClock
from scheduler.door import Door, Message, NeverAgain, TryLater
from scheduler.marking import Marks
from scheduler.outcome import GivenUp, Later, Outcome, Refused, Released, Result, Sent, outcome
from storage import backlog, buckets, deliveries
from storage.database import Database, StorageProblem
from storage.deliveries import Claimed

log = logging.getLogger(__name__)

DOUBT = "unanswered: "
"""Begins the error of an attempt that may have arrived all the same: the next one asks the door first."""

FORGET_EVERY = 600.0
"""Seconds between two clearings of rate buckets that are full again."""

MARKING_SECONDS = 5.0
"""How long a process that ends tries to mark what it sent."""

_R = TypeVar("_R")


@dataclass(frozen=True, slots=True)
class Pace:
    """`batch`: rows of one door claimed and not marked, at most; `concurrency`: sends at once through one door, `for_answers` beside
    them for those who wait in front of their screen.

    `patience`: seconds a round waits for slow sends before it claims for the others; they go on meanwhile.
    `send_seconds` is well under `lease_seconds`: a send ends, or is broken off, while the row is still ours.
    """

    batch: int = 200
    concurrency: int = 8
    for_answers: int = 4
    lease_seconds: float = 60.0
    send_seconds: float = 20.0
    patience: float = 0.25


class Delivery:
    """One process's share of the post. `owner` names it among the replicas; `chance` is uniform in [0, 1).

    `elsewhere` names doors of other processes: whoever is written to there is left to them.
    """

    def __init__(
        self, database: Database, doors: Iterable[Door], clock: BusinessClock, owner: str, *,
        pace: Pace | None = None, chance: Callable[[], float] = random.random, elsewhere: Iterable[str] = (),
    ) -> None:  # fmt: skip
        self.database = database
        self.doors = {door.name: door for door in doors}
        self.reached_by = (*self.doors, *elsewhere)
        self.clock = clock
        self.owner = owner[:60]
        self.pace = pace or Pace()
        self.chance = chance
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="delivery")
        self._marks = Marks(database, clock, self._in_thread)
        slots = {True: self.pace.for_answers, False: self.pace.concurrency}
        self._slots = {(name, is_answer): asyncio.Semaphore(n) for name in self.doors for is_answer, n in slots.items()}
        self._flying: dict[asyncio.Task[Result], Claimed] = {}
        self._forgot_at = float("-inf")

    async def run_once(self) -> Outcome:
        """One round: claim what is due and wait for it, slow sends excepted; those are counted in the round they end in.

        `StorageProblem` where the database cannot be used; nothing is lost by it.
        """
        rooms = self._rooms()
        claimed = await self._in_thread(lambda: self._claim(rooms))
        until = asyncio.get_running_loop().time() + self.pace.lease_seconds - self.pace.send_seconds
        for row in claimed:
            self._flying[asyncio.create_task(self._deliver(row, start_before=until))] = row
        return await self._landed(len(claimed), self.pace.patience)

    async def finish(self) -> Outcome:
        """Wait for the sends on their way, claim no more."""
        return await self._landed(0, None)

    async def close(self) -> None:
        """Finish, within the time a send may take; what cannot even be marked by then is left to its lease."""
        await self._landed(0, self.pace.send_seconds + MARKING_SECONDS)
        for task in self._flying:
            task.cancel()
        await asyncio.gather(*self._flying, return_exceptions=True)
        await self._marks.close()
        self.abandon()

    def abandon(self) -> None:
        """End without waiting for anything, as a crash would."""
        self._thread.shutdown(wait=True)

    def _in_thread(self, work: Callable[[], _R]) -> asyncio.Future[_R]:
        return asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _rooms(self) -> dict[str, tuple[int, int]]:
        """How many answers, and how many others, may be claimed for each door."""
        flying = Counter((row.door, row.is_answer) for row in self._flying.values())
        return {name: (self.pace.batch - flying[name, True], self.pace.batch - flying[name, False]) for name in self.doors}

    def _claim(self, rooms: dict[str, tuple[int, int]]) -> list[Claimed]:
        with self.database.reading() as session:
            now = self.clock.now(session)
            self._marks.stopped = backlog.is_stopped(session.connection())
            if self._marks.stopped or not deliveries.anything_ready(session.connection(), business_now=now):
                return []
        claimed: list[Claimed] = []
        for name, (answers, others) in rooms.items():
            try:
                claimed += self._claim_for(self.doors[name], answers, others)
            except StorageProblem:
                if not claimed:
                    raise
                log.warning("nothing claimed for %s this time", name, exc_info=True)
        if not claimed:
            with self.database.transaction() as session:
                deliveries.set_aside(session.connection(), business_now=now)
        return claimed

    def _claim_for(self, door: Door, answers: int, others: int) -> list[Claimed]:
        with self.database.transaction() as session:
            if backlog.is_stopped(session.connection()):
                return []
            return deliveries.claim(
                session.connection(), owner=self.owner, door=door.name, doors=self.reached_by, per_second=door.per_second,
                business_now=self.clock.now(session), limit=others, answers=answers, lease_seconds=self.pace.lease_seconds,
            )  # fmt: skip

    async def _landed(self, claimed: int, patience: float | None) -> Outcome:
        if not self._flying:
            await self._forget_buckets()
            return Outcome()
        done, _ = await asyncio.wait(self._flying, timeout=patience)
        for task in done:
            del self._flying[task]
        return outcome(claimed, [task.result() for task in done])

    async def _forget_buckets(self) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._forgot_at < FORGET_EVERY:
            return
        self._forgot_at = now
        await self._in_thread(self._forget)

    def _forget(self) -> int:
        with self.database.transaction() as session:
            return buckets.forget_full(session.connection())

    async def _deliver(self, row: Claimed, *, start_before: float) -> Result:
        async with self._slots[row.door, row.is_answer]:
            late = asyncio.get_running_loop().time() > start_before
            result = Released() if late or self._marks.stopped else await self._attempt(row)
            await self._marks.add(row, result)
            return result

    async def _attempt(self, row: Claimed) -> Result:
        try:
            async with asyncio.timeout(self.pace.send_seconds):
                return Sent(await self._send(row))
        except TryLater as problem:
            return self._later(row, problem)
        except NeverAgain as problem:
            log.warning("row %s (%s): refused for good: %s", row.id, row.key, problem.reason)
            return Refused(problem.reason)
        except TimeoutError:
            return self._later(row, TryLater("no answer in time"))
        except Exception as problem:
            log.exception("row %s (%s) through %s", row.id, row.key, row.door)
            return self._later(row, TryLater(f"{type(problem).__name__}: {problem}"))

    async def _send(self, row: Claimed) -> str:
        door = self.doors[row.door]
        message = Message(decode(row.body), Reader(row.language, row.zone), row.audience)
        if _in_doubt(row):
            try:
                found = await door.find_sent(row.address, row.key)
            except TryLater as problem:
                raise TryLater(f"{DOUBT}{problem.reason}", after=problem.after, everywhere=problem.everywhere) from problem
            if found is not None:
                return found
        return await door.send(row.address, message, key=row.key)

    def _later(self, row: Claimed, problem: TryLater) -> Result:
        limited = problem.after is not None or problem.everywhere
        error = problem.reason if limited else f"{DOUBT}{problem.reason.removeprefix(DOUBT)}"
        if row.attempts >= MOST_ATTEMPTS and problem.after is None:
            return GivenUp(error)
        wait = min(backoff(row.attempts, chance=self.chance(), after=problem.after), buckets.LONGEST_PAUSE)
        pause = (buckets.door_key(row.door) if problem.everywhere else row.place) if limited else None
        return Later(wait, error, counts=problem.after is None, pause=pause)


def _in_doubt(row: Claimed) -> bool:
    return row.was_sending or (row.last_error or "").startswith(DOUBT)
