"""A small Teams around the real door: a house on a SQLite file, the server's route on loopback, a local connector, a clock that stands."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from sqlmodel import select

from bot.app import assemble
from bot.house import House
from bot.listening import HOST
from bot.settings import Settings, TeamsSettings
from bot.teams.door import TeamsDoor
from bot.teams.register import register
from bot.teams.trust import Cloud
from scheduler.delivery import Delivery
from storage.conversation import Inbox
from storage.database import Database
from storage.people import Appointment, Identity, Person, add_person
from tests.databases import furnished_sqlite_url
from tests.edges.local_connector import LocalConnector, local_connector

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TENANT = "0d3a1c7e-not-a-uuid"
BOT = {"id": "28:liaison", "name": "Liaison"}
EMULATOR = TeamsSettings(emulator=True)

Json = dict[str, Any]


@dataclass
class World:
    """`say`, `press` and `hand_in` are what one person does; replies to messages arrive at the connector after `deliver`."""

    house: House
    door: TeamsDoor
    connector: LocalConnector
    http: ClientSession
    url: str
    post: Delivery
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def activity(self, kind: str = "message", *, user: str = "ann", locale: str = "en-GB", **more: Any) -> Json:
        """An activity as Teams writes it, in the personal conversation of `user` unless `conversation` says another."""
        data = {"tenant": {"id": TENANT}} | more.pop("channelData", {})
        return {
            "type": kind,
            "id": f"f:{next(self.numbers)}",
            "timestamp": "2026-03-02T09:00:00.000Z",
            "localTimezone": "Africa/Nairobi",
            "serviceUrl": self.connector.url,
            "channelId": "msteams",
            "from": {"id": f"29:{user}", "name": user.title(), "aadObjectId": f"aad-{user}"},
            "recipient": BOT,
            "conversation": {"id": f"a:{user}", "conversationType": "personal", "tenantId": TENANT},
            "locale": locale,
            "entities": [{"type": "clientInfo", "locale": locale, "country": "KE", "platform": "Web", "timezone": "Africa/Nairobi"}],
            "channelData": data,
        } | more

    async def send(self, activity: object, *, headers: dict[str, str] | None = None) -> tuple[int, Any]:
        """Status and JSON body, if there is one."""
        async with self.http.post(self.url, json=activity, headers=headers) as answer:
            body = await answer.read()
            return answer.status, (await answer.json() if body else None)

    async def say(self, text: str, *, user: str = "ann", **more: Any) -> list[Json]:
        """Say something; the activities it is answered with."""
        before = len(self.connector.sent)
        assert await self.send(self.activity(user=user, text=text, textFormat="plain", **more)) == (200, None)
        await self.deliver()
        return [activity for _, activity, _ in self.connector.sent[before:]]

    async def invoke(self, data: Json, *, user: str = "ann", **more: Any) -> Json:
        """Press a card's button; the card it is answered with."""
        value = {"action": {"type": "Action.Execute", "verb": "x", "data": data}, "trigger": "manual"}
        status, body = await self.send(self.activity("invoke", user=user, name="adaptiveCard/action", value=value, **more))
        assert status == 200, body
        assert (body["statusCode"], body["type"]) == (200, "application/vnd.microsoft.card.adaptive")
        card: Json = body["value"]
        return card

    async def deliver(self) -> None:
        """Everything that is due, sent."""
        for _ in range(50):
            outcome = await self.post.run_once()
            if not outcome.claimed:
                await self.post.finish()
                return

    def make_secretariat(self, user: str) -> None:
        """Appoint somebody who has spoken before."""
        with self.house.database.transaction() as session:
            identity = session.exec(select(Identity).where(Identity.key == f"{TENANT}:aad-{user}")).one()
            session.add(Appointment(person_id=identity.person_id, role="secretariat", created_at=NOW))

    def make_person_known_by_id_only(self, user: str) -> int:
        """Somebody of the secretariat who never wrote: only the account's id is known."""
        with self.house.database.transaction() as session:
            person = add_person(session, Person(name=user, zone="UTC", welcomed_at=NOW, created_at=NOW))
            address = {"service_url": self.connector.url, "bot_id": BOT["id"], "user_id": f"29:{user}", "tenant": TENANT}
            session.add(Identity(person_id=person.id or 0, door="teams", key=f"{TENANT}:aad-{user}", address=address, last_seen_at=NOW))
            session.add(Appointment(person_id=person.id or 0, role="secretariat", created_at=NOW))
            return person.id or 0

    def address_of(self, user: str) -> Json:
        """Where an account is written to, as it is kept."""
        with self.house.database.reading() as session:
            return dict(session.exec(select(Identity).where(Identity.key == f"{TENANT}:aad-{user}")).one().address)

    def unreachable(self, user: str) -> str | None:
        """Why an account is no longer written to."""
        with self.house.database.reading() as session:
            return session.exec(select(Identity).where(Identity.key == f"{TENANT}:aad-{user}")).one().unreachable

    def heard_events(self) -> int:
        """Rows of the inbox."""
        with self.house.database.reading() as session:
            return len(session.exec(select(Inbox)).all())


def new_house(folder: Path, teams: TeamsSettings) -> House:
    database = Database(furnished_sqlite_url(folder))
    settings = Settings(
        database.engine.url.render_as_string(), "0123456789abcdef", "Europe/Vienna", "http://127.0.0.1", folder, teams=teams
    )
    return assemble(settings, database, machine=lambda: NOW)


@asynccontextmanager
async def world(folder: Path, *, teams: TeamsSettings = EMULATOR, cloud: Cloud | None = None) -> AsyncIterator[World]:
    house = new_house(folder, teams)
    app = web.Application()
    app[HOST] = "127.0.0.1"
    door = register(app, house, cloud=cloud)
    door.per_second = 1000.0  # the pace of the real service is kept by the scheduler, whose tests are elsewhere
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()
    post = Delivery(house.database, (door,), house.clock, "test", chance=lambda: 0.0)
    try:
        async with local_connector() as connector, ClientSession() as http:
            yield World(house, door, connector, http, str(server.make_url("/api/messages")), post)
            await post.close()
            await door.close()
    finally:
        await server.close()
        house.close()


def cards_of(activities: list[Json]) -> list[Json]:
    return [attachment["content"] for activity in activities for attachment in activity.get("attachments", ())]


def elements(card: object) -> list[Json]:
    """Every object in a card that has a type, from the outside in."""
    found: list[Json] = []
    if isinstance(card, dict):
        found += [card] if "type" in card else []
        for name, inner in card.items():
            found += elements(inner) if name not in ("data", "fallback") else []
    elif isinstance(card, list):
        for inner in card:
            found += elements(inner)
    return found


def words_of(card: object) -> str:
    """All the text a card shows."""
    return "\n".join(str(e[name]) for e in elements(card) for name in ("text", "label", "title", "value") if e.get(name))


def buttons_of(card: object) -> list[Json]:
    """What each button carries, in order."""
    return [e["data"] for e in elements(card) if e["type"] == "Action.Execute"]


def button(card: object, *, press: str | None = None, value: str | None = None) -> Json:
    """The button that presses what begins with `press`, or answers `value`, or (without either) takes a list or a whole form."""

    def fits(mark: Json) -> bool:
        if press is not None:
            return str(mark.get("press", "")).startswith(press)
        return mark.get("value") == value if value is not None else "press" not in mark and "value" not in mark

    found = [data for data in buttons_of(card) if fits(data["liaison"])]
    assert found, buttons_of(card)
    assert all(data == found[0] for data in found), found
    return found[0]
