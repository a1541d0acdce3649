"""A need as it is read again: by whom, and as the answers of its form."""

from __future__ import annotations

from handlers.assistance.contacts import conventions
from handlers.conversation.access import Owner, Refused, sees
from handlers.conversation.capability import Kept
from handlers.conversation.context import Context
from handlers.conversation.edits import Record
from handlers.conversation.forms import Answers
from handlers.conversation.text import T
from storage.fitting import need_subjects
from storage.needs import Need, need_by_ref
from storage.records import locked


def seen(context: Context, ref: str) -> Need:
    """A need by its reference; Refused (`no_such_record`) alike where there is none and where this person may not see it."""
    need = need_by_ref(context.session, ref)
    if need is None or not sees(context.actor, need.visibility, Owner(party=need.party)):
        raise Refused("no_such_record", ref=ref.upper())
    return need


def owner_of(context: Context, need: Need) -> Owner:
    """Whose record a need is: its party's, as far as it speaks on the conventions of the need's instruments."""
    subject = need_subjects(context.session, [need.id or 0])[need.id or 0]
    return Owner(party=need.party, conventions=conventions(subject.instruments))


def own(context: Context, ref: str) -> Need:
    """A need this person may write; Refused otherwise."""
    need = seen(context, ref)
    context.require("need.write", owner_of(context, need))
    return need


def decided_on(context: Context, ref: str) -> Need:
    """A need of one's own, as it stands once nobody else can change it."""
    need = own(context, ref)
    return locked(context.session, Need, need.id or 0) or need


def open_to_change(context: Context, ref: str) -> Need:
    """A need of one's own that is still open; Refused (`need_not_open`) otherwise."""
    need = decided_on(context, ref)
    if need.status != "open":
        raise Refused("need_not_open", ref=need.ref, status=T(f"need_status.{need.status}"))
    return need


def answers_of(context: Context, need: Need) -> Answers:
    """What a need says, as the answers of its form."""
    subject = need_subjects(context.session, [need.id or 0])[need.id or 0]
    return {
        "party": need.party, "title": need.title, "description": need.description, "beneficiary": need.beneficiary,
        "amount": None if need.amount is None else f"{need.amount.normalize():f}", "currency": need.currency,
        "needed_by": need.needed_by.isoformat() if need.needed_by else None, "priority": need.priority, "visibility": need.visibility,
        "assistance_types": list(subject.types), "instruments": list(subject.instruments), "articles": list(subject.articles),
    }  # fmt: skip


def _record(context: Context, need: Need) -> Record:
    return Record(need.ref, answers_of(context, need), need.version)


KEPT = Kept(
    "N",
    see=lambda context, ref: _record(context, seen(context, ref)),
    change=lambda context, ref: _record(context, open_to_change(context, ref)),
)
