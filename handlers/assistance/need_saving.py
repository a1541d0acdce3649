"""A checked need becomes a record: rows, reference, audit, matches and alerts, in the turn's one transaction."""

from __future__ import annotations

from dataclasses import replace

from handlers.assistance import need_form
from handlers.assistance.announcing import Announced, announce
from handlers.assistance.changes import ways_to_change
from handlers.assistance.choices import with_their_instruments
from handlers.assistance.contacts import conventions
from handlers.assistance.need_form import NeedForm
from handlers.assistance.need_reading import answers_of, open_to_change
from handlers.assistance.overlaps import owner_of
from handlers.conversation import edits, present
from handlers.conversation.access import Owner, sees
from handlers.conversation.context import Context
from handlers.conversation.press import press
from handlers.conversation.reply import Action, Item, Line, Listing, Receipt, Replies, Say
from handlers.conversation.text import Code, T, Text
from storage.fitting import Subject
from storage.matches import matches_of_need
from storage.needs import Need, first_lines, set_lines, set_tags
from storage.records import next_reference
from storage.turns import DraftState

MOST_FITTING = 3
"""Activities shown with the receipt."""


def save(context: Context, value: NeedForm, draft: DraftState) -> Replies:
    """Register a need, or change the one the draft is about."""
    concerned = conventions(with_their_instruments(value.instruments, value.articles))
    context.require("need.write", Owner(party=value.party, conventions=concerned))
    changes = edits.record_of(draft)
    return _change(context, value, draft, changes) if changes else _register(context, value, draft)


def _register(context: Context, value: NeedForm, draft: DraftState) -> Replies:
    """Receipt, and the activities that may fit where there are some to see."""
    need = _keep(context, value)
    context.audit("need.saved", need.ref, after=value.model_dump(mode="json"))
    announced = announce(context, need, _subject(value))
    fields = present.lines(NeedForm, draft, need_form.sources(context, draft.answers))
    told = Line(name="matched", label=T("need.matched.label"), value=T("need.matched", n=announced.people))
    saved = T("need.saved", ref=need.ref, party=Code("party", need.party))
    receipt = Receipt(text=saved, ref=need.ref, fields=(*fields, told), actions=_next(need))
    return (receipt, *_fitting(context, announced))


def _change(context: Context, value: NeedForm, draft: DraftState, ref: str) -> Replies:
    """What changed, told to whoever answered; whom the need fits now and did not before hears of it."""
    need = open_to_change(context, ref)
    before = answers_of(context, need)
    _fill(need, value)
    set_lines(context.session, need.id or 0, value.assistance_types)
    for name, codes in _tags(value).items():
        set_tags(context.session, need.id or 0, name, codes)
    was, now = edits.difference(NeedForm, before, answers_of(context, need))
    if not now:
        return (Say(text=T("change.nothing", ref=need.ref)),)
    need.version, need.updated_at = need.version + 1, context.now
    context.audit("need.changed", need.ref, before=was, after=now)
    announce(context, need, _subject(value))
    changed = edits.changed(NeedForm, was, now, need_form.sources(context, draft.answers))
    _tell_who_answered(context, need, changed)
    fields = present.lines(NeedForm, replace(draft, answers=now), need_form.sources(context, draft.answers))
    return (Receipt(text=T("change.saved", ref=need.ref), ref=need.ref, fields=fields, actions=(*ways_to_change(need.ref), *_next(need))),)


def _tell_who_answered(context: Context, need: Need, changed: tuple[Text, ...]) -> None:
    show = Action(id=press("need.show", need.ref), label=T("action.show_need"))
    item = Item(text=T("match.need", title=need.title), details=changed, ref=need.ref)
    news = Listing(text=T("need.changed_told", ref=need.ref, party=Code("party", need.party)), items=(item,), ref=need.ref, actions=(show,))
    for match in matches_of_need(context.session, need.id or 0, "interested", "already"):
        context.tell(match.person_id, (news,), key=f"need:{need.ref}:{need.version}:{match.person_id}", kind="news")


def _keep(context: Context, value: NeedForm) -> Need:
    need = Need(
        ref=next_reference(context.session, "N", context.now), party=value.party, title=value.title, language=context.actor.language,
        owner_id=context.actor.id, created_at=context.now, updated_at=context.now,
    )  # fmt: skip
    _fill(need, value)
    context.session.add(need)
    context.session.flush()
    first_lines(context.session, need.id or 0, value.assistance_types, _tags(value))
    return need


def _tags(value: NeedForm) -> dict[str, tuple[str, ...]]:
    return {"instrument": with_their_instruments(value.instruments, value.articles), "article": value.articles}


def _subject(value: NeedForm) -> Subject:
    """What a need is about, as it is read back: its codes in their order."""
    tags = _tags(value)
    return Subject((value.party,), tuple(sorted(tags["instrument"])), tuple(sorted(tags["article"])), value.assistance_types)


def _fill(need: Need, value: NeedForm) -> None:
    """Everything of a need's form that its own row holds."""
    need.party, need.title, need.description, need.beneficiary = value.party, value.title, value.description, value.beneficiary
    need.amount, need.currency = value.amount, value.currency if value.amount else None
    need.needed_by, need.priority, need.visibility = value.needed_by, value.priority.value, value.visibility.value


def _next(need: Need) -> tuple[Action, ...]:
    return (
        Action(id=press("need.matches", need.ref), label=T("action.see_matches")),
        Action(id=press("need.withdraw", need.ref), label=T("action.withdraw"), style="danger"),
    )


def _fitting(context: Context, announced: Announced) -> Replies:
    """Activities that may fit, within their visibility."""
    seen = [activity for activity, _ in announced.fitting if sees(context.actor, activity.visibility, owner_of(activity))]
    if not seen:
        return ()
    items = tuple(
        Item(
            text=T("need.fitting_activity", ref=activity.ref, title=activity.title, provider=activity.provider), ref=activity.ref,
            actions=(Action(id=press("activity.show", activity.ref), label=T("action.show_activity")),),
        )
        for activity in seen[:MOST_FITTING]
    )  # fmt: skip
    return (Listing(text=T("need.fitting", n=len(seen)), items=items),)
