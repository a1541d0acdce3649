"""An activity becomes one turn, or none; what a card's buttons carry is read back as it was written."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.teams import marks
from bot.teams.activity import Malformed, parse
from bot.teams.read import read
from handlers.conversation.press import MOST, press, unpack
from handlers.conversation.turn import Answered, Arrived, Pressed, Said, Turn, storable

Json = dict[str, Any]
BOT = {"id": "28:bot", "name": "Liaison"}
BOB = {"id": "29:bob", "name": "Bob"}
ANN = {"id": "29:ann", "name": "Ann", "aadObjectId": "aad-ann"}
CHANNEL = {"team": {"id": "19:team@t"}, "channel": {"id": "19:channel@t", "name": "Drafting"}, "tenant": {"id": "tenant"}}


def activity(**more: Any) -> Json:
    return {
        "type": "message", "id": "1", "serviceUrl": "https://smba.trafficmanager.net/emea/", "channelId": "msteams", "from": ANN,
        "recipient": BOT, "conversation": {"id": "a:1", "conversationType": "personal"}, "channelData": {"tenant": {"id": "tenant"}},
    } | more  # fmt: skip


def turn(**more: Any) -> Turn:
    found = read(parse(json.dumps(activity(**more)).encode()))
    assert found is not None
    return found


def in_channel(**more: Any) -> Turn:
    conversation = {"id": "19:channel@t;messageid=5", "conversationType": "channel", "isGroup": True}
    return turn(conversation=conversation, channelData=CHANNEL, **more)


def mention(text: str, who: Json = BOT) -> Json:
    return {"type": "mention", "text": text, "mentioned": who}


def test_a_person_is_known_by_tenant_and_directory_id() -> None:
    assert turn(text="x").who.key == "tenant:aad-ann"


def test_an_account_without_a_directory_id_is_known_by_its_own() -> None:
    assert turn(text="x", **{"from": {"id": "29:guest"}}).who.key == "tenant:29:guest"


def test_equal_accounts_of_two_tenants_are_two_people() -> None:
    there = turn(text="x", channelData={"tenant": {"id": "another"}})
    assert there.who.key != turn(text="x").who.key


def test_the_tenant_is_taken_from_the_conversation_where_the_channel_does_not_tell() -> None:
    conversation = {"id": "a:1", "conversationType": "personal", "tenantId": "of-conversation"}
    assert turn(text="x", channelData=None, conversation=conversation).who.key == "of-conversation:aad-ann"


def test_a_personal_place_has_the_person_s_key_and_a_channel_its_own_in_every_thread() -> None:
    assert turn(text="x").where.key == "tenant:aad-ann"
    place = in_channel(text="x").where
    assert (place.key, place.kind, place.name) == ("19:channel@t", "channel", "Drafting")
    assert place.address["conversation"] == "19:channel@t;messageid=5"
    assert in_channel(text="x").who.address["conversation"] is None


def test_a_group_chat_is_a_place_of_its_own() -> None:
    place = turn(text="x", conversation={"id": "19:group@t", "conversationType": "groupChat", "isGroup": True}).where
    assert (place.key, place.kind) == ("19:group@t", "group")


def test_zone_and_locale_come_from_the_client_and_an_unknown_zone_is_none() -> None:
    client = {"type": "clientInfo", "locale": "ar-EG", "timezone": "Africa/Cairo"}
    assert (turn(text="x", entities=[client]).who.zone, turn(text="x", entities=[client]).who.locale) == ("Africa/Cairo", "ar-EG")
    assert turn(text="x", localTimezone="Europe/Oslo", entities=[client]).who.zone == "Europe/Oslo"
    assert turn(text="x", localTimezone="../../etc/passwd").who.zone is None


@pytest.mark.parametrize(
    ("text", "entities", "heard"),
    [
        ("<at>Liaison</at> help", [mention("<at>Liaison</at>")], "help"),
        ("<at>Liaison</at>&nbsp;help\n", [mention("<at>Liaison</at>")], "help"),
        ("please <at>Liaison</at> help", [mention("<at>Liaison</at>")], "please  help"),
        (
            "<at>Liaison</at> ask <at>Bob</at>",
            [mention("<at>Liaison</at>"), mention("<at>Bob</at>", BOB)],
            "ask Bob",
        ),
        ("<at>Liaison</at> help", [], "help"),
        ("a &lt;b&gt; <at>", [mention("<at>Liaison</at>")], "a &lt;b&gt; <at>"),
    ],
)
def test_mentions_of_the_bot_are_taken_off_and_others_become_names(text: str, entities: list[Json], heard: str) -> None:
    assert in_channel(text=text, entities=entities).what == Said(heard)


def test_in_a_personal_chat_what_looks_like_a_mention_is_text() -> None:
    assert turn(text="<at>Liaison</at> **x**").what == Said("<at>Liaison</at> **x**")


def test_messages_are_answered_later_and_buttons_at_once() -> None:
    data = marks.of_press("help.show")
    assert turn(text="x").answer_later
    assert turn(value=data).answer_later
    assert not turn(type="invoke", name="adaptiveCard/action", value={"action": {"data": data}}).answer_later


def test_the_bot_s_own_arrival_is_an_arrival_and_nobody_else_s() -> None:
    assert turn(type="conversationUpdate", membersAdded=[BOT]).what == Arrived()
    assert read(parse(json.dumps(activity(type="conversationUpdate", membersAdded=[ANN])).encode())) is None


def test_the_event_is_the_activity_and_the_conversation_it_was_said_in() -> None:
    assert turn(text="x").event == turn(text="y").event
    assert turn(text="x").event != turn(text="x", id="2").event
    assert turn(text="x").event != in_channel(text="x").event


def test_a_pressed_button_is_its_packed_press() -> None:
    packed = press("form.skip", "3f2a", "title")
    assert marks.read(marks.of_press(packed)) == Pressed(packed)


@given(draft=st.text("abc0", min_size=1, max_size=12), field=st.text("abc_", min_size=1, max_size=20), value=st.text(max_size=60))
def test_a_choice_is_the_press_that_picks_it_or_where_too_long_an_answer(draft: str, field: str, value: str) -> None:
    for data in (marks.of_choice(draft, field, value), marks.of_input(draft, field, many=False) | {marks.input_id(draft, field): value}):
        match marks.read(data):
            case Pressed(packed):
                assert len(packed) <= MOST
                assert unpack(packed).args == (draft, field, storable(value))
            case answered:
                assert answered == Answered(draft, {field: value})


def test_several_choices_are_answered_as_their_values() -> None:
    picked = marks.read(marks.of_input("d", "types", many=True) | {"d.types": "training,advice"})
    assert picked == Pressed(press("form.pick", "d", "types", "training; advice"))


def test_a_whole_form_is_answered_field_by_field_and_empty_inputs_are_empty() -> None:
    data = marks.of_sheet("d", ["title", "types", "note"], ["types"]) | {
        "d.title": "T",
        "d.types": "a,b",
        "d.other": "x",
        "title": "not ours",
    }
    assert marks.read(data) == Answered("d", {"title": "T", "types": ["a", "b"], "note": ""})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=12,
)
NAMES = (
    "type",
    "id",
    "serviceUrl",
    "from",
    "recipient",
    "conversation",
    "channelData",
    "entities",
    "text",
    "value",
    "name",
    "membersAdded",
    "timestamp",
)


@settings(max_examples=300, deadline=None)
@given(change=st.dictionaries(st.sampled_from(NAMES), JSON, max_size=4), kind=st.sampled_from(("message", "invoke", "conversationUpdate")))
def test_any_shape_is_a_turn_nothing_or_malformed(change: Json, kind: str) -> None:
    try:
        found = read(parse(json.dumps(activity(type=kind) | change).encode()))
    except Malformed:
        return
    assert found is None or isinstance(found.what, Said | Pressed | Answered | Arrived)


@given(st.binary(max_size=200))
def test_any_bytes_are_an_activity_or_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        parse(body)
