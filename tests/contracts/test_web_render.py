"""Every kind of reply in every language is well-formed markup, whose controls all have names and whose references all lead somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from html import unescape
from html.parser import HTMLParser

import pytest

from bot.web.fields import View
from bot.web.html import plain, spoken, tame
from bot.web.render import rendered
from handlers.conversation.codec import decode, encode
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
    Reply,
    Review,
    Say,
    Sheet,
)
from handlers.conversation.text import Amount, Code, Moment, Series, T, Value
from handlers.conversation.words import Reader
from storage.reference import LANGUAGES, code_list

HOSTILE = "<script>alert(1)</script> \u202eright\u202c &lt;b&gt; \u2069\u2069 {name} <https://bank|bank> 'x' \"y\""
DRAFT = "d1"
SPEAKING = {"button", "label", "legend", "option", "p", "dt", "dd", "h2"}
VOID = {"br", "input", "link", "meta"}
PARTIES = tuple(Choice(value=code, label=Code("party", code)) for code in code_list("party"))
FEW = PARTIES[:3]
SKIP = Action(id=press("form.skip", DRAFT, "x"), label=T("action.skip"))
CANCEL = Action(id=press("form.cancel", DRAFT), label=T("action.cancel"), style="danger")
SAVE = Action(id=press("form.save", DRAFT, 3), label=T("form.role.save"), style="primary")


def ask(kind: Kind, *, choices: tuple[Choice, ...] = (), typing: bool = False) -> Ask:
    return Ask(
        text=T("form.role.party.ask"), field=kind, kind=kind, draft=DRAFT, lead=(T("form.going_on"),), problem=T("problem.empty"),
        choices=choices, found_by_typing=typing, optional=True, actions=(SKIP, CANCEL),
    )  # fmt: skip


def sheet(kind: Kind, value: object, *, choices: tuple[Choice, ...] = (), typing: bool = False, problem: bool = False) -> Sheet:
    return Sheet(
        name=f"{kind}{typing:d}{problem:d}", label=T("form.role.party.label"), kind=kind, required=not typing, value=value, choices=choices,
        hint=T("form.going_on"), problem=T("problem.empty") if problem else None, found_by_typing=typing, at_most=200,
    )  # fmt: skip


VALUES: tuple[Value, ...] = (
    HOSTILE, 12, Decimal("200000.50"), date(2027, 6, 30), Code("party", "KE"), Amount(Decimal(200000), "USD"),
    Moment(datetime(2020, 9, 21, 22, 0, tzinfo=UTC), "Europe/Vienna", ends_day=True, assumed=True),
    Series((Code("party", "KE"), HOSTILE), "unit"),
)  # fmt: skip
FIELDS = tuple(Line(name=f"f{number}", label=T("form.role.party.label"), value=value) for number, value in enumerate(VALUES))
SHEETS = (
    sheet("text", HOSTILE), sheet("text", HOSTILE, problem=True), sheet("long_text", HOSTILE), sheet("number", "200000"),
    sheet("yes_no", True), sheet("choice", "KE", choices=FEW), sheet("choice", "KE", choices=PARTIES, typing=True),
    sheet("choices", ("AF",), choices=FEW), sheet("choices", ("AF", "KE"), choices=PARTIES, typing=True), sheet("date", "2027-06-30"),
    sheet("date", "soon", problem=True), sheet("moment", {"wall": "2027-06-30T12:00", "hour_stated": True}),
)  # fmt: skip
REPLIES: tuple[Reply, ...] = (
    Say(text=T("welcome", name=HOSTILE), actions=(CANCEL,)),
    ask("text"),
    ask("long_text"),
    ask("number"),
    ask("yes_no"),
    ask("choice", choices=FEW),
    ask("choice", choices=PARTIES, typing=True),
    ask("choice", choices=(Choice(value="x" * 300, label=HOSTILE),)),
    ask("choices", choices=FEW),
    ask("choices", choices=PARTIES, typing=True),
    ask("date"),
    ask("moment"),
    Review(text=T("form.role.review"), draft=DRAFT, fields=FIELDS, notes=(T("form.going_on"),), actions=(SAVE, CANCEL)),
    Receipt(text=T("role.asked"), ref="N-2026-0007", fields=FIELDS, actions=(CANCEL,)),
    Listing(
        text=T("help.intro"), ref="M-2026-0001", actions=(CANCEL,),
        items=(
            Item(text=T("welcome", name=HOSTILE), details=(T("form.going_on"),), ref="R-1", actions=(SKIP,)),
            Item(text=T("help.intro")),
        ),
    ),
    FormSheet(text=T("form.role.title"), form="role", draft=DRAFT, sheets=SHEETS, actions=(CANCEL,)),
    Refusal(code="unexpected", text=T("refused.unexpected", reference="ab12cd34"), actions=(CANCEL,)),
)  # fmt: skip
EVERY = [pytest.param(reply, id=f"{number}-{type(reply).__name__}") for number, reply in enumerate(REPLIES)]


@dataclass
class Node:
    name: str
    attributes: dict[str, str | None]
    children: list[Node | str] = field(default_factory=list)

    def text(self) -> str:
        return "".join(child if isinstance(child, str) else child.text() for child in self.children)

    def walk(self) -> Iterator[Node]:
        yield self
        for child in self.children:
            if isinstance(child, Node):
                yield from child.walk()


class Strict(HTMLParser):
    """A tree; anything left open, closed twice or unquoted fails."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open = [Node("root", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), attrs
        node = Node(tag, dict(attrs))
        self.open[-1].children.append(node)
        if tag not in VOID:
            self.open.append(node)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop().name == tag

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def tree(html: str) -> Node:
    parser = Strict()
    parser.feed(html)
    parser.close()
    [root] = parser.open
    return root


def view(language: str) -> View:
    return View(Reader(language, "Africa/Nairobi"), key="t-1")


def named(node: Node, labelled: set[str | None]) -> bool:
    """Whether a control has a name that a screen reader can say."""
    own = (node.attributes.get("aria-label") or "").strip() or node.text().strip()
    return bool(own) or node.attributes.get("id") in labelled or node.attributes.get("type") in ("checkbox", "radio")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reply", EVERY)
def test_every_reply_is_well_formed_and_every_control_has_a_name(reply: Reply, language: str) -> None:
    nodes = list(tree(rendered((reply,), view(language))).walk())
    ids = [node.attributes["id"] for node in nodes if "id" in node.attributes]
    assert len(ids) == len(set(ids))
    labelled = {node.attributes.get("for") for node in nodes if node.name == "label"}
    controls = [node for node in nodes if node.name in ("button", "input", "select", "textarea")]
    assert controls
    assert [node for node in controls if not named(node, labelled)] == []
    assert [node for node in nodes if node.name in SPEAKING and not node.text().strip()] == []
    pointing = [node.attributes.get(name) for node in nodes for name in ("aria-describedby", "aria-controls", "for")]
    assert {target for target in pointing if target} <= set(ids)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reply", EVERY)
def test_no_word_is_missing_and_no_key_or_brace_is_shown(reply: Reply, language: str) -> None:
    shown = tree(rendered((reply,), view(language))).text().replace(HOSTILE, "").replace(tame(HOSTILE), "")
    assert re.findall(r"\b[a-z_]+\.[a-z_]+\.?[a-z_]*\b|[{}]", shown) == []


@pytest.mark.parametrize("reply", EVERY)
def test_a_reply_shown_again_from_the_database_is_the_same(reply: Reply) -> None:
    assert rendered(decode(encode((reply,))), view("en")) == rendered((reply,), view("en"))


@pytest.mark.parametrize("reply", EVERY)
def test_a_question_that_is_over_can_no_longer_be_answered(reply: Reply) -> None:
    nodes = list(tree(rendered((reply,), replace(view("en"), closed=True))).walk())
    asks = [node for node in nodes if "data-question" in node.attributes]
    assert bool(asks) is isinstance(reply, Ask | Review | FormSheet)
    live = [node for ask in asks for node in ask.walk() if node.name in ("button", "fieldset") and "disabled" not in node.attributes]
    inside = [node for node in live if "field" not in (node.attributes.get("class") or "") and node.attributes.get("class") != "unchip"]
    assert inside == []


def test_a_button_that_was_used_says_so_in_words_and_its_neighbours_are_inert() -> None:
    given = Say(text=T("help.intro"), actions=(SKIP, CANCEL))
    buttons = [node for node in tree(rendered((given,), replace(view("en"), pressed=frozenset({SKIP.id})))).walk() if node.name == "button"]
    assert ["disabled" in button.attributes for button in buttons] == [True, True]
    assert ["(chosen)" in button.text() for button in buttons] == [True, False]


def test_what_a_person_typed_is_shown_as_typed_and_never_as_markup() -> None:
    html = spoken(T("welcome", name="<script>alert(1)</script> &lt;b&gt; {name}"), Reader("en", "UTC"))
    assert "<script" not in html
    assert "<script>alert(1)</script> &lt;b&gt; {name}" in tree(html).text()


@pytest.mark.parametrize("typed", ["\u202eevil", "\u2069\u202eevil", "a\u2067b", "x\ufdd1<b>y", "\u2066\u2069\u2069z"])
def test_typed_text_cannot_leave_the_isolation_it_is_shown_in(typed: str) -> None:
    html = spoken(T("welcome", name=typed), Reader("ar", "UTC"))
    [isolated] = re.findall(r"<bdi>(.*?)</bdi>", html)
    depth = 0
    for character in unescape(isolated):
        depth += (character in "\u2066\u2067\u2068") - (character == "\u2069")
        assert depth >= 0
    assert html.count("<bdi>") == html.count("</bdi>") == 1
    assert plain(typed, Reader("ar", "UTC")).startswith("\u2068")


def test_a_wrong_answer_stays_where_it_was_typed() -> None:
    wrong = FormSheet(text=T("form.role.title"), form="role", draft=DRAFT, sheets=(sheet("number", None, problem=True),))
    html = rendered((wrong,), replace(view("en"), typed={"number01": "about <50>"}))
    [box] = [node for node in tree(html).walk() if node.name == "input"]
    assert (box.attributes["value"], box.attributes["aria-invalid"]) == ("about <50>", "true")


def test_choices_up_to_seven_are_buttons_and_more_are_found_by_typing() -> None:
    few = tree(rendered((ask("choice", choices=PARTIES[:7]),), view("en")))
    many = tree(rendered((ask("choice", choices=PARTIES[:8]),), view("en")))
    picks = [node for node in few.walk() if (node.attributes.get("data-press") or "").startswith("form.pick")]
    assert len(picks) == 7
    assert [node.attributes["role"] for node in many.walk() if node.name == "input"] == ["combobox"]
