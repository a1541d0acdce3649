"""The whole server on loopback, on a fresh demo: what `liaison demo` starts, in a thread of the test's own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aiohttp import web

from bot.app import build
from bot.demo.prepare import prepare
from bot.server import application
from bot.settings import Settings, SlackSettings
from storage.database import Database
from tests.browser.clients import free_port


@contextmanager
def demo_server(folder: Path) -> Iterator[str]:
    """The address of the web chat; clock, delivery and everything else run as they do for people."""
    url = f"sqlite:///{folder / 'demo.sqlite'}"
    prepare(Database(url))
    with served(url, folder, free_port()) as address:
        yield f"{address}/chat"


@contextmanager
def served(url: str, folder: Path, port: int, *, slack: SlackSettings | None = None) -> Iterator[str]:
    """The address of the whole server on a database that is there already."""
    settings = Settings(
        database_url=url,
        secret_key="a secret of the tests alone",
        zone="Europe/Vienna",
        base_url=f"http://127.0.0.1:{port}",
        files_dir=folder,
        slack=slack,
    )
    house = build(settings)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    runner = web.AppRunner(application(house, host="127.0.0.1"), access_log=None, shutdown_timeout=5)
    asyncio.run_coroutine_threadsafe(_listen(runner, port), loop).result(30)
    try:
        yield settings.base_url
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
        house.close()


async def _listen(runner: web.AppRunner, port: int) -> None:
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
