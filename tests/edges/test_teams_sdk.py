"""The SDK's own test adapter runs the same logic as the server's route."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from botbuilder.core import InvokeResponse, TurnContext
from botbuilder.core.adapters import TestAdapter
from botbuilder.schema import Activity, ActivityTypes

from bot.teams.activity import Incoming
from bot.teams.connector import Connector
from bot.teams.gateway import Gateway
from bot.teams.read import read
from bot.teams.register import EMULATOR
from tests.edges.teams_world import Json, World, world


@pytest.fixture
async def teams(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as made:
        yield made


def adapter(teams: World) -> TestAdapter:
    """An adapter over a gateway without a server."""
    gateway = Gateway(teams.house, EMULATOR, Connector(EMULATOR, None, lambda: teams.http), None)

    async def logic(context: TurnContext) -> None:
        turn = read(Incoming.model_validate(context.activity.serialize()))
        assert turn is not None
        await gateway.logic(turn)(context)

    return TestAdapter(logic)


def pressed(teams: World, packed: str) -> Activity:
    value: Json = {"action": {"type": "Action.Execute", "data": {"liaison": {"press": packed}}}}
    return Activity().deserialize(teams.activity("invoke", name="adaptiveCard/action", value=value))


async def test_a_pressed_button_is_answered_with_one_invoke_response_that_holds_a_card(teams: World) -> None:
    sdk = adapter(teams)
    await sdk.receive_activity(pressed(teams, "help.show"))
    [answer] = sdk.activity_buffer
    assert answer.type == ActivityTypes.invoke_response
    assert isinstance(answer.value, InvokeResponse)
    assert answer.value.status == 200
    assert answer.value.body["type"] == "application/vnd.microsoft.card.adaptive"
    assert answer.value.body["value"]["type"] == "AdaptiveCard"


async def test_a_message_sends_nothing_through_the_sdk_and_is_answered_by_the_outbox(teams: World) -> None:
    sdk = adapter(teams)
    await sdk.receive_activity(Activity().deserialize(teams.activity(text="help")))
    assert sdk.activity_buffer == []
    await teams.deliver()
    assert teams.connector.to("a:ann")
