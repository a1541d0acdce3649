"""Forms: one pydantic model, from which every skin, every question and every validation message derives.

`Ask` adds only what a type cannot say.  A field that is a `StrEnum`, or a set of one, takes its labels from the vocabulary named
after the class (`Visibility` → words `visibility.<value>`); a field with `Ask(list=…)` takes them from the reference data.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, ClassVar, Union, get_args, get_origin

import annotated_types as at
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.fields import FieldInfo

from handlers.conversation.reply import Choice, Kind, code_choices
from handlers.conversation.text import Code, Text, Value
from storage.reference import code_list

Answers = Mapping[str, Any]
"""What is known so far, as plain JSON values by field name."""

Choices = tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Ask:
    """How a field is asked where its type does not say.

    `list`: a code list of the reference data.  `source`: choices that the capability computes for this person (open deadlines).
    `when`: whether the question applies at all, given the answers.  `narrow`: which codes of a long list are offered first.
    `with_`: another field that the same answer may fill (an amount and its currency).  `found`: never asked, only filled or edited.
    `needed`: cannot be skipped where it applies, though its type has a default for where it does not.
    """

    kind: Kind | None = None
    list: str | None = None
    source: str | None = None
    when: Callable[[Answers], bool] | None = None
    narrow: Callable[[Answers, str], bool] | None = None
    with_: str | None = None
    found: bool = False
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """One field as it is asked. `vocabulary` is an enum's name in the catalogues; `at_least`/`at_most` are lengths or bounds."""

    name: str
    kind: Kind
    required: bool
    ask: Ask
    vocabulary: str | None = None
    values: tuple[str, ...] = ()
    at_least: float | None = None
    at_most: float | None = None
    default: Any = None

    def applies(self, answers: Answers) -> bool:
        return self.ask.when is None or self.ask.when(answers)

    @property
    def found_by_typing(self) -> bool:
        """Whether the list is too long for buttons."""
        return self.ask.list in ("party", "article", "currency", "region", "place")

    def label_of(self, value: str) -> Value:
        """One value of a closed list as its reader knows it; a value of a computed list is labelled by `choices`."""
        if self.vocabulary:
            return Text(f"{self.vocabulary}.{value}")
        return Code(self.ask.list, value) if self.ask.list else value

    def choices(self, answers: Answers, sources: Mapping[str, Choices]) -> Choices:
        """What can be chosen now, in the order of the list."""
        if self.ask.source:
            return sources.get(self.ask.source, ())
        if self.ask.list:
            narrow = self.ask.narrow
            return code_choices(
                self.ask.list, tuple(code for code in code_list(self.ask.list) if narrow(answers, code)) if narrow else None
            )
        return tuple(Choice(value=value, label=self.label_of(value)) for value in self.values)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with an answer, as a code the catalogues translate (`problem.<code>`); never a sentence."""

    code: str
    params: Mapping[str, Value] = field(default_factory=dict)

    @property
    def text(self) -> Text:
        return Text(f"problem.{self.code}", self.params)


@dataclass(frozen=True, slots=True)
class Checked:
    """`value` once everything that applies is answered and right; else what is wrong, and what is still to be asked."""

    value: Form | None
    problems: Mapping[str, Problem]
    pending: tuple[Question, ...]


class Form(BaseModel):
    """Subclass it, name it, declare fields: nothing else is needed for a conversation, a modal, a card, a page and flags."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)
    form_name: ClassVar[str]
    questions: ClassVar[tuple[Question, ...]]

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        cls.questions = tuple(_question(name, info) for name, info in cls.model_fields.items())

    @classmethod
    def question(cls, name: str) -> Question:
        """KeyError for a field the form does not have."""
        for question in cls.questions:
            if question.name == name:
                return question
        raise KeyError(name)


def check(form: type[Form], answers: Answers, *, now: datetime, context: Mapping[str, Any] | None = None) -> Checked:
    """Validate what is known so far. Every surface calls this, and only this; `context` reaches the form's own validators."""
    asked = [q for q in form.questions if q.applies(answers)]
    pending = tuple(q for q in asked if q.name not in answers and not q.ask.found)
    live = {q.name: answers[q.name] for q in asked if q.name in answers}
    try:
        value = form.model_validate(live, context={"now": now, **(context or {})})
    except ValidationError as caught:
        return Checked(None, dict(_problems(caught, known=live)), pending)
    return Checked(value if not pending else None, {}, pending)


_SAID_ALIKE = {
    "string_too_short": "too_short", "string_too_long": "too_long", "too_short": "choose_some", "too_long": "choose_fewer",
    "greater_than": "too_small", "greater_than_equal": "too_small", "less_than_equal": "too_large", "less_than": "too_large",
    "enum": "not_a_choice", "literal_error": "not_a_choice", "string_type": "not_text", "frozen_set_type": "not_a_choice",
    "bool_parsing": "not_yes_or_no", "bool_type": "not_yes_or_no",
    "decimal_parsing": "not_a_number", "decimal_type": "not_a_number", "decimal_max_places": "not_a_number",
    "decimal_max_digits": "too_large", "decimal_whole_digits": "too_large", "finite_number": "not_a_number",
    "int_parsing": "not_a_number", "int_type": "not_a_number", "int_from_float": "not_a_number",
    "date_parsing": "not_a_date", "date_type": "not_a_date", "date_from_datetime_parsing": "not_a_date",
    "date_from_datetime_inexact": "not_a_date",
}  # fmt: skip
"""pydantic's error types under the codes of our catalogues: their own messages are English and never shown."""

_BOUNDS = {"min_length": "n", "max_length": "n", "ge": "n", "gt": "n", "le": "n", "lt": "n"}


def _problems(caught: ValidationError, *, known: Answers) -> Iterator[tuple[str, Problem]]:
    for error in caught.errors(include_url=False, include_input=False):
        given = error.get("ctx", {})
        name = str(error["loc"][0]) if error["loc"] else str(given.get("field", ""))
        if error["type"] == "missing" or (error["loc"] and name not in known):
            continue
        code = _SAID_ALIKE.get(error["type"], error["type"])
        params = {_BOUNDS.get(key, key): _plain(value) for key, value in given.items() if key not in ("field", "error", "expected")}
        yield name, Problem(code, params)


def _plain(value: Any) -> Value:
    if isinstance(value, float):
        return int(value) if value.is_integer() else Decimal(str(value))
    return value if isinstance(value, str | int | Decimal | date | Text | Code) else str(value)


_KINDS: tuple[tuple[type, Kind], ...] = (
    (bool, "yes_no"), (datetime, "moment"), (date, "date"), (int, "number"), (Decimal, "number"), (str, "text"), (BaseModel, "moment"),
)  # fmt: skip


def _question(name: str, info: FieldInfo) -> Question:
    ask = next((m for m in info.metadata if isinstance(m, Ask)), Ask())
    bare = _without_none(info.annotation)
    many = get_origin(bare) in (set, frozenset, list, tuple)
    item = get_args(bare)[0] if many else bare
    enum = item if isinstance(item, type) and issubclass(item, StrEnum) else None
    return Question(
        name=name,
        kind=ask.kind or ("choices" if many else "choice" if enum or ask.list or ask.source else _kind(item)),
        required=info.is_required() or ask.needed,
        ask=ask,
        vocabulary=_snake(enum.__name__) if enum else None,
        values=tuple(member.value for member in enum) if enum else (),
        at_least=_bound(info, "ge", "min_length"),
        at_most=_bound(info, "le", "max_length"),
        default=None if info.is_required() else info.get_default(call_default_factory=True),
    )


def _kind(bare: type) -> Kind:
    return next(kind for known, kind in _KINDS if issubclass(bare, known))


def _bound(info: FieldInfo, *names: str) -> float | None:
    found = [getattr(m, n) for m in info.metadata if isinstance(m, at.BaseMetadata) for n in names if hasattr(m, n)]
    return float(found[-1]) if found and isinstance(found[-1], int | float | Decimal) else None


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _without_none(annotation: Any) -> Any:
    if get_origin(annotation) in (Union, UnionType):
        [bare] = [a for a in get_args(annotation) if a is not NoneType]
        return bare
    return annotation
