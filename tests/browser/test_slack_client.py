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
from handlers.conversation.text import T
from handlers.conversation.words import Reader, say
from scheduler.clock import BusinessClock, machine_now
from scheduler.delivery import Delivery
from tests.browser.clients import ALICE, GENERAL, LocalSlack, free_port, start_local_slack
from tests.browser.page import Page, open_page, role, words
from tests.databases import furnished_sqlite_url
from tests.edges.slack_workspace import house_on

PATIENCE = 15.0
EN = Reader("en", "UTC")


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
def serving(folder: Path, slack: LocalSlack, port: int, *, app_token: str | None = None) -> Iterator[Serving]:
    house = house_on(furnished_sqlite_url(folder), SlackSettings(slack.bot_token, slack.signing_secret, app_token, slack.api_url))
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
def talking(folder: Path, *, mode: str = "events") -> Iterator[tuple[LocalSlack, Page]]:
    """The client's page, as Alice, and the Slack behind it; `mode` is `events` or `socket`."""
    port = free_port()
    address = f"http://127.0.0.1:{port}/slack/events"
    with (
        start_local_slack(request_url=address, folder=folder / "slack", mode=mode) as slack,
        serving(folder, slack, port, app_token=slack.app_token if mode == "socket" else None),
        open_page(folder) as page,
    ):
        yield slack, page


def state(slack: LocalSlack) -> dict[str, Any]:
    found = slack.control("state")
    assert isinstance(found, dict)
    return found


def said(slack: LocalSlack, channel: str) -> list[dict[str, Any]]:
    found = slack.control(f"messages/{channel}")
    assert isinstance(found, dict)
    return list(found["messages"])


def greeted(slack: LocalSlack, page: Page) -> str:
    """The direct message with Alice, opened in the page after the bot first wrote to her."""
    slack.control("command", {"channel": GENERAL, "user": ALICE["id"], "command": "/liaison", "text": "help"})
    direct: str = until(lambda: next((c["id"] for c in state(slack)["channels"] if c["is_im"]), None))
    until(lambda: said(slack, direct))
    page.goto(slack.url)
    page.wait_text(say(T("door.chat.in_direct_message"), EN))
    page.click(words(ALICE["real_name"], nth=-1))
    page.wait_text(say(T("help.intro"), EN))
    return direct


def write(page: Page, text: str) -> None:
    page.fill("textarea, [contenteditable=true], input[placeholder^=Message]", text)
    page.press("Enter")


def visit_begun(slack: LocalSlack, direct: str) -> None:
    start = {"type": "button", "action_id": "1/form.new:visit", "value": press("form.new", "visit")}
    slack.control("interact", {"channel": direct, "user": ALICE["id"], "messageTs": said(slack, direct)[-1]["ts"], "action": start})


def test_a_role_is_asked_for_by_pressing_and_typing(tmp_path: Path) -> None:
    with talking(tmp_path) as (slack, page):
        greeted(slack, page)
        page.click(role("button", say(T("offer.role"), EN), nth=0))
        page.click(role("button", say(T("role_wanted.observer"), EN), nth=-1))
        page.wait_text(say(T("form.role.organization.ask"), EN))
        write(page, "African Union <b>&amp; friends")
        page.wait_text(say(T("form.role.authority.ask"), EN))
        page.click(role("button", say(T("action.skip"), EN), nth=-1))
        page.wait_text(say(T("form.role.review"), EN))
        page.click(role("button", say(T("form.role.save"), EN), nth=-1))
        page.wait_text(say(T("role.asked"), EN))
        page.wait_text("✓ " + say(T("form.role.save"), EN))


def test_a_modal_says_what_is_wrong_beside_the_field(tmp_path: Path) -> None:
    with talking(tmp_path) as (slack, page):
        visit_begun(slack, greeted(slack, page))
        page.click(role("button", say(T("action.whole_form"), EN), nth=-1))
        page.wait_text("form.visit.title.label")
        page.fill(".bk-plain-input >> nth=0", "x")
        page.click(role("button", say(T("door.chat.submit"), EN)))
        page.wait_text(say(T("problem.too_short", n=3), EN))


def test_the_home_tab_shows_what_can_be_done(tmp_path: Path) -> None:
    with talking(tmp_path) as (slack, page):
        greeted(slack, page)
        page.click("button.sidebar-item:has(.app-dot)")
        page.wait_text(say(T("refused.no_role"), EN))


def test_socket_mode_needs_no_address(tmp_path: Path) -> None:
    with talking(tmp_path, mode="socket") as (slack, page):
        until(lambda: "socket" in str(state(slack)["apps"]))
        greeted(slack, page)
