"""A local service as Teams shows it behind its serviceUrl: it counts what it receives by delivery key, and fails when told to."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

Activity = dict[str, Any]


@dataclass(frozen=True)
class Failure:
    """One answer instead of the usual one; with `after_taking` the message is taken first and the answer lost."""

    status: int = 500
    body: str = '{"error": {"code": "ServiceError", "message": "try later"}}'
    headers: Mapping[str, str] = field(default_factory=dict)
    conversation: str | None = None
    after_taking: bool = False


@dataclass
class LocalConnector:
    """`sent` is every activity taken, in order, as (conversation, activity, Authorization header).

    `failures` are used up one by one; None among them lets one message through.
    """

    sent: list[tuple[str, Activity, str | None]] = field(default_factory=list)
    opened: list[Activity] = field(default_factory=list)
    failures: list[Failure | None] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    refused: int = 0
    files: dict[str, bytes] = field(default_factory=dict)
    fetched: list[tuple[str, str | None]] = field(default_factory=list)
    url: str = ""
    _ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def by_key(self) -> Counter[str]:
        """How often each delivery key arrived."""
        return Counter(activity["channelData"]["liaison"]["key"] for _, activity, _ in self.sent)

    def to(self, conversation: str) -> list[Activity]:
        return [activity for place, activity, _ in self.sent if place == conversation]

    async def until(self, count: int) -> None:
        """Wait until so many activities were taken."""
        async with asyncio.timeout(10):
            while len(self.sent) < count:
                self._news.clear()
                await self._news.wait()

    def application(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/v3/conversations", self._open)
        app.router.add_post("/v3/conversations/{conversation}/activities", self._say)
        app.router.add_get("/v3/conversations/{conversation}/members/{member}", self._member)
        app.router.add_get("/drive/{name}", self._file)
        return app

    async def _file(self, request: web.Request) -> web.Response:
        """A file as the service keeps it: whoever knows the address has it."""
        name = request.match_info["name"]
        self.fetched.append((name, request.headers.get("Authorization")))
        return web.Response(body=self.files[name]) if name in self.files else web.Response(status=404)

    async def _open(self, request: web.Request) -> web.Response:
        self.opened.append(await request.json())
        return web.json_response({"id": f"opened-{self.opened[-1]['members'][0]['id']}"}, status=201)

    async def _member(self, request: web.Request) -> web.Response:
        member = request.match_info["member"]
        return web.json_response({"id": member, "name": self.names[member]} if member in self.names else {}, status=200)

    async def _say(self, request: web.Request) -> web.Response:
        conversation, activity = request.match_info["conversation"], await request.json()
        failure = self._failure_for(conversation)
        if failure is None or failure.after_taking:
            self.sent.append((conversation, activity, request.headers.get("Authorization")))
            self._news.set()
        if failure is None:
            return web.json_response({"id": f"act-{next(self._ids)}"}, status=201)
        self.refused += 1
        if failure.after_taking and request.transport:
            request.transport.abort()
        return web.Response(status=failure.status, text=failure.body, headers=failure.headers, content_type="application/json")

    def _failure_for(self, conversation: str) -> Failure | None:
        for failure in self.failures:
            if failure is None or failure.conversation in (None, conversation):
                self.failures.remove(failure)
                return failure
        return None


@asynccontextmanager
async def local_connector() -> AsyncIterator[LocalConnector]:
    connector = LocalConnector()
    server = TestServer(connector.application(), host="127.0.0.1")
    await server.start_server()
    connector.url = str(server.make_url("/"))
    try:
        yield connector
    finally:
        await server.close()
