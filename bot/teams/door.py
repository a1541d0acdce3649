"""The way out: replies as cards or text, posted to the conversation an account or a channel was last seen in."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bot.teams import render
from bot.teams.connector import Connector
from bot.teams.read import NAME, without_thread
from scheduler.door import Message, NeverAgain

REMEMBERED = 5000
"""Conversations and half-sent messages kept in mind."""


class TeamsDoor:
    """See `scheduler.door.Door`.

    The service takes 7 messages a second in one conversation, but 1800 an hour: one a second leaves room for answers.
    """

    name = NAME
    per_second = 1.0

    def __init__(self, connector: Connector, close: Callable[[], Awaitable[None]]) -> None:
        self._connector = connector
        self._close = close
        self._opened: OrderedDict[tuple[str, str], str] = OrderedDict()
        self._under_way: OrderedDict[str, list[str]] = OrderedDict()

    async def send(self, address: Mapping[str, Any], message: Message, *, key: str) -> str:
        """The id of the first message. What is too long for one goes as several, and a second try goes on after the last that arrived.

        The key travels in `channelData.liaison.key`; the second and later ones of a long message have `#2` … behind it.
        """
        service_url = address.get("service_url")
        if not isinstance(service_url, str) or not service_url:
            raise NeverAgain("no_address")
        conversation = await self._conversation(service_url, address, in_channel=message.audience is not None)
        sent = self._under_way.pop(key, [])
        try:
            for number, activity in enumerate(render.messages(message.replies, message.reader), start=1):
                if number > len(sent):
                    addressed = activity | _addressed(address, conversation, key if number == 1 else f"{key}#{number}")
                    sent.append(await self._connector.say(service_url, conversation, addressed))
        except BaseException:
            if sent:
                _remember(self._under_way, key, sent)
            raise
        return sent[0] if sent else ""

    async def find_sent(self, address: Mapping[str, Any], key: str) -> str | None:
        """Always None: the service has no look-up by our key.

        So one crash sends twice: the one after the service took the message and before the outbox row was marked as sent.
        """
        return None

    async def close(self) -> None:
        await self._close()

    async def _conversation(self, service_url: str, address: Mapping[str, Any], *, in_channel: bool) -> str:
        """The known conversation; a channel is addressed outside any thread; with somebody only known by id, a new one is opened."""
        known = address.get("conversation")
        if isinstance(known, str) and known:
            return without_thread(known) if in_channel else known
        bot_id, user_id, tenant = address.get("bot_id"), address.get("user_id"), address.get("tenant")
        if not isinstance(bot_id, str) or not isinstance(user_id, str):
            raise NeverAgain("no_address")
        whose = (str(tenant), user_id)
        if whose not in self._opened:
            opened = await self._connector.open_personal(service_url, bot_id=bot_id, user_id=user_id, tenant=tenant)
            _remember(self._opened, whose, opened)
        return self._opened[whose]


def _addressed(address: Mapping[str, Any], conversation: str, key: str) -> dict[str, Any]:
    tenant = address.get("tenant")
    return {
        "from": {"id": address.get("bot_id")},
        "conversation": {"id": conversation},
        "channelData": {"liaison": {"key": key}} | ({"tenant": {"id": tenant}} if tenant else {}),
    }


def _remember(kept: OrderedDict[Any, Any], key: Any, value: Any) -> None:
    kept[key] = value
    while len(kept) > REMEMBERED:
        kept.popitem(last=False)
