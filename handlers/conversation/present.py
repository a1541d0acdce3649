"""A draft as replies: the question at hand, the review, the whole form; and an answer as its reader sees it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from handlers.conversation import reply
from handlers.conversation.forms import Checked, Choices, Form, Problem, Question
from handlers.conversation.press import press
from handlers.conversation.reply import Action, Choice, FormSheet, Line, Review, Sheet
from handlers.conversation.text import Amount, Series, T, Text, Value
from storage.turns import DraftState

Sources = Mapping[str, Choices]


def question(
    form: type[Form], draft: DraftState, asked: Question, sources: Sources, *, problem: Problem | None = None, lead: tuple[Text, ...] = ()
) -> reply.Ask:
    """One question; where what was said could mean several things, these are its choices."""
    unclear = () if problem else tuple(draft.answers.get(f"~{asked.name}", ()))  # a guess that was not taken gives way to the list
    offered = asked.choices(draft.answers, sources)
    choices = between(asked, unclear, offered) if unclear else offered
    return reply.Ask(
        text=T(f"form.{form.form_name}.{asked.name}.ask"),
        field=asked.name,
        kind="choice" if unclear else asked.kind,
        draft=draft.id,
        lead=(*lead, T("form.which_one" if len(unclear) > 1 else "form.is_it_this")) if unclear else lead,
        problem=problem.text if problem else None,
        choices=choices,
        found_by_typing=asked.found_by_typing and not unclear,
        optional=not asked.required,
        actions=_asking_actions(draft, asked),
    )


def between(asked: Question, values: tuple[Any, ...], offered: Choices = ()) -> Choices:
    """The readings of an unclear answer as choices, called as they are among those `offered`."""
    return tuple(Choice(value=said_as(value), label=shown(asked, value, offered)) for value in values)


def said_as(value: Any) -> str:
    """A plain answer as the text that reads back to it."""
    if isinstance(value, list | tuple):
        return "; ".join(map(str, value))
    if isinstance(value, dict):
        offset = value.get("offset")
        return f"{offset['count']} {offset['unit']} before the {offset['anchor']}" if offset else str(value.get("wall", ""))
    return str(value)


def _asking_actions(draft: DraftState, asked: Question) -> tuple[Action, ...]:
    actions = []
    if not asked.required:
        actions.append(Action(id=press("form.skip", draft.id, asked.name), label=T("action.skip")))
        actions.append(Action(id=press("form.skip_rest", draft.id), label=T("action.skip_rest")))
    if draft.trail or draft.editing or f"~{asked.name}" in draft.answers:
        actions.append(Action(id=press("form.back", draft.id), label=T("action.back")))
    actions.append(Action(id=press("form.sheet", draft.id), label=T("action.whole_form")))
    actions.append(Action(id=press("form.cancel", draft.id), label=T("action.cancel"), style="danger"))
    return tuple(actions)


def review(
    form: type[Form],
    draft: DraftState,
    sources: Sources,
    *,
    notes: tuple[Text, ...] = (),
    lead: tuple[Text, ...] = (),
    ref: str | None = None,
) -> Review:
    """Every answer, and the one primary action that saves them; `ref` is the record they change, if any."""
    save = T("change.save") if ref else T(f"form.{form.form_name}.save")
    return Review(
        text=T("change.review", ref=ref) if ref else T(f"form.{form.form_name}.review"),
        draft=draft.id,
        fields=lines(form, draft, sources),
        notes=(*lead, *notes),
        actions=(
            Action(id=press("form.save", draft.id, draft.version), label=save, style="primary"),
            Action(id=press("form.change", draft.id), label=T("action.change")),
            Action(id=press("form.cancel", draft.id), label=T("action.cancel"), style="danger"),
        ),
    )


def which_field(form: type[Form], draft: DraftState) -> reply.Ask:
    """Which answer to change."""
    fields = tuple(Choice(value=q.name, label=label(form, q)) for q in form.questions if q.applies(draft.answers))
    actions = (Action(id=press("form.review", draft.id), label=T("action.back")),)
    return reply.Ask(text=T("form.change_which"), field="~change", kind="choice", draft=draft.id, choices=fields, actions=actions)


def sheet(form: type[Form], draft: DraftState, checked: Checked, sources: Sources) -> FormSheet:
    """The whole form at once, with what is known and what is wrong in place."""
    asked = (q for q in form.questions if q.applies(draft.answers))
    return FormSheet(
        text=T(f"form.{form.form_name}.title"),
        form=form.form_name,
        draft=draft.id,
        sheets=tuple(_sheet(form, draft, q, checked.problems.get(q.name), sources) for q in asked),
        actions=(Action(id=press("form.cancel", draft.id), label=T("action.cancel"), style="danger"),),
    )


def _sheet(form: type[Form], draft: DraftState, asked: Question, problem: Problem | None, sources: Sources) -> Sheet:
    return Sheet(
        name=asked.name,
        label=label(form, asked),
        kind=asked.kind,
        required=asked.required,
        value=draft.answers.get(asked.name, None if asked.required else _default(asked)),
        problem=problem.text if problem else None,
        choices=asked.choices(draft.answers, sources),
        found_by_typing=asked.found_by_typing,
        at_most=int(asked.at_most) if asked.at_most and asked.kind in ("text", "long_text") else None,
    )


def _default(asked: Question) -> Any:
    return asked.default if isinstance(asked.default, str | bool) else None


def label(form: type[Form], asked: Question) -> Text:
    return T(f"form.{form.form_name}.{asked.name}.label")


def lines(form: type[Form], draft: DraftState, sources: Sources, *, only: tuple[str, ...] | None = None) -> tuple[Line, ...]:
    """The answered fields in the form's order, each as its reader sees it."""
    asked = [q for q in form.questions if q.name in draft.answers and q.applies(draft.answers) and (only is None or q.name in only)]
    joined = {q.ask.with_ for q in asked if q.ask.with_ and draft.answers[q.name]}
    return tuple(_line(form, draft, q, sources) for q in asked if q.name not in joined)


def _line(form: type[Form], draft: DraftState, asked: Question, sources: Sources) -> Line:
    """One answer; an amount with its currency in it."""
    value, partner = draft.answers[asked.name], asked.ask.with_
    if partner and value:
        money = Amount(Decimal(str(value)), draft.answers.get(partner))
        return Line(name=asked.name, label=label(form, asked), value=money)
    choices = asked.choices(draft.answers, sources) if asked.ask.source else ()
    return Line(name=asked.name, label=label(form, asked), value=shown(asked, value, choices))


def understood(form: type[Form], draft: DraftState, sources: Sources) -> tuple[Text, ...]:
    """What the bot took from free text, in one line, so that it can be mended."""
    found = lines(form, draft, sources, only=tuple(q.name for q in form.questions if not q.ask.found))
    if not found:
        return ()
    return (T("form.understood", fields=Series(tuple(T("form.field", label=f.label, value=f.value) for f in found), "unit")),)


def shown(asked: Question, value: Any, choices: Choices) -> Value:
    """One answer as a value its reader's language decides on."""
    if value is None or value == "" or value == []:
        return T("word.none")
    match asked.kind:
        case "choices":
            return Series(tuple(_labelled(asked, str(item), choices) for item in value))
        case "choice":
            return _labelled(asked, str(value), choices)
        case "date":
            return _as_date(str(value))
        case "number":
            return _as_number(str(value))
        case "yes_no":
            return T("word.yes" if value is True else "word.no")
        case "moment":
            return said_moment(value)
        case "text" | "long_text":
            return str(value)


def _labelled(asked: Question, value: str, choices: Choices) -> Value:
    return next((choice.label for choice in choices if choice.value == value), None) or asked.label_of(value)


def _as_date(value: str) -> Value:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return value


def _as_number(value: str) -> Value:
    try:
        return Decimal(value)
    except InvalidOperation:
        return value


def said_moment(value: Any) -> Value:
    """What was said of a moment, not yet an instant: a day, a day and hour, or an offset."""
    if not isinstance(value, dict):
        return str(value)
    if offset := value.get("offset"):
        return T(f"offset.{offset['unit']}.{offset['anchor']}", n=int(offset["count"]))
    wall = str(value.get("wall", ""))
    day = _as_date(wall[:10])
    return T("moment.wall", day=day, hour=wall[11:16]) if len(wall) > 10 else day
