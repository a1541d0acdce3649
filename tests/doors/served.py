"""The house behind its real server, for the doors that speak HTTP: started, restarted, and waited for until nothing more is due."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from aiohttp.test_utils import TestServer
from sqlmodel import col, select

from bot.app import build
from bot.house import House
from bot.server import METRONOME, application
from bot.settings import Settings
from handlers.chores import CHORES
from scheduler.due import run_chores
from storage.outbox import Outbox
from storage.people import Person, person_named

_QUIET_SECONDS = 30
SETTINGS = Settings(database_url="", secret_key="k" * 32, zone="Europe/Vienna", base_url="http://127.0.0.1", files_dir=Path("files"))


class Served:
    """One process of `liaison serve`, as its doors' drivers use it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._running: tuple[House, TestServer] | None = None

    async def start(self) -> None:
        if self._running is None:
            house = build(self.settings)
            app = application(house, host="127.0.0.1")
            for door in app[METRONOME].delivery.doors.values():
                door.per_second = 1000.0  # type: ignore[misc]  # the pace of the real services is the scheduler's own tests' matter
            server = TestServer(app, host="127.0.0.1")
            await server.start_server()
            self._running = house, server

    async def stop(self) -> None:
        if self._running is not None:
            house, server = self._running
            await server.close()
            house.close()
            self._running = None

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    @property
    def house(self) -> House:
        assert self._running
        return self._running[0]

    def address(self, path: str) -> str:
        assert self._running
        return str(self._running[1].make_url(path))

    def person_id(self, handle: str) -> int:
        with self.house.database.reading() as session:
            person = person_named(session, handle)
            assert person is not None, handle
            assert person.id is not None
            return person.id

    def people(self) -> dict[str, int]:
        """Everybody with a short name, and their id."""
        with self.house.database.reading() as session:
            return {p.handle: p.id for p in session.exec(select(Person)).all() if p.handle and p.id}

    async def move_clock(self, instant: datetime) -> None:
        with self.house.database.transaction() as session:
            self.house.clock.move_to(session, instant)

    async def do_what_is_due(self) -> None:
        """Chores, then delivery, until nothing is due."""
        house = self.house
        await asyncio.get_running_loop().run_in_executor(house.threads, run_chores, house.database, CHORES, house.clock)
        await self.until_quiet()

    async def until_quiet(self) -> None:
        """Until the server has sent everything that is due."""
        self.house.wake()
        try:
            async with asyncio.timeout(_QUIET_SECONDS):
                while self._waiting():
                    await asyncio.sleep(0.01)
        except TimeoutError:
            raise AssertionError(f"not sent: {self._waiting()}") from None

    def _waiting(self) -> list[str]:
        with self.house.database.reading() as session:
            now = self.house.clock.now(session)
            due = select(Outbox).where(col(Outbox.state).in_(("pending", "sending")), col(Outbox.due_at) <= now)
            return [f"{row.key} {row.state} {row.last_error or ''}" for row in session.exec(due)]


def settings_on(url: str) -> Settings:
    return replace(SETTINGS, database_url=url)
