"""A form shown whole, as a modal: its view, the answers it hands in, and the problems beside its fields.

A block's id is its field's name; the private metadata holds the draft's id and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.slack.blocks import LABEL, OPTIONS, TITLE, Block, context, cut, header, is_carried, option, plain, weight
from bot.slack.envelope import Body, Malformed, mapping_at, text_at, value_at
from handlers.conversation.present import said_moment
from handlers.conversation.reply import FormSheet, Replies, Review, Sheet
from handlers.conversation.text import T
from handlers.conversation.words import Reader, say

VALUE, YES_NO = "value", "yes_no"
INPUT = 3000
"""Characters a text input holds; a longer answer is left out of the modal rather than cut."""

_PLACEHOLDER = 150
_MOST_BLOCKS = 100
_ERROR = 300


def view(form: FormSheet, reader: Reader) -> Block:
    """The modal of a form, with what is known in its fields."""
    title = say(form.text, reader)
    shown = [block for sheet in form.sheets if not _too_long(sheet) for block in _field(sheet, reader)]
    blocks = [header(title), *shown] if weight(title) > TITLE else shown
    name = say(T(f"form.{form.form}.short"), reader) if weight(title) > TITLE else title
    return {
        "type": "modal",
        "callback_id": cut(f"form.{form.form}", 255),
        "private_metadata": form.draft,
        "title": plain(name, TITLE),
        "submit": plain(say(T("door.chat.submit"), reader), TITLE),
        "close": plain(say(T("door.chat.close"), reader), TITLE),
        "blocks": blocks[:_MOST_BLOCKS],
    }


def _too_long(sheet: Sheet) -> bool:
    return isinstance(sheet.value, str) and weight(sheet.value) > INPUT


def _field(sheet: Sheet, reader: Reader) -> Iterator[Block]:
    block: Block = {
        "type": "input",
        "block_id": sheet.name,
        "optional": not sheet.required,
        "label": plain(say(sheet.label, reader), LABEL),
        "element": _element(sheet, reader),
    }
    yield block | {"hint": plain(say(sheet.hint, reader), LABEL)} if sheet.hint else block
    if sheet.problem:
        yield from context((f"⚠ {say(sheet.problem, reader)}",))


def _element(sheet: Sheet, reader: Reader) -> Block:
    match sheet.kind:
        case "yes_no":
            return _yes_no(sheet, reader)
        case "choice" | "choices" if any(is_carried(choice.value) for choice in sheet.choices):
            return select(sheet, reader)
        case "date":
            element: Block = {"type": "datepicker", "action_id": VALUE}
            return element | {"initial_date": sheet.value} if _is_date(sheet.value) else element
        case _:
            return _text(sheet, reader)


def _text(sheet: Sheet, reader: Reader) -> Block:
    element: Block = {"type": "plain_text_input", "action_id": VALUE, "multiline": sheet.kind == "long_text"}
    most = min(sheet.at_most or INPUT, INPUT)
    shown = "" if sheet.value is None else say(said_moment(sheet.value), reader) if sheet.kind == "moment" else str(sheet.value)
    return element | {"max_length": most} | ({"initial_value": shown[:most]} if shown else {})


def _yes_no(sheet: Sheet, reader: Reader) -> Block:
    options = [option(say(T(f"word.{value}"), reader), value) for value in ("yes", "no")]
    element: Block = {"type": "radio_buttons", "action_id": YES_NO, "options": options}
    return element | {"initial_option": options[0 if sheet.value else 1]} if isinstance(sheet.value, bool) else element


def select(sheet: Sheet, reader: Reader) -> Block:
    """A menu of one or several choices; one that is looked up while typing where the list is long."""
    choices = [option(say(choice.label, reader), choice.value) for choice in sheet.choices if is_carried(choice.value)]
    many, by_typing = sheet.kind == "choices", sheet.found_by_typing or len(choices) > OPTIONS
    kind = f"{'multi_' if many else ''}{'external' if by_typing else 'static'}_select"
    element: Block = {"type": kind, "action_id": VALUE, "placeholder": placeholder(reader, by_typing=by_typing)}
    element |= {"min_query_length": 0} if by_typing else {"options": choices}
    return element | _initial(sheet, choices, many=many, by_typing=by_typing)


def placeholder(reader: Reader, *, by_typing: bool) -> Block:
    return plain(say(T("door.chat.search" if by_typing else "door.chat.choose"), reader), _PLACEHOLDER)


def _initial(sheet: Sheet, choices: list[Block], *, many: bool, by_typing: bool) -> Block:
    given = sheet.value if isinstance(sheet.value, list | tuple) else [sheet.value] if isinstance(sheet.value, str) else []
    known = {choice["value"]: choice for choice in choices}
    chosen = [known.get(value) or option(value, value) for value in given if value in known or (by_typing and is_carried(value))]
    if not chosen:
        return {}
    return {"initial_options": chosen} if many else {"initial_option": chosen[0]}


def _is_date(value: Any) -> bool:
    return isinstance(value, str) and len(value) == 10 and value[4] == value[7] == "-"


def draft_of(shown: Body) -> str:
    """The draft a modal belongs to."""
    return text_at(shown, "private_metadata")


def answers_of(shown: Body) -> dict[str, Any]:
    """What the fields of a modal hold, as `Answered` takes it; None for an empty one."""
    answers: dict[str, Any] = {}
    for name, elements in mapping_at(shown, "state", "values").items():
        if not isinstance(elements, Mapping) or len(elements) != 1:
            raise Malformed(f"state of {name}")
        [(action_id, element)] = elements.items()
        answers[name] = _held(action_id, element)
    return answers


def _held(action_id: str, element: Any) -> Any:
    if not isinstance(element, Mapping):
        raise Malformed("an input's state")
    if "selected_options" in element:
        return [text_at(chosen, "value") for chosen in element["selected_options"] or ()]
    if "selected_option" in element:
        value = value_at(element, "selected_option", "value")
        return value if action_id != YES_NO or value is None else value == "yes"
    if "selected_date" in element:
        return element["selected_date"]
    return element.get("value")


def outcome(replies: Replies, reader: Reader, *, shown: Body) -> Block:
    """What Slack is answered: problems beside their fields; a form that has changed, anew; else the modal closes."""
    form = next((reply for reply in replies if isinstance(reply, FormSheet)), None)
    if form is None or any(isinstance(reply, Review) for reply in replies):
        return {"response_action": "clear"}
    blocks = value_at(shown, "blocks")
    there = {value_at(block, "block_id") for block in blocks} if isinstance(blocks, list) else set()
    errors = {sheet.name: cut(say(sheet.problem, reader), _ERROR) for sheet in form.sheets if sheet.problem}
    if errors and errors.keys() <= there:
        return {"response_action": "errors", "errors": errors}
    return {"response_action": "update", "view": view(form, reader)}
