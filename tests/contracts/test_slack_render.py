"""Every reply, in six languages, stays within what Slack takes; and nothing anybody typed pings, links or formats."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block as SlackBlock

from bot.slack import blocks as kit
from bot.slack.modal import answers_of, outcome, view
from bot.slack.render import home_blocks, posts
from bot.slack.typed import typed
from handlers.conversation.press import press
from handlers.conversation.reply import (
    Action,
    Ask,
    Choice,
    FormSheet,
    Item,
    Line,
    Listing,
    Receipt,
    Refusal,
    Replies,
    Reply,
    Review,
    Say,
    Sheet,
)  # fmt: skip
from handlers.conversation.text import Amount, Code, T
from handlers.conversation.words import Reader
from storage.reference import LANGUAGES, code_list

DRAFT = "0123456789ab"
LONG = "Assistance technique — Ωмега 法律 " * 1500
HOSTILE = "<!channel> <@U1> <https://x.org|bank> &lt;b&gt; *bold* _it_ ~x~ `c` {0} \u202e"
READERS = [Reader(language, "Asia/Kathmandu") for language in LANGUAGES]

ACTIONS = (
    Action(id=press("form.save", DRAFT, 3), label=T("door.chat.submit"), style="primary"),
    Action(id=press("form.change", DRAFT), label=T("door.chat.choose")),
    Action(id=press("form.cancel", DRAFT), label=T("door.chat.close"), style="danger"),
)
PARTIES = tuple(Choice(value=code, label=Code("party", code)) for code in code_list("party"))
ARTICLES = tuple(Choice(value=code, label=Code("article", code)) for code in code_list("article"))
TYPES = tuple(Choice(value=code, label=Code("assistance_type", code)) for code in code_list("assistance_type"))
FEW = tuple(Choice(value=f"v{n}", label=T("door.chat.chosen", what=LONG[:200])) for n in range(4))
ODD = (Choice(value="x" * 300, label="too long to carry"), Choice(value="", label="empty"))


def said(text: str) -> Any:
    return T("door.chat.chosen", what=text)


def ask(**more: Any) -> Ask:
    return Ask(**{"text": said("which?"), "field": "title", "kind": "text", "draft": DRAFT, "actions": ACTIONS, **more})


def lines(text: str, count: int) -> tuple[Line, ...]:
    return tuple(Line(name=f"f{n}", label=T("door.chat.choose"), value=text) for n in range(count))


def sheets(text: str) -> tuple[Sheet, ...]:
    asked = replace(Sheet(name="title", label=T("door.chat.choose"), kind="text", required=True, value=text[:80], at_most=80))
    return (
        asked,
        replace(asked, name="body", kind="long_text", at_most=None, value=text, problem=T("door.chat.close"), hint=T("door.chat.search")),
        replace(asked, name="party", kind="choice", choices=PARTIES, found_by_typing=True, value="KE"),
        replace(asked, name="articles", kind="choices", choices=ARTICLES, found_by_typing=True, value=["UNCAC.33", "UNTOC.29"]),
        replace(asked, name="types", kind="choices", choices=TYPES, value=[TYPES[0].value], required=False),
        replace(asked, name="few", kind="choice", choices=(*FEW, *ODD), value="v1"),
        replace(asked, name="none", kind="choice", choices=(), value=None),
        replace(asked, name="day", kind="date", value="2027-06-30"),
        replace(asked, name="odd day", kind="date", value="soon"),
        replace(asked, name="moment", kind="moment", value={"wall": "2027-06-30T12:00", "hour_stated": True}),
        replace(asked, name="urgent", kind="yes_no", value=True),
        replace(asked, name="amount", kind="number", value="200000"),
    )


def replies(text: str) -> Iterator[Reply]:
    """Every kind of reply, small and as large as they come."""
    yield Say(text=said(text))
    yield Say(text=said(text), actions=ACTIONS * 20)
    yield ask(lead=(said(text),), problem=said(text), text=said(text))
    yield ask(kind="choice", choices=FEW)
    yield ask(kind="choice", choices=TYPES)
    yield ask(kind="choice", choices=PARTIES)
    yield ask(kind="choice", choices=PARTIES, found_by_typing=True)
    yield ask(kind="choice", choices=ODD)
    yield ask(kind="choice", choices=())
    yield ask(kind="choices", choices=TYPES)
    yield ask(kind="choices", choices=ARTICLES, found_by_typing=True)
    yield ask(kind="choices", choices=ODD)
    yield ask(kind="date")
    yield ask(kind="yes_no")
    yield ask(kind="moment")
    yield Review(text=said("review"), draft=DRAFT, fields=lines(text, 25), notes=(said(text),), actions=ACTIONS)
    yield Review(text=said(text), draft=DRAFT, fields=(), actions=ACTIONS)
    yield Receipt(text=said(text), ref="N-2026-0007", fields=lines(text[:400], 60), actions=ACTIONS)
    yield Listing(text=said(text))
    items = tuple(Item(text=said(text[:500]), details=(said(text[:300]),) * 12, ref="N-1", actions=ACTIONS[: n % 4]) for n in range(70))
    yield Listing(text=said("list"), items=items, ref="N-1", actions=ACTIONS)
    yield FormSheet(text=said(text), form="need", draft=DRAFT, sheets=sheets(text), actions=ACTIONS[2:])
    yield Refusal(code="not_allowed", text=said(text), actions=ACTIONS)
    yield Receipt(text=said(""), ref="", fields=(Line(name="a", label=T("door.chat.close"), value=Amount(Decimal("2e5"), "USD")),))
    yield Receipt(text=said(" "), ref="", fields=(Line(name="a", label=T("door.chat.close"), value=date(2027, 6, 30)),))


TEXTS = {
    "empty": "",
    "short": "Training of prosecutors",
    "long": LONG,
    "hostile": HOSTILE,
    "very hostile": HOSTILE * 400,
    "lines": "a\n" * 3000,
}


def texts_of(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, list | tuple):
        for item in value:
            yield from texts_of(item)
    elif isinstance(value, dict):
        if value.get("type") in ("plain_text", "mrkdwn"):
            yield value
        for item in value.values():
            yield from texts_of(item)


def elements_of(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, list | tuple):
        for item in value:
            yield from elements_of(item)
    elif isinstance(value, dict):
        if "action_id" in value:
            yield value
        for item in value.values():
            yield from elements_of(item)


def wrong_with(blocks: list[dict[str, Any]], *, most: int) -> list[str]:
    """What Slack would refuse, the SDK's own validation first."""
    found = [] if 0 < len(blocks) <= most else [f"{len(blocks)} blocks"]
    for block in blocks:
        parsed = SlackBlock.parse(block)
        assert parsed is not None
        parsed.to_dict()
        found += list(_wrong_with_block(block))
    found += [f"twice: {name}" for name, n in Counter(e["action_id"] for e in elements_of(blocks)).items() if n > 1 and most == 50]
    found += [f"block twice: {name}" for name, n in Counter(b["block_id"] for b in blocks if "block_id" in b).items() if n > 1]
    return found


def _wrong_with_block(block: dict[str, Any]) -> Iterator[str]:
    limits = {"section": 3000, "header": 150, "context": 2000, "input": 2000}
    for text in texts_of(block):
        if not text["text"].strip():
            yield "empty text"
        if kit.weight(text["text"]) > limits.get(block["type"], 3000):
            yield f"{block['type']} of {len(text['text'])}"
    if any(kit.weight(field["text"]) > 2000 for field in block.get("fields", ())) or len(block.get("fields", ())) > 10:
        yield "fields"
    for element in elements_of(block):
        yield from _wrong_with_element(element)


def _wrong_with_element(element: dict[str, Any]) -> Iterator[str]:
    if len(element["action_id"]) > 255 or len(element.get("value", "")) > 2000:
        yield "action id or value"
    if element["type"] == "button" and kit.weight(element["text"]["text"]) > 75:
        yield "button text"
    options = element.get("options", [])
    if element["type"].endswith("static_select") and not 0 < len(options) <= 100:
        yield f"{len(options)} options"
    if any(kit.weight(o["text"]["text"]) > 75 or not 0 < len(o["value"]) <= 75 for o in options):
        yield "option"
    if len(element.get("initial_value", "")) > element.get("max_length", 3000):
        yield "initial value"


@pytest.mark.parametrize("reader", READERS, ids=LANGUAGES)
@pytest.mark.parametrize("name", TEXTS)
def test_every_reply_stays_within_the_limits_of_a_message(name: str, reader: Reader) -> None:
    seen = 0
    for reply in replies(TEXTS[name]):
        for post in posts((reply,), reader):
            seen += 1
            assert wrong_with(list(post.blocks), most=50) == []
            assert sum(kit.weight(text["text"]) for text in texts_of(post.blocks)) <= 13_200
            assert 0 < kit.weight(post.text) <= 3000
    assert seen >= 24


@pytest.mark.parametrize("reader", READERS, ids=LANGUAGES)
@pytest.mark.parametrize("name", TEXTS)
def test_every_form_stays_within_the_limits_of_a_modal(name: str, reader: Reader) -> None:
    shown = view(FormSheet(text=said(TEXTS[name]), form="need", draft=DRAFT, sheets=sheets(TEXTS[name])), reader)
    assert wrong_with(shown["blocks"], most=100) == []
    assert all(0 < kit.weight(shown[part]["text"]) <= 24 for part in ("title", "submit", "close"))
    assert shown["private_metadata"] == DRAFT


@pytest.mark.parametrize("reader", READERS, ids=LANGUAGES)
def test_everything_at_once_fits_the_home(reader: Reader) -> None:
    assert wrong_with(home_blocks(tuple(replies(LONG)), reader), most=100) == []


def test_every_message_of_many_replies_fits_and_nothing_is_left_out() -> None:
    many: Replies = tuple(Say(text=said(f"reply-{n}-end")) for n in range(400))
    sent = posts(many, READERS[0])
    together = [text["text"] for post in sent for text in texts_of(post.blocks)]
    assert all(any(f"reply-{n}-end" in text for text in together) for n in range(400))
    assert all(len(post.blocks) <= 50 for post in sent)


@pytest.mark.parametrize("reader", READERS, ids=LANGUAGES)
def test_what_people_typed_never_enters_a_text_that_slack_parses(reader: Reader) -> None:
    checked = 0
    for reply in replies(HOSTILE):
        for post in posts((reply,), reader):
            assert "<" not in post.text
            for text in texts_of(post.blocks):
                checked += 1
                assert text["type"] == "plain_text" or not set("<>&@*_`~") & set(text["text"].strip("*"))
                assert text["type"] != "plain_text" or text["emoji"] is False
    assert checked > 50


def test_a_long_text_is_parted_and_nothing_of_it_is_lost() -> None:
    words = " ".join(f"word{n}" for n in range(2000))
    shown = " ".join(text["text"] for post in posts((Say(text=said(words)),), READERS[2]) for text in texts_of(post.blocks))
    assert [word for word in words.split() if word not in shown] == []


@pytest.mark.parametrize("text", ["&lt;b&gt;", "&amp;lt;", "a & b < c"])
def test_an_entity_somebody_typed_is_not_decoded(text: str) -> None:
    shown = kit.literal(text)
    assert shown.replace("\u2060", "") == text
    assert not any(entity in shown for entity in ("&lt;", "&gt;", "&amp;"))


def escaped_by_slack(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


@given(st.text().map(str.strip))
def test_whatever_is_typed_is_read_back_as_typed(text: str) -> None:
    assert typed(escaped_by_slack(text), bot_user="UBOT") == text.strip()


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("<@UBOT> Kenya needs training", "Kenya needs training"),
        ("hello <@UBOT|liaison>", "hello"),
        ("see <https://x.org/a|x.org/a>", "see x.org/a"),
        ("see <https://x.org/?a=1&amp;b=2>", "see https://x.org/?a=1&b=2"),
        ("<mailto:a@b.org|a@b.org>", "a@b.org"),
        ("<https://x.org|bank>", "bank (https://x.org)"),
        ("in <#C1|general> with <@U2|ann>", "in #general with @ann"),
        ("<!channel> and <!here|here>", "@channel and here"),
        ("&lt;!channel&gt;", "<!channel>"),
        ("a &amp;lt; b", "a &lt; b"),
    ],
)
def test_slacks_notation_is_undone(sent: str, meant: str) -> None:
    assert typed(sent, bot_user="UBOT") == meant


@given(st.text(max_size=400), st.integers(min_value=1, max_value=200))
def test_a_cut_text_is_never_empty_nor_too_long(text: str, most: int) -> None:
    short = kit.cut(text, most)
    assert short.strip()
    assert kit.weight(short) <= most or short == kit.ELLIPSIS


def test_a_modals_values_come_back_as_a_form_takes_them() -> None:
    state = {
        "title": {"value": {"type": "plain_text_input", "value": "Drafting"}},
        "party": {"value": {"type": "external_select", "selected_option": {"value": "KE"}}},
        "nothing": {"value": {"type": "static_select", "selected_option": None}},
        "types": {"value": {"type": "multi_static_select", "selected_options": [{"value": "a"}, {"value": "b"}]}},
        "day": {"value": {"type": "datepicker", "selected_date": "2027-06-30"}},
        "urgent": {"yes_no": {"type": "radio_buttons", "selected_option": {"value": "no"}}},
    }
    answers = answers_of({"state": {"values": state}})
    assert answers == {"title": "Drafting", "party": "KE", "nothing": None, "types": ["a", "b"], "day": "2027-06-30", "urgent": False}


def test_a_form_that_changed_is_shown_anew_instead_of_naming_a_field_that_is_not_there() -> None:
    form = FormSheet(text=said("Need"), form="need", draft=DRAFT, sheets=sheets("text"))
    there: dict[str, Any] = {"blocks": [{"block_id": "body"}]}
    assert outcome((form,), READERS[0], shown=there)["response_action"] == "errors"
    assert outcome((form,), READERS[0], shown={"blocks": [{"block_id": "title"}]})["response_action"] == "update"
    assert outcome((Say(text=said("done")),), READERS[0], shown=there) == {"response_action": "clear"}
