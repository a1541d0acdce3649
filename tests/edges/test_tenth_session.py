"""The clock runs from 24 August to 16 October 2020, and what the receiving platforms counted is held against a table written by hand."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlmodel import select

from bot.app import assemble
from bot.house import House
from bot.listening import HOST
from bot.mailbox import MailboxDoor
from bot.server import doors_of
from bot.settings import Settings, SlackSettings, TeamsSettings
from handlers.chores import CHORES
from handlers.conversation.press import press
from handlers.conversation.reply import Ask, Receipt, Review
from handlers.conversation.turn import Pressed, Said, Turn, What, Where, Who
from scheduler.delivery import Delivery
from scheduler.due import run_chores
from storage.conference import Deadline
from storage.database import Database
from storage.people import DESK, Identity, person_named
from storage.records import CLOCK_OFFSET, set_setting
from tests.edges.local_connector import LocalConnector, local_connector
from tests.edges.local_slack import TEAM, TOKEN, LocalSlack
from tests.house import NOW, Standing
from tests.tenth_session import SET_AT, ZONES, reminders_by_hand

ON_SLACK, ON_TEAMS = ("pe", "fj"), ("mn", "ke")
LANGUAGES = {"PE": "es", "FJ": "en", "MN": "ru", "KE": "en"}
ENDS = datetime(2020, 10, 16, 22, 0, tzinfo=UTC)
DRAFTED = {
    ("PE", "draft_resolutions"): datetime(2020, 9, 1, 15, 0, tzinfo=UTC),
    ("MN", "speakers_list"): datetime(2020, 9, 3, 2, 0, tzinfo=UTC),
}
"""Who begins an optional submission and leaves it unfinished, and when."""
HANDED_IN = {("KE", "credentials"): datetime(2020, 10, 9, 8, 0, tzinfo=UTC)}
OPTIONAL = ("draft_resolutions", "speakers_list", "high_level_speakers")
EVERY_FEW_TICKS = 7

Received = Counter[tuple[str, str, datetime]]


@dataclass
class Run:
    """A house that is closed and built again every few ticks, on one database, before two local platforms."""

    url: str
    folder: Path
    slack: LocalSlack
    connector: LocalConnector
    api: str
    clock: Standing = field(default_factory=lambda: Standing(SET_AT))
    received: Received = field(default_factory=Counter)
    seen: Counter[str] = field(default_factory=Counter)

    @asynccontextmanager
    async def house(self) -> AsyncIterator[tuple[House, Delivery]]:
        settings = Settings(
            self.url, "k" * 32, "Europe/Vienna", "http://127.0.0.1", self.folder,
            slack=SlackSettings(TOKEN, "secret", api_url=self.api), teams=TeamsSettings(emulator=True),
        )  # fmt: skip
        house = assemble(settings, Database(self.url), machine=self.clock)
        app = web.Application()
        app[HOST] = "127.0.0.1"
        doors = [register(app, house) for register in doors_of(settings)]
        for door in doors:
            door.per_second = 1000.0  # type: ignore[misc]
        post = Delivery(house.database, (*doors, MailboxDoor()), house.clock, owner="test")
        try:
            yield house, post
        finally:
            await post.close()
            for door in doors:
                await door.close()
            house.close()

    async def tick(self, house: House, post: Delivery, now: datetime) -> None:
        self.clock.now = now
        for _ in range(50):
            done = run_chores(house.database, CHORES, house.clock)
            outcome = await post.run_once()
            if not outcome.claimed and not any(done.done.values()):
                break
        self._note(now)

    def _note(self, now: datetime) -> None:
        """Whatever arrived since the last look, by the deadlines it names."""
        for party, text in self._arrived():
            for kind, title in titles(LANGUAGES[party]).items():
                if title in text:
                    self.received[party, kind, now] += 1

    def _arrived(self) -> Iterator[tuple[str, str]]:
        for handle in (*ON_SLACK, *ON_TEAMS):
            held = self.slack.messages[f"D{handle}"] if handle in ON_SLACK else self.connector.to(f"a:{handle}")
            for message in held[self.seen[handle] :]:
                yield handle.upper(), json.dumps(message, ensure_ascii=False)
            self.seen[handle] = len(held)


def titles(language: str) -> dict[str, str]:
    data = json.loads((Path("storage/reference/sessions/ctoc-cop-10.json")).read_text(encoding="utf-8"))
    return {deadline["kind"]: deadline["title"][language] for deadline in data["deadlines"]}


def link(database: Database, connector_url: str) -> None:
    with database.transaction() as session:
        set_setting(session, CLOCK_OFFSET, 0)
        for handle in (*ON_SLACK, *ON_TEAMS):
            person = person_named(session, handle)
            assert person is not None
            assert person.zone == ZONES[handle.upper()]
            slack = {"team": TEAM, "user": f"U{handle}", "channel": f"D{handle}"}
            teams = {
                "service_url": connector_url, "channel_id": "msteams", "conversation": f"a:{handle}", "conversation_type": "personal",
                "bot_id": "28:liaison", "user_id": f"29:{handle}", "aad": handle, "tenant": "t", "locale": "en",
            }  # fmt: skip
            door, address = ("slack", slack) if handle in ON_SLACK else ("teams", teams)
            session.add(Identity(person_id=person.id or 0, door=door, key=f"{TEAM}:U{handle}", address=address, last_seen_at=NOW))


def speak(house: House, handle: str, what: What, event: str) -> Any:
    with house.database.reading() as session:
        person = person_named(session, handle)
        assert person is not None
    key, address = f"person:{person.id}", {"person": person.id}
    return house.dispatcher.dispatch(Turn(event, DESK, Who(key=key, address=address), Where(key=key, address=address), what)).replies[-1]


def begin(house: House, handle: str, kind: str) -> Ask | Review:
    """Open the submission to a deadline and give its title."""
    with house.database.reading() as session:
        deadline = session.exec(select(Deadline).where(Deadline.kind == kind)).one()
    speak(house, handle, Pressed(press("submission.start", deadline.id or 0)), f"{handle}:{kind}:1")
    asked = speak(house, handle, Said("Title of what is handed in"), f"{handle}:{kind}:2")
    assert isinstance(asked, Ask | Review)
    return asked


def hand_in(house: House, handle: str, kind: str) -> None:
    asked = begin(house, handle, kind)
    review = (
        asked if isinstance(asked, Review) else speak(house, handle, Pressed(press("form.skip_rest", asked.draft)), f"{handle}:{kind}:3")
    )
    assert isinstance(review, Review)
    [save] = [action.id for action in review.actions if action.style == "primary"]
    assert isinstance(speak(house, handle, Pressed(save), f"{handle}:{kind}:4"), Receipt)


def expected() -> Received:
    """The table by hand, less what is not sent: steps of optional deadlines nobody began, and what comes after handing in."""
    wanted: Received = Counter()
    for (party, kind, step), due in reminders_by_hand().items():
        begun = DRAFTED.get((party, kind))
        if kind in OPTIONAL and step != "notice" and (begun is None or begun > due):
            continue
        met = HANDED_IN.get((party, "credentials")) if kind.startswith("credentials") else None
        if met is None or due < met:
            wanted[party, kind, due] += 1
    return wanted


async def test_the_reminders_of_the_tenth_session_arrive_as_written_by_hand(demo_url: str, tmp_path: Path) -> None:
    slack = LocalSlack()
    async with TestServer(slack.app) as api, local_connector() as connector:
        database = Database(demo_url)
        link(database, connector.url)
        database.close()
        run = Run(demo_url, tmp_path, slack, connector, str(api.make_url("/api/")))
        deeds = {at: (begin, *who) for who, at in DRAFTED.items()} | {at: (hand_in, *who) for who, at in HANDED_IN.items()}
        days = {SET_AT + timedelta(days=day) for day in range(54)}
        ticks = sorted({SET_AT, ENDS, *days, *reminders_by_hand().values(), *deeds})
        for start in range(0, len(ticks), EVERY_FEW_TICKS):
            async with run.house() as (house, post):
                for now in ticks[start : start + EVERY_FEW_TICKS]:
                    run.clock.now = now
                    if now in deeds:
                        deed, party, kind = deeds[now]
                        deed(house, party.lower(), kind)
                    await run.tick(house, post, now)
    assert len(expected()) > 40
    assert run.received == expected()
    assert all(count == 1 for count in slack.by_key().values())
    assert all(count == 1 for count in connector.by_key.values())
