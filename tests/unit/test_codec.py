"""What was committed can be shown again, by another process and in any language."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from handlers.conversation.codec import decode, encode
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
    Reply,
    Review,
    Say,
    Sheet,
    code_choices,
)  # fmt: skip
from handlers.conversation.text import Amount, Code, Moment, Names, Series, T

BUTTON = Action(id="form.save:a:1", label=T("action.change"), style="primary")
WHEN = Moment(datetime(2026, 1, 1, tzinfo=UTC), "Asia/Tokyo", ends_day=True, assumed=True)
REPLIES: tuple[Reply, ...] = (
    Say(text=T("word.yes", n=3, who="<b>{x}</b>", day=date(2027, 6, 30), at=datetime(2026, 1, 2, 3, 4, tzinfo=UTC)), actions=(BUTTON,)),
    Ask(text=T("a"), field="party", kind="choice", draft="d", choices=code_choices("place"), found_by_typing=True, problem=T("p")),
    Ask(text=T("a"), field="x", kind="choice", draft="d", choices=(code_choices("party", ("KE",))[0], Choice(value="2", label=T("b")))),
    Ask(text=T("a"), field="x", kind="choices", draft="d", choices=code_choices("article", ("UNCAC.1", "UNCAC.33"))),
    Review(text=T("a"), draft="d", fields=(Line(name="x", label=T("l"), value=Amount(Decimal("12.50"), "USD")),), notes=(T("n"),)),
    Receipt(text=T("a"), ref="N-2026-0001", fields=(Line(name="y", label=T("l"), value=Series((Code("party", "SN"), "plain"), "or")),)),
    Listing(text=T("a"), items=(Item(text=T("i"), details=(T("d", when=WHEN),)),)),
    FormSheet(
        text=T("a"), form="need", draft="d",
        sheets=(Sheet(name="s", label=T("l"), kind="choices", required=True, value=("a", "b"), choices=code_choices("party")),),
    ),
    Refusal(code="no_role", text=T("r", names=Names({"en": "x", "fr": "y"}), amount=Decimal("1.5"))),
)  # fmt: skip


@pytest.mark.parametrize("reply", REPLIES, ids=lambda reply: type(reply).__name__)
def test_a_reply_survives_being_stored(reply: Reply) -> None:
    assert decode(json.loads(json.dumps(encode((reply,))))) == (reply,)


def test_a_list_of_the_reference_data_is_stored_by_its_name() -> None:
    [stored] = encode((REPLIES[1],))
    assert len(json.dumps(stored)) < 400


def test_a_field_of_a_newer_release_is_passed_over() -> None:
    [stored] = encode((Say(text=T("a")),))
    assert decode([stored | {"colour": "blue"}]) == (Say(text=T("a")),)


def test_what_is_no_value_is_refused_when_it_is_stored() -> None:
    with pytest.raises(TypeError):
        encode((Say(text=T("a", x=object())),))  # type: ignore[arg-type]
