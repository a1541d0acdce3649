"""Speaking to the service: plain REST over one HTTP session, and what its refusals mean.

The SDK's own client has no retry, no time limit, and falls over a 5xx that is not JSON; here the outbox decides what happens next.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp

from bot.files import PIECE, take
from bot.teams.tokens import NoToken, Tokens
from bot.teams.trust import Cloud
from handlers.conversation.turn import File
from scheduler.door import NeverAgain, TryLater

SECONDS = 15.0
"""How long the service may take to answer."""

LOOK_UP_SECONDS = 3.0
"""How long a newcomer waits for their name to be looked up."""

FETCH_SECONDS = 8.0
"""Within which files are fetched: the service waits ten seconds for the whole answer."""

GONE = {
    "MessageWritesBlocked", "ConversationBlockedByUser", "ConversationNotFound", "BotNotInConversationRoster", "BotDisabledByAdmin",
    "NotEnoughPermissions", "UserNotFound", "InvalidConversationId",
}  # fmt: skip
"""Words of the service that mean: blocked, uninstalled, removed. Any other 403 or 404 it gives a word for is meant for good too."""


class Connector:
    """`tokens` is None in emulator mode, where nothing is authenticated."""

    def __init__(self, cloud: Cloud, tokens: Tokens | None, session: Callable[[], aiohttp.ClientSession]) -> None:
        self._cloud = cloud
        self._tokens = tokens
        self._session = session

    async def say(self, service_url: str, conversation: str, activity: Mapping[str, Any]) -> str:
        """Post one activity and return its id; TryLater or NeverAgain."""
        answer = await self._post(service_url, f"v3/conversations/{quote(conversation, safe='')}/activities", activity)
        return str(answer.get("id") or "")

    async def open_personal(self, service_url: str, *, bot_id: str, user_id: str, tenant: str | None) -> str:
        """The id of the personal conversation with somebody: made if there is none, the same one if there is."""
        body: dict[str, Any] = {"bot": {"id": bot_id}, "members": [{"id": user_id}], "isGroup": False}
        if tenant:
            body |= {"tenantId": tenant, "channelData": {"tenant": {"id": tenant}}}
        conversation = (await self._post(service_url, "v3/conversations", body)).get("id")
        if not isinstance(conversation, str) or not conversation:
            raise TryLater("no_conversation_id")
        return conversation

    async def name_of(self, service_url: str, conversation: str, user_id: str) -> str | None:
        """What a member of a conversation is called: an arrival does not say. None where the service does not tell either."""
        if not self._cloud.trusts(service_url):
            return None
        path = f"v3/conversations/{quote(conversation, safe='')}/members/{quote(user_id, safe='')}"
        limit = aiohttp.ClientTimeout(total=LOOK_UP_SECONDS)
        try:
            headers = await self._authorization()
            async with self._session().get(_url(service_url, path), headers=headers, timeout=limit, allow_redirects=False) as answer:
                said = _json(await answer.read()) or {}
        except (aiohttp.ClientError, TimeoutError, OSError, TryLater):
            return None
        name = said.get("name") or said.get("givenName")
        return name if isinstance(name, str) else None

    async def fetch(self, name: str, url: str, folder: Path) -> File:
        """Keep a file that a person sent: fetched where Microsoft keeps it, without any token of ours."""
        if not self._cloud.holds(url):
            return File(name, problem="file_unreadable")
        try:
            async with asyncio.timeout(FETCH_SECONDS), self._session().get(url, allow_redirects=False) as answer:
                if answer.status != 200:
                    return File(name, problem="file_unreadable")
                return await take(folder, name, answer.content.iter_chunked(PIECE))
        except (aiohttp.ClientError, TimeoutError, OSError):
            return File(name, problem="file_unreadable")

    async def _post(self, service_url: str, path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        if not self._cloud.trusts(service_url):  # before a token is even fetched
            raise NeverAgain("foreign_service_url")
        headers = {"Content-Type": "application/json; charset=utf-8", **await self._authorization()}
        data = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        try:
            async with self._session().post(
                _url(service_url, path), data=data, headers=headers,
                timeout=aiohttp.ClientTimeout(total=SECONDS), allow_redirects=False,
            ) as answer:  # fmt: skip
                return self._understood(answer, await answer.read())
        except (aiohttp.ClientError, TimeoutError, OSError) as problem:
            raise TryLater(type(problem).__name__) from problem

    async def _authorization(self) -> dict[str, str]:
        if self._tokens is None:
            return {}
        try:
            return {"Authorization": f"Bearer {await self._tokens.get()}"}
        except NoToken as problem:
            raise TryLater(f"no_token: {problem.reason}", everywhere=True) from problem

    def _understood(self, answer: aiohttp.ClientResponse, body: bytes) -> Mapping[str, Any]:
        said = _json(body)
        if answer.status < 300 and (said is not None or not body.strip()):
            return said or {}
        word = _word(said)
        if answer.status == 401:
            if self._tokens:
                self._tokens.forget()
            raise TryLater("unauthorized", everywhere=True)
        if word and (answer.status in (403, 404) or word in GONE):
            raise NeverAgain(word)
        raise TryLater(word or f"http_{answer.status}", after=_retry_after(answer.headers))


def _url(service_url: str, path: str) -> str:
    return f"{service_url.rstrip('/')}/{path}"


def _json(body: bytes) -> dict[str, Any] | None:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def _word(said: Mapping[str, Any] | None) -> str | None:
    """`{"error": {"code": …}}`, the code alone."""
    error = said.get("error") if said else None
    code = error.get("code") if isinstance(error, dict) else None
    return code[:80] if isinstance(code, str) and code else None


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait: told as such, or as a moment beside the service's own `Date`."""
    told = headers.get("Retry-After", "")
    try:
        return max(float(told), 0.0)
    except ValueError:
        pass
    try:
        return max((parsedate_to_datetime(told) - parsedate_to_datetime(headers.get("Date", ""))).total_seconds(), 0.0)
    except (ValueError, TypeError):
        return None
