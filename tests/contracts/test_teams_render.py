"""Every reply in six languages is a card the service takes, and shows what a person typed letter for letter."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.teams import render
from bot.teams.cards import CARD_BYTES, literal, title, weight
from handlers.conversation.press import press
from handlers.conversation.reply import (
    Action,
    Ask,
    Choice,
    FormSheet,
    Item,
    Kind,
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
from handlers.conversation.text import Amount, Code, T, Text
from handlers.conversation.words import Reader
from storage.reference import LANGUAGES, code_list

Json = dict[str, Any]

HOSTILE = (
    "<at>Everybody</at>", "**bold** _it_ `code`", "[bank](https://evil.example)", "<https://evil.example|bank>", "<b onclick=x>html</b>",
    "<!channel>", "&lt;b&gt;",
    "'; DROP TABLE need; --", "{braces} {{DATE(2020-01-01, SHORT)}} ${x}", "=cmd|' /C calc'!A0", "\u202ereversed",
    "# heading", "1. list", "- item", "a\\*b",
)  # fmt: skip

DRAFT = "3f2a1b4c5d6e"
READERS = tuple(Reader(language, "Africa/Nairobi") for language in LANGUAGES)
BODY_TYPES = {"RichTextBlock", "ColumnSet", "Container", "ActionSet", "Input.Text", "Input.Date", "Input.ChoiceSet"}
INSIDE_TYPES = {"TextRun", "Column", "Action.Execute", "Action.Submit", "AdaptiveCard"}


def typed(text: str) -> Text:
    """A sentence that holds what a person typed."""
    return T("help.example", example=text)


def listed(name: str) -> tuple[Choice, ...]:
    return tuple(Choice(value=code, label=Code(name, code)) for code in code_list(name))


def go(n: int) -> Action:
    return Action(id=press("need.show", f"N-{n}"), label=T("action.back"), style=("primary", "danger", "plain")[n % 3])


def sheet_of(kind: Kind, text: str, *, listing: str = "party", value: object = None) -> Sheet:
    choices = listed(listing) if kind in ("choice", "choices") else ()
    return Sheet(
        name=f"{kind}_{listing}", label=T("door.card.date"), kind=kind, required=True, value=value, problem=typed(text), choices=choices,
        found_by_typing=True, at_most=80,
    )  # fmt: skip


def replies_with(text: str) -> dict[str, Reply]:
    """One of each, with what a person typed wherever that can stand."""
    line = Line(name="title", label=T("door.card.date"), value=text)
    amount = Line(name="amount", label=T("door.card.date"), value=Amount(Decimal("200000"), "USD"))
    ask = Ask(text=typed(text), field="f", kind="choice", draft=DRAFT, lead=(typed(text),), problem=typed(text), actions=(go(1), go(2)))
    few = tuple(Choice(value=str(n), label=text) for n in range(3))
    sheets = (
        sheet_of("text", text, value=text), sheet_of("long_text", text, value=text), sheet_of("number", text, value="200000"),
        sheet_of("date", text, value="2027-06-30"), sheet_of("moment", text, value={"wall": "2027-06-30T12:00", "hour_stated": True}),
        sheet_of("moment", text, listing="offset", value={"offset": {"count": 14, "unit": "days", "anchor": "opening"}}),
        sheet_of("yes_no", text, value=True), sheet_of("choice", text, value="KE"),
        sheet_of("choices", text, listing="article", value=["UNTOC.18"]),
        sheet_of("choices", text, listing="currency", value=["USD"]),
    )  # fmt: skip
    return {
        "say": Say(text=typed(text)),
        "say with buttons": Say(text=typed(text), actions=tuple(go(n) for n in range(8))),
        "ask in words": Ask(text=typed(text), field="f", kind="text", draft=DRAFT),
        "ask few": _with(ask, choices=few),
        "ask many": _with(ask, choices=tuple(Choice(value=str(n), label=text) for n in range(20))),
        "ask party": _with(ask, choices=listed("party"), found_by_typing=True),
        "ask articles": _with(ask, kind="choices", choices=listed("article"), found_by_typing=True),
        "ask date": _with(ask, kind="date"),
        "ask yes or no": _with(ask, kind="yes_no"),
        "review": Review(text=typed(text), draft=DRAFT, fields=(line, amount), notes=(typed(text),), actions=(go(0), go(1))),
        "receipt": Receipt(text=typed(text), ref="N-2020-0001", fields=(line,), actions=(go(1),)),
        "list": Listing(text=typed(text), items=tuple(Item(text=typed(text), details=(typed(text),), actions=(go(n),)) for n in range(12))),
        "form": FormSheet(text=typed(text), form="need", draft=DRAFT, sheets=sheets, actions=(go(1),)),
        "refused": Refusal(code="not_allowed", text=typed(text), actions=(go(0),)),
    }


def _with(ask: Ask, **changed: Any) -> Ask:
    kept = {name: getattr(ask, name) for name in Ask.__slots__}
    return Ask(**(kept | changed))


NAMES = tuple(replies_with(""))


def objects(value: object) -> list[Json]:
    """Every object with a type."""
    if isinstance(value, dict):
        inner = [found for part in value.values() for found in objects(part)]
        return [value, *inner] if "type" in value else inner
    return [found for part in value for found in objects(part)] if isinstance(value, list) else []


def cards(replies: Replies, reader: Reader) -> list[Json]:
    return [one["content"] for activity in render.messages(replies, reader) for one in activity.get("attachments", ())]


def assert_valid(card: Json, reader: Reader) -> None:
    assert (card["type"], card["version"], card["lang"]) == ("AdaptiveCard", "1.5", reader.language)
    assert card.get("rtl") is (True if reader.language == "ar" else None)
    assert card["fallbackText"]
    assert weight(card) <= CARD_BYTES
    for found in objects(card):
        assert found["type"] in BODY_TYPES | INSIDE_TYPES, found
        _assert_whole(found)
    ids = [found["id"] for found in objects(card) if found["type"].startswith("Input.")]
    assert len(ids) == len(set(ids))


def _assert_whole(found: Json) -> None:
    match found["type"]:
        case "RichTextBlock":
            assert found["inlines"]
        case "TextRun":
            assert found["text"].strip()
            assert "\n" not in found["text"]
        case "ActionSet":
            assert 1 <= len(found["actions"]) <= 6
        case "Action.Execute":
            assert found["title"]
            assert found["fallback"]["type"] == "Action.Submit"
            assert found["fallback"]["data"] == found["data"]
            assert found["style"] in ("default", "positive", "destructive")
        case "Input.Text" | "Input.Date" | "Input.ChoiceSet":
            assert found["id"]
            assert found["label"]
            assert all(choice["title"] and choice["value"] for choice in found.get("choices", ()))


@pytest.mark.parametrize("reader", READERS, ids=LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_every_reply_is_text_or_valid_cards_of_at_most_28_kilobytes(name: str, reader: Reader) -> None:
    replies = (replies_with("Judges’ training")[name],)
    activities = render.messages(replies, reader)
    assert activities
    assert all(weight(activity) <= CARD_BYTES + 1000 for activity in activities)
    for card in cards(replies, reader):
        assert_valid(card, reader)
    answer = render.invoke_answer(replies, reader)
    assert (answer["statusCode"], answer["type"]) == (200, render.CARD)
    assert_valid(answer["value"], reader)


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("name", NAMES)
def test_what_was_typed_stands_only_where_nothing_is_made_of_it(name: str, text: str) -> None:
    """A text run and an input's value are shown as they are; a TextBlock or FactSet would read Markdown, links and mentions."""
    reply = replies_with(text)[name]
    for activity in render.messages((reply,), READERS[2]):
        assert activity.get("textFormat", "plain") == "plain"
        assert "entities" not in activity
        for found in objects(activity.get("attachments", [])):
            assert found["type"] not in ("TextBlock", "FactSet", "Action.OpenUrl", "Media", "Image")
    shown = json.dumps(render.invoke_answer((reply,), READERS[2])["value"]["body"], ensure_ascii=False)
    assert json.dumps(literal(text), ensure_ascii=False)[1:-1] in shown


def test_a_date_function_and_a_link_in_a_choice_are_broken_invisibly() -> None:
    assert "{{" not in literal("{{DATE(2020-01-01, SHORT)}}")
    assert literal("{{name}}") == "{{name}}"
    assert "](" not in title("[bank](https://evil.example)")
    assert "<h" not in title("<https://evil.example>")
    assert title("two\nlines") == "two lines"


@pytest.mark.parametrize("reader", READERS, ids=LANGUAGES)
def test_a_list_of_all_parties_fits_and_keeps_every_name(reader: Reader) -> None:
    [card] = cards((replies_with("x")["ask party"],), reader)
    [chosen] = [found for found in objects(card) if found["type"] == "Input.ChoiceSet"]
    assert {choice["value"] for choice in chosen["choices"]} == set(code_list("party"))
    assert chosen["style"] == "filtered"


@pytest.mark.parametrize("reader", READERS, ids=LANGUAGES)
def test_a_form_whose_lists_do_not_fit_asks_for_the_longest_in_words(reader: Reader) -> None:
    names = ("party", "article", "place", "currency", "assistance_type")
    sheets = tuple(sheet_of("choices", "", listing=name, value=[next(iter(code_list(name)))]) for name in names if code_list(name))
    body = FormSheet(text=T("help.intro"), form="need", draft=DRAFT, sheets=sheets)
    [card] = cards((body,), reader)
    inputs = {found["id"]: found for found in objects(card) if found["type"].startswith("Input.")}
    assert len(inputs) == len(sheets)
    assert all(found.get("value") for found in inputs.values())
    data = next(found["data"] for found in objects(card) if found["type"] == "Action.Execute")["liaison"]
    assert data["fields"] == [sheet.name for sheet in sheets]
    assert data["many"] == [sheet.name for sheet in sheets if inputs[f"{DRAFT}.{sheet.name}"]["type"] == "Input.ChoiceSet"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("text", ["щ" * 4000, "😀" * 4000, '"\\' * 2000, "\x01" * 4000, "a\n" * 2000, "\n\n"], ids=repr)
def test_the_longest_texts_still_make_cards_the_service_takes(name: str, text: str) -> None:
    reply = replies_with(text)[name]
    for card in cards((reply,), READERS[0]):
        assert weight(card) <= CARD_BYTES
    assert weight(render.invoke_answer((reply,), READERS[0])["value"]) <= CARD_BYTES


def test_a_long_list_is_parted_over_cards_without_losing_an_entry() -> None:
    items = tuple(Item(text=typed(f"entry-{n}-" + "ё" * 900), actions=(go(n),)) for n in range(60))
    found = cards((Listing(text=T("help.intro"), items=items, actions=(go(0),)),), READERS[2])
    assert len(found) > 2
    whole = json.dumps(found, ensure_ascii=False)
    assert [n for n in range(60) if f"entry-{n}-" not in whole] == []


def test_a_long_list_in_answer_to_a_button_says_how_many_entries_it_leaves_out() -> None:
    items = tuple(Item(text=typed(f"entry-{n}-" + "ё" * 900)) for n in range(60))
    more = Action(id=press("more", 2), label=T("action.back"))
    card = render.invoke_answer((Listing(text=T("help.intro"), items=items, actions=(more,)),), READERS[2])["value"]
    shown = sum(f"entry-{n}-" in json.dumps(card, ensure_ascii=False) for n in range(60))
    assert 5 < shown < 60
    assert f"{60 - shown} more entries are not shown here." in json.dumps(card)
    assert "more:2" in json.dumps(card)


def test_several_replies_are_one_message_and_in_answer_to_a_button_one_card() -> None:
    replies = tuple(replies_with("x")[name] for name in ("say", "ask few", "receipt"))
    assert len(render.messages(replies, READERS[2])) == 1
    assert len(objects(render.invoke_answer(replies, READERS[2])["value"]["body"])) > 6


def test_texts_without_buttons_are_one_plain_text() -> None:
    [activity] = render.messages((Say(text=T("help.intro")), Refusal(code="x", text=typed("**y**"))), READERS[2])
    assert "**y**" in activity["text"]
    assert "attachments" not in activity


def test_no_reply_is_no_message() -> None:
    assert render.messages((), READERS[2]) == ()
    assert render.invoke_answer((), READERS[2])["type"] == "application/vnd.microsoft.activity.message"


def test_a_problem_is_said_in_words_and_not_by_colour_alone() -> None:
    for name in ("ask few", "form", "refused"):
        [card] = cards((replies_with("wrong-here")[name],), READERS[2])
        marked = [found for found in objects(card) if found.get("color") == "Attention"]
        assert marked
        assert all("wrong-here" in found["text"] for found in marked)


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=300), language=st.sampled_from(LANGUAGES), name=st.sampled_from(NAMES))
def test_any_text_makes_a_card_that_can_be_written_as_json(text: str, language: str, name: str) -> None:
    reader = Reader(language, "UTC")
    body = json.dumps(render.invoke_answer((replies_with(text)[name],), reader), ensure_ascii=True)
    assert json.loads(body)["statusCode"] == 200


def test_every_kind_of_reply_is_among_those_tested() -> None:
    kinds = {type(reply) for reply in replies_with("x").values()}
    for kind in kinds:
        assert kind in Reply.__args__
    assert kinds == set(Reply.__args__)
