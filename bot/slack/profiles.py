"""Who an account is, as its profile says: name, language and zone, kept for an hour; a turn never waits long for them."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.slack.envelope import maybe_at
from handlers.conversation.turn import Turn, storable

log = logging.getLogger(__name__)

KEPT = 3600.0
"""Seconds a profile is believed; one that could not be had is asked for again after `RETRY`."""

RETRY = 60.0
PATIENCE = 1.0
"""Seconds a turn waits for a profile."""

_MOST = 20_000


@dataclass(frozen=True, slots=True)
class Profile:
    name: str = ""
    locale: str | None = None
    zone: str | None = None


class Profiles:
    """`ask(user)` gives the `user` object of `users.info`, or raises."""

    def __init__(self, ask: Callable[[str], Awaitable[Mapping[str, Any]]]) -> None:
        self.ask = ask
        self._kept: OrderedDict[str, tuple[float, Profile]] = OrderedDict()

    async def of(self, user: str) -> Profile:
        now = asyncio.get_running_loop().time()
        until, profile = self._kept.get(user, (0.0, Profile()))
        if until > now:
            return profile
        try:
            async with asyncio.timeout(PATIENCE):
                profile, lasts = _profile(await self.ask(user)), KEPT
        except Exception as problem:
            log.info("no profile", extra={"account": user, "problem": type(problem).__name__})
            lasts = RETRY
        self._keep(user, now + lasts, profile)
        return profile

    def _keep(self, user: str, until: float, profile: Profile) -> None:
        self._kept[user] = (until, profile)
        if len(self._kept) > _MOST:
            self._kept.popitem(last=False)

    async def introduce(self, turn: Turn) -> Turn:
        """The turn with what is known of its speaker."""
        profile = await self.of(str(turn.who.address["user"]))
        return replace(turn, who=replace(turn.who, name=profile.name, locale=profile.locale, zone=profile.zone))


def _profile(user: Mapping[str, Any]) -> Profile:
    name = maybe_at(user, "profile", "display_name") or maybe_at(user, "real_name") or maybe_at(user, "profile", "real_name")
    return Profile(storable(name or maybe_at(user, "name") or ""), maybe_at(user, "locale"), maybe_at(user, "tz"))
