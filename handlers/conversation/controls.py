"""Control words and the buttons under a question: back, skip, cancel, undo, change, save, resume."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache

from handlers.conversation import dialog, filling, present
from handlers.conversation.access import Refused
from handlers.conversation.capability import FormSpec
from handlers.conversation.changing import begins_with_order, field_and_value
from handlers.conversation.context import Context
from handlers.conversation.filling import Specs
from handlers.conversation.forms import Problem
from handlers.conversation.references import reference_in
from handlers.conversation.reply import Replies, Say
from handlers.conversation.text import T
from handlers.conversation.words import Reader, phrases, say
from storage import turns
from storage.reference import LANGUAGES
from storage.turns import DraftState

CONTROLS = ("back", "skip", "skip_rest", "cancel", "undo", "review", "save", "change", "resume", "sheet")


@lru_cache(maxsize=1)
def _spoken() -> Mapping[str, str]:
    return {phrase: control for control in CONTROLS for _, phrase in phrases(f"control.{control}")}


def control_word(text: str) -> str | None:
    """The control a whole message means, in any of the six languages: `назад` → `back`."""
    return _spoken().get(text.strip().strip(".!。！؟?？ ").casefold())


def heard(context: Context, specs: Specs, draft: DraftState | None, control: str) -> Replies | None:
    """What a control word does here; None where it means nothing, so that it is heard as free text."""
    if control == "undo" and draft is None:
        return _undo(context, specs)
    if control == "resume":
        return _latest(context, specs, ("parked", "open"))
    if draft is None:
        return None
    spec = specs[draft.form]
    asked = filling.asked_now(context, spec, draft)
    if control == "save" and asked is not None:  # "yes" is an answer until everything is answered
        return None
    return _ON_DRAFT[control](context, spec, draft)


def _undo(context: Context, specs: Specs) -> Replies:
    """Take back a cancelling, if that was the last thing done with a form; what was saved is withdrawn by its own button."""
    last = turns.latest_draft(context.connection, context.actor.id, ("open", "parked", "saved", "cancelled"))
    if last is None or last.state != "cancelled":
        return (Say(text=T("form.nothing_to_undo")),)
    return filling.resume(context, specs[last.form], last)


def _latest(context: Context, specs: Specs, states: tuple[str, ...]) -> Replies | None:
    draft = turns.latest_draft(context.connection, context.actor.id, states)
    return filling.resume(context, specs[draft.form], draft) if draft else None


def _back(context: Context, spec: FormSpec, draft: DraftState) -> Replies:
    asked = filling.asked_now(context, spec, draft)
    before = dialog.back(draft, unclear=asked.name if asked else None)
    return filling.show(context, spec, turns.keep_draft(context.connection, before, now=context.now))


def _skip(context: Context, spec: FormSpec, draft: DraftState) -> Replies:
    asked = filling.asked_now(context, spec, draft)
    if asked is None:
        return filling.show(context, spec, draft)
    if asked.required:
        return filling.show(context, spec, draft, problem=Problem("required"))
    return filling.show(context, spec, turns.keep_draft(context.connection, dialog.skipped(draft, asked), now=context.now))


def _skip_rest(context: Context, spec: FormSpec, draft: DraftState) -> Replies:
    skipped = dialog.rest_skipped(draft, filling.checked_now(context, spec, draft))
    return filling.show(context, spec, turns.keep_draft(context.connection, skipped, now=context.now))


def _cancel(context: Context, spec: FormSpec, draft: DraftState) -> Replies:
    return filling.cancel(context, draft)


def _review(context: Context, spec: FormSpec, draft: DraftState) -> Replies:
    return filling.show(context, spec, turns.keep_draft(context.connection, replace(draft, editing=None), now=context.now))


def _save(context: Context, spec: FormSpec, draft: DraftState) -> Replies:
    return filling.save(context, spec, draft)


def _change(context: Context, spec: FormSpec, draft: DraftState) -> Replies:
    return (present.which_field(spec.form, draft),)


def _sheet(context: Context, spec: FormSpec, draft: DraftState) -> Replies:
    checked = filling.checked_now(context, spec, draft)
    return (present.sheet(spec.form, draft, checked, spec.sources(context, draft.answers)),)


_ON_DRAFT: Mapping[str, Callable[[Context, FormSpec, DraftState], Replies]] = {
    "back": _back, "undo": _back, "skip": _skip, "skip_rest": _skip_rest, "cancel": _cancel, "review": _review, "save": _save,
    "change": _change, "sheet": _sheet,
}  # fmt: skip


def pressed(context: Context, specs: Specs, verb: str, args: tuple[str, ...]) -> Replies:
    """A `form.*` button. One that belongs to an older state of its form changes nothing and says where the form stands."""
    name = verb.removeprefix("form.")
    if not args:
        raise Refused("unknown_button")
    if name == "new":
        return filling.begin(context, specs[args[0]])
    if name == "resume":
        return filling.resume(context, *filling.mine(context, specs, args[0], states=("open", "parked", "cancelled")))
    spec, draft = filling.mine(context, specs, args[0])
    match name, args[1:]:
        case "skip", (field,):
            return _on_question(context, spec, draft, field, _skip)
        case "save", (version,) if version != str(draft.version):
            return filling.show(context, spec, draft, lead=(T("form.changed_since"),))
        case "edit", (field,):
            return _edit(context, spec, draft, field)
        case "pick", ("~change", field):
            return _edit(context, spec, draft, field)
        case "pick", (field, value):
            return _on_question(context, spec, draft, field, lambda c, s, d: _pick(c, s, d, value))
    if name not in _ON_DRAFT:
        raise Refused("unknown_button")
    return _ON_DRAFT[name](context, spec, draft)


def _on_question(
    context: Context, spec: FormSpec, draft: DraftState, field: str, act: Callable[[Context, FormSpec, DraftState], Replies]
) -> Replies:
    asked = filling.asked_now(context, spec, draft)
    if asked is None or asked.name != field:
        return filling.show(context, spec, draft, lead=(T("form.answered_already"),))
    return act(context, spec, draft)


def _pick(context: Context, spec: FormSpec, draft: DraftState, value: str) -> Replies:
    asked = filling.asked_now(context, spec, draft)
    assert asked is not None
    outcome = filling.try_answer(context, spec, draft, asked, value)
    return filling.show(context, spec, draft, problem=outcome) if isinstance(outcome, Problem) else outcome


def at_review(context: Context, spec: FormSpec, draft: DraftState, text: str) -> Replies:
    """What a message means when everything is answered: the name of an answer opens it, all else waits for saving."""
    named = _field_named(spec, draft, text) or field_and_value(spec.form, text, language=context.actor.language, at_its_start=True)
    return set_answer(context, spec, draft, *named) if named else filling.show(context, spec, draft, lead=(T("form.not_saved_yet"),))


def corrected(context: Context, spec: FormSpec, draft: DraftState, text: str) -> Replies | None:
    """`change the amount to 250000` in the middle of a form: the answer is changed, and the question asked again; None for all else."""
    if reference_in(text) or not begins_with_order(text):
        return None
    named = field_and_value(spec.form, text, language=context.actor.language, at_its_start=True)
    return set_answer(context, spec, draft, *named) if named else None


def set_answer(context: Context, spec: FormSpec, draft: DraftState, field: str, value: str) -> Replies:
    """Change one answer as it was said; without a value, or with one that cannot be read, the question is asked."""
    question = spec.form.question(field)
    if not question.applies(draft.answers):
        return filling.show(context, spec, draft)
    editing = turns.keep_draft(context.connection, replace(draft, editing=field), now=context.now)
    if not value:
        return filling.show(context, spec, editing)
    outcome = filling.try_answer(context, spec, editing, question, value)
    return filling.show(context, spec, editing, problem=outcome) if isinstance(outcome, Problem) else outcome


def _field_named(spec: FormSpec, draft: DraftState, text: str) -> tuple[str, str] | None:
    """The field a whole message names, with no value, by its own name or its label in any of the six languages."""
    said = text.strip().casefold()
    for question in spec.form.questions:
        labels = (say(present.label(spec.form, question), Reader(language, "UTC")) for language in LANGUAGES)
        if question.applies(draft.answers) and said in (question.name, *(label.casefold() for label in labels)):
            return question.name, ""
    return None


def _edit(context: Context, spec: FormSpec, draft: DraftState, field: str) -> Replies:
    if field not in spec.form.model_fields:
        raise Refused("unknown_button")
    return filling.show(context, spec, turns.keep_draft(context.connection, replace(draft, editing=field), now=context.now))
