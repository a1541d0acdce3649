"""A process without the doors of a platform leaves what goes there to the server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import select

from bot.post import PLATFORMS, deliver_all
from bot.slack.read import DOOR
from bot.teams.read import NAME
from handlers.conversation.context import tell
from handlers.conversation.reply import Say
from handlers.conversation.text import T
from storage.outbox import Outbox
from storage.people import Identity
from tests.house import NOW, Desk, desk_on


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    with desk_on(database_url, tmp_path) as opened:
        yield opened


def test_the_platforms_are_the_doors_there_are() -> None:
    assert set(PLATFORMS) == {DOOR, NAME}


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_a_tick_delivers_at_desks_and_leaves_the_rest(desk: Desk, platform: str) -> None:
    desk.add("ke", "focal_point", party="KE")
    desk.add("fj", "focal_point", party="FJ")
    with desk.house.database.transaction() as session:
        session.add(Identity(person_id=desk.people["ke"], door=platform, key="T:U", address={"x": 1}, last_seen_at=NOW))
        for handle in ("ke", "fj"):
            tell(session, desk.people[handle], (Say(text=T("help.again")),), key=f"news:{handle}", kind="news", due=NOW, now=NOW)
    assert await deliver_all(desk.house) == 1
    with desk.house.database.reading() as session:
        assert {row.key: row.state for row in session.exec(select(Outbox)).all()} == {"news:ke": "pending", "news:fj": "sent"}
