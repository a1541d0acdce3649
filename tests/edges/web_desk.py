"""A house whose web chat answers on loopback, on a database of a few people: demo or not, its clock standing or moved by hand."""

from __future__ import annotations

import re
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer
from sqlmodel import Session, col

from bot.app import assemble
from bot.house import House
from bot.settings import Settings
from bot.web import register
from handlers.conversation.context import tell
from handlers.conversation.reply import Replies
from storage import tables
from storage.database import Database
from storage.outbox import Outbox
from storage.people import Appointment, Person, add_person
from storage.records import DEMO, set_setting
from tests.databases import furnished_sqlite_url

assert tables.AREAS
START = datetime(2026, 9, 14, 9, 0, tzinfo=UTC)
SECRET = "a secret of the tests alone"
PEOPLE = (
    ("Clara Brandt", "en", "secretariat", None),
    ("Awa Ndiaye", "fr", "focal_point", "SN"),
    ("سلمى بن عمار", "ar", "focal_point", "TN"),
    ("Newcomer <b>Smith</b>", "en", None, None),
)
CLARA, AWA, SALMA, NEWCOMER = 1, 2, 3, 4


@dataclass
class Desk:
    """One browser at the web chat. `machine` is what the machine's clock says; move it to let time pass."""

    house: House
    client: TestClient[web.Request, web.Application]
    moments: list[datetime]
    token: str = field(default="")

    async def open(self, **headers: str) -> str:
        """GET the page, and take up the token it carries."""
        async with self.client.get("/chat", headers=headers) as answer:
            assert answer.status == 200, await answer.text()
            page = await answer.text()
        found = re.search(r'(?:data-token|name="token" value)="([0-9a-f]{64})"', page)
        self.token = found.group(1) if found else ""
        return page

    async def pick(self, person: int) -> str:
        """Become a person of the demo; the page of their chat."""
        await self.open()
        async with self.client.post("/chat/as", data={"token": self.token, "person": str(person)}) as answer:
            assert answer.status == 200, await answer.text()
        return await self.open()

    async def post(self, path: str, body: object, *, token: str | None = None) -> ClientResponse:
        return await self.client.post(f"/chat/{path}", json=body, headers={"X-Liaison-Token": self.token if token is None else token})

    async def act(self, path: str, **body: object) -> Any:
        """What the script does for one thing the person does; the JSON it is answered with."""
        answer = await self.post(path, {"event": new_event()} | body)
        assert answer.status == 200, (answer.status, await answer.text())
        return await answer.json()

    async def say(self, text: str) -> str:
        return str((await self.act("say", text=text))["html"])

    async def press(self, id_: str) -> str:
        return str((await self.act("press", id=id_))["html"])

    def send(self, person: int, replies: Replies, *, key: str, state: str = "sent", kind: str = "alert", due: datetime = START) -> None:
        """A message to a person, as delivery leaves it."""
        with self.house.database.transaction() as session:
            tell(session, person, replies, key=key, kind=kind, due=due, now=due)
            self._mark(session, key, state)

    def mark(self, key: str, state: str) -> None:
        with self.house.database.transaction() as session:
            self._mark(session, key, state)

    def _mark(self, session: Session, key: str, state: str) -> None:
        session.connection().execute(sa.update(Outbox).where(col(Outbox.key) == key).values(state=state))

    def pass_time(self, step: timedelta) -> None:
        self.moments[0] += step


def new_event() -> str:
    return uuid.uuid4().hex


def presses(html: str, verb: str) -> list[str]:
    """The ids of the buttons of a fragment that carry a verb."""
    return re.findall(rf'data-press="({re.escape(verb)}[^"]*)"', html)


@asynccontextmanager
async def web_desk(
    folder: Path, *, demo: bool = True, base_url: str = "http://127.0.0.1:8000", database_url: str = ""
) -> AsyncIterator[Desk]:
    database = Database(database_url or furnished_sqlite_url(folder))
    with database.transaction() as session:
        set_setting(session, DEMO, demo)
        _people(session)
    moments = [START]
    settings = Settings(database_url=str(database.url), secret_key=SECRET, zone="Europe/Vienna", base_url=base_url, files_dir=folder)
    house = assemble(settings, database, machine=lambda: moments[0])
    app = web.Application()
    register(app, house)
    async with TestClient(TestServer(app)) as client:
        yield Desk(house, client, moments)
    house.close()


def _people(session: Session) -> None:
    for name, language, role, party in PEOPLE:
        person = add_person(session, Person(name=name, language=language, zone="Africa/Nairobi", welcomed_at=START, created_at=START))
        if role:
            standing = "acting" if party else None
            convention = "UNCAC" if party else None
            session.add(
                Appointment(person_id=person.id or 0, role=role, party=party, convention=convention, standing=standing, created_at=START)
            )
            session.flush()
