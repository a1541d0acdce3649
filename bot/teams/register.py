"""Hang the door into the server: one route, one way out."""

from __future__ import annotations

import aiohttp
from aiohttp import web

from bot.house import House
from bot.listening import HOST
from bot.settings import SettingsProblem, TeamsSettings, is_loopback
from bot.teams.connector import Connector
from bot.teams.door import TeamsDoor
from bot.teams.gateway import Gateway
from bot.teams.keys import Keys
from bot.teams.tokens import Tokens, issuer_for
from bot.teams.trust import Checker, Cloud

MICROSOFT = Cloud()
EMULATOR = Cloud(loopback=True)
TOGETHER = 100
"""Requests to the service under way at once."""


class _Http:
    """One HTTP session, opened when it is first needed since it belongs to the running loop."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    def __call__(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=TOGETHER))
        return self._session

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


def register(app: web.Application, house: House, *, cloud: Cloud | None = None) -> TeamsDoor:
    """Mount `POST /api/messages` and return the way out.

    `cloud` says where Microsoft's services are, for tests. SettingsProblem where there are no settings for this door, or where
    the emulator's open door would be reachable from other machines: `app[HOST]` is where the server listens.
    """
    settings = house.settings.teams
    if settings is None:
        raise SettingsProblem(("MICROSOFT_APP_ID: missing; it is on the bot's “Configuration” page in Azure",))
    if settings.emulator and not is_loopback(app.get(HOST, "")):
        raise SettingsProblem(("LIAISON_TEAMS_EMULATOR: has no authentication, so the server must listen on 127.0.0.1",))
    http = _Http()
    cloud = cloud or (EMULATOR if settings.emulator else MICROSOFT)
    connector = Connector(cloud, None if settings.emulator else Tokens(issuer_for(settings, cloud, http)), http)
    gateway = Gateway(house, cloud, connector, None if settings.emulator else _checker(settings, cloud, http))
    app.router.add_post("/api/messages", gateway.messages)
    return TeamsDoor(connector, http.close)


def _checker(settings: TeamsSettings, cloud: Cloud, http: _Http) -> Checker:
    return Checker(settings, Keys(cloud.metadata, http), Keys(cloud.tenant_metadata.format(tenant=settings.tenant_id), http))
