"""The way out to Slack: what is sent under which key, which failures last, and what is found again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from handlers.conversation.reply import Say
from handlers.conversation.text import Names, T
from handlers.conversation.words import Reader
from scheduler.door import Message, NeverAgain, TryLater
from tests.edges.local_slack import Answer, answers, drops, refuses
from tests.edges.slack_workspace import ANN, ANNS, Workspace, workspace

TO_ANN: Mapping[str, Any] = {"team": "T1", "user": ANN}
READER = Reader("en", "Europe/Vienna")


def saying(*texts: str) -> Message:
    return Message(tuple(Say(text=T("door.chat.chosen", what=text)) for text in texts), READER)


@pytest_asyncio.fixture
async def here(tmp_path: Path) -> AsyncIterator[Workspace]:
    async with workspace(tmp_path) as made:
        yield made


async def test_a_person_is_written_to_without_a_known_channel(here: Workspace) -> None:
    assert (await here.door.send(TO_ANN, saying("hello"), key="k1")).startswith(f"{ANNS}:")
    assert (await here.door.send(TO_ANN, saying("again"), key="k2")).startswith(f"{ANNS}:")
    assert here.slack.methods().count("conversations.open") == 1
    assert here.slack.by_key() == {"k1#1": 1, "k2#1": 1}


async def test_short_replies_share_one_message_and_long_ones_are_parted(here: Workspace) -> None:
    await here.door.send(TO_ANN, saying("one", "two"), key="short")
    await here.door.send(TO_ANN, saying(*("word " * 500 for _ in range(12))), key="long")
    assert here.slack.by_key()["short#1"] == 1
    assert sum(count for key, count in here.slack.by_key().items() if key.startswith("long")) > 1


async def test_only_missing_parts_are_posted_again(here: Workspace) -> None:
    long = saying(*("word " * 500 for _ in range(12)))
    here.slack.after_accepting["chat.postMessage"] += [answers(200, {"ok": True, "ts": "1700000001.000100"}), drops]
    with pytest.raises(TryLater):
        await here.door.send(TO_ANN, long, key="long")
    assert await here.door.find_sent(TO_ANN, "long") is None
    await here.door.send(TO_ANN, long, key="long")
    assert set(here.slack.by_key().values()) == {1}
    assert await here.door.find_sent(TO_ANN, "long") == f"{ANNS}:1700000001.000100"


@pytest.mark.parametrize(
    "fault",
    [
        drops,
        answers(500, {"ok": False}),
        answers(503, "<html>"),
        answers(200, "<html>", content_type="text/html"),
        answers(200, "oops", content_type="text/plain"),
        answers(200, [1]),
        refuses("internal_error"),
        refuses("fatal_error"),
    ],
)
async def test_a_fault_of_the_platform_is_tried_later_and_posts_nothing_twice(here: Workspace, fault: Answer) -> None:
    here.slack.faults["chat.postMessage"].append(fault)
    with pytest.raises(TryLater) as caught:
        await here.door.send(TO_ANN, saying("hello"), key="k")
    assert caught.value.after is None
    assert here.slack.methods().count("chat.postMessage") == 1


async def test_a_message_accepted_before_the_connection_dropped_is_found(here: Workspace) -> None:
    here.slack.after_accepting["chat.postMessage"].append(drops)
    with pytest.raises(TryLater):
        await here.door.send(TO_ANN, saying("hello"), key="k")
    assert here.slack.by_key() == {"k#1": 1}
    assert await here.door.find_sent(TO_ANN, "k") is not None
    assert await here.door.find_sent(TO_ANN, "another") is None


@pytest.mark.parametrize("seconds", ["30", "1"])
async def test_a_limit_is_kept_for_as_long_as_slack_asks(here: Workspace, seconds: str) -> None:
    here.slack.faults["chat.postMessage"].append(answers(429, {"ok": False, "error": "ratelimited"}, headers={"Retry-After": seconds}))
    with pytest.raises(TryLater) as caught:
        await here.door.send(TO_ANN, saying("hello"), key="k")
    assert caught.value.after == float(seconds)


@pytest.mark.parametrize(
    "word", ["channel_not_found", "is_archived", "account_inactive", "token_revoked", "not_in_channel", "cannot_dm_bot", "user_disabled"]
)
async def test_a_place_that_is_gone_is_never_tried_again(here: Workspace, word: str) -> None:
    here.slack.faults["chat.postMessage"].append(refuses(word))
    with pytest.raises(NeverAgain) as caught:
        await here.door.send({"team": "T1", "channel": "C1"}, saying("hello"), key="k")
    assert caught.value.reason == word


@pytest.mark.parametrize("word", ["invalid_auth", "missing_scope"])
async def test_an_app_that_is_not_set_up_rightly_flags_nobody(here: Workspace, word: str) -> None:
    here.slack.faults["chat.postMessage"].append(refuses(word))
    with pytest.raises(TryLater) as caught:
        await here.door.send({"team": "T1", "channel": "C1"}, saying("hello"), key="k")
    assert caught.value.everywhere


async def test_a_user_who_is_gone_is_never_tried_again(here: Workspace) -> None:
    here.slack.faults["conversations.open"].append(refuses("user_not_found"))
    with pytest.raises(NeverAgain):
        await here.door.send(TO_ANN, saying("hello"), key="k")


async def test_blocks_slack_refuses_are_said_in_plain_words(here: Workspace) -> None:
    here.slack.faults["chat.postMessage"].append(refuses("invalid_blocks"))
    await here.door.send(TO_ANN, saying("hello"), key="k")
    [message] = here.slack.messages[ANNS]
    assert "blocks" not in message
    assert "hello" in message["text"]


async def test_a_thread_that_is_gone_does_not_swallow_the_answer(here: Workspace) -> None:
    here.slack.faults["chat.postMessage"].append(refuses("thread_not_found"))
    await here.door.send({"team": "T1", "channel": "C1", "thread_ts": "1.1"}, saying("hello"), key="k")
    assert "thread_ts" not in here.slack.messages["C1"][0]


async def test_a_name_in_two_languages_is_said_in_the_readers(here: Workspace) -> None:
    both = Message((Say(text=T("door.chat.chosen", what=Names({"en": "Agenda", "fr": "Ordre du jour"}))),), Reader("fr", "Europe/Paris"))
    await here.door.send(TO_ANN, both, key="k")
    assert "Ordre du jour" in here.slack.messages[ANNS][0]["text"]
