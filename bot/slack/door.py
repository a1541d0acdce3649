"""The way to people on Slack: says replies under their delivery key, finds what was said, and knows which failures last."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.files import PIECE, take
from bot.settings import SlackSettings
from bot.slack.read import DOOR, Shared
from bot.slack.render import Post, posts
from handlers.conversation.reply import FormSheet
from handlers.conversation.turn import File
from scheduler.door import Message, NeverAgain, TryLater
from storage.files import LARGEST

log = logging.getLogger(__name__)

TIMEOUT = 15.0
"""Seconds Slack has to answer a call before the outbox tries again."""

FETCH_SECONDS = 2.0
"""Within which files are fetched: Slack waits three seconds for the whole answer."""

FILE_HOSTS = ("files.slack.com", "files.slack-gov.com")

DELIVERY = "liaison_delivery"
LOOKED_BACK = 100
"""Messages of a conversation that are searched for a delivery key."""

GONE = frozenset(
    (
        "channel_not_found", "is_archived", "not_in_channel", "restricted_action", "restricted_action_read_only_channel",
        "posting_to_general_channel_denied", "no_permission", "access_denied", "user_not_found", "users_not_found", "user_not_visible",
        "user_disabled", "cannot_dm_bot", "messages_tab_disabled", "account_inactive", "is_inactive", "token_revoked", "team_not_found",
    )
)  # fmt: skip
"""Slack's words for a place that will not be reached by trying again."""

OURS = frozenset(("invalid_auth", "not_authed", "token_expired", "missing_scope", "org_login_required", "ekm_access_denied"))
"""Slack's words for an app that is not set up rightly: nobody's address is wrong, so all messages wait for whoever runs the house."""

_BROKEN_BLOCKS = frozenset(("invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long"))
_NO_THREAD = frozenset(("invalid_thread_ts", "thread_not_found", "cannot_reply_to_message"))


class Refused(Exception):
    """Slack understood and said no; `word` is its own."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


class SlackDoor:
    """One workspace's bot. `client` never retries by itself: it would post again after a connection that dropped (FAULTS)."""

    name = DOOR
    per_second = 1.0

    def __init__(self, settings: SlackSettings) -> None:
        self.client = AsyncWebClient(token=settings.bot_token, base_url=settings.api_url, retry_handlers=[], timeout=int(TIMEOUT))
        self._bot_user: str | None = None
        self._asked_for_bot = 0.0
        self._channels: dict[str, str] = {}

    async def open(self) -> None:
        """Open the one session that all calls share; it belongs to the running loop."""
        if self.client.session is None or self.client.session.closed:
            timeout = aiohttp.ClientTimeout(total=TIMEOUT)
            self.client.session = aiohttp.ClientSession(timeout=timeout, json_serialize=_dumps)

    async def close(self) -> None:
        if self.client.session is not None:
            await self.client.session.close()

    async def send(self, address: Mapping[str, Any], message: Message, *, key: str) -> str:
        """Post the replies; those of one key that need several messages carry part numbers, and only missing parts are posted again."""
        replies = message.replies
        if "modal" in address:  # the modal itself showed the form with its problems
            replies = tuple(reply for reply in replies if not isinstance(reply, FormSheet))
        said = posts(replies, message.reader)
        if not said:
            return f"modal:{address.get('modal', '')}"
        try:
            return await self._send(address, said, key)
        except Refused as refused:
            raise _lasting(refused.word) from refused

    async def _send(self, address: Mapping[str, Any], said: tuple[Post, ...], key: str) -> str:
        channel = await self._channel(address)
        there = await self._parts(address, channel, key) if len(said) > 1 else {}
        for part, post in enumerate(said, start=1):
            if part not in there:
                there[part] = await self._post(address, channel, post, {"key": key, "part": part, "parts": len(said)})
        return f"{channel}:{there[1]}"

    async def fetch(self, shared: Shared, folder: Path) -> File:
        """Keep a file that Slack holds. The token goes to Slack and to nobody else."""
        if shared.size > LARGEST:
            return File(shared.name, problem="file_too_large")
        if not self._holds(shared.url):
            return File(shared.name, problem="file_unreadable")
        await self.open()
        session, headers = self.client.session, {"Authorization": f"Bearer {self.client.token}"}
        assert session is not None
        try:
            async with asyncio.timeout(FETCH_SECONDS), session.get(shared.url, headers=headers, allow_redirects=False) as answer:
                if answer.status != 200:
                    return File(shared.name, problem="file_unreadable")
                return await take(folder, shared.name, answer.content.iter_chunked(PIECE))
        except (aiohttp.ClientError, TimeoutError, OSError) as problem:
            log.info("file not fetched: %s", type(problem).__name__)
            return File(shared.name, problem="file_unreadable")

    def _holds(self, url: str) -> bool:
        """Whether an address is Slack's own: where its files are, or where its Web API is."""
        try:
            asked, api = urlsplit(url), urlsplit(self.client.base_url)
            own = (asked.scheme, asked.hostname, asked.port) == (api.scheme, api.hostname, api.port)
            return own or (asked.scheme == "https" and asked.port in (None, 443) and asked.hostname in FILE_HOSTS)
        except ValueError:
            return False

    async def _channel(self, address: Mapping[str, Any]) -> str:
        if channel := address.get("channel"):
            return str(channel)
        user = str(address["user"])
        if user not in self._channels:
            opened = await self.call(self.client.conversations_open, users=user)
            self._channels[user] = str(opened["channel"]["id"])
        return self._channels[user]

    async def _post(self, address: Mapping[str, Any], channel: str, post: Post, payload: Mapping[str, Any]) -> str:
        what: dict[str, Any] = {
            "channel": channel, "text": post.text, "blocks": list(post.blocks),
            "metadata": {"event_type": DELIVERY, "event_payload": payload},
            "unfurl_links": False, "unfurl_media": False, "link_names": False, "parse": "none", "mrkdwn": False,
        }  # fmt: skip
        if thread := address.get("thread_ts"):
            what["thread_ts"] = thread
        try:
            return str((await self.call(self._chat_post, **what))["ts"])
        except Refused as refused:
            return await self._post_again(address, what, refused)

    async def _post_again(self, address: Mapping[str, Any], what: dict[str, Any], refused: Refused) -> str:
        """Once more without what Slack did not like: a thread that is gone, blocks it cannot show, a stale direct message."""
        if refused.word in _NO_THREAD and "thread_ts" in what:
            del what["thread_ts"]
        elif refused.word in _BROKEN_BLOCKS and "blocks" in what:
            log.error("blocks refused", extra={"word": refused.word, "key": what["metadata"]["event_payload"]["key"]})
            del what["blocks"]
        elif refused.word == "channel_not_found" and "user" in address:
            self._channels.pop(str(address["user"]), None)
            what["channel"] = await self._channel({"user": address["user"]})
        else:
            raise refused
        return str((await self.call(self._chat_post, **what))["ts"])

    async def _chat_post(self, **what: Any) -> AsyncSlackResponse:
        return await self.client.api_call("chat.postMessage", json=what)

    async def find_sent(self, address: Mapping[str, Any], key: str) -> str | None:
        """The message under `key` among the last of its conversation; None unless all its parts are there."""
        try:
            channel = await self._channel(address)
            posted = await self._posted(address, channel, key)
        except Refused as refused:
            raise _lasting(refused.word) from refused
        parts = {payload.get("part"): ts for ts, payload in posted}
        return f"{channel}:{parts[1]}" if 1 in parts and len(parts) == posted[0][1].get("parts") else None

    async def _parts(self, address: Mapping[str, Any], channel: str, key: str) -> dict[int, str]:
        """Time stamps by part number of what was posted under `key`."""
        return {int(payload["part"]): ts for ts, payload in await self._posted(address, channel, key)}

    async def _posted(self, address: Mapping[str, Any], channel: str, key: str) -> list[tuple[str, Mapping[str, Any]]]:
        asked: dict[str, Any] = {"channel": channel, "limit": LOOKED_BACK, "include_all_metadata": True}
        if thread := address.get("thread_ts"):
            found = await self.call(self.client.conversations_replies, ts=thread, **asked)
        else:
            found = await self.call(self.client.conversations_history, **asked)
        marked = ((str(m["ts"]), m.get("metadata") or {}) for m in found.get("messages") or ())
        return [(ts, mark.get("event_payload") or {}) for ts, mark in marked if _key(mark) == key]

    async def bot_user(self) -> str | None:
        """The bot's own user id; None while Slack cannot be asked."""
        now = asyncio.get_running_loop().time()
        if self._bot_user is None and now >= self._asked_for_bot:
            self._asked_for_bot = now + 30.0
            try:
                async with asyncio.timeout(1.0):
                    self._bot_user = str((await self.call(self.client.auth_test))["user_id"])
            except (Refused, TryLater, TimeoutError) as problem:
                log.warning("auth.test failed: %s", problem)
        return self._bot_user

    async def user_info(self, user: str) -> Mapping[str, Any]:
        """The `user` object of `users.info`, with its locale."""
        found: Mapping[str, Any] = (await self.call(self.client.users_info, user=user, include_locale=True))["user"]
        return found

    async def call(self, method: Callable[..., Awaitable[AsyncSlackResponse]], **what: Any) -> Mapping[str, Any]:
        """One call of the Web API. Refused when Slack says no, TryLater when it could not be asked."""
        await self.open()
        try:
            answer = (await method(**what)).data
        except SlackApiError as problem:
            raise _said_no(problem) from problem
        except (aiohttp.ClientError, TimeoutError, OSError) as problem:
            raise TryLater(type(problem).__name__) from problem
        except (AttributeError, ValueError, TypeError) as problem:  # what the SDK makes of a body that is no JSON object
            raise TryLater(f"an answer that is no JSON: {type(problem).__name__}") from problem
        if not isinstance(answer, dict):
            raise TryLater("an answer that is no JSON object")
        return answer


def _key(mark: Mapping[str, Any]) -> str | None:
    return (mark.get("event_payload") or {}).get("key") if mark.get("event_type") == DELIVERY else None


def _said_no(problem: SlackApiError) -> Exception:
    answer = problem.response
    status = getattr(answer, "status_code", getattr(answer, "status", 0))
    data = getattr(answer, "data", None)
    word = str(data.get("error", "")) if isinstance(data, dict) else ""
    if status == 429 or word in ("ratelimited", "rate_limited"):
        return TryLater("ratelimited", after=_seconds(getattr(answer, "headers", {})))
    if status != 200 or not word:
        return TryLater(f"status {status}")
    return Refused(word)


def _seconds(headers: Mapping[str, str]) -> float:
    given = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    return float(given) if given.isdigit() else 1.0


def _lasting(word: str) -> Exception:
    return NeverAgain(word) if word in GONE else TryLater(word, everywhere=word in OURS)


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
