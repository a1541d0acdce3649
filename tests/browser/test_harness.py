"""The browser, the local Slack and the Agents Playground are real and answer to the tests."""

from __future__ import annotations

import asyncio
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from aiohttp import web

from tests.browser.clients import ALICE, GENERAL, PLAYGROUND_COMPOSER, PLAYGROUND_READY, free_port, start_local_slack, start_playground
from tests.browser.page import Page, StepFailed, label, open_page, role, words

GREETING = "جهة التنسيق"
HTML = f"""<!doctype html><html lang="ar" dir="rtl"><meta charset="utf-8"><title>Liaison</title>
<p>{GREETING}</p><label>Title <input id="wish"></label><output id="out"></output>
<button onclick="out.textContent = document.getElementById('wish').value">Save</button>
<script>fetch("http://example.org/").catch(() => 0)</script></html>"""


HEARD = web.AppKey("heard", list[str])


async def greet(request: web.Request) -> web.Response:
    return web.Response(text=HTML, content_type="text/html")


async def hear(request: web.Request) -> web.Response:
    """An endpoint as Teams calls it: keeps what was said, answers nothing."""
    activity = await request.json()
    if activity["type"] == "message":
        request.app[HEARD].append(activity["text"])
    return web.Response()


@contextmanager
def serving(heard: list[str] | None = None) -> Iterator[str]:
    """A one-page site on loopback, in a thread of its own, that adds what it is told to `heard`."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    app = web.Application()
    app[HEARD] = heard if heard is not None else []
    app.router.add_get("/", greet)
    app.router.add_post("/api/messages", hear)
    runner = web.AppRunner(app)
    port = free_port()
    asyncio.run_coroutine_threadsafe(_listen(runner, port), loop).result(10)
    try:
        yield f"http://127.0.0.1:{port}/"
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _listen(runner: web.AppRunner, port: int) -> None:
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()


def png_size(path: Path) -> tuple[int, int]:
    """Width and height in pixels, from the file's head."""
    head = path.read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", head[16:24])
    return width, height


def shown(page: Page, path: Path) -> int:
    """How many bytes the picture of the page takes; a blank one takes few."""
    page.screenshot(path)
    return path.stat().st_size


def test_a_page_is_read_filled_and_pressed_as_a_person_does(tmp_path: Path) -> None:
    with serving() as url, open_page(tmp_path, locale="ar") as page:
        page.goto(url)
        page.wait_text(GREETING)
        page.fill(label("Title"), "Kenya")
        page.click(role("button", "Save"))
        assert page.text("#out") == "Kenya"
        assert page.eval("getComputedStyle(document.body).direction") == "rtl"
        assert page.steps([{"do": "count", "at": "input"}, {"do": "url"}]) == [1, url]


def test_a_screenshot_has_the_size_asked_for_and_is_not_blank(tmp_path: Path) -> None:
    with serving() as url, open_page(tmp_path) as page:
        page.viewport(360, 640)
        page.goto("about:blank")
        blank = shown(page, tmp_path / "blank.png")
        page.goto(url)
        assert shown(page, tmp_path / "arabic.png") > blank
        assert png_size(tmp_path / "arabic.png") == (360, 640)


def test_a_page_that_asks_for_anything_beyond_loopback_is_found_out(tmp_path: Path) -> None:
    with serving() as url, open_page(tmp_path) as page:
        page.goto(url)
        page.wait_text(GREETING)
        assert page.outside() == ["http://example.org/"]


def test_a_step_that_cannot_be_taken_says_which(tmp_path: Path) -> None:
    with serving() as url, open_page(tmp_path, seconds=0.5) as page:
        page.goto(url)
        with pytest.raises(StepFailed, match="No such button"):
            page.click(role("button", "No such button"))


def test_the_local_slack_shows_its_page_and_what_was_said(tmp_path: Path) -> None:
    nobody = f"http://127.0.0.1:{free_port()}/slack/events"
    with start_local_slack(request_url=nobody, folder=tmp_path / "slack") as slack, open_page(tmp_path) as page:
        slack.control("message", {"channel": GENERAL, "user": ALICE["id"], "text": f"{GREETING} 13"})
        page.goto(slack.url)
        page.click(words("general", nth=0))
        page.wait_text(f"{GREETING} 13")
        page.screenshot(tmp_path / "slack.png")
        assert png_size(tmp_path / "slack.png") == (1280, 900)


def test_the_agents_playground_shows_its_page_and_passes_on_what_was_said(tmp_path: Path) -> None:
    heard: list[str] = []
    with (
        serving(heard) as url,
        start_playground(endpoint=f"{url}api/messages", folder=tmp_path / "teams") as playground,
        open_page(tmp_path) as page,
    ):
        page.goto(playground.url)
        page.wait_text(PLAYGROUND_READY)
        page.click(PLAYGROUND_COMPOSER)
        page.type("Kenya needs help")
        page.press("Enter")
        page.wait_text("message 200")
        assert heard == ["Kenya needs help"]
        page.screenshot(tmp_path / "teams.png")
    assert png_size(tmp_path / "teams.png") == (1280, 900)
