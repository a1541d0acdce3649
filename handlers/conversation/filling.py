"""Filling a form in a conversation: drafts kept between turns, and the buttons under every question."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from handlers.conversation import dialog, edits, present
from handlers.conversation.access import Refused
from handlers.conversation.answers import Asking, Given, NotRead, Unsure, read
from handlers.conversation.capability import FormSpec
from handlers.conversation.context import Context
from handlers.conversation.forms import Checked, Problem, Question, check
from handlers.conversation.hearing import Understood
from handlers.conversation.press import press
from handlers.conversation.reply import Action, Replies, Say
from handlers.conversation.text import T, Text
from storage import turns
from storage.attachments import belong
from storage.turns import DraftState

Specs = Mapping[str, FormSpec]


def begin(
    context: Context, spec: FormSpec, heard: Understood | None = None, *, about: str | None = None, answers: Mapping[str, Any] | None = None
) -> Replies:
    """Open a form with what is known; a form already open in this place is parked, never lost."""
    start = dialog.known(spec.form, {**spec.begin(context, heard), **(answers or {})})
    standing = _park(context)
    draft = DraftState(
        id=_new_id(context, spec), person_id=context.actor.id, place=context.place, form=spec.name,
        answers=_right(context, spec, start), about=about,
    )  # fmt: skip
    draft = turns.keep_draft(context.connection, draft, now=context.now)
    lead = present.understood(spec.form, draft, spec.sources(context, draft.answers)) if heard or about else ()
    parked = (T("form.parked", form=T(f"form.{standing.form}.title")),) if standing else ()
    return show(context, spec, draft, lead=(*parked, *lead))


def begin_change(context: Context, spec: FormSpec, record: edits.Record) -> DraftState:
    """A form with what a record says, to change it; a form already open in this place is parked."""
    _park(context)
    draft = DraftState(
        id=_new_id(context, spec), person_id=context.actor.id, place=context.place, form=spec.name,
        answers=_right(context, spec, record.answers), about=record.about,
    )  # fmt: skip
    return turns.keep_draft(context.connection, draft, now=context.now)


def _park(context: Context) -> DraftState | None:
    standing = turns.open_draft(context.connection, context.actor.id, context.place)
    if standing:
        turns.keep_draft(context.connection, replace(standing, state="parked"), now=context.now)
    return standing


def _new_id(context: Context, spec: FormSpec) -> str:
    return hashlib.sha256(f"{context.turn.door}:{context.turn.event}:{spec.name}".encode()).hexdigest()[:12]


def _right(context: Context, spec: FormSpec, answers: Mapping[str, Any]) -> Mapping[str, Any]:
    """What was understood, less what the form would refuse: it is then asked."""
    wrong = check(spec.form, answers, now=context.now, context=context.notes).problems
    return {name: value for name, value in answers.items() if name not in wrong}


def checked_now(context: Context, spec: FormSpec, draft: DraftState) -> Checked:
    return check(spec.form, draft.answers, now=context.now, context=context.notes)


def show(context: Context, spec: FormSpec, draft: DraftState, *, problem: Problem | None = None, lead: tuple[Text, ...] = ()) -> Replies:
    """What to say now: the next question, or the review. Also the re-prompt after an interruption or a restart."""
    checked = checked_now(context, spec, draft)
    sources = spec.sources(context, draft.answers)
    asked = dialog.unanswered(draft, spec.form, checked)
    if asked is None:
        return (present.review(spec.form, draft, sources, notes=_notes(context, spec, draft), lead=lead, ref=edits.record_of(draft)),)
    return (present.question(spec.form, draft, asked, sources, problem=problem or _standing_problem(draft, checked, asked), lead=lead),)


def _notes(context: Context, spec: FormSpec, draft: DraftState) -> tuple[Text, ...]:
    """What to know before saving; of a change, what it changes."""
    record = _changing(context, spec, draft)
    if record is None:
        return spec.notes(context, draft.answers)
    return edits.changed(spec.form, record.answers, draft.answers, spec.sources(context, draft.answers)) or (T("change.nothing_yet"),)


def _changing(context: Context, spec: FormSpec, draft: DraftState) -> edits.Record | None:
    """The record a draft changes, as it stands now; Refused where it may not be changed any more."""
    ref = edits.record_of(draft)
    return spec.kept.change(context, ref) if ref and spec.kept else None


def _standing_problem(draft: DraftState, checked: Checked, asked: Question) -> Problem | None:
    """What is wrong with an answer that was given; a question not yet asked has nothing wrong with it."""
    return checked.problems.get(asked.name) if asked.name in draft.answers else None


def asked_now(context: Context, spec: FormSpec, draft: DraftState) -> Question | None:
    return dialog.unanswered(draft, spec.form, checked_now(context, spec, draft))


def try_answer(context: Context, spec: FormSpec, draft: DraftState, asked: Question, raw: Any) -> Replies | Problem:
    """Take an answer to the open question: what to say next, or what was wrong with it."""
    match read(raw, asking(context, spec, draft, asked)):
        case NotRead(problem):
            return problem
        case Unsure(values):
            unclear = dict(draft.answers) | {f"~{asked.name}": list(values)}
            return show(context, spec, _keep(context, replace(draft, answers=unclear)))
        case Given(values):
            return accept(context, spec, draft, asked, values)


def asking(context: Context, spec: FormSpec, draft: DraftState, asked: Question) -> Asking:
    sources = spec.sources(context, draft.answers)
    choices = asked.choices(draft.answers, sources)
    return Asking(asked, draft.answers, choices, context.hearing, context.reader, context.today, sources)


def accept(context: Context, spec: FormSpec, draft: DraftState, asked: Question, values: Mapping[str, Any]) -> Replies | Problem:
    tried = dialog.answered(draft, asked, values)
    problem = check(spec.form, tried.answers, now=context.now, context=context.notes).problems.get(asked.name)
    return problem if problem else show(context, spec, _keep(context, tried))


def answer_all(context: Context, spec: FormSpec, draft: DraftState, given: Mapping[str, Any]) -> Replies:
    """Several answers at once, from a modal, a card or a page: all kept that are right; the rest shown beside their fields.

    A single answer of a longer form is the answer to one question: the conversation goes on with the next.
    """
    if len(given) == 1 and sum(q.applies(draft.answers) for q in spec.form.questions) > 1:
        return _answer_one(context, spec, draft, *next(iter(given.items())))
    problems: dict[str, Problem] = {}
    for question in spec.form.questions:
        if question.name not in given or not question.applies(draft.answers):
            continue
        raw = given[question.name]
        if raw in (None, "", []) and not question.required:
            draft = dialog.skipped(draft, question)
            continue
        outcome = read(raw, asking(context, spec, draft, question))
        match outcome:
            case Given(values):
                draft = dialog.answered(draft, question, values)
            case Unsure(values):
                draft = replace(draft, answers=dict(draft.answers) | {f"~{question.name}": list(values)})
                problems[question.name] = Problem("several_meanings")
            case NotRead(problem):
                problems[question.name] = problem
    return _after_sheet(context, spec, draft, problems)


def _answer_one(context: Context, spec: FormSpec, draft: DraftState, name: str, raw: Any) -> Replies:
    if name not in spec.form.model_fields:
        raise Refused("unknown_button")
    question = spec.form.question(name)
    if raw in (None, "", []) and not question.required:
        return show(context, spec, _keep(context, dialog.skipped(draft, question)))
    outcome = try_answer(context, spec, draft, question, raw)
    return show(context, spec, draft, problem=outcome) if isinstance(outcome, Problem) else outcome


def _after_sheet(context: Context, spec: FormSpec, draft: DraftState, problems: Mapping[str, Problem]) -> Replies:
    checked = checked_now(context, spec, draft)
    wrong = {**checked.problems, **problems}
    wrong |= {q.name: Problem("empty") for q in checked.pending if q.required and q.name not in wrong}
    kept = {name: value for name, value in draft.answers.items() if name not in wrong or name.startswith("~")}
    draft = _keep(context, replace(draft, answers=kept, editing=None, trail=tuple(n for n in draft.trail if n in kept)))
    if not wrong:
        return show(context, spec, draft)
    return (present.sheet(spec.form, draft, Checked(None, wrong, ()), spec.sources(context, draft.answers)),)


def _keep(context: Context, draft: DraftState) -> DraftState:
    return turns.keep_draft(context.connection, draft, now=context.now)


def mine(context: Context, specs: Specs, draft_id: str, *, states: tuple[str, ...] = ("open",)) -> tuple[FormSpec, DraftState]:
    """A draft named by a button, if it is this person's and still of use; Refused otherwise, in words."""
    draft = turns.draft(context.connection, draft_id)
    if draft is None or draft.person_id != context.actor.id:
        raise Refused("not_your_form")
    if draft.state == "saved":
        raise Refused("form_saved", ref=draft.result or "")
    if draft.state not in states:
        raise Refused("form_closed", *_ways_back(draft))
    return specs[draft.form], draft


def moved_on(context: Context, draft_id: str) -> Refused:
    """What to say of a form that was changed elsewhere while this turn was at it."""
    draft = turns.draft(context.connection, draft_id)
    if draft and draft.state == "saved":
        return Refused("form_saved", ref=draft.result or "")
    return Refused("form_moved_on", *(_ways_back(draft) if draft else ()))


def _ways_back(draft: DraftState) -> tuple[Action, ...]:
    return (Action(id=press("form.resume", draft.id), label=T("action.resume")),)


def save(context: Context, spec: FormSpec, draft: DraftState) -> Replies:
    """Save what was reviewed; what is no longer right (a date that passed overnight) is asked again instead."""
    checked = checked_now(context, spec, draft)
    if checked.value is None:
        return show(context, spec, draft)
    record = _changing(context, spec, draft)
    if record is not None and not edits.is_current(draft, record):
        return show(context, spec, _keep(context, edits.rebased(draft, record, spec.form)), lead=(T("change.meanwhile", ref=record.ref),))
    replies = spec.save(context, checked.value, draft)
    ref = next((r.ref for r in replies if hasattr(r, "ref") and r.ref), None)
    if ref:
        belong(context.connection, draft.id, ref)
    _keep(context, replace(draft, state="saved", result=ref, editing=None))
    return replies


def cancel(context: Context, draft: DraftState) -> Replies:
    _keep(context, replace(draft, state="cancelled", editing=None))
    return (Say(text=T("form.cancelled"), actions=(Action(id=press("form.resume", draft.id), label=T("action.undo")),)),)


def resume(context: Context, spec: FormSpec, draft: DraftState) -> Replies:
    """Take up a parked or cancelled form where it was, here."""
    standing = turns.open_draft(context.connection, context.actor.id, context.place)
    if standing and standing.id != draft.id:
        turns.keep_draft(context.connection, replace(standing, state="parked"), now=context.now)
    if standing is None or standing.id != draft.id:
        draft = _keep(context, replace(draft, state="open", place=context.place))
    return show(context, spec, draft, lead=(T("form.resumed", form=T(f"form.{spec.name}.title")),))
