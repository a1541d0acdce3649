"""The public keys tokens are signed with: fetched with a time limit, kept, and asked for again when an unknown one appears."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import jwt

log = logging.getLogger(__name__)

SECONDS = 5.0
"""How long one fetch may take."""

FRESH = 24 * 3600.0
"""Seconds after which the keys are fetched anew; the old ones stand in while that fails."""

AGAIN = 60.0
"""Seconds between two fetches at the least: strangers who invent key ids cause no more."""


class NoKey(Exception):
    """No key of that id is published, as far as could be found out."""


@dataclass(frozen=True, slots=True)
class Key:
    """`endorsements` are the channels it signs for, as the service publishes them beside it."""

    public: Any
    endorsements: tuple[str, ...] = ()


class Keys:
    """The keys behind one OpenID metadata address. `clock` gives machine seconds that only grow."""

    def __init__(self, metadata: str, session: Callable[[], aiohttp.ClientSession], clock: Callable[[], float] = time.monotonic) -> None:
        self._metadata = metadata
        self._session = session
        self._clock = clock
        self._keys: Mapping[str, Key] = {}
        self._fetched: float | None = None
        self._tried: float | None = None
        self._one = asyncio.Lock()

    async def find(self, kid: str) -> Key:
        """NoKey where it is not published."""
        if kid not in self._keys or self._is_old():
            async with self._one:
                if (kid not in self._keys or self._is_old()) and self._may_try():
                    await self._fetch()
        if kid not in self._keys:
            raise NoKey(kid[:40])
        return self._keys[kid]

    def _is_old(self) -> bool:
        return self._fetched is None or self._clock() - self._fetched > FRESH

    def _may_try(self) -> bool:
        return self._tried is None or self._clock() - self._tried >= AGAIN

    async def _fetch(self) -> None:
        self._tried = self._clock()
        try:
            address = (await self._json(self._metadata))["jwks_uri"]
            self._keys = _read_keys(await self._json(address))
            self._fetched = self._clock()
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, KeyError, TypeError) as problem:
            log.warning("signing keys not fetched", extra={"address": self._metadata, "problem": type(problem).__name__})

    async def _json(self, address: str) -> Any:
        async with self._session().get(address, timeout=aiohttp.ClientTimeout(total=SECONDS)) as answer:
            answer.raise_for_status()
            return await answer.json(content_type=None)


def _read_keys(published: Any) -> dict[str, Key]:
    """The RSA keys of a key set by their ids; a key of another kind is passed over."""
    found = {}
    for given in published["keys"]:
        if not isinstance(given, dict) or given.get("kty") != "RSA" or not isinstance(given.get("kid"), str):
            continue
        endorsed = tuple(item for item in given.get("endorsements") or () if isinstance(item, str))
        try:
            found[given["kid"]] = Key(jwt.PyJWK(given, algorithm="RS256").key, endorsed)
        except jwt.PyJWTError:
            log.warning("a signing key cannot be read", extra={"kid": given["kid"][:40]})
    return found
