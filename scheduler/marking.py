"""Marking what became of each attempt, many in one commit: whoever waits while a commit is on its way shares the next one.

A sender keeps its slot until its mark is committed, so that a crash leaves no more rows in doubt than there are slots.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import assert_never

from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from scheduler.clock import BusinessClock
from scheduler.outcome import GivenUp, Later, Refused, Released, Result, Sent
from scheduler.refusals import flag_unreachable
from storage import backlog, buckets, deliveries
from storage.database import Database, StorageProblem
from storage.deliveries import Claimed

log = logging.getLogger(__name__)

Mark = tuple[Claimed, Result]
InThread = Callable[[Callable[[], bool]], "asyncio.Future[bool]"]

WAIT_FOR_DATABASE = 0.5
"""Seconds between two tries to mark while the database is away."""


class Marks:
    """`add` returns when the mark is in the database; `stopped` tells what the switch said in the last commit."""

    def __init__(self, database: Database, clock: BusinessClock, in_thread: InThread) -> None:
        self.database = database
        self.clock = clock
        self.in_thread = in_thread
        self.stopped = False
        self._waiting: list[tuple[Mark, asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None

    async def add(self, row: Claimed, result: Result) -> None:
        marked: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(((row, result), marked))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_all())
        await marked

    async def close(self) -> None:
        if self._writer is not None:
            self._writer.cancel()
            await asyncio.gather(self._writer, return_exceptions=True)

    async def _write_all(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting, []
            await self._write([mark for mark, _ in group])
            for _, marked in group:
                if not marked.done():
                    marked.set_result(None)

    async def _write(self, marks: Sequence[Mark]) -> None:
        """Until the database takes it. What it refuses for a reason of its own is written row by row, and given up alone."""
        while True:
            try:
                self.stopped = await self.in_thread(lambda: self._commit(marks))
            except (StorageProblem, OperationalError) as problem:
                log.warning("marks wait for the database: %s", problem)
                await asyncio.sleep(WAIT_FOR_DATABASE)
            except Exception:
                if len(marks) == 1:
                    log.exception("row %s cannot be marked; its lease will end", marks[0][0].id)
                    return
                for mark in marks:
                    await self._write([mark])
                return
            else:
                return

    def _commit(self, marks: Sequence[Mark]) -> bool:
        with self.database.transaction() as session:
            _mark(session, marks, self.clock)
            return backlog.is_stopped(session.connection())


def _mark(session: Session, marks: Sequence[Mark], clock: BusinessClock) -> None:
    connection, now = session.connection(), clock.now(session)
    sent: list[tuple[Claimed, str]] = []
    later: list[tuple[Claimed, float, str, bool]] = []
    failed: list[tuple[Claimed, str]] = []
    released: list[Claimed] = []
    for row, result in marks:
        match result:
            case Sent(message_id):
                sent.append((row, message_id))
            case Later(wait, error, counts, pause):
                later.append((row, wait, error, counts))
                if pause:
                    buckets.pause(connection, pause, seconds=wait)
            case Refused(reason):
                failed.append((row, reason))
                flag_unreachable(session, row, reason=reason, now=now)
            case GivenUp(error):
                failed.append((row, error))
            case Released():
                released.append(row)
            case _:
                assert_never(result)
    deliveries.mark_sent(connection, sent, now=now)
    deliveries.mark_later(connection, later)
    deliveries.mark_failed(connection, failed)
    deliveries.release(connection, released)
