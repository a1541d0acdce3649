"""What reaches the Slack door from outside: signatures first, then rubbish, replays and duplicates."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.slack.signature import sign
from storage.conversation import Inbox
from storage.outbox import Outbox
from tests.edges.rubbish import TO_SLACK, in_a_form
from tests.edges.slack_workspace import ANN, ANNS, NOW, SECRET, Workspace, workspace

HELLO = json.dumps(
    {
        "type": "event_callback",
        "team_id": "T1",
        "event_id": "Ev9",
        "authorizations": [{"user_id": "UBOT", "is_bot": True}],
        "event": {"type": "message", "channel_type": "im", "channel": ANNS, "user": ANN, "text": "help", "ts": "9.1"},
    }
).encode()


@pytest_asyncio.fixture
async def here(tmp_path: Path) -> AsyncIterator[Workspace]:
    async with workspace(tmp_path) as made:
        yield made


def stamp(shift: int = 0) -> str:
    return str(int(NOW.timestamp()) + shift)


@pytest.mark.parametrize(
    "headers",
    [
        {"signature": ""},
        {"signature": "v0=" + "0" * 64},
        {"signature": sign("another secret", timestamp=stamp(), body=HELLO)},
        {"signature": sign(SECRET, timestamp=stamp(), body=HELLO)[:40]},
        {"signature": sign(SECRET, timestamp=stamp(), body=HELLO + b" ")},
        {"timestamp": ""},
        {"timestamp": "now"},
        {"timestamp": stamp(301)},
        {"timestamp": stamp(-301)},
    ],
    ids=lambda headers: " ".join(f"{k}={v[:12]}" for k, v in headers.items()),
)
async def test_what_slack_did_not_sign_is_refused_and_leaves_no_row(here: Workspace, headers: dict[str, str]) -> None:
    answer = await here.post(HELLO, **headers)
    assert answer.status == 401
    assert here.rows(Inbox) == []


async def test_unsigned_rubbish_is_refused_before_it_is_parsed(here: Workspace) -> None:
    for raw in (b"", b"[" * 100_000, b"\xff\xfe", b"{"):
        assert (await here.post(raw, signature="v0=00")).status == 401


@pytest.mark.parametrize("shift", [-300, 300])
async def test_a_signature_holds_for_five_minutes(here: Workspace, shift: int) -> None:
    assert (await here.post(HELLO, timestamp=stamp(shift))).status == 200
    assert len(here.rows(Inbox)) == 1


async def test_a_replay_has_no_second_effect(here: Workspace) -> None:
    assert [(await here.post(HELLO)).status for _ in range(2)] == [200, 200]
    assert len(here.rows(Inbox)) == len(here.rows(Outbox)) == 1


async def test_one_event_delivered_four_times_at_once_has_one_effect_and_four_times_200(here: Workspace) -> None:
    answers = await asyncio.gather(*(here.post(HELLO) for _ in range(4)))
    assert [answer.status for answer in answers] == [200] * 4
    assert len(here.rows(Inbox)) == len(here.rows(Outbox)) == 1


async def test_a_mention_that_arrives_under_two_names_is_heard_once(here: Workspace) -> None:
    told = {"channel": "C1", "user": ANN, "text": "<@UBOT> help", "ts": "7.7"}
    for event in ({"type": "app_mention", **told}, {"type": "message", "channel_type": "channel", **told}):
        assert (await here.event(event)).status == 200
    [heard] = here.rows(Inbox)
    assert (heard.event, heard.said) == ("slack:T1:C1:7.7", {"kind": "Said", "text": "help"})


@pytest.mark.parametrize(
    "event",
    [
        {"subtype": "message_changed", "message": {"text": "other"}},
        {"subtype": "message_deleted"},
        {"bot_id": "BOTHER", "user": "UOTHER"},
        {"user": "UBOT"},
        {"channel": "C1", "channel_type": "channel", "user": ANN, "text": "not for the bot"},
        {"type": "reaction_added", "user": ANN},
    ],
)
async def test_what_nobody_said_to_the_bot_is_acknowledged_and_passed_over(here: Workspace, event: dict[str, object]) -> None:
    answer = await here.event({"type": "message", "channel_type": "im", "channel": ANNS, "ts": "1.1", "text": "x", **event})
    assert answer.status == 200
    assert here.rows(Inbox) == []


async def test_the_address_is_verified(here: Workspace) -> None:
    answer = await here.post(json.dumps({"type": "url_verification", "token": "t", "challenge": "c0ffee"}).encode())
    assert answer.status == 200
    assert "c0ffee" in await answer.text()


@pytest.mark.parametrize("form", [False, True], ids=["json", "form"])
@pytest.mark.parametrize("name", TO_SLACK)
async def test_signed_rubbish_is_refused_politely(here: Workspace, name: str, form: bool) -> None:
    raw, kind = in_a_form(TO_SLACK[name]) if form else (TO_SLACK[name], "application/json")
    answer = await here.post(raw, content_type=kind)
    assert answer.status < 500
    assert "Traceback" not in await answer.text()
    assert here.rows(Inbox) == []


async def test_five_megabytes_are_too_much(here: Workspace) -> None:
    raw = b'"' + b"x" * 5_000_000 + b'"'
    sent = {"X-Slack-Request-Timestamp": stamp(), "X-Slack-Signature": sign(SECRET, timestamp=stamp(), body=raw)}
    answer = await here.client.post("/slack/events", data=io.BytesIO(raw), headers=sent)
    assert answer.status == 413


@pytest.mark.parametrize("text", ["a\\u0000b", "a\\ud800b", "a\\udfffb\\u0000", "\\ud83d\\ude00"])
async def test_characters_no_database_takes_are_heard_without_them(here: Workspace, text: str) -> None:
    assert (await here.post(HELLO.replace(b'"help"', f'"help {text}"'.encode()))).status == 200
    [heard] = here.rows(Inbox)
    assert "\x00" not in heard.said["text"]
    heard.said["text"].encode()


async def test_forty_thousand_characters_are_heard(here: Workspace) -> None:
    assert (await here.say("x" * 40_000)).status == 200
    assert len(here.rows(Inbox)[0].said["text"]) == 4000


async def test_what_cannot_be_committed_is_not_acknowledged(here: Workspace) -> None:
    with here.house.database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE inbox RENAME TO away")
    assert (await here.post(HELLO)).status == 503
    with here.house.database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE away RENAME TO inbox")
    assert (await here.post(HELLO)).status == 200
    assert len(here.rows(Outbox)) == 1


async def test_a_command_is_answered_in_the_direct_message(here: Workspace) -> None:
    answer = await here.command("help")
    assert answer.status == 200
    assert (await answer.json())["response_type"] == "ephemeral"
    [row] = here.rows(Outbox)
    assert row.address == {"team": "T1", "user": ANN}
    assert len(await here.delivered()) == 1


async def test_equal_user_ids_of_two_workspaces_are_two_people(here: Workspace) -> None:
    await here.say("help", ts="1.1")
    await here.post(HELLO.replace(b'"team_id": "T1"', b'"team_id": "T2"'))
    assert len({row.person_id for row in here.rows(Inbox)}) == 2


async def test_a_profile_that_cannot_be_had_does_not_hold_the_turn(here: Workspace) -> None:
    async def never(request: object) -> None:
        await asyncio.sleep(30)

    here.slack.faults["users.info"].append(never)  # type: ignore[arg-type]
    async with asyncio.timeout(10):
        assert (await here.say("help")).status == 200
    assert len(here.rows(Outbox)) == 1
