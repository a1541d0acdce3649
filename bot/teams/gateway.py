"""The way in: `POST /api/messages`, behind which the SDK's `CloudAdapterBase` runs the turn.

The stock adapter answers 500 to forged tokens and to every button of a card, and fetches keys and tokens on the event loop; so
authentication, reading and speaking are ours, and nothing of the SDK leaves this module.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from aiohttp import web
from botbuilder.core import CloudAdapterBase, InvokeResponse, TurnContext
from botbuilder.schema import Activity, ActivityTypes, ChannelAccount, ConversationAccount
from botframework.connector.auth import AuthenticateRequestResult, BotFrameworkAuthentication, ClaimsIdentity, ConnectorFactory
from sqlalchemy.exc import DBAPIError

from bot.house import House
from bot.teams import render
from bot.teams.activity import Incoming, Malformed, files_of, parse
from bot.teams.connector import Connector
from bot.teams.read import read
from bot.teams.trust import Caller, Checker, Cloud, Unauthentic
from handlers.conversation.turn import Arrived, Sent, TakenUp, Turn
from storage.database import StorageProblem

log = logging.getLogger(__name__)

Logic = Callable[[TurnContext], Awaitable[None]]


class _OurConnector(ConnectorFactory):  # type: ignore[misc]
    """Gives the turn our own way of speaking, so that no client is built for each turn."""

    def __init__(self, connector: Connector) -> None:
        self._connector = connector

    async def create(self, service_url: str, audience: str | None = None) -> Connector:
        return self._connector


class _CheckedBefore(BotFrameworkAuthentication):  # type: ignore[misc]
    """Authentication as the adapter asks for it: every request has passed the gateway's own check by then."""

    def __init__(self, connector: Connector) -> None:
        self._connector = connector

    async def authenticate_request(self, activity: Activity, auth_header: str) -> AuthenticateRequestResult:
        raise PermissionError("requests are checked by the gateway")

    async def authenticate_streaming_request(self, auth_header: str, channel_id_header: str) -> AuthenticateRequestResult:
        raise PermissionError("there are no streams here")

    def create_connector_factory(self, claims_identity: ClaimsIdentity) -> ConnectorFactory:
        return _OurConnector(self._connector)

    async def create_user_token_client(self, claims_identity: ClaimsIdentity) -> None:
        return None


class _Adapter(CloudAdapterBase):  # type: ignore[misc]
    pass


class Gateway:
    """`checker` is None in emulator mode: then only loopback may be answered, and nobody is authenticated."""

    def __init__(self, house: House, cloud: Cloud, connector: Connector, checker: Checker | None) -> None:
        self._house = house
        self._cloud = cloud
        self._connector = connector
        self._checker = checker
        self._authentication = _CheckedBefore(connector)
        self._adapter = _Adapter(self._authentication)

    async def messages(self, request: web.Request) -> web.Response:
        """200, with a card for a button; 401 before anything is parsed; 400 for what is no activity; 503 when it could not be kept."""
        try:
            caller = await self._caller(request)
            activity = parse(await request.read())
            self._must_fit(caller, activity)
            turn = read(activity)
            if turn is None:
                return web.Response()
            turn = await self._fetched(activity, await self._named(activity, turn))
            return await self._run(caller, activity, turn)
        except Unauthentic as wrong:
            log.warning("request refused", extra={"door": "teams", "reason": str(wrong)})
            return web.Response(status=401)
        except Malformed:
            return _json({"error": "this is not an activity"}, status=400)
        except (StorageProblem, DBAPIError) as problem:
            log.error("turn not kept", extra={"door": "teams", "reason": getattr(problem, "code", type(problem).__name__)})
            return web.Response(status=503, headers={"Retry-After": "5"})

    async def _caller(self, request: web.Request) -> Caller:
        if self._checker is None:
            if "Origin" in request.headers:  # a page in this machine's browser could otherwise speak as anybody
                raise Unauthentic("a page, not the emulator")
            return Caller({}, None)
        return await self._checker.check(request.headers.get("Authorization", ""))

    def _must_fit(self, caller: Caller, activity: Incoming) -> None:
        caller.must_fit(service_url=activity.service_url, channel_id=activity.channel_id)
        if not self._cloud.trusts(activity.service_url):
            raise Unauthentic("a foreign service address")

    async def _named(self, activity: Incoming, turn: Turn) -> Turn:
        """An arrival comes without the newcomer's name, by which they would be known from then on."""
        if turn.who.name or not isinstance(turn.what, Arrived):
            return turn
        name = await self._connector.name_of(activity.service_url, activity.conversation.id, activity.sender.id)
        return replace(turn, who=replace(turn.who, name=(name or "")[:200]))

    async def _fetched(self, activity: Incoming, turn: Turn) -> Turn:
        """A turn with its files kept; what cannot be fetched in the time there is, is said so."""
        if not isinstance(turn.what, Sent):
            return turn
        folder = self._house.settings.files_dir
        kept = await asyncio.gather(*(self._connector.fetch(name, url, folder) for name, url in files_of(activity)))
        return replace(turn, what=Sent(tuple(kept), turn.what.text))

    async def _run(self, caller: Caller, activity: Incoming, turn: Turn) -> web.Response:
        result = AuthenticateRequestResult()
        result.claims_identity = ClaimsIdentity(dict(caller.claims), self._checker is not None)
        result.connector_factory = self._authentication.create_connector_factory(result.claims_identity)
        answer = await self._adapter.process_activity(result, _for_adapter(activity), self.logic(turn))
        return web.Response() if answer is None else _json(answer.body, status=int(answer.status))

    def logic(self, turn: Turn) -> Logic:
        """What the adapter runs: the house hears the turn; a button is answered in the response, all else by the outbox."""

        async def run(context: TurnContext) -> None:
            heard = await self._house.hear(turn)
            if isinstance(turn.what, TakenUp):
                await context.send_activity(_invoke_response(render.taken_up(heard.reader)))
            elif not turn.answer_later:
                body = render.invoke_answer(heard.replies, heard.reader)
                await context.send_activity(_invoke_response(body))

        return run


def _invoke_response(body: Mapping[str, Any]) -> Activity:
    return Activity(type=ActivityTypes.invoke_response, value=InvokeResponse(status=200, body=body))


def _for_adapter(activity: Incoming) -> Activity:
    """The few fields the adapter looks at; its own deserializer stumbles over hostile shapes."""
    return Activity(
        type=activity.type,
        id=activity.id,
        name=activity.name,
        service_url=activity.service_url,
        channel_id=activity.channel_id,
        conversation=ConversationAccount(id=activity.conversation.id),
        from_property=ChannelAccount(id=activity.sender.id),
        recipient=ChannelAccount(id=activity.recipient.id),
    )


def _json(body: Mapping[str, Any], *, status: int) -> web.Response:
    return web.Response(body=json.dumps(body, ensure_ascii=False).encode(), status=status, content_type="application/json", charset="utf-8")
