"""A real Slack client against the real door: what is posted is shown, what is pressed is heard."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.house import House
from bot.settings import SlackSettings
from bot.slack import register
from handlers.conversation.press import press
from scheduler.clock import BusinessClock, machine_now
from scheduler.delivery import Delivery
from tests.browser.clients import ALICE, LocalSlack, free_port, start_local_slack
from tests.browser.page import Page, open_page, words
from tests.databases import sqlite_url
from tests.edges.slack_workspace import house_on

PATIENCE = 15.0


class Serving:
    """The door on loopback in a thread of its own, delivering as it goes."""

    def __init__(self, house: House, port: int) -> None:
        self.house = replace(house, clock=BusinessClock(machine_now))
        self.port = port
        self.stop = asyncio.Event()
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_until_complete, args=(self._run(),))

    async def _run(self) -> None:
        app = web.Application()
        door = register(app, self.house)
        door.per_second = 100.0
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self.port).start()
        delivery = Delivery(self.house.database, (door,), self.house.clock, owner="browser")
        while not self.stop.is_set():
            await delivery.run_once()
            await asyncio.sleep(0.05)
        await delivery.close()
        await runner.cleanup()


@contextmanager
def serving(folder: Path, slack: LocalSlack, port: int) -> Iterator[Serving]:
    house = house_on(sqlite_url(folder), SlackSettings(slack.bot_token, slack.signing_secret, api_url=slack.api_url))
    served = Serving(house, port)
    served.thread.start()
    try:
        yield served
    finally:
        served.loop.call_soon_threadsafe(served.stop.set)
        served.thread.join()
        served.loop.close()
        house.close()


def until(seen: Callable[[], Any]) -> Any:
    give_up = time.monotonic() + PATIENCE
    while time.monotonic() < give_up:
        if found := seen():
            return found
        time.sleep(0.05)
    raise AssertionError("not seen in time")


@contextmanager
def talking(folder: Path) -> Iterator[tuple[LocalSlack, Serving, Page]]:
    port = free_port()
    with start_local_slack(request_url=f"http://127.0.0.1:{port}/slack/events", folder=folder / "slack") as slack, serving(folder, slack, port) as served, open_page(folder) as page:
        yield slack, served, page


def test_probe(tmp_path: Path) -> None:
    with talking(tmp_path) as (slack, served, page):
        import json
        print(json.dumps(slack.control("state"))[:3000])
        page.goto(slack.url)
        time.sleep(1)
        print(page.text())
        page.screenshot(Path("/tmp/slack1.png"))
