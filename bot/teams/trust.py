"""Who may speak to this door: the token of each request, checked before its body is parsed; and which hosts are spoken to."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import jwt

from bot.settings import TeamsSettings, is_loopback
from bot.teams.keys import Keys, NoKey

LEEWAY = 60
"""Seconds two clocks may be apart."""

CONNECTOR = "https://api.botframework.com"
"""The issuer of the service's own tokens (Bot Connector authentication, connector to bot)."""

_HOSTS = ("smba.trafficmanager.net",)
_DOMAINS = (".botframework.com", ".botframework.us", ".teams.microsoft.com", ".teams.microsoft.us")
"""Where the service lives, public and government clouds. Of trafficmanager.net only that one name: anybody can have another."""


class Unauthentic(Exception):
    """The request is not from the service, or not for this bot."""


@dataclass(frozen=True, slots=True)
class Cloud:
    """Where Microsoft's services are. A test serves them on loopback, and only then are `loopback` hosts spoken to."""

    metadata: str = "https://login.botframework.com/v1/.well-known/openidconfiguration"
    tenant_metadata: str = "https://login.microsoftonline.com/{tenant}/v2.0/.well-known/openid-configuration"
    token: str = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"
    loopback: bool = False

    def holds(self, url: str) -> bool:
        """Whether a file may be fetched from this address: of Microsoft's file store only."""
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").lower(), parts.port
        except ValueError:
            return False
        if self.loopback:
            return is_loopback(host) and parts.scheme in ("http", "https")
        return parts.scheme == "https" and port in (None, 443) and parts.username is None and host.endswith(_FILES)

    def trusts(self, service_url: str) -> bool:
        """Whether a message, and a token with it, may go to this address."""
        try:
            parts = urlsplit(service_url)
            host, port = (parts.hostname or "").lower(), parts.port
        except ValueError:
            return False
        if self.loopback:
            return is_loopback(host) and parts.scheme in ("http", "https")
        if parts.scheme != "https" or port not in (None, 443) or parts.username is not None or _is_number(host):
            return False
        return host in _HOSTS or host.endswith(_DOMAINS)


_FILES = (".sharepoint.com", ".sharepoint.us", ".sharepoint-mil.us", ".sharepoint.cn")
"""Where the service keeps the files that people send in a chat: OneDrive for Business, on SharePoint."""


def _is_number(host: str) -> bool:
    try:
        return bool(ipaddress.ip_address(host))
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Caller:
    """A checked caller: the address it said it calls from, and what its key may sign for (empty where that is not said)."""

    claims: Mapping[str, Any]
    service_url: str | None
    endorsements: tuple[str, ...] = ()

    def must_fit(self, *, service_url: str, channel_id: str) -> None:
        """Unauthentic where the body says another address than the token, or a channel the key does not speak for."""
        if self.service_url is not None and self.service_url.rstrip("/") != service_url.rstrip("/"):
            raise Unauthentic("another service address than the token's")
        if self.endorsements and channel_id not in self.endorsements:
            raise Unauthentic("a key for another channel")


class Checker:
    """Checks bearer tokens: RS256 by a published key, for this app, by the connector or by the app itself in its tenant."""

    def __init__(self, settings: TeamsSettings, keys: Keys, tenant_keys: Keys) -> None:
        self._app = settings.app_id
        tenant = settings.tenant_id
        own = (f"https://sts.windows.net/{tenant}/", f"https://login.microsoftonline.com/{tenant}/v2.0") if tenant else ()
        self._keys: Mapping[str, Keys] = {CONNECTOR: keys} | dict.fromkeys(own, tenant_keys)

    async def check(self, header: str) -> Caller:
        """Unauthentic unless the Authorization header holds a good token."""
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthentic("no bearer token")
        try:
            return await self._check(token.strip())
        except (jwt.PyJWTError, NoKey, ValueError, RecursionError) as wrong:
            raise Unauthentic(type(wrong).__name__) from wrong

    async def _check(self, token: str) -> Caller:
        head = jwt.get_unverified_header(token)
        if head.get("alg") != "RS256" or not isinstance(head.get("kid"), str):
            raise Unauthentic("not RS256 by a named key")
        issuer = jwt.decode(token, options={"verify_signature": False}).get("iss")
        keys = self._keys.get(issuer) if isinstance(issuer, str) else None
        if keys is None:
            raise Unauthentic("a foreign issuer")
        key = await keys.find(head["kid"])
        claims = jwt.decode(
            token, key.public, algorithms=["RS256"], audience=self._app, issuer=issuer, leeway=LEEWAY,
            options={"require": ["exp", "iss", "aud"]},
        )  # fmt: skip
        return Caller(claims, self._address(claims), key.endorsements)

    def _address(self, claims: Mapping[str, Any]) -> str | None:
        """The connector names its address. In the tenant anybody can get a token *for* this app; only one *by* it is taken."""
        if claims["iss"] != CONNECTOR:
            if self._app not in (claims.get("appid"), claims.get("azp")):
                raise Unauthentic("another app of the tenant")
            return None
        named = claims.get("serviceurl", claims.get("serviceUrl"))
        if not isinstance(named, str) or not named:
            raise Unauthentic("no service address in the token")
        return named
