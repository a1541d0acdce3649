"""The inputs of a card: a question's list, and every field of a form shown whole with its value and what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from bot.teams.cards import Element, button, execute, rows, title, weight, written
from bot.teams.marks import input_id, of_choice, of_input, of_sheet
from handlers.conversation.present import said_moment
from handlers.conversation.reply import Ask, Choice, FormSheet, Sheet
from handlers.conversation.text import T
from handlers.conversation.words import Reader, say

FEW = 6
"""Choices that are buttons; more are a list."""

_SUBMIT_BYTES = 800
"""What the button of a form weighs beside its data."""

YES_NO = (Choice(value="yes", label=T("word.yes")), Choice(value="no", label=T("word.no")))


def answers(ask: Ask, reader: Reader, *, room: int) -> list[Element]:
    """How a question can be answered without typing, in at most `room` bytes; nothing where typing is the way."""
    choices = YES_NO if ask.kind == "yes_no" else ask.choices
    if ask.kind == "date" and not choices:
        day: Element = {"type": "Input.Date", "id": input_id(ask.draft, ask.field), "label": say(T("door.card.date"), reader)}
        return [day, *_take(ask, reader, many=False)]
    if not choices:
        return []
    if ask.kind != "choices" and len(choices) <= FEW:
        return rows([_answer(ask, choice, reader) for choice in choices])
    listed = {"id": input_id(ask.draft, ask.field), "label": say(T("door.card.choose_from"), reader)}
    found = [
        _list(choices, reader, many=ask.kind == "choices", long=ask.found_by_typing) | listed,
        *_take(ask, reader, many=ask.kind == "choices"),
    ]
    return found if sum(map(weight, found)) <= room else written(say(T("door.card.type_name"), reader), "subtle")


def _answer(ask: Ask, choice: Choice, reader: Reader) -> Element:
    return execute(say(choice.label, reader), "form.pick", of_choice(ask.draft, ask.field, choice.value))


def _take(ask: Ask, reader: Reader, *, many: bool) -> list[Element]:
    data = of_input(ask.draft, ask.field, many=many)
    return rows([execute(say(T("door.card.choose"), reader), "form.pick", data, style="primary", with_inputs=True)])


def _list(choices: Sequence[Choice], reader: Reader, *, many: bool, long: bool = False) -> Element:
    found: Element = {
        "type": "Input.ChoiceSet",
        "choices": [{"title": title(say(choice.label, reader)), "value": choice.value} for choice in choices],
        "style": "filtered" if long or len(choices) > 2 * FEW else "compact",
        "placeholder": say(T("door.card.choose_from"), reader),
    }
    return found | {"isMultiSelect": True, "wrap": True} if many else found


def sheet(reply: FormSheet, reader: Reader, *, room: int) -> list[Element] | None:
    """All fields in at most `room` bytes: lists that would not fit are typed instead. None where even that is too much."""
    names = [one.name for one in reply.sheets]
    buttons = sum(weight(button(action, reader)) for action in reply.actions) + _SUBMIT_BYTES
    typed = _too_long(reply, reader, room=room - 2 * weight(of_sheet(reply.draft, names, names)) - buttons)
    many = [one.name for one in reply.sheets if one.kind == "choices" and one.name not in typed]
    data = of_sheet(reply.draft, names, many)
    submit = execute(say(T("door.card.go_on"), reader), "form.answer", data, style="primary", with_inputs=True)
    fields = [element for one in reply.sheets for element in _field(reply.draft, one, reader, typed=one.name in typed)]
    found = [*fields, *rows([submit, *(button(action, reader) for action in reply.actions)])]
    return found if sum(map(weight, found)) <= room else None


def _too_long(reply: FormSheet, reader: Reader, *, room: int) -> frozenset[str]:
    """The fields whose lists do not fit; short lists are given room first."""
    typed = set()
    spent = sum(weight(_field(reply.draft, one, reader, typed=True)) for one in reply.sheets)
    for one in sorted(reply.sheets, key=lambda one: len(one.choices)):
        extra = weight(_field(reply.draft, one, reader, typed=False)) - weight(_field(reply.draft, one, reader, typed=True))
        if extra > 0 and spent + extra > room:
            typed.add(one.name)
        else:
            spent += extra
    return frozenset(typed)


def _field(draft: str, one: Sheet, reader: Reader, *, typed: bool) -> list[Element]:
    """A field, and beneath it what is wrong, in words."""
    field: Element = {
        "id": input_id(draft, one.name),
        "label": say(one.label, reader),
        "isRequired": one.required,
        **({"errorMessage": say(T("door.card.required"), reader)} if one.required else {}),
        **(_typed(one, reader) if typed and one.choices else _widget(one, reader)),
    }
    hint = written(say(one.hint, reader), "subtle") if one.hint else []
    return [field, *hint, *(written(say(one.problem, reader), "wrong") if one.problem else [])]


def _widget(one: Sheet, reader: Reader) -> Element:
    match one.kind:
        case "text" | "long_text" | "number" | "moment":
            return _text(_shown(one, reader), most=one.at_most, many_lines=one.kind == "long_text")
        case "date":
            return {"type": "Input.Date", **({"value": str(one.value)} if one.value else {})}
        case "yes_no":
            value = {True: "yes", False: "no"}.get(one.value) if isinstance(one.value, bool) else None
            return _list(YES_NO, reader, many=False) | {"style": "expanded"} | ({"value": value} if value else {})
        case "choice" | "choices":
            found = _list(one.choices, reader, many=one.kind == "choices", long=one.found_by_typing)
            chosen = ",".join(_chosen(one))
            return found | {"value": chosen} if chosen else found
        case _:
            assert_never(one.kind)


def _typed(one: Sheet, reader: Reader) -> Element:
    """A list too long for the card: the names as typed, which is how they are read back."""
    chosen = _chosen(one)
    names = [say(choice.label, reader) for choice in one.choices if choice.value in chosen]
    return _text("; ".join(names)) | {"placeholder": say(T("door.card.type_name"), reader)}


def _text(value: str, *, most: int | None = None, many_lines: bool = False) -> Element:
    found: Element = {"type": "Input.Text", "isMultiline": many_lines}
    return found | ({"maxLength": most} if most else {}) | ({"value": value} if value else {})


def _chosen(one: Sheet) -> tuple[str, ...]:
    if isinstance(one.value, list | tuple):
        return tuple(map(str, one.value))
    return (str(one.value),) if one.value not in (None, "") else ()


def _shown(one: Sheet, reader: Reader) -> str:
    """What is known, as somebody could have typed it."""
    if one.value is None:
        return ""
    if isinstance(one.value, dict) and "wall" in one.value:
        return str(one.value["wall"]).replace("T", " ")
    return say(said_moment(one.value), reader) if isinstance(one.value, dict) else str(one.value)
