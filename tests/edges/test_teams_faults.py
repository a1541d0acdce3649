"""What strangers, the service and the database do wrong, and what the door makes of it."""

from __future__ import annotations

import io
import json
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from bot.listening import HOST
from bot.settings import SettingsProblem
from bot.teams.register import register
from handlers.conversation.reply import Item, Listing, Replies, Say
from handlers.conversation.text import T
from handlers.conversation.words import Reader
from scheduler.door import Message, NeverAgain, TryLater
from tests.edges.local_connector import Failure
from tests.edges.rubbish import TO_TEAMS
from tests.edges.teams_world import EMULATOR, Json, World, elements, new_house, world

ENGLISH = Reader("en", "UTC")
HELLO: Replies = (Say(text=T("welcome", name="Ann")),)


@pytest.fixture
async def teams(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as made:
        yield made


def address(teams: World, conversation: str = "a:ann") -> Json:
    return {"service_url": teams.connector.url, "conversation": conversation, "bot_id": "28:liaison", "user_id": "29:ann", "tenant": "t"}


async def send(teams: World, *, key: str = "k", replies: Replies = HELLO) -> str:
    return await teams.door.send(address(teams), Message(replies, ENGLISH), key=key)


@pytest.mark.parametrize("body", TO_TEAMS.values(), ids=TO_TEAMS.keys())
async def test_what_is_no_activity_is_refused_and_leaves_no_row(teams: World, body: bytes) -> None:
    async with teams.http.post(teams.url, data=body, headers={"Content-Type": "application/json"}) as answer:
        text = await answer.text()
        assert answer.status == 400
    assert "Traceback" not in text
    assert teams.heard_events() == 0


async def test_five_megabytes_are_refused(teams: World) -> None:
    async with teams.http.post(teams.url, data=io.BytesIO(b"[" + b"1," * 2_500_000)) as answer:
        assert answer.status == 413


@pytest.mark.parametrize(
    "change",
    [
        {"conversation": None},
        {"from": None},
        {"recipient": {"id": ""}},
        {"id": "x" * 1000},
        {"conversation": {"id": "y" * 2000}},
        {"channelData": "text"},
        {"entities": "many"},
        {"text": {"a": 1}},
        {"membersAdded": 5},
    ],
)
async def test_an_activity_with_one_part_wrong_is_refused(teams: World, change: Json) -> None:
    status, _ = await teams.send(teams.activity(text="help") | change)
    assert status == 400


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("adaptiveCard/action", None),
        ("adaptiveCard/action", {"action": []}),
        ("adaptiveCard/action", {"action": {"data": {"liaison": 5}}}),
        ("adaptiveCard/action", {"action": {"data": {"liaison": {"press": 7}}}}),
        ("task/fetch", {"action": {"data": {"liaison": {"press": "help.show"}}}}),
        ("signin/verifyState", {}),
    ],
)
async def test_an_invoke_that_is_none_of_our_buttons_is_refused(teams: World, name: str, value: object) -> None:
    status, _ = await teams.send(teams.activity("invoke", name=name, value=value))
    assert status == 400


@pytest.mark.parametrize(
    "data",
    [
        {"liaison": {"press": ""}},
        {"liaison": {"press": "no.such:button"}},
        {"liaison": {"press": "form.save:somebody-elses"}},
        {"liaison": {"press": "x" * 5000}},
        {"liaison": {"draft": "gone", "fields": ["title", 7, None], "many": []}, "gone.title": {"a": [1]}},
        {"liaison": {"draft": "gone", "field": "title", "many": True}, "gone.title": "x," * 3000},
    ],
)
async def test_a_button_of_nobody_is_refused_in_words(teams: World, data: Json) -> None:
    card = await teams.invoke(data)
    assert [e for e in elements(card) if e.get("color") == "Attention"]


@pytest.mark.parametrize("text", ["a\x00b", "\ud800 lone", "x" * 40_000, "<at>Everybody</at> **bold** [a](http://b)", "\u202ereversed"])
async def test_any_text_is_heard_and_answered(teams: World, text: str) -> None:
    body = json.dumps(teams.activity(text=text))  # escapes, so that a lone surrogate travels
    async with teams.http.post(teams.url, data=body, headers={"Content-Type": "application/json"}) as answer:
        assert answer.status == 200
    await teams.deliver()
    assert teams.connector.sent


async def test_a_turn_that_cannot_be_kept_is_not_acknowledged(teams: World) -> None:
    file = teams.house.database.file
    assert file is not None
    teams.house.database.engine.dispose()
    holder = sqlite3.connect(file, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    status, _ = await teams.send(teams.activity(text="help"))
    holder.execute("ROLLBACK")
    holder.close()
    assert status == 503
    assert teams.heard_events() == 0


async def test_the_emulator_is_refused_unless_the_server_listens_on_loopback(tmp_path: Path) -> None:
    house = new_house(tmp_path, EMULATOR)
    for host in ("0.0.0.0", "::", "192.0.2.7", "liaison.example", ""):
        app = web.Application()
        app[HOST] = host
        with pytest.raises(SettingsProblem, match="LIAISON_TEAMS_EMULATOR"):
            register(app, house)
    house.close()


async def test_the_emulator_answers_no_address_beyond_loopback(teams: World) -> None:
    status, _ = await teams.send(teams.activity(text="help", serviceUrl="https://smba.trafficmanager.net/emea/"))
    assert status == 401
    assert teams.heard_events() == 0


async def test_the_emulator_takes_nothing_from_a_page_in_a_browser(teams: World) -> None:
    status, _ = await teams.send(teams.activity(text="help"), headers={"Origin": "http://evil.example"})
    assert status == 401
    assert teams.heard_events() == 0


AT_NINE = "Mon, 02 Mar 2026 09:00:00 GMT"
LATER = {
    "asked to wait": (Failure(429, headers={"Retry-After": "17"}), 17.0),
    "asked to wait until": (
        Failure(503, headers={"Retry-After": "Mon, 02 Mar 2026 09:00:30 GMT", "Date": AT_NINE}),
        30.0,
    ),
    "precondition": (Failure(412), None),
    "bad gateway with a page": (Failure(502, "<html>bad gateway</html>"), None),
    "timeout": (Failure(504, ""), None),
    "a page instead of an answer": (Failure(200, "<html>hello</html>"), None),
    "not found by a proxy": (Failure(404, "<html>no route</html>"), None),
    "token refused": (Failure(401), None),
    "moved": (Failure(302, headers={"Location": "http://192.0.2.1/"}), None),
    "taken, answer lost": (Failure(after_taking=True), None),
}


@pytest.mark.parametrize(("failure", "after"), LATER.values(), ids=LATER.keys())
async def test_a_passing_fault_is_tried_later(teams: World, failure: Failure, after: float | None) -> None:
    teams.connector.failures = [failure]
    with pytest.raises(TryLater) as caught:
        await send(teams)
    assert caught.value.after == after
    assert await send(teams, key="again")


@pytest.mark.parametrize(
    ("status", "code"),
    [(403, "MessageWritesBlocked"), (403, "BotNotInConversationRoster"), (404, "ConversationNotFound"), (400, "ConversationBlockedByUser")],
)
async def test_who_blocked_or_removed_the_bot_is_never_written_again(teams: World, status: int, code: str) -> None:
    teams.connector.failures = [Failure(status, json.dumps({"error": {"code": code, "message": "no"}}))]
    with pytest.raises(NeverAgain, match=code):
        await send(teams)


async def test_a_blocked_account_is_marked_and_is_reachable_again_when_it_speaks(teams: World) -> None:
    await teams.say("hello")
    teams.connector.failures = [Failure(403, '{"error": {"code": "MessageWritesBlocked"}}')]
    assert await teams.say("help") == []
    assert teams.unreachable("ann")
    assert await teams.say("help")
    assert teams.unreachable("ann") is None


async def test_an_unreachable_service_is_tried_later(teams: World) -> None:
    with pytest.raises(TryLater):
        await teams.door.send(address(teams) | {"service_url": "http://127.0.0.1:9/"}, Message(HELLO, ENGLISH), key="k")


@pytest.mark.parametrize("gone", [{"service_url": None}, {"conversation": None, "user_id": None}])
async def test_an_address_that_lacks_what_it_takes_is_no_address(teams: World, gone: Json) -> None:
    with pytest.raises(NeverAgain, match="no_address"):
        await teams.door.send(address(teams) | gone, Message(HELLO, ENGLISH), key="k")


async def test_the_second_try_of_a_long_message_goes_on_after_the_part_that_arrived(teams: World) -> None:
    items = tuple(Item(text=T("help.example", example=f"{n}" + "ё" * 900)) for n in range(40))
    big: Replies = (Listing(text=T("help.intro"), items=items),)
    first = await send(teams, key="long", replies=big)
    parts = len(teams.connector.sent)
    assert parts > 2
    assert first == "act-1"
    teams.connector.sent.clear()
    teams.connector.failures = [None, Failure(502)]
    with pytest.raises(TryLater):
        await send(teams, key="again", replies=big)
    await send(teams, key="again", replies=big)
    assert teams.connector.by_key == {"again": 1} | {f"again#{n}": 1 for n in range(2, parts + 1)}


async def test_a_post_to_a_channel_goes_beneath_no_thread(teams: World) -> None:
    await teams.door.send(address(teams, "19:x@thread.tacv2;messageid=5"), Message(HELLO, ENGLISH, "public"), key="k")
    assert [place for place, _, _ in teams.connector.sent] == ["19:x@thread.tacv2"]


async def test_nothing_can_be_looked_up_by_its_key(teams: World) -> None:
    await send(teams, key="k")
    assert await teams.door.find_sent(address(teams), "k") is None
