"""Who is let in, and which token goes where: real RSA keys, a key set and a token issuer on loopback."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import jwt
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.settings import TeamsSettings
from bot.teams.keys import AGAIN, FRESH, Keys, NoKey
from bot.teams.tokens import EARLY, NoToken, Token, Tokens, issuer_for
from bot.teams.trust import CONNECTOR, Cloud
from handlers.conversation.reply import Say
from handlers.conversation.text import T
from handlers.conversation.words import Reader
from scheduler.door import Message, NeverAgain, TryLater
from tests.edges.teams_world import TENANT, Json, World, world

APP = "11111111-2222-3333-4444-555555555555"
SETTINGS = TeamsSettings(APP, "a password", "SingleTenant", TENANT)
KEY, STRANGER = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
TENANT_ISSUER = f"https://login.microsoftonline.com/{TENANT}/v2.0"


@dataclass
class LocalCloud:
    """Key set, metadata and token issuer; counts how often each is asked."""

    keys: list[Json] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    issued: int = 0
    is_down: bool = False
    token_answer: Json | None = None
    url: str = ""

    def publish(self, kid: str, key: rsa.RSAPrivateKey = KEY, **more: Any) -> None:
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
        self.keys.append(public | {"kid": kid, "use": "sig"} | more)

    @property
    def cloud(self) -> Cloud:
        return Cloud(f"{self.url}metadata", f"{self.url}metadata?tenant={{tenant}}", f"{self.url}{{tenant}}/token", loopback=True)

    async def metadata(self, request: web.Request) -> web.Response:
        self.asked.append("metadata")
        if self.is_down:
            return web.Response(status=502, text="<html>down</html>")
        return web.json_response({"issuer": CONNECTOR, "jwks_uri": f"{self.url}keys"})

    async def key_set(self, request: web.Request) -> web.Response:
        self.asked.append("keys")
        return web.json_response({"keys": self.keys})

    async def token(self, request: web.Request) -> web.Response:
        form = await request.post()
        assert (form["client_id"], form["client_secret"], form["grant_type"]) == (APP, "a password", "client_credentials")
        self.issued += 1
        return web.json_response(self.token_answer or {"access_token": f"token-{self.issued}", "expires_in": 3600})


@asynccontextmanager
async def local_cloud() -> AsyncIterator[LocalCloud]:
    local = LocalCloud()
    app = web.Application()
    app.router.add_get("/metadata", local.metadata)
    app.router.add_get("/keys", local.key_set)
    app.router.add_post("/{tenant}/token", local.token)
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()
    local.url = str(server.make_url("/"))
    local.publish("k1", endorsements=["msteams", "webchat"])
    try:
        yield local
    finally:
        await server.close()


@pytest.fixture
async def local() -> AsyncIterator[LocalCloud]:
    async with local_cloud() as made:
        yield made


@pytest.fixture
async def teams(tmp_path: Path, local: LocalCloud) -> AsyncIterator[World]:
    async with world(tmp_path, teams=SETTINGS, cloud=local.cloud) as made:
        yield made


def claims(teams: World, **more: Any) -> Json:
    now = int(time.time())
    base = {"iss": CONNECTOR, "aud": APP, "iat": now, "nbf": now - 10, "exp": now + 3600, "serviceurl": teams.connector.url}
    return {name: value for name, value in (base | more).items() if value is not None}


def bearer(claimed: Json, *, key: rsa.RSAPrivateKey = KEY, kid: str | None = "k1") -> dict[str, str]:
    return {"Authorization": f"Bearer {jwt.encode(claimed, key, algorithm='RS256', headers={'kid': kid} if kid else None)}"}


def unsigned(claimed: Json) -> dict[str, str]:
    def part(value: Json) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return {"Authorization": f"Bearer {part({'alg': 'none', 'typ': 'JWT', 'kid': 'k1'})}.{part(claimed)}."}


def by_secret(claimed: Json) -> dict[str, str]:
    """Signed with a shared secret, as if the public key were one."""
    return {"Authorization": f"Bearer {jwt.encode(claimed, 's' * 64, algorithm='HS256', headers={'kid': 'k1'})}"}


async def test_a_good_token_is_let_in(teams: World) -> None:
    assert await teams.send(teams.activity(text="help"), headers=bearer(claims(teams))) == (200, None)
    assert teams.heard_events() == 1


FORGED: dict[str, Callable[[World], dict[str, str]]] = {
    "no token": lambda teams: {},
    "another scheme": lambda teams: {"Authorization": "Basic YTpi"},
    "no token behind bearer": lambda teams: {"Authorization": "Bearer "},
    "rubbish": lambda teams: {"Authorization": "Bearer a.b.c"},
    "brackets": lambda teams: {"Authorization": "Bearer " + base64.urlsafe_b64encode(b"[" * 4000).decode() + ".e30.x"},
    "truncated": lambda teams: {"Authorization": bearer(claims(teams))["Authorization"][:-20]},
    "alg none": lambda teams: unsigned(claims(teams)),
    "a shared secret": lambda teams: by_secret(claims(teams)),
    "a stranger's key": lambda teams: bearer(claims(teams), key=STRANGER),
    "an unknown key": lambda teams: bearer(claims(teams), kid="k9"),
    "no key id": lambda teams: bearer(claims(teams), kid=None),
    "expired": lambda teams: bearer(claims(teams, exp=int(time.time()) - 301)),
    "not yet valid": lambda teams: bearer(claims(teams, nbf=int(time.time()) + 301)),
    "no end": lambda teams: bearer(claims(teams, exp=None)),
    "foreign audience": lambda teams: bearer(claims(teams, aud="another-app")),
    "foreign issuer": lambda teams: bearer(claims(teams, iss="https://issuer.example")),
    "foreign serviceUrl": lambda teams: bearer(claims(teams, serviceurl="https://evil.example/")),
    "no serviceUrl": lambda teams: bearer(claims(teams, serviceurl=None)),
    "another app of the tenant": lambda teams: bearer(claims(teams, iss=TENANT_ISSUER, azp="another-app")),
    "no app of the tenant": lambda teams: bearer(claims(teams, iss=TENANT_ISSUER)),
}


@pytest.mark.parametrize("headers", FORGED.values(), ids=FORGED.keys())
async def test_a_bad_token_is_refused_and_leaves_no_row(teams: World, headers: Callable[[World], dict[str, str]]) -> None:
    status, body = await teams.send(teams.activity(text="help"), headers=headers(teams))
    assert (status, body) == (401, None)
    assert teams.heard_events() == 0


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer a.b.c"}])
async def test_rubbish_without_a_good_token_is_refused_before_it_is_parsed(teams: World, headers: dict[str, str]) -> None:
    async with teams.http.post(teams.url, data=b"[" * 100_000, headers=headers) as answer:
        assert answer.status == 401


async def test_rubbish_with_a_good_token_is_still_rubbish(teams: World) -> None:
    async with teams.http.post(teams.url, data=b"[]", headers=bearer(claims(teams))) as answer:
        assert answer.status == 400


async def test_the_body_may_not_name_another_address_than_the_token(teams: World) -> None:
    activity = teams.activity(text="help", serviceUrl="http://127.0.0.1:9/")
    assert await teams.send(activity, headers=bearer(claims(teams))) == (401, None)


async def test_an_address_that_is_not_the_service_is_refused_even_when_the_token_names_it(teams: World) -> None:
    activity = teams.activity(text="help", serviceUrl="https://evil.example/")
    assert await teams.send(activity, headers=bearer(claims(teams, serviceurl="https://evil.example/"))) == (401, None)


async def test_a_key_speaks_only_for_the_channels_it_is_endorsed_for(teams: World) -> None:
    assert await teams.send(teams.activity(text="help", channelId="sms"), headers=bearer(claims(teams))) == (401, None)


async def test_the_app_itself_is_let_in_with_a_token_of_its_tenant(teams: World) -> None:
    headers = bearer(claims(teams, iss=TENANT_ISSUER, azp=APP, serviceurl=None))
    assert await teams.send(teams.activity(text="help"), headers=headers) == (200, None)


async def test_a_replayed_request_has_no_second_effect(teams: World) -> None:
    activity, headers = teams.activity(text="help"), bearer(claims(teams))
    assert [await teams.send(activity, headers=headers) for _ in range(3)] == [(200, None)] * 3
    await teams.deliver()
    assert len(teams.connector.sent) == 1


async def test_keys_are_fetched_once_for_many_requests(teams: World, local: LocalCloud) -> None:
    for _ in range(5):
        await teams.send(teams.activity(text="help"), headers=bearer(claims(teams)))
    assert local.asked == ["metadata", "keys"]


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


async def test_an_unknown_key_is_asked_for_at_most_once_a_minute(local: LocalCloud) -> None:
    clock = Clock()
    async with aiohttp.ClientSession() as http:
        keys = Keys(local.cloud.metadata, lambda: http, clock)
        await keys.find("k1")
        for _ in range(20):
            with pytest.raises(NoKey):
                await keys.find("k2")
        assert local.asked.count("keys") == 1
        local.publish("k2")
        clock.now += AGAIN
        assert (await keys.find("k2")).endorsements == ()
        assert local.asked.count("keys") == 2


async def test_known_keys_stand_in_while_new_ones_cannot_be_had(local: LocalCloud) -> None:
    clock = Clock()
    async with aiohttp.ClientSession() as http:
        keys = Keys(local.cloud.metadata, lambda: http, clock)
        known = await keys.find("k1")
        clock.now += FRESH + 1
        local.is_down = True
        assert await keys.find("k1") == known
        assert local.asked.count("metadata") == 2


async def test_a_key_that_is_no_longer_published_is_no_longer_good(local: LocalCloud) -> None:
    clock = Clock()
    async with aiohttp.ClientSession() as http:
        keys = Keys(local.cloud.metadata, lambda: http, clock)
        await keys.find("k1")
        clock.now += FRESH + 1
        local.keys = [{"kty": "EC", "kid": "k1"}, {"kty": "RSA", "kid": "k1"}]
        with pytest.raises(NoKey):
            await keys.find("k1")


async def test_every_message_carries_the_one_token_until_shortly_before_it_ends(teams: World, local: LocalCloud) -> None:
    for _ in range(3):
        await teams.send(teams.activity(text="help"), headers=bearer(claims(teams)))
    await teams.deliver()
    assert {header for _, _, header in teams.connector.sent} == {"Bearer token-1"}
    assert local.issued == 1


async def test_a_token_is_renewed_shortly_before_it_ends_and_when_it_was_refused() -> None:
    clock, given = Clock(), iter(range(1, 9))

    async def issue() -> Token:
        return Token(f"t{next(given)}", 3600.0)

    tokens = Tokens(issue, clock)
    assert [await tokens.get(), await tokens.get()] == ["t1", "t1"]
    clock.now += 3600 - EARLY
    assert await tokens.get() == "t2"
    tokens.forget()
    assert await tokens.get() == "t3"


def outbound(service_url: str) -> Json:
    return {"service_url": service_url, "conversation": "a:ann", "bot_id": "28:liaison", "user_id": "29:ann"}


FOREIGN = (
    "https://evil.example/", "http://smba.trafficmanager.net/emea/", "https://smba.trafficmanager.net.evil.example/",
    "https://evil.trafficmanager.net/", "https://x@evil.example/", "https://smba.trafficmanager.net:8443/", "https://botframework.com.evil.example/",
    "https://evilbotframework.com/", "http://127.0.0.1:9/", "https://[::1/", "https://198.51.100.7/", "ftp://api.botframework.com/", "",
)  # fmt: skip
OURS = (
    "https://smba.trafficmanager.net/emea/0d3a/", "https://smba.trafficmanager.net", "https://api.botframework.com/",
    "https://smba.infra.gcc.teams.microsoft.com/gcc/", "https://SMBA.trafficmanager.net/amer/",
)  # fmt: skip


@pytest.mark.parametrize("address", FOREIGN)
def test_a_foreign_address_is_not_trusted(address: str) -> None:
    assert not Cloud().trusts(address)


@pytest.mark.parametrize("address", OURS)
def test_the_service_itself_is_trusted(address: str) -> None:
    assert Cloud().trusts(address)


async def test_a_token_never_leaves_for_a_foreign_address(teams: World, local: LocalCloud) -> None:
    message = Message((Say(text=T("help.intro")),), Reader("en", "UTC"))
    with pytest.raises(NeverAgain, match="foreign_service_url"):
        await teams.door.send(outbound("https://evil.example/"), message, key="k")
    assert local.issued == 0


async def test_no_token_means_later_for_everybody(teams: World, local: LocalCloud) -> None:
    local.token_answer = {"error": "invalid_client", "error_description": "the secret is wrong"}
    message = Message((Say(text=T("help.intro")),), Reader("en", "UTC"))
    with pytest.raises(TryLater, match="invalid_client") as caught:
        await teams.door.send(outbound(teams.connector.url), message, key="k")
    assert caught.value.everywhere


async def test_a_machine_s_own_identity_is_asked_of_azure(local: LocalCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's endpoint as App Service names it to its processes."""
    app = web.Application()
    asked: list[tuple[str, str]] = []

    async def token(request: web.Request) -> web.Response:
        asked.append((request.query["resource"], request.query["client_id"]))
        return web.json_response({"access_token": "from-azure", "expires_on": str(int(time.time()) + 3600), "resource": "r"})

    app.router.add_get("/identity", token)
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()
    monkeypatch.setenv("IDENTITY_ENDPOINT", str(server.make_url("/identity")))
    monkeypatch.setenv("IDENTITY_HEADER", "secret")
    async with aiohttp.ClientSession() as http:
        issue = issuer_for(TeamsSettings(APP, "", "UserAssignedMSI", TENANT), Cloud(), lambda: http)
        assert (await issue()).value == "from-azure"
        await server.close()
        with pytest.raises(NoToken):
            await issue()
    assert asked == [("https://api.botframework.com", APP)]
