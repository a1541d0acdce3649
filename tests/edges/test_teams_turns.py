"""Real activities over HTTP through the door, real cards and texts at a local connector."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.edges.teams_world import BOT, TENANT, Json, World, button, cards_of, elements, words_of, world

TEAM = {"team": {"id": "19:team@thread.tacv2", "name": "Secretariat"}, "channel": {"id": "19:general@thread.tacv2", "name": "Drafting"}}
THREAD = {"id": "19:general@thread.tacv2;messageid=17", "conversationType": "channel", "isGroup": True, "tenantId": TENANT}


@pytest.fixture
async def teams(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as made:
        yield made


def mention(text: str = "<at>Liaison</at>") -> Json:
    return {"type": "mention", "text": text, "mentioned": BOT}


async def role_form_card(teams: World, user: str = "ann") -> Json:
    """The first question of the form by which a newcomer asks for a role, opened by its button."""
    [card] = cards_of(await teams.say("hello", user=user))
    return await teams.invoke(button(card, press="form.new:role"), user=user)


async def test_a_message_is_answered_later_through_the_connector_in_its_conversation(teams: World) -> None:
    [activity] = await teams.say("hello")
    assert [place for place, _, _ in teams.connector.sent] == ["a:ann"]
    assert activity["from"] == {"id": BOT["id"]}
    assert activity["summary"]
    assert all(count == 1 for count in teams.connector.by_key.values())


async def test_a_form_is_filled_by_pressing_and_choosing_from_lists(teams: World) -> None:
    card = await role_form_card(teams)
    card = await teams.invoke(button(card, value="focal_point"))
    parties = next(e for e in elements(card) if e["type"] == "Input.ChoiceSet")
    assert len(parties["choices"]) > 190
    assert parties["style"] == "filtered"
    card = await teams.invoke(button(card) | {parties["id"]: "KE"})
    card = await teams.invoke(button(card, value="UNTOC"))
    card = await teams.invoke(button(card, press="form.skip:"))
    assert "Kenya" in words_of(card)
    receipt = await teams.invoke(button(card, press="form.save:"))
    assert not [e for e in elements(receipt) if e["type"].startswith("Input.")]


async def test_an_answer_may_be_typed_while_a_card_asks(teams: World) -> None:
    card = await role_form_card(teams)
    await teams.invoke(button(card, value="focal_point"))
    [card] = cards_of(await teams.say("Sénégal"))
    assert button(card, value="UNTOC")


async def test_nothing_chosen_from_a_list_asks_again_and_says_so(teams: World) -> None:
    card = await role_form_card(teams)
    card = await teams.invoke(button(card, value="focal_point"))
    again = await teams.invoke(button(card))
    assert [e for e in elements(again) if e.get("color") == "Attention"]
    assert [e for e in elements(again) if e["type"] == "Input.ChoiceSet"]


async def test_the_whole_form_on_one_card_keeps_values_and_shows_what_is_wrong_beside_its_field(teams: World) -> None:
    card = await teams.invoke(button(await role_form_card(teams), value="donor"))
    sheet = await teams.invoke(button(card, press="form.sheet:"))
    names = {e["id"].split(".")[1]: e["id"] for e in elements(sheet) if e["type"].startswith("Input.")}
    wrong = await teams.invoke(button(sheet) | {names["role"]: "donor", names["organization"]: "N", names["authority"]: "Letter 7"})
    shown = elements(wrong)
    at = next(i for i, e in enumerate(shown) if e.get("id") == names["organization"])
    assert shown[at + 2]["color"] == "Attention"
    assert next(e for e in shown if e.get("id") == names["authority"])["value"] == "Letter 7"
    review = await teams.invoke(button(wrong) | {names["role"]: "donor", names["organization"]: "Norad", names["authority"]: "Letter 7"})
    assert "Norad" in words_of(review)
    assert button(review, press="form.save:")


async def test_a_client_without_execute_sends_the_same_data_as_a_message(teams: World) -> None:
    [card] = cards_of(await teams.say("hello"))
    data = next(e["fallback"]["data"] for e in elements(card) if e["type"] == "Action.Execute")
    before = len(teams.connector.sent)
    assert await teams.send(teams.activity(value=data)) == (200, None)
    await teams.deliver()
    [question] = cards_of([activity for _, activity, _ in teams.connector.sent[before:]])
    assert button(question, value="focal_point")


async def test_somebody_known_only_by_id_is_told_in_a_conversation_made_for_it(teams: World) -> None:
    teams.make_person_known_by_id_only("sec")
    card = await teams.invoke(button(await role_form_card(teams), value="observer"))
    [card] = cards_of(await teams.say("Regional Justice Network"))
    card = await teams.invoke(button(card, press="form.skip:"))
    await teams.invoke(button(card, press="form.save:"))
    await teams.deliver()
    [alert] = cards_of(teams.connector.to("opened-29:sec"))
    assert "Regional Justice Network" in words_of(alert)
    assert [opened["members"] for opened in teams.connector.opened] == [[{"id": "29:sec"}]]
    said = await teams.invoke(button(alert, press="role.approve:"), user="sec")
    await teams.deliver()
    assert words_of(said)
    assert len(teams.connector.to("a:ann")) == 3


async def test_one_activity_delivered_four_times_has_one_effect_and_four_equal_answers(teams: World) -> None:
    [card] = cards_of(await teams.say("hello"))
    value = {"action": {"type": "Action.Execute", "data": button(card, press="form.new:role")}}
    pressed = teams.activity("invoke", name="adaptiveCard/action", value=value)
    answers = [await teams.send(pressed) for _ in range(4)]
    assert [status for status, _ in answers] == [200] * 4
    assert all(body == answers[0][1] for _, body in answers)
    said = teams.activity(text="help")
    before = len(teams.connector.sent)
    assert [await teams.send(said) for _ in range(4)] == [(200, None)] * 4
    await teams.deliver()
    assert len(teams.connector.sent) == before + 1


async def test_equal_activity_ids_in_two_conversations_are_two_events(teams: World) -> None:
    await teams.send(teams.activity(user="ann", text="help", id="1772442000000"))
    await teams.send(teams.activity(user="bob", text="help", id="1772442000000"))
    await teams.deliver()
    assert teams.connector.to("a:ann")
    assert teams.connector.to("a:bob")


async def test_an_arrival_told_twice_is_greeted_once(teams: World) -> None:
    assert await teams.send(teams.activity("conversationUpdate", membersAdded=[BOT])) == (200, None)
    assert await teams.send(teams.activity("installationUpdate", action="add")) == (200, None)
    await teams.deliver()
    assert len(teams.connector.sent) == 1


async def test_an_arrival_without_a_name_is_greeted_by_the_name_the_service_knows(teams: World) -> None:
    teams.connector.names["29:ann"] = "Ann Otieno"
    nameless = {"id": "29:ann", "aadObjectId": "aad-ann"}
    for user in (nameless, {"id": "29:bob"}):
        conversation = {"id": f"a:{user['id']}", "conversationType": "personal"}
        arrived = teams.activity("conversationUpdate", membersAdded=[BOT], conversation=conversation) | {"from": user}
        assert await teams.send(arrived) == (200, None)
    await teams.deliver()
    assert "Ann Otieno" in words_of(teams.connector.to("a:29:ann"))
    assert teams.connector.to("a:29:bob")


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("messageReaction", {"reactionsAdded": [{"type": "like"}]}),
        ("typing", {}),
        ("messageUpdate", {"text": "help"}),
        ("messageDelete", {}),
        ("conversationUpdate", {"membersAdded": [{"id": "29:somebody"}]}),
        ("installationUpdate", {"action": "remove"}),
        ("message", {"text": "  "}),
    ],
)
async def test_what_nobody_asked_the_bot_is_taken_and_not_answered(teams: World, kind: str, more: Json) -> None:
    assert await teams.send(teams.activity(kind, **more)) == (200, None)
    assert teams.heard_events() == 0


async def test_a_mention_in_a_channel_is_heard_without_the_mention_and_answered_in_its_thread(teams: World) -> None:
    asked = teams.activity(text="<at>Liaison</at>&nbsp;help", conversation=THREAD, channelData=TEAM, entities=[mention()])
    assert await teams.send(asked) == (200, None)
    await teams.deliver()
    assert {place for place, _, _ in teams.connector.sent} >= {THREAD["id"]}


async def test_what_is_private_is_answered_in_the_personal_conversation_even_when_asked_in_a_channel(teams: World) -> None:
    asked = teams.activity(text="<at>Liaison</at> my drafts", conversation=THREAD, channelData=TEAM, entities=[mention()])
    assert await teams.send(asked) == (200, None)
    await teams.deliver()
    assert teams.connector.to("opened-29:ann")


async def test_the_address_is_renewed_by_every_activity_and_holds_all_it_takes_to_speak_first(teams: World) -> None:
    await teams.say("hello", locale="fr-FR")
    await teams.send(teams.activity(text="aide", conversation={"id": "a:moved", "conversationType": "personal"}))
    address = teams.address_of("ann")
    assert address["conversation"] == "a:moved"
    assert address == {
        "service_url": teams.connector.url, "channel_id": "msteams", "conversation": "a:moved", "conversation_type": "personal",
        "bot_id": BOT["id"], "user_id": "29:ann", "aad": "aad-ann", "tenant": TENANT, "team": None, "channel": None, "locale": "en-GB",
    }  # fmt: skip


async def test_a_newcomer_is_answered_in_the_language_and_zone_of_the_client(teams: World) -> None:
    [card] = cards_of(await teams.say("مرحبا", user="salma", locale="ar-TN"))
    assert card["rtl"] is True
    assert card["lang"] == "ar"
