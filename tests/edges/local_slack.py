"""A Slack Web API on loopback that keeps what it is told, counts by delivery key, and fails when it is asked to."""

from __future__ import annotations

import itertools
import json
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web

TOKEN = "xoxb-test-token"
BOT_USER = "UBOT"
TEAM = "T1"

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


def answers(status: int, body: Any, *, headers: Mapping[str, str] | None = None, content_type: str = "application/json") -> Answer:
    """A fault: one answer of this kind instead of the real one."""

    async def answer(request: web.Request) -> web.StreamResponse:
        text = body if isinstance(body, str) else json.dumps(body)
        return web.Response(status=status, text=text, headers=headers, content_type=content_type)

    return answer


def refuses(word: str) -> Answer:
    return answers(200, {"ok": False, "error": word})


async def drops(request: web.Request) -> web.StreamResponse:
    """A fault: the connection breaks without an answer."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


class LocalSlack:
    """`app` serves `/api/METHOD`; `messages` are what each channel holds; `views` and `homes` what people see."""

    def __init__(self) -> None:
        self.messages: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        self.views: list[dict[str, Any]] = []
        self.homes: dict[str, dict[str, Any]] = {}
        self.called: list[tuple[str, dict[str, Any]]] = []
        self.faults: defaultdict[str, list[Answer]] = defaultdict(list)
        self.after_accepting: defaultdict[str, list[Answer]] = defaultdict(list)
        self.people: dict[str, dict[str, Any]] = {}
        self._count = itertools.count(1)
        self.app = web.Application()
        self.app.router.add_route("*", "/api/{method}", self._api)
        self.files: dict[str, bytes] = {}
        self.file_answers: dict[str, Answer] = {}
        self.app.router.add_get("/files/{name}", self._file)

    def by_key(self) -> Counter[str]:
        """How often a message was posted under each delivery key and part."""
        payloads = (m["metadata"]["event_payload"] for held in self.messages.values() for m in held)
        return Counter(f"{payload['key']}#{payload['part']}" for payload in payloads)

    def methods(self) -> list[str]:
        return [method for method, _ in self.called]

    async def _file(self, request: web.Request) -> web.StreamResponse:
        """A shared file, for whoever brings the bot's token."""
        name = request.match_info["name"]
        self.called.append((f"file {name}", {}))
        if name in self.file_answers:
            return await self.file_answers[name](request)
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.Response(status=302, headers={"Location": "https://127.0.0.1/login"})
        return web.Response(body=self.files[name])

    async def _api(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        given = await request.json() if request.content_type == "application/json" else _unpacked({**request.query, **await request.post()})
        self.called.append((method, given))
        if self.faults[method]:
            return await self.faults[method].pop(0)(request)
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.json_response({"ok": False, "error": "invalid_auth"})
        answer = {"ok": True, **_METHODS[method](self, given)}
        if self.after_accepting[method]:
            return await self.after_accepting[method].pop(0)(request)
        return web.json_response(answer)

    def _auth_test(self, given: Mapping[str, Any]) -> dict[str, Any]:
        return {"user_id": BOT_USER, "team_id": TEAM, "bot_id": "BBOT"}

    def _open(self, given: Mapping[str, Any]) -> dict[str, Any]:
        return {"channel": {"id": f"D{given['users']}"}}

    def _post(self, given: Mapping[str, Any]) -> dict[str, Any]:
        ts = f"{1_700_000_000 + next(self._count)}.000100"
        self.messages[str(given["channel"])].append({**given, "ts": ts})
        return {"channel": given["channel"], "ts": ts}

    def _update(self, given: Mapping[str, Any]) -> dict[str, Any]:
        for message in self.messages[str(given["channel"])]:
            if message["ts"] == given["ts"]:
                message["blocks"] = given["blocks"]
        return {"ts": given["ts"]}

    def _history(self, given: Mapping[str, Any]) -> dict[str, Any]:
        held = self.messages[str(given["channel"])]
        return {"messages": [{"ts": m["ts"], "text": m["text"], "metadata": m["metadata"]} for m in reversed(held)]}

    def _view(self, given: Mapping[str, Any]) -> dict[str, Any]:
        view = {**given["view"], "id": f"V{next(self._count)}"}
        self.views.append(view)
        return {"view": view}

    def _home(self, given: Mapping[str, Any]) -> dict[str, Any]:
        self.homes[str(given["user_id"])] = given["view"]
        return {"view": given["view"]}

    def _user(self, given: Mapping[str, Any]) -> dict[str, Any]:
        user = str(given["user"])
        return {"user": {"id": user, "real_name": "Ann", "tz": "Africa/Nairobi", "locale": "en-GB", **self.people.get(user, {})}}


_METHODS: Mapping[str, Callable[[LocalSlack, Mapping[str, Any]], dict[str, Any]]] = {
    "auth.test": LocalSlack._auth_test,
    "conversations.open": LocalSlack._open,
    "chat.postMessage": LocalSlack._post,
    "chat.update": LocalSlack._update,
    "conversations.history": LocalSlack._history,
    "conversations.replies": LocalSlack._history,
    "views.open": LocalSlack._view,
    "views.publish": LocalSlack._home,
    "users.info": LocalSlack._user,
}


def _unpacked(form: Mapping[str, Any]) -> dict[str, Any]:
    """A form's fields, with those that hold JSON opened."""
    return {name: json.loads(value) if str(value)[:1] in "[{" else value for name, value in form.items()}
