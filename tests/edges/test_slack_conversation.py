"""A form filled in on Slack: by typing, by pressing, in a modal; and the Home tab."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest_asyncio

from handlers.conversation.press import press
from storage.conversation import Draft
from storage.outbox import Outbox
from storage.records import Audit
from tests.edges.local_slack import answers, refuses
from tests.edges.slack_workspace import ANN, ANNS, Workspace, element, elements, shown, workspace


@pytest_asyncio.fixture
async def here(tmp_path: Path) -> AsyncIterator[Workspace]:
    async with workspace(tmp_path) as made:
        yield made


def button(packed: str) -> dict[str, Any]:
    return {"type": "button", "action_id": f"1/{packed}", "value": packed}


async def begun(here: Workspace) -> str:
    """A visit form opened by its button; the draft's id."""
    assert (await here.press(button(press("form.new", "visit")), message={"ts": "1.0", "blocks": []})).status == 200
    await here.delivered()
    return draft(here).id


def draft(here: Workspace) -> Draft:
    [found] = here.rows(Draft)
    assert isinstance(found, Draft)
    return found


async def last(here: Workspace) -> dict[str, Any]:
    return (await here.delivered())[-1]


async def until_place(here: Workspace) -> dict[str, Any]:
    await begun(here)
    await here.say("Training of prosecutors")
    return await last(here)


async def until_types(here: Workspace) -> dict[str, Any]:
    asked = await until_place(here)
    await here.press({**element(asked, "form.pick"), "selected_option": {"value": "KE"}})
    return await last(here)


async def search(here: Workspace, menu: Mapping[str, Any], typed: str, **more: Any) -> list[str]:
    answer = await here.interact({"type": "block_suggestion", "action_id": menu["action_id"], "block_id": "b", "value": typed, **more})
    return [option["value"] for option in (await answer.json())["options"]]


async def test_a_form_is_filled_in_by_typing_and_pressing(here: Workspace) -> None:
    asked = await until_types(here)
    menu, done = element(asked, "door.choose"), element(asked, "door.done")
    held = {"b": {menu["action_id"]: {"type": menu["type"], "selected_options": [{"value": "training"}, {"value": "legislation"}]}}}
    chosen = [option["value"] for option in menu["options"]][:2]
    held["b"][menu["action_id"]]["selected_options"] = [{"value": value} for value in chosen]
    await here.press({**done}, state={"values": held})
    await here.press({**element(await last(here), "form.pick"), "type": "datepicker", "selected_date": "2027-06-30"})
    await here.press(element(await last(here), "public"))
    await here.press(element(await last(here), ":yes"))
    await here.press(element(await last(here), "form.skip:"))
    review = await last(here)
    assert "Training of prosecutors" in shown(review)
    assert sum(e.get("style") == "primary" for e in elements(review)) == 1
    await here.press(next(e for e in elements(review) if e.get("style") == "primary"))
    assert "visit.saved" in shown(await last(here))
    saved = next(row for row in here.rows(Audit) if row.action == "visit.saved").after
    assert (saved["place"], saved["day"], saved["urgent"], sorted(saved["types"])) == ("KE", "2027-06-30", True, sorted(chosen))
    assert set(here.slack.by_key().values()) == {1}


async def test_the_line_left_by_done_names_what_was_chosen(here: Workspace) -> None:
    asked = await until_types(here)
    menu, done = element(asked, "door.choose"), element(asked, "door.done")
    held = {"b": {menu["action_id"]: {"type": menu["type"], "selected_options": menu["options"][:2]}}}
    await here.press(done, state={"values": held})
    for _ in range(100):
        if not elements(asked):
            break
        await asyncio.sleep(0.01)
    assert all(option["text"]["text"] in shown(asked) for option in menu["options"][:2])


async def test_a_button_in_a_channel_stays_for_the_others(here: Workspace) -> None:
    decisive = {**button(press("role.refuse", 1)), "style": "danger"}
    channel = {"channel": {"id": "C1", "name": "general"}, "container": {"type": "message", "channel_id": "C1"}}
    await here.press(decisive, message={"ts": "1.1", "blocks": [{"type": "actions", "block_id": "b", "elements": [decisive]}]}, **channel)
    await asyncio.sleep(0.05)
    assert "chat.update" not in here.slack.methods()


async def test_done_with_nothing_chosen_asks_again(here: Workspace) -> None:
    asked = await until_types(here)
    await here.press(element(asked, "door.done"), state={"values": {}})
    assert element(await last(here), "door.choose")
    assert "types" not in draft(here).answers


async def test_choosing_alone_is_acknowledged_and_means_nothing_yet(here: Workspace) -> None:
    asked = await until_types(here)
    before = len(here.rows(Outbox))
    assert (await here.press({**element(asked, "door.choose"), "selected_options": [{"value": "training"}]})).status == 200
    assert len(here.rows(Outbox)) == before


async def test_a_long_list_is_looked_up_while_typing(here: Workspace) -> None:
    menu = element(await until_place(here), "form.pick")
    assert menu["type"] == "external_select"
    assert await search(here, menu, "keny") == ["KE"]
    assert await search(here, menu, "cote d") == ["CI"]
    assert len(await search(here, menu, "")) == 100
    assert await search(here, menu, "zzz") == []


async def test_nobody_looks_into_a_form_of_somebody_else(here: Workspace) -> None:
    menu = element(await until_place(here), "form.pick")
    await here.say("help", user="UBOB")
    assert await search(here, menu, "keny", user={"id": "UBOB"}) == []


async def test_a_press_takes_the_used_controls_away(here: Workspace) -> None:
    asked = await until_place(here)
    await here.press({**element(asked, "form.pick"), "selected_option": {"value": "KE", "text": {"text": "Kenya"}}})
    for _ in range(100):
        if not elements(here.slack.messages[ANNS][-1]):
            break
        await asyncio.sleep(0.01)
    after = here.slack.messages[ANNS][-1]
    assert elements(after) == []
    assert "Kenya" in shown(after)


async def test_a_button_of_an_older_question_changes_nothing(here: Workspace) -> None:
    asked = await until_place(here)
    pick = {**element(asked, "form.pick"), "selected_option": {"value": "KE"}}
    await here.press(pick)
    await here.press({**pick, "selected_option": {"value": "SN"}})
    assert draft(here).answers["place"] == "KE"


async def opened_modal(here: Workspace) -> dict[str, Any]:
    asked = await until_types(here)
    assert (await here.press(element(asked, "form.sheet"))).status == 200
    return here.slack.views[-1]


async def submit(here: Workspace, view: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    answer = await here.interact({"type": "view_submission", "view": {**view, "state": {"values": values}}})
    assert answer.status == 200
    body: dict[str, Any] = await answer.json()
    return body


def filled(**changed: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "title": {"value": {"type": "plain_text_input", "value": "Drafting of a law"}},
        "place": {"value": {"type": "external_select", "selected_option": {"value": "SN"}}},
        "types": {"value": {"type": "multi_static_select", "selected_options": [{"value": "legislation"}]}},
        "day": {"value": {"type": "datepicker", "selected_date": "2027-06-30"}},
        "visibility": {"value": {"type": "static_select", "selected_option": {"value": "public"}}},
        "urgent": {"yes_no": {"type": "radio_buttons", "selected_option": {"value": "no"}}},
        "note": {"value": {"type": "plain_text_input", "value": None}},
    }
    return values | changed


async def first_type(view: Mapping[str, Any]) -> str:
    types = next(block for block in view["blocks"] if block.get("block_id") == "types")
    value: str = types["element"]["options"][0]["value"]
    return value


async def test_the_whole_form_opens_with_what_is_known(here: Workspace) -> None:
    view = await opened_modal(here)
    inputs = {block["block_id"]: block["element"] for block in view["blocks"] if block["type"] == "input"}
    assert inputs["title"]["initial_value"] == "Training of prosecutors"
    assert inputs["place"]["initial_option"]["value"] == "KE"
    assert view["private_metadata"] == draft(here).id
    assert await search(here, {"action_id": "value"}, "seneg", block_id="place", view=view) == ["SN"]


async def test_problems_stand_beside_their_fields_and_nothing_is_posted(here: Workspace) -> None:
    view = await opened_modal(here)
    before = len(await here.delivered())
    body = await submit(
        here, view, filled(title={"value": {"value": "x"}}, types={"value": {"selected_options": [{"value": await first_type(view)}]}})
    )
    assert body["response_action"] == "errors"
    assert list(body["errors"]) == ["title"]
    assert len(await here.delivered()) == before


async def test_a_right_modal_closes_and_the_review_is_posted_once(here: Workspace) -> None:
    view = await opened_modal(here)
    values = filled(types={"value": {"selected_options": [{"value": await first_type(view)}]}})
    assert await submit(here, view, values) == {"response_action": "clear"}
    before = len(here.rows(Outbox))
    assert await submit(here, view, values) == {"response_action": "clear"}
    assert len(here.rows(Outbox)) == before
    review = await last(here)
    assert "Drafting of a law" in shown(review)
    assert any(e.get("style") == "primary" for e in elements(review))


async def test_after_problems_the_mended_modal_is_heard(here: Workspace) -> None:
    view = await opened_modal(here)
    right = filled(types={"value": {"selected_options": [{"value": await first_type(view)}]}})
    assert (await submit(here, view, right | {"title": {"value": {"value": "x"}}}))["response_action"] == "errors"
    assert await submit(here, view, right) == {"response_action": "clear"}


async def test_where_no_modal_opens_the_question_is_asked_in_the_conversation(here: Workspace) -> None:
    asked = await until_types(here)
    here.slack.faults["views.open"].append(refuses("expired_trigger_id"))
    assert (await here.press(element(asked, "form.sheet"))).status == 200
    assert element(await last(here), "door.choose")


async def test_a_modal_of_somebody_else_is_refused(here: Workspace) -> None:
    view = await opened_modal(here)
    answer = await here.interact({"type": "view_submission", "user": {"id": "UBOB"}, "view": {**view, "state": {"values": filled()}}})
    assert await answer.json() == {"response_action": "clear"}
    assert draft(here).answers["title"] == "Training of prosecutors"


async def test_home_shows_what_the_house_says_there(here: Workspace) -> None:
    answer = await here.event({"type": "app_home_opened", "tab": "home", "user": ANN, "channel": ANNS})
    assert answer.status == 200
    home = here.slack.homes[ANN]
    assert home["type"] == "home"
    assert 0 < len(home["blocks"]) <= 100
    assert here.rows(Outbox) == []


async def test_a_form_begun_on_the_home_opens_there_and_waits_in_the_direct_message(here: Workspace) -> None:
    element = {**button(press("form.new", "visit")), "action_ts": "5.5", "block_id": "b"}
    home = {"type": "block_actions", "container": {"type": "view"}, "view": {"id": "V1", "type": "home"}, "actions": [element]}
    assert (await here.interact(home)).status == 200
    assert here.slack.views[-1]["private_metadata"] == draft(here).id
    assert "form.visit.title.ask" in shown(await last(here))


async def test_opening_the_messages_tab_again_does_not_greet_again(here: Workspace) -> None:
    for _ in range(3):
        await here.event({"type": "app_home_opened", "tab": "messages", "user": ANN, "channel": ANNS})
    assert len(await here.delivered()) == 1


async def test_a_channel_hears_publicly_only_what_is_public(here: Workspace) -> None:
    await here.event({"type": "app_mention", "channel": "C1", "user": ANN, "text": "<@UBOT> cancel my form", "ts": "3.3"})
    await here.delivered()
    assert len(here.slack.messages["C1"]) == 1
    assert "door" not in json.dumps(here.slack.messages["C1"])
    assert len(here.slack.messages[ANNS]) == 1


async def test_being_brought_into_a_channel_is_an_arrival(here: Workspace) -> None:
    await here.event({"type": "member_joined_channel", "user": "UBOT", "channel": "C7", "inviter": ANN, "channel_type": "C"})
    await here.delivered()
    assert len(here.slack.messages["C7"]) == 1


HOSTILE = [
    "<!channel>",
    "<@U1>",
    "<https://x.org|bank>",
    "&lt;b&gt; &amp;amp;",
    "*bold* _it_ `code` ~x~",
    "'; DROP TABLE person; --",
    "{title} {0}",
    "\u202eoof",
]


async def test_hostile_text_is_shown_as_typed_and_never_pings(here: Workspace) -> None:
    await begun(here)
    for text in HOSTILE:
        typed = f"{text} abc"
        escaped = typed.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        await here.say(escaped)
        assert draft(here).answers["title"] == typed
        await here.press(element(await last(here), "form.sheet"))
        opened = next(block for block in here.slack.views[-1]["blocks"] if block.get("block_id") == "title")
        assert opened["element"]["initial_value"] == typed
        posted = here.slack.messages[ANNS]
        assert all("<!" not in message["text"] and "<@" not in message["text"] for message in posted)
        assert all(m["parse"] == "none" and m["unfurl_links"] is False and m["link_names"] is False for m in posted)
        await here.press(button(press("form.back", draft(here).id)))
        await here.delivered()


async def test_a_platform_that_answers_html_is_tried_again_and_nothing_doubles(here: Workspace) -> None:
    here.slack.faults["chat.postMessage"].append(answers(502, "<html>bad gateway</html>", content_type="text/html"))
    await here.say("help")
    await here.delivery.run_once()
    [row] = here.rows(Outbox)
    assert (row.state, row.attempts) == ("pending", 1)
