"""What the bot does in answer to a turn: a closed union of things every door can show in its own way."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from handlers.conversation.text import Code, Text, Value
from storage.reference import code_list

Style = Literal["primary", "danger", "plain"]
Kind = Literal["text", "long_text", "number", "yes_no", "choice", "choices", "date", "moment"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A button. `id` is a packed press (see `handlers.conversation.press`), at most 200 characters, and outlives releases."""

    id: str
    label: Text
    style: Style = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    value: str
    label: Value


@lru_cache(maxsize=64)
def code_choices(list_name: str, codes: tuple[str, ...] | None = None) -> tuple[Choice, ...]:
    """The codes of a reference list as choices: all of them, or the given ones. Made once, since some lists have hundreds."""
    return tuple(Choice(value=code, label=Code(list_name, code)) for code in (codes or code_list(list_name)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One answered field or fact: what it is called and what it says. `name` is the field's own name in its form."""

    name: str
    label: Text
    value: Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    text: Text
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One question of a form. `problem` is what was wrong with the last answer; `lead` what to say before the question.

    `found_by_typing` marks a list too long for buttons: the door offers a type-ahead over `choices`.
    """

    text: Text
    field: str
    kind: Kind
    draft: str
    lead: tuple[Text, ...] = ()
    problem: Text | None = None
    choices: tuple[Choice, ...] = ()
    found_by_typing: bool = False
    optional: bool = False
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """All answers before they are saved; exactly one action is `primary`, and it saves."""

    text: Text
    draft: str
    fields: tuple[Line, ...]
    notes: tuple[Text, ...] = ()
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    text: Text
    ref: str
    fields: tuple[Line, ...] = ()
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One entry of a list: a heading, facts under it, and what can be done with it."""

    text: Text
    details: tuple[Text, ...] = ()
    ref: str | None = None
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    text: Text
    items: tuple[Item, ...] = ()
    ref: str | None = None
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One field of a form shown whole: what `Ask` is to a conversation."""

    name: str
    label: Text
    kind: Kind
    required: bool
    value: object = None
    hint: Text | None = None
    problem: Text | None = None
    choices: tuple[Choice, ...] = ()
    found_by_typing: bool = False
    at_most: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FormSheet:
    """A whole form at once, for doors that can show one; the answers come back as `Answered(draft, answers)`."""

    text: Text
    form: str
    draft: str
    sheets: tuple[Sheet, ...]
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A refusal in words: `code` names the reason for programs, `text` says it and who may or what to do instead."""

    code: str
    text: Text
    actions: tuple[Action, ...] = ()


Reply = Say | Ask | Review | Receipt | Listing | FormSheet | Refusal
Replies = tuple[Reply, ...]

KIND_NAMES: dict[type, str] = {
    Say: "say", Ask: "ask", Review: "review", Receipt: "receipt", Listing: "list", FormSheet: "form", Refusal: "refused",
}  # fmt: skip
"""The kind of each reply as outsiders know it (DESIGN 8)."""
