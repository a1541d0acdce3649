"""Receipts of what was handed in: reference, instant (UTC) and place in order; and taking a submission back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, select

from handlers.conference import reminders
from handlers.conference.delegation import delegation
from handlers.conference.standing import asked_of_parties, named, standing
from handlers.conversation.access import Owner, Refused
from handlers.conversation.context import Context
from handlers.conversation.press import press
from handlers.conversation.reply import Action, Item, Line, Listing, Receipt, Replies, Say
from handlers.conversation.text import Moment, T
from handlers.conversation.turn import Said
from storage.conference import ConferenceSession, Deadline, Submission, submissions_to

_REFERENCE = re.compile(r"\b(?:SP|S|C)-\d{4}-\d{4,}\b", re.IGNORECASE)


def submissions_of(session: Session, deadline: Deadline, party: str) -> Sequence[Submission]:
    """What a party has handed in at a deadline and not taken back, in order of receipt."""
    return [s for s in submissions_to(session, deadline.id or 0) if s.party == party]


def receipt(submission: Submission, deadline: Deadline) -> Receipt:
    """The receipt of a submission (DOMAIN, submission)."""
    facts = (
        Line(name="deadline", label=T("form.submission.deadline.label"), value=named(deadline)),
        Line(name="title", label=T("form.submission.title.label"), value=submission.title),
        Line(name="received_at", label=T("submission.received_at"), value=Moment(submission.received_at, "UTC")),
        Line(name="place_in_order", label=T("submission.place_in_order"), value=submission.place_in_order),
    )
    text = T("submission.received", ref=submission.ref, what=named(deadline))
    return Receipt(text=text, ref=submission.ref, fields=facts, actions=(_take_back(submission),))


def _take_back(submission: Submission) -> Action:
    return Action(id=press("submission.withdraw", submission.ref), label=T("submission.withdraw"))


def on_withdraw(context: Context, rest: str) -> Replies:
    """`withdraw S-2020-0001`; without a reference, this party's submissions, each with its button."""
    typed = context.turn.what.text if isinstance(context.turn.what, Said) else rest
    reference = _REFERENCE.search(typed)
    if reference:
        return withdraw(context, (reference[0].upper(),))
    conference, party = delegation(context)
    mine = [s for deadline in asked_of_parties(context.session, conference) for s in submissions_of(context.session, deadline, party)]
    items = tuple(Item(text=T("submission.line", ref=s.ref, title=s.title), ref=s.ref, actions=(_take_back(s),)) for s in mine)
    return (Listing(text=T("submission.which" if items else "submission.none"), items=items),)


def withdraw(context: Context, args: tuple[str, ...]) -> Replies:
    """Take back a submission of one's own party: the row and its receipt stay, its reminders are planned again."""
    submission, deadline = _own(context, args[0] if args else "")
    if submission.state == "received":
        _take_out(context, submission, deadline)
    again = Action(id=press("submission.start", submission.deadline_id), label=T("deadline.hand_in_again"))
    return (Say(text=T("submission.withdrawn", ref=submission.ref), actions=_while_open(deadline, context.now, again)),)


def _own(context: Context, ref: str) -> tuple[Submission, Deadline]:
    """Refused (`submission_unknown`) alike where there is none and where it is another party's."""
    context.require("submission.write")
    submission = context.session.exec(select(Submission).where(Submission.ref == ref)).first()
    if submission is None or submission.party not in context.actor.parties:
        raise Refused("submission_unknown")
    deadline = context.session.get_one(Deadline, submission.deadline_id)
    conference = context.session.get_one(ConferenceSession, deadline.session_id)
    context.require("submission.write", Owner(party=submission.party, conventions=(conference.convention,)))
    return submission, deadline


def _take_out(context: Context, submission: Submission, deadline: Deadline) -> None:
    submission.state = "withdrawn"
    context.session.add(submission)
    context.session.flush()
    if submission.party:
        reminders.take_up_again(context.session, deadline, submission.party, context.now)
    context.audit("submission.withdrawn", submission.ref, before={"state": "received"}, after={"state": "withdrawn"})


def _while_open(deadline: Deadline, now: datetime, action: Action) -> tuple[Action, ...]:
    return (action,) if standing(deadline, now) == "open" else ()
