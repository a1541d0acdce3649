"""Slack's door in the server: `POST /slack/events`, and Socket Mode where an app token is set."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.house import House
from bot.settings import SlackSettings
from bot.slack.door import SlackDoor
from bot.slack.envelope import Malformed, opened
from bot.slack.listen import Listeners, bolt_app
from bot.slack.signature import is_genuine
from handlers.conversation.turn import storable

log = logging.getLogger(__name__)

PATH = "/slack/events"
LARGEST = 1_000_000
"""Bytes of a request; Slack's own are far below."""

RECONNECT = 5.0


def register(app: web.Application, house: House) -> SlackDoor:
    """Mount the door; its session opens with the first call and closes with the application."""
    settings = house.settings.slack
    if settings is None:
        raise ValueError("Slack is not configured")
    door, bolt = SlackDoor(settings), bolt_app(settings)
    listeners = Listeners(house, door)
    listeners.attach(bolt)
    app.router.add_post(PATH, Entrance(house, settings, bolt).receive)

    async def running(_app: web.Application) -> AsyncIterator[None]:
        socket = asyncio.create_task(_listen_on_socket(bolt, settings)) if settings.app_token else None
        yield
        if socket is not None:
            socket.cancel()
            await asyncio.gather(socket, return_exceptions=True)
        await listeners.close()
        await door.close()

    app.cleanup_ctx.append(running)
    return door


class Entrance:
    """Signature first, on the bytes as they came; then the envelope; then Bolt."""

    def __init__(self, house: House, settings: SlackSettings, bolt: AsyncApp) -> None:
        self.house = house
        self.settings = settings
        self.bolt = bolt

    async def receive(self, request: web.Request) -> web.Response:
        raw = await _bytes_of(request)
        if raw is None:
            return web.Response(status=413)
        if not self._is_genuine(request, raw):
            return web.Response(status=401)
        try:
            body = opened(raw, content_type=request.content_type)
        except Malformed as problem:
            log.info("malformed: %s", problem)
            return web.Response(status=400)
        return await dispatched(self.bolt, body)

    def _is_genuine(self, request: web.Request, raw: bytes) -> bool:
        return is_genuine(
            self.settings.signing_secret,
            timestamp=request.headers.get("X-Slack-Request-Timestamp", ""),
            signature=request.headers.get("X-Slack-Signature", ""),
            body=raw,
            now=self.house.clock.machine().timestamp(),
        )


async def _bytes_of(request: web.Request) -> bytes | None:
    """The body, or None when it is larger than anything Slack sends."""
    if (request.content_length or 0) > LARGEST:
        return None
    raw = bytearray()
    async for chunk in request.content.iter_chunked(65_536):
        raw += chunk
        if len(raw) > LARGEST:
            return None
    return bytes(raw)


async def dispatched(bolt: AsyncApp, body: dict[str, object]) -> web.Response:
    """Through Bolt, which takes an opened envelope in its socket mode; one it cannot make sense of is malformed."""
    try:
        answer = await bolt.async_dispatch(AsyncBoltRequest(body=body, mode="socket_mode"))
    except (KeyError, TypeError, AttributeError, ValueError, IndexError, RecursionError) as problem:
        log.info("malformed: %s", type(problem).__name__)
        return web.Response(status=400)
    if answer.status == 404:  # a kind of envelope nobody listens to
        return web.Response()
    content_type = answer.first_headers().get("content-type", "text/plain").partition(";")[0]
    return web.Response(status=answer.status, text=answer.body or "", content_type=content_type)


class SocketHandler(AsyncSocketModeHandler):
    """Socket Mode over the same listeners; what was not heard is not acknowledged, so Slack sends it again."""

    async def handle(self, client: Any, req: SocketModeRequest) -> None:
        req.payload = storable(req.payload)
        await super().handle(client, req)


async def _listen_on_socket(bolt: AsyncApp, settings: SlackSettings) -> None:
    handler = SocketHandler(bolt, app_token=settings.app_token)
    try:
        while True:
            try:
                await handler.connect_async()  # type: ignore[no-untyped-call]
                break
            except Exception as problem:
                log.warning("Socket Mode not connected: %s", type(problem).__name__)
                await asyncio.sleep(RECONNECT)
        await asyncio.Event().wait()
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]
