"""Handing in at a deadline: one form, a receipt with reference, instant and place in order; and withdrawing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, ClassVar, NoReturn

from pydantic import Field

from handlers.conference import drafting, reminders
from handlers.conference.delegation import delegation
from handlers.conference.receipts import on_withdraw, receipt, submissions_of, withdraw
from handlers.conference.standing import (
    DeadlineKind,
    asked_of_parties,
    closes_shown,
    contact_of,
    named,
    opens_shown,
    session_named,
    standing,
)
from handlers.conversation import filling
from handlers.conversation.access import Actor, Refused, may
from handlers.conversation.capability import Capability, FormSpec, IntentHandler, Offer
from handlers.conversation.context import Context
from handlers.conversation.forms import Answers, Ask, Choices, Form
from handlers.conversation.hearing import Understood
from handlers.conversation.press import press
from handlers.conversation.reply import Action, Choice, Replies
from handlers.conversation.reply import Ask as AskReply
from handlers.conversation.text import T, Text
from storage import turns
from storage.conference import ConferenceSession, Deadline, Submission
from storage.records import next_number, next_reference
from storage.turns import DraftState


class SubmissionForm(Form):
    """What a party hands in: at which deadline, under what title, and a text if there is one to give here."""

    form_name: ClassVar[str] = "submission"
    deadline: Annotated[str, Ask(source="open_deadlines")]
    title: Annotated[str, Field(min_length=3, max_length=200)]
    note: Annotated[str | None, Ask(kind="long_text"), Field(max_length=4000)] = None


_PREFIX = {
    DeadlineKind.SPEAKERS_LIST: "SP", DeadlineKind.HIGH_LEVEL_SPEAKERS: "SP",
    DeadlineKind.CREDENTIALS: "C", DeadlineKind.CREDENTIALS_PROVISIONAL: "C",
}  # fmt: skip
"""Reference numbers by what is handed in (DOMAIN); all else is `S`."""


def _begin(context: Context, understood: Understood | None) -> Answers:
    _open_now(context)
    return {}


def _open_now(context: Context) -> list[Deadline]:
    """The deadlines at which this person's party can hand in now; Refused where there is none."""
    conference, _ = delegation(context)
    found = [d for d in asked_of_parties(context.session, conference) if standing(d, context.now) == "open"]
    if not found:
        raise Refused("nothing_open", Action(id=press("deadline.list"), label=T("deadline.see_all")), session=session_named(conference))
    return found


def _sources(context: Context, answers: Answers) -> Mapping[str, Choices]:
    """The deadlines that are open now, and the one chosen before, whatever became of it."""
    conference, _ = delegation(context)
    chosen = str(answers.get("deadline", ""))
    offered = [d for d in asked_of_parties(context.session, conference) if standing(d, context.now) == "open" or str(d.id) == chosen]
    return {"open_deadlines": tuple(Choice(value=str(d.id), label=named(d)) for d in offered)}


def _notes(context: Context, answers: Answers) -> tuple[Text, ...]:
    """What to know before handing in: until when, and what was handed in before."""
    deadline = context.session.get(Deadline, int(answers["deadline"])) if str(answers.get("deadline", "")).isdecimal() else None
    if deadline is None:
        return ()
    conference, party = delegation(context)
    before = submissions_of(context.session, deadline, party)
    key = "submission.replaces" if deadline.expectation == "expected" else "submission.besides"
    notes = (T(key, ref=before[-1].ref),) if before else ()
    return (T("submission.closes", closes=closes_shown(deadline, conference.zone)), *notes)


def _save(context: Context, form: SubmissionForm, draft: DraftState) -> Replies:
    conference, party = delegation(context)
    deadline = _open_deadline(context, conference, form.deadline)
    submission = Submission(
        ref=next_reference(context.session, _PREFIX.get(DeadlineKind(deadline.kind), "S"), context.now),
        deadline_id=deadline.id or 0, party=party, person_id=context.actor.id, title=form.title, text=form.note,
        language=context.actor.language, received_at=context.now,
        place_in_order=next_number(context.session, f"order:{deadline.id}", 0),
    )  # fmt: skip
    context.session.add(submission)
    context.session.flush()
    reminders.drop(context.session, deadline, party, context.now)
    after = {"deadline": deadline.id, "party": party, "title": form.title, "place": submission.place_in_order}
    context.audit("submission.received", submission.ref, after=after)
    return (receipt(submission, deadline),)


def _open_deadline(context: Context, conference: ConferenceSession, deadline_id: str) -> Deadline:
    """A deadline of the session that is open at this instant; Refused with whom to contact, or when it opens."""
    found = context.session.get(Deadline, int(deadline_id)) if deadline_id.isdecimal() else None
    if found is None or found.cancelled_at is not None or found.addressee != "parties" or found.session_id != conference.id:
        raise Refused("deadline_unknown")
    if standing(found, context.now) != "open":
        _refuse(context, conference, found)
    return found


def _refuse(context: Context, conference: ConferenceSession, deadline: Deadline) -> NoReturn:
    see_all = Action(id=press("deadline.list"), label=T("deadline.see_all"))
    what, opens = named(deadline), opens_shown(deadline, conference.zone)
    if opens and standing(deadline, context.now) == "not_yet_open":
        raise Refused("deadline_not_open", see_all, what=what, opens=opens)
    closes = closes_shown(deadline, conference.zone)
    raise Refused("deadline_closed", see_all, what=what, closes=closes, contact=contact_of(deadline, conference))


def _on_start(context: Context, args: tuple[str, ...]) -> Replies:
    return _start(context, args[0] if args else "")


def _start(context: Context, deadline_id: str, heard: Understood | None = None) -> Replies:
    """Hand in at one deadline: the draft begun before, if there is one, else a new one."""
    conference, _ = delegation(context)
    deadline = _open_deadline(context, conference, deadline_id)
    begun = drafting.drafts_for(context.session, deadline.id or 0, context.actor.id)
    if begun and (draft := turns.draft(context.connection, begun[0].id)):
        return filling.resume(context, SPEC, draft)
    return filling.begin(context, SPEC, heard, about=drafting.about(deadline.id or 0), answers={"deadline": str(deadline.id)})


def _on_kinds(*kinds: str) -> IntentHandler:
    """Hand in at the deadline of one of `kinds`: the first that is open; else Refused, for the first of them."""

    def handle(context: Context, understood: Understood) -> Replies:
        conference, _ = delegation(context)
        asked = sorted((d for d in asked_of_parties(context.session, conference) if d.kind in kinds), key=lambda d: kinds.index(d.kind))
        found = next((d for d in asked if standing(d, context.now) == "open"), None)
        if found is None and asked:
            _refuse(context, conference, asked[-1])
        if found is None:
            return _which(context, understood)
        begun = _start(context, str(found.id), understood)
        passed = _passed(context, conference, asked, found)
        return tuple(replace(reply, lead=(*passed, *reply.lead)) if isinstance(reply, AskReply) else reply for reply in begun)

    return handle


def _passed(context: Context, conference: ConferenceSession, asked: Sequence[Deadline], found: Deadline) -> tuple[Text, ...]:
    """That the deadline which was meant has closed, where only a later one of its kind is open."""
    first = asked[0]
    if first is found or standing(first, context.now) != "closed":
        return ()
    facts = {"what": named(first), "closes": closes_shown(first, conference.zone), "contact": contact_of(first, conference)}
    return (T("refused.deadline_closed", **facts),)


def _which(context: Context, understood: Understood) -> Replies:
    """Hand in, but it was not said at which deadline: it is asked, unless only one is open."""
    found = _open_now(context)
    if len(found) == 1:
        return _start(context, str(found[0].id), understood)
    return filling.begin(context, SPEC)


def _suits(actor: Actor) -> bool:
    return may(actor, "submission.write")


SPEC = FormSpec(SubmissionForm, _begin, _save, sources=_sources, notes=_notes)

CAPABILITY = Capability(
    name="submissions",
    intents={
        "submit": _which,
        "credentials": _on_kinds(DeadlineKind.CREDENTIALS, DeadlineKind.CREDENTIALS_PROVISIONAL),
        "draft_resolution": _on_kinds(DeadlineKind.DRAFT_RESOLUTIONS),
        "speaker": _on_kinds(DeadlineKind.SPEAKERS_LIST),
    },
    commands={"withdraw_submission": on_withdraw},
    presses={"submission.start": _on_start, "submission.withdraw": withdraw},
    forms=(SPEC,),
    offers=(Offer("submission", press("form.new", "submission"), _suits),),
)
