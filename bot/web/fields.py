"""Widgets: how a question, or one field of a form shown whole, is answered without typing; and how one answers by typing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from bot.web.html import Html, element, plain, spoken
from handlers.conversation import present
from handlers.conversation.press import press
from handlers.conversation.reply import Ask, Choice, Sheet
from handlers.conversation.text import T, Text, Value
from handlers.conversation.words import Reader

BUTTONS = 7
"""More choices than this are found by typing."""


@dataclass(frozen=True, slots=True)
class View:
    """How one turn is shown: to whom, under which key of the page, which buttons were used, whether its questions are over.

    `typed` is what was just handed in with a form, so that a wrong answer stays where it was typed.
    """

    reader: Reader
    key: str = "now"
    pressed: frozenset[str] = frozenset()
    closed: bool = False
    typed: Mapping[str, object] = field(default_factory=dict)

    def word(self, name: str) -> str:
        """One of the page's own words."""
        return self.say(T(f"door.page.{name}"))

    def say(self, value: Value) -> str:
        return plain(value, self.reader)


def problem_line(problem: Text | None, view: View, **attributes: str) -> Html | None:
    """What was wrong with an answer: a mark and words, so that nothing is said by colour alone."""
    if problem is None:
        return None
    mark = element("span", "!", class_="mark", aria_hidden="true")
    return element("p", mark, element("span", spoken(problem, view.reader)), class_="problem", **attributes)


def answering(ask: Ask, view: View) -> Html | None:
    """What answers a question besides typing into the message box."""
    match ask.kind:
        case "choice" if len(ask.choices) > BUTTONS and ask.field != "~change":
            return _pick(ask, view, finder(f"{view.key}-{ask.field}", ask.draft, ask.field, view, label=view.say(ask.text)), send="choose")
        case "choice":
            return _buttons(ask, view, ask.choices)
        case "yes_no":
            return _buttons(ask, view, (Choice(value="yes", label=T("word.yes")), Choice(value="no", label=T("word.no"))))
        case "choices" if ask.found_by_typing:
            found = finder(f"{view.key}-{ask.field}", ask.draft, ask.field, view, label=view.say(ask.text), chosen=())
            return _pick(ask, view, found, send="done")
        case "choices":
            return _pick(ask, view, _boxes(ask.field, ask.choices, frozenset(), view), send="done")
        case "date" | "moment":
            return _pick(ask, view, _when(ask, view), send="use_date")
        case "text" | "long_text" | "number":
            return None


def _buttons(ask: Ask, view: View, choices: Iterable[Choice]) -> Html:
    buttons = [_choice_button(ask, choice, view) for choice in choices]
    return element("div", *buttons, class_="actions choices", role="group", aria_label=view.say(ask.text))


def _choice_button(ask: Ask, choice: Choice, view: View) -> Html:
    """A value too long for a button's id is said instead."""
    try:
        given = {"data_press": press("form.pick", ask.draft, ask.field, choice.value)}
    except ValueError:
        given = {"data_say": choice.value}
    return element("button", spoken(choice.label, view.reader), type="button", class_="action", **given)


def _pick(ask: Ask, view: View, inside: Html, *, send: str) -> Html:
    """A small form of its own; the script packs what was chosen behind the prefix, as the button of a choice would be."""
    button = element("button", view.word(send), type="submit", class_="action")
    return element("form", inside, button, class_="pick", data_pick=f"{press('form.pick', ask.draft, ask.field)}:", novalidate=True)


def _when(ask: Ask, view: View) -> Html:
    day = element("input", type="date", name="day", aria_label=view.say(ask.text))
    if ask.kind == "date":
        return element("div", day, class_="when")
    return element("div", day, element("input", type="time", name="hour", aria_label=view.word("hour")), class_="when")


def _boxes(name: str, choices: Iterable[Choice], ticked: frozenset[str], view: View) -> Html:
    boxes = [
        element(
            "label", element("input", type="checkbox", name=name, value=choice.value, checked=choice.value in ticked),
            element("span", spoken(choice.label, view.reader)), class_="box",
        )
        for choice in choices
    ]  # fmt: skip
    return element("div", *boxes, class_="boxes")


def finder(
    key: str, draft: str, name: str, view: View, *, label: str | None = None, typed: str = "", value: str = "",
    chosen: tuple[Choice, ...] | None = None, described_by: str | None = None, invalid: bool = False,
) -> Html:  # fmt: skip
    """A combobox over the choices of a draft's field; with `chosen` (maybe empty) it gathers several."""
    many = chosen is not None
    box = element(
        "input", type="text", id=key, name=name, role="combobox", autocomplete="off", spellcheck="false", dir="auto", value=typed or None,
        aria_autocomplete="list", aria_expanded="false", aria_controls=f"{key}-list", aria_label=label, aria_describedby=described_by,
        aria_invalid="true" if invalid else None, placeholder=view.word("find"), data_value=value or None,
    )  # fmt: skip
    chips = element("ul", *(_chip(c, view) for c in chosen or ()), class_="chips", aria_label=view.word("chosen_so_far")) if many else None
    found = element("ul", id=f"{key}-list", role="listbox", aria_label=view.word("found"), class_="found", hidden=True)
    told = element("span", role="status", class_="unseen")
    return element(
        "div", chips, box, found, told, class_="finder", data_draft=draft, data_field=name, data_many=many,
        data_remove=view.word("remove"), data_none=view.word("found_none"),
    )  # fmt: skip


def _chip(choice: Choice, view: View) -> Html:
    remove = element("button", "×", type="button", class_="unchip", aria_label=f"{view.word('remove')} {view.say(choice.label)}")
    return element("li", element("span", spoken(choice.label, view.reader)), remove, data_value=choice.value)


def sheet_field(sheet: Sheet, draft: str, view: View) -> Html:
    """One field with its label, its hint, what is wrong with it beside it, and the answer as it was left."""
    key = f"{view.key}-{sheet.name}"
    hint = element("p", spoken(sheet.hint, view.reader), id=f"{key}-hint", class_="hint") if sheet.hint else None
    problem = problem_line(sheet.problem, view, id=f"{key}-problem")
    optional = None if sheet.required else element("span", f" {view.word('optional')}", class_="optional")
    wide = {"data_name": sheet.name, "data_kind": sheet.kind, "class_": "field wrong" if sheet.problem else "field"}
    described = f"{key}-problem" if problem else f"{key}-hint" if hint else None
    if sheet.kind in ("yes_no", "choices") and not sheet.found_by_typing:
        legend = element("legend", spoken(sheet.label, view.reader), optional)
        return element("fieldset", legend, hint, _group(sheet, key, view), problem, aria_describedby=described, **wide)
    label = element("label", spoken(sheet.label, view.reader), optional, for_=key)
    return element("div", label, hint, _single(sheet, draft, key, view, described), problem, **wide)


def _left(sheet: Sheet, view: View) -> object:
    """What the field holds: a wrong answer as it was typed, else what is known."""
    return view.typed[sheet.name] if sheet.problem and view.typed.get(sheet.name) is not None else sheet.value


def _group(sheet: Sheet, key: str, view: View) -> Html:
    left = _left(sheet, view)
    if sheet.kind == "choices":
        return _boxes(sheet.name, sheet.choices, frozenset(_several(left)), view)
    options = (("yes", True), ("no", False))
    radios = [
        element(
            "label", element("input", type="radio", name=key, value=word, checked=left is truth),
            element("span", view.say(T(f"word.{word}"))), class_="box",
        )
        for word, truth in options
    ]  # fmt: skip
    return element("div", *radios, class_="boxes")


def _single(sheet: Sheet, draft: str, key: str, view: View, described: str | None) -> Html:
    left = _left(sheet, view)
    wrong = sheet.problem is not None
    if sheet.found_by_typing:
        return _found(sheet, draft, key, view, described)
    if sheet.kind == "choice":
        return _select(sheet, key, str(left or ""), view, described)
    common: dict[str, str | bool | int | None] = {
        "id": key, "name": sheet.name, "aria_describedby": described, "aria_invalid": "true" if wrong else None,
        "aria_required": "true" if sheet.required else None, "maxlength": sheet.at_most,
    }  # fmt: skip
    if sheet.kind == "long_text":
        return element("textarea", "\n" + _as_typed(left, view) if left else "", rows=4, dir="auto", **common)
    kind = "date" if sheet.kind == "date" and _is_day(left) else "text"
    mode = "decimal" if sheet.kind == "number" else None
    return element("input", type=kind, value=_as_typed(left, view), dir="auto", inputmode=mode, **common)


def _select(sheet: Sheet, key: str, left: str, view: View, described: str | None) -> Html:
    options = [element("option", view.say(c.label), value=c.value, selected=c.value == left) for c in sheet.choices]
    first = element("option", view.word("none_chosen"), value="", selected=not left)
    required = "true" if sheet.required else None
    return element("select", first, *options, id=key, name=sheet.name, aria_describedby=described, aria_required=required)


def _found(sheet: Sheet, draft: str, key: str, view: View, described: str | None) -> Html:
    left = _left(sheet, view)
    wrong = sheet.problem is not None
    if sheet.kind == "choices":
        values = frozenset(_several(left))
        chosen = tuple(choice for choice in sheet.choices if choice.value in values)
        return finder(key, draft, sheet.name, view, chosen=chosen, described_by=described, invalid=wrong)
    known = next((choice for choice in sheet.choices if choice.value == left), None)
    typed = view.say(known.label) if known else str(left or "")
    return finder(key, draft, sheet.name, view, typed=typed, value=str(left or ""), described_by=described, invalid=wrong)


def _several(value: object) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, list | tuple | set | frozenset) else ()


def _as_typed(value: object, view: View) -> str:
    """An answer as the text that reads back to it, also an offset in the reader's words."""
    if isinstance(value, Mapping):
        wall = str(value.get("wall", ""))
        return wall.replace("T", " ") or view.say(present.said_moment(dict(value)))
    return "" if value is None or isinstance(value, bool) else str(Decimal(value) if isinstance(value, float) else value)


def _is_day(value: object) -> bool:
    text = str(value or "")
    return not text or (len(text) == 10 and text[4] == text[7] == "-" and text.replace("-", "").isdigit())
