"""A workspace for tests: the real door in a real aiohttp server, a house on a SQLite file, and people who write signed requests."""

from __future__ import annotations

import itertools
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer
from pydantic import Field
from sqlmodel import select

from bot.house import House
from bot.settings import Settings, SlackSettings
from bot.slack import register
from bot.slack.door import SlackDoor
from bot.slack.signature import sign
from handlers.capabilities import CAPABILITIES, OFFERS
from handlers.conversation.capability import Capability, FormSpec
from handlers.conversation.context import Context
from handlers.conversation.dispatch import Dispatcher
from handlers.conversation.forms import Ask, Form
from handlers.conversation.reply import Item, Listing, Receipt, Replies, Say
from handlers.conversation.text import T
from handlers.people.reception import reception
from handlers.understanding.ears import Ears
from scheduler.clock import BusinessClock
from scheduler.delivery import Delivery
from storage import tables  # noqa: F401
from storage.database import Database
from storage.turns import DraftState
from tests.databases import furnished_sqlite_url
from tests.edges.local_slack import BOT_USER, TEAM, TOKEN, LocalSlack

SECRET = "test-signing-secret"
NOW = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
ANN = "UANN"
ANNS = f"D{ANN}"


class Visibility(StrEnum):
    secretariat = "secretariat"
    parties = "parties"
    public = "public"


class Visit(Form):
    """Every kind of question, as few words as possible; none is in the catalogues, so each shows its key."""

    form_name = "visit"

    title: Annotated[str, Field(min_length=3, max_length=80)]
    place: Annotated[str, Ask(list="party")]
    types: Annotated[frozenset[str], Ask(list="assistance_type", kind="choices"), Field(min_length=1)]
    day: date
    visibility: Visibility
    urgent: bool
    note: Annotated[str | None, Field(max_length=4000), Ask(kind="long_text")] = None


def _saved(context: Context, form: Visit, draft: DraftState) -> Replies:
    context.audit("visit.saved", after=form.model_dump(mode="json"))
    return (Receipt(text=T("visit.saved"), ref="X-2026-0001"),)


def _homely(context: Context, args: tuple[str, ...]) -> Replies:
    return (Listing(text=T("visit.home"), items=(Item(text=T("visit.due"), details=(T("visit.detail"),)),)),)


VISIT = Capability(
    name="visit",
    forms=(FormSpec(form=Visit, begin=lambda context, understood: {}, save=_saved),),
    presses={"visit.home": _homely, "visit.long": lambda context, args: tuple(Say(text=T("visit.long", n=n)) for n in range(120))},
)


def house_on(url: str, slack: SlackSettings) -> House:
    """The house with the capabilities there are, and `VISIT`."""
    database = Database(url)
    settings = Settings(
        database_url=url, secret_key="k" * 32, zone="Europe/Vienna", base_url="http://127.0.0.1", files_dir=Path("files"), slack=slack
    )
    clock = BusinessClock(lambda: NOW)
    capabilities = (*CAPABILITIES, VISIT)
    dispatcher = Dispatcher(
        database=database, capabilities=capabilities, hearing=Ears(), reception=reception(OFFERS, lambda intent: None), now=clock.now
    )
    return House(settings=settings, database=database, dispatcher=dispatcher, clock=clock, is_demo=False)


@dataclass
class Workspace:
    """People in one workspace, and the bot that answers them."""

    slack: LocalSlack
    house: House
    door: SlackDoor
    client: TestClient[web.Request, web.Application]
    delivery: Delivery
    counter: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    async def post(self, raw: bytes, *, content_type: str = "application/json", **headers: str) -> ClientResponse:
        """A signed request; keyword arguments replace its headers (`timestamp`, `signature`)."""
        timestamp = headers.get("timestamp", str(int(NOW.timestamp())))
        signature = headers.get("signature", sign(SECRET, timestamp=timestamp, body=raw))
        named = {"Content-Type": content_type, "X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": signature}
        return await self.client.post("/slack/events", data=raw, headers={name: value for name, value in named.items() if value})

    async def event(self, event: Mapping[str, Any], *, event_id: str | None = None) -> ClientResponse:
        told = [{"team_id": TEAM, "user_id": BOT_USER, "is_bot": True}]
        named = {"event_id": event_id or f"Ev{next(self.counter)}", "team_id": TEAM, "api_app_id": "A1"}
        body = {"type": "event_callback", "event": event, "authorizations": told, **named}
        return await self.post(json.dumps(body).encode())

    async def say(self, text: str, *, user: str = ANN, ts: str | None = None) -> ClientResponse:
        """A direct message."""
        place = {"channel_type": "im", "channel": f"D{user}", "user": user}
        return await self.event({"type": "message", **place, "text": text, "ts": ts or f"{next(self.counter)}.0001"})

    async def interact(self, payload: Mapping[str, Any]) -> ClientResponse:
        common = {"team": {"id": TEAM}, "user": {"id": ANN, "team_id": TEAM}, "trigger_id": f"trigger-{next(self.counter)}"}
        raw = urlencode({"payload": json.dumps({**common, **payload})}).encode()
        return await self.post(raw, content_type="application/x-www-form-urlencoded")

    async def press(self, element: Mapping[str, Any], *, message: Mapping[str, Any] | None = None, **more: Any) -> ClientResponse:
        """A press of an element of a message in Ann's direct message."""
        action = {"action_ts": f"{next(self.counter)}.5", "block_id": "b", **element}
        shown = message or (self.slack.messages[ANNS] or [{"ts": "1.0", "blocks": []}])[-1]
        return await self.interact(
            {
                "type": "block_actions",
                "channel": {"id": ANNS, "name": "directmessage"},
                "container": {"type": "message", "channel_id": ANNS},
                "message": {"ts": shown["ts"], "text": "", "blocks": shown["blocks"]},
                "actions": [action],
                **more,
            }
        )

    async def command(self, text: str, **more: str) -> ClientResponse:
        form = {
            "command": "/liaison",
            "text": text,
            "team_id": TEAM,
            "user_id": ANN,
            "channel_id": "C1",
            "channel_name": "general",
            "trigger_id": f"trigger-{next(self.counter)}",
            **more,
        }
        return await self.post(urlencode(form).encode(), content_type="application/x-www-form-urlencoded")

    async def delivered(self) -> list[dict[str, Any]]:
        """Deliver what is due, and everything Ann's direct message holds."""
        await self.delivery.run_once()
        return self.slack.messages[ANNS]

    def rows(self, table: type[Any]) -> list[Any]:
        with self.house.database.reading() as session:
            found = list(session.exec(select(table)).all())
            session.expunge_all()
            return found


@asynccontextmanager
async def workspace(folder: Path) -> AsyncIterator[Workspace]:
    """The server, the local Slack and the delivery, on loopback until the block ends."""
    slack = LocalSlack()
    async with TestServer(slack.app) as api:
        house = house_on(furnished_sqlite_url(folder), SlackSettings(TOKEN, SECRET, api_url=str(api.make_url("/api/"))))
        app = web.Application()
        door = register(app, house)
        door.per_second = 1000.0
        delivery = Delivery(house.database, (door,), house.clock, owner="test")
        async with TestClient(TestServer(app)) as client:
            yield Workspace(slack, house, door, client, delivery)
            await delivery.close()
        house.close()


def elements(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Everything that can be pressed in a message or view."""
    found: list[dict[str, Any]] = []
    for block in message["blocks"]:
        found += [*block.get("elements", ()), *([block["accessory"]] if "accessory" in block else [])]
    return [element for element in found if "action_id" in element]


def element(message: Mapping[str, Any], part: str) -> dict[str, Any]:
    """The one element whose action id or value holds `part`."""
    [found] = [e for e in elements(message) if part in e["action_id"]]
    return found


def shown(message: Mapping[str, Any]) -> str:
    """All text of a message."""
    return json.dumps(message["blocks"], ensure_ascii=False)
