"""The token this bot shows when it speaks: fetched off the loop, kept until shortly before it ends, one fetch at a time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import aiohttp

from bot.settings import TeamsSettings
from bot.teams.trust import Cloud

SCOPE = "https://api.botframework.com/.default"
RESOURCE = "https://api.botframework.com"
SECONDS = 10.0
"""How long one request for a token may take."""

EARLY = 300.0
"""Seconds before its end at which a token is renewed."""


class NoToken(Exception):
    """No token could be had now; `reason` is a short word of the issuer's, never a secret."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Token:
    value: str
    seconds: float


class Issuer(Protocol):
    async def __call__(self) -> Token: ...


class Tokens:
    """`clock` gives machine seconds that only grow."""

    def __init__(self, issuer: Issuer, clock: Callable[[], float] = time.monotonic) -> None:
        self._issuer = issuer
        self._clock = clock
        self._value: str | None = None
        self._until = 0.0
        self._one = asyncio.Lock()

    async def get(self) -> str:
        """NoToken where none could be had."""
        async with self._one:
            if self._value is None or self._clock() >= self._until:
                token = await self._issuer()
                self._value = token.value
                self._until = self._clock() + max(token.seconds - EARLY, 0.0)
            return self._value

    def forget(self) -> None:
        """The token was refused: ask for another next time."""
        self._value = None


def issuer_for(settings: TeamsSettings, cloud: Cloud, session: Callable[[], aiohttp.ClientSession]) -> Issuer:
    """By the app's password in its tenant, or by the identity Azure gave the machine."""
    if settings.app_type == "UserAssignedMSI":
        return _by_machine(settings)
    return _by_password(settings, cloud, session)


def _by_password(settings: TeamsSettings, cloud: Cloud, session: Callable[[], aiohttp.ClientSession]) -> Issuer:
    address = cloud.token.format(tenant=settings.tenant_id)
    form = {"grant_type": "client_credentials", "client_id": settings.app_id, "client_secret": settings.app_password, "scope": SCOPE}

    async def ask() -> Token:
        try:
            async with session().post(address, data=form, timeout=aiohttp.ClientTimeout(total=SECONDS), allow_redirects=False) as answer:
                return _token(await answer.json(content_type=None))
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as problem:
            raise NoToken(type(problem).__name__) from problem

    return ask


def _by_machine(settings: TeamsSettings) -> Issuer:
    def ask_azure() -> Any:
        import msal  # type: ignore[import-untyped]  # 0.1 s, and only machines in Azure need it
        import requests

        with requests.Session() as http:
            client = msal.ManagedIdentityClient(msal.UserAssignedManagedIdentity(client_id=settings.app_id), http_client=http)
            return client.acquire_token_for_client(resource=RESOURCE)

    async def ask() -> Token:
        try:
            return _token(await asyncio.wait_for(asyncio.to_thread(ask_azure), SECONDS))
        except (TimeoutError, OSError, ValueError) as problem:
            raise NoToken(type(problem).__name__) from problem

    return ask


def _token(answer: Any) -> Token:
    match answer:
        case {"access_token": str(value), "expires_in": int() | float() | str() as seconds}:
            return Token(value, float(seconds))
        case {"error": str(reason)}:
            raise NoToken(reason[:80])
    raise NoToken("no token in the answer")
