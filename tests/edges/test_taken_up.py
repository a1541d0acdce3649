"""Somebody's message is taken up from its menu, in Slack and in Teams: the form opens with what it says, for whoever took it up."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from bot.teams.read import text_of_html
from storage.conversation import Draft
from storage.outbox import Outbox
from storage.people import Appointment, Identity
from tests.edges.slack_workspace import ANN, ANNS, NOW, Workspace, workspace
from tests.edges.teams_world import TENANT, World, cards_of, words_of, world

SAID = "The judiciary asks for training of judges on asset recovery by 30 June 2028, about EUR 90,000"


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Workspace]:
    async with workspace(tmp_path) as made:
        yield made


@pytest.fixture
async def teams(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as made:
        yield made


def appoint(here: Workspace | World, key: str) -> None:
    """A focal point of Kenya of somebody who has spoken before."""
    with here.house.database.transaction() as session:
        identity = session.exec(select(Identity).where(Identity.key == key)).one()
        session.add(
            Appointment(person_id=identity.person_id, role="focal_point", party="KE", convention="UNCAC", standing="acting", created_at=NOW)
        )


def drafts(here: Workspace | World) -> list[dict[str, Any]]:
    with here.house.database.reading() as session:
        return [dict(draft.answers) for draft in session.exec(select(Draft)).all()]


def shortcut(text: str, *, callback: str = "register_need", trigger: str = "t1") -> dict[str, Any]:
    message = {"type": "message", "user": "UOTHER", "ts": "9.9", "text": text}
    return {
        "type": "message_action", "callback_id": callback, "trigger_id": trigger, "message_ts": "9.9", "message": message,
        "channel": {"id": "C1", "name": "general"}, "response_url": "",
    }  # fmt: skip


async def test_in_slack_the_form_opens_in_a_modal_and_waits_in_the_direct_message(here: Workspace) -> None:
    await here.say("help")
    appoint(here, f"T1:{ANN}")
    before = len(await here.delivered())
    assert (await here.interact(shortcut(SAID))).status == 200
    [answers] = drafts(here)
    assert (answers["party"], answers["amount"], answers["currency"], answers["needed_by"]) == ("KE", "90000", "EUR", "2028-06-30")
    assert answers["description"] == SAID
    [view] = here.slack.views
    assert "90,000" in json.dumps(view, ensure_ascii=False) or "90000" in json.dumps(view)
    held = await here.delivered()
    assert len(held) > before
    assert ANNS in here.slack.messages


async def test_in_slack_the_same_press_delivered_twice_opens_one_form(here: Workspace) -> None:
    await here.say("help")
    appoint(here, f"T1:{ANN}")
    for _ in range(2):
        assert (await here.interact(shortcut(SAID))).status == 200
    assert len(drafts(here)) == 1


@pytest.mark.parametrize(
    "payload", [shortcut(SAID, callback="other"), {**shortcut(SAID), "message": None}, {**shortcut(SAID), "message": {"text": 7}}]
)
async def test_in_slack_what_no_shortcut_of_ours_sends_opens_nothing(here: Workspace, payload: dict[str, Any]) -> None:
    assert (await here.interact(payload)).status in (200, 400)
    assert all("description" not in answers for answers in drafts(here))


async def test_in_slack_somebody_without_a_role_is_told_how_to_get_one(here: Workspace) -> None:
    assert (await here.interact(shortcut(SAID))).status == 200
    assert drafts(here) == []
    assert "role" in json.dumps(await here.delivered())


def action(content: str, *, command: str = "registerNeed", kind: str = "html") -> dict[str, Any]:
    return {
        "commandId": command, "commandContext": "message", "requestId": "r",
        "messagePayload": {"id": "1", "from": {"user": {"id": "x"}}, "body": {"contentType": kind, "content": content}},
    }  # fmt: skip


async def test_in_teams_the_form_waits_in_the_personal_chat(teams: World) -> None:
    await teams.say("help")
    appoint(teams, f"{TENANT}:aad-ann")
    channel = {"id": "19:general@thread.tacv2", "conversationType": "channel", "tenantId": TENANT}
    content = f"<div><p>{SAID}</p></div>"
    before = len(teams.connector.sent)
    fetch = teams.activity("invoke", name="composeExtension/fetchTask", value=action(content), conversation=channel)
    status, body = await teams.send(fetch)
    assert status == 200
    assert body["task"]["type"] == "message"
    assert "personal chat" in body["task"]["value"]
    [answers] = drafts(teams)
    assert (answers["party"], answers["amount"], answers["description"]) == ("KE", "90000", SAID)
    await teams.deliver()
    new = [sent for _, sent, _ in teams.connector.sent[before:]]
    assert "EUR 90,000" in words_of(cards_of(new))
    assert await teams.send(fetch) == (200, body)
    with teams.house.database.reading() as session:
        keys = [row.key for row in session.exec(select(Outbox)).all()]
    assert len(keys) == len(set(keys))
    assert len(drafts(teams)) == 1


@pytest.mark.parametrize(
    "value",
    [None, {}, {"commandId": "registerNeed"}, action(SAID, command="other"), {**action(SAID), "messagePayload": {"body": None}}],
)
async def test_in_teams_what_no_action_of_ours_sends_is_refused(teams: World, value: object) -> None:
    status, _ = await teams.send(teams.activity("invoke", name="composeExtension/fetchTask", value=value))
    assert status == 400
    assert drafts(teams) == []


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("<p>Kenya needs&nbsp;help</p><p>soon</p>", "Kenya needs help\nsoon"),
        ("a<br>b &amp; c &lt;script&gt;", "a\nb & c <script>"),
        ("<script>alert(1)</script>", "alert(1)"),
        ("<<<<", "<<<<"),
        ("", ""),
        ("<p" * 100_000, "<p" * 20),
    ],
)
def test_a_message_is_read_without_its_markup(content: str, text: str) -> None:
    assert text_of_html(content)[:40] == text
