"""Slot filling as pure functions over a draft: what is asked next, and what an answer, a step back or a skip makes of it.

No storage, no clock, no door.  A draft is `{answers, trail}`; the next question is the first unanswered one, so restart, redeploy
and interruption are one call.  An answer under the name `~field` is not an answer but what the field was ambiguous between.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from handlers.conversation.forms import Answers, Checked, Form, Question
from storage.turns import DraftState


def unanswered(draft: DraftState, form: type[Form], checked: Checked) -> Question | None:
    """The question to ask now: the one being edited, else one whose answer is no longer right, else the first unanswered one."""
    if draft.editing:
        return form.question(draft.editing)
    for name in checked.problems:
        if name in draft.answers:
            return form.question(name)
    return checked.pending[0] if checked.pending else None


def answered(draft: DraftState, question: Question, values: Mapping[str, Any]) -> DraftState:
    """The draft with an answer in it. Other fields the same answer filled are kept unless the person answered them already.

    A partner of the question (`Ask.with_`: the currency of an amount) is always taken from the answer that names it.
    """
    others = {
        name: value for name, value in values.items() if name != question.name and (name == question.ask.with_ or name not in draft.trail)
    }
    answers = {name: value for name, value in draft.answers.items() if name != f"~{question.name}"}
    trail = (*(name for name in draft.trail if name != question.name), question.name)
    return replace(draft, answers=answers | others | {question.name: values[question.name]}, trail=trail, editing=None)


def back(draft: DraftState, *, unclear: str | None = None) -> DraftState:
    """To the question before: an edit is given up, else the last answer is taken back.

    Where the question at hand is which reading of an answer was meant (`unclear` is its field), back is to the question itself.
    """
    if f"~{unclear}" in draft.answers:
        return replace(draft, answers={k: v for k, v in draft.answers.items() if k != f"~{unclear}"})
    if draft.editing:
        return replace(draft, editing=None)
    if not draft.trail:
        return draft
    *trail, last = draft.trail
    return replace(draft, answers={k: v for k, v in draft.answers.items() if k != last}, trail=tuple(trail))


def skipped(draft: DraftState, question: Question) -> DraftState:
    """The draft with the question's default as its answer; the question must be optional."""
    return answered(draft, question, {question.name: plain_default(question)})


def rest_skipped(draft: DraftState, checked: Checked) -> DraftState:
    """The draft with the default for every optional question still open."""
    for question in checked.pending:
        if not question.required:
            draft = skipped(draft, question)
    return draft


def plain_default(question: Question) -> Any:
    """A field's default as the JSON value an answer would be."""
    default = question.default
    if isinstance(default, set | frozenset | tuple | list):
        return sorted(str(item) for item in default)
    return str(default) if default is not None and not isinstance(default, bool) else default


def known(form: type[Form], answers: Answers) -> Answers:
    """Only what the form has fields for, with nothing where nothing was said."""
    names = set(form.model_fields)
    return {k: v for k, v in answers.items() if k.removeprefix("~") in names and v is not None and v != [] and v != ""}
