"""A checked activity becomes a record, and is matched with the open needs it may fit; both sides are told."""

from __future__ import annotations

from dataclasses import replace

from handlers.assistance import activity_form
from handlers.assistance.activity_form import ActivityForm, ReportedAs
from handlers.assistance.activity_reading import answers_of, open_to_change
from handlers.assistance.announcing import Grounds, keep_matches, running
from handlers.assistance.changes import ways_to_change
from handlers.assistance.choices import with_their_instruments
from handlers.assistance.contacts import conventions, focal_points, named, seen_by
from handlers.assistance.matching import Fit, fit_of_activity
from handlers.assistance.reasons import in_words
from handlers.conversation import edits, present
from handlers.conversation.access import Actor, Owner, Refused, sees
from handlers.conversation.context import Context
from handlers.conversation.press import press
from handlers.conversation.reply import Action, Item, Listing, Receipt, Replies, Say
from handlers.conversation.text import Code, Series, T
from storage.activities import Activity, set_activity_tags
from storage.fitting import Subject, need_subjects, open_needs_about
from storage.needs import Need
from storage.people import Organization
from storage.records import next_reference
from storage.turns import DraftState

MOST_SHOWN = 5


def save(context: Context, value: ActivityForm, draft: DraftState) -> Replies:
    """Register an activity, or change the one the draft is about."""
    owner = _owner(context.actor, value)
    context.require("activity.write", owner)
    changes = edits.record_of(draft)
    return _change(context, value, draft, changes, owner) if changes else _register(context, value, draft, owner)


def _register(context: Context, value: ActivityForm, draft: DraftState, owner: Owner) -> Replies:
    """Receipt, and the open needs it may fit where there are some."""
    activity = _keep(context, value, owner)
    context.audit("activity.saved", activity.ref, after=value.model_dump(mode="json"))
    fields = present.lines(ActivityForm, draft, activity_form.sources(context, draft.answers))
    show = Action(id=press("activity.show", activity.ref), label=T("action.show_activity"))
    receipt = Receipt(text=T("activity.saved", ref=activity.ref), ref=activity.ref, fields=fields, actions=(show,))
    if value.reported_as is ReportedAs.recipient:
        return (receipt,)
    return (receipt, *_match(context, activity, value))


def _change(context: Context, value: ActivityForm, draft: DraftState, ref: str, owner: Owner) -> Replies:
    activity = open_to_change(context, ref)
    before = answers_of(context, activity)
    _fill(context, activity, value, owner)
    was, now = edits.difference(ActivityForm, before, answers_of(context, activity))
    if not now:
        return (Say(text=T("change.nothing", ref=activity.ref)),)
    activity.version, activity.updated_at = activity.version + 1, context.now
    context.audit("activity.changed", activity.ref, before=was, after=now)
    fields = present.lines(ActivityForm, replace(draft, answers=now), activity_form.sources(context, draft.answers))
    receipt = Receipt(text=T("change.saved", ref=activity.ref), ref=activity.ref, fields=fields, actions=ways_to_change(activity.ref))
    return (receipt, *(() if value.reported_as is ReportedAs.recipient else _match(context, activity, value)))


def _owner(actor: Actor, value: ActivityForm) -> Owner:
    """Whose record it becomes: the organization's, or that of the party which received it (seed 004)."""
    if value.reported_as is ReportedAs.provider:
        return Owner(organization_id=int(value.organization or 0))
    received = next((party for party in actor.parties if party in value.recipients), None)
    if received is None:
        raise Refused("not_a_recipient", own=Series(tuple(Code("party", party) for party in actor.parties)))
    return Owner(party=received, conventions=conventions(_tags(value)["instrument"]))


def _keep(context: Context, value: ActivityForm, owner: Owner) -> Activity:
    activity = Activity(
        ref=next_reference(context.session, "A", context.now), title=value.title, provider="", language=context.actor.language,
        owner_id=context.actor.id, created_at=context.now, updated_at=context.now,
    )  # fmt: skip
    return _fill(context, activity, value, owner)


def _fill(context: Context, activity: Activity, value: ActivityForm, owner: Owner) -> Activity:
    """An activity as its form says it."""
    organization = context.session.get(Organization, int(value.organization)) if value.organization and _is_provider(value) else None
    activity.organization_id = organization.id if organization else None
    activity.provider = organization.name if organization else value.provider or ""
    activity.title, activity.description, activity.partners = value.title, value.description, value.partners
    activity.status, activity.starts_on, activity.ends_on = value.status.value, value.starts_on, value.ends_on
    activity.commitment, activity.currency = value.commitment, value.currency if value.commitment else None
    activity.visibility, activity.reported_by = value.visibility.value, owner.party
    context.session.add(activity)
    context.session.flush()
    for list_name, codes in _tags(value).items():
        set_activity_tags(context.session, activity.id or 0, list_name, codes)
    return activity


def _is_provider(value: ActivityForm) -> bool:
    return value.reported_as is ReportedAs.provider


def _tags(value: ActivityForm) -> dict[str, tuple[str, ...]]:
    return {
        "recipient": value.recipients,
        "instrument": with_their_instruments(value.instruments, value.articles),
        "article": value.articles,
        "assistance_type": value.assistance_types,
    }


def _match(context: Context, activity: Activity, value: ActivityForm) -> Replies:
    tags = _tags(value)
    subject = Subject(tags["recipient"], tags["instrument"], tags["article"], tags["assistance_type"])
    needs = open_needs_about(context.session, subject, context.today) if value.status.value in ("1", "2", "3") else ()
    visible = [need for need in needs if sees(context.actor, need.visibility, Owner(party=need.party))]
    about = need_subjects(context.session, [need.id or 0 for need in visible])
    found = [(need, fit_of_activity(about[need.id or 0], need.needed_by, running(activity, subject))) for need in visible]
    for need, fit in found:
        keep_matches(context, need, {context.actor.id: Grounds([fit], activity_id=activity.id)})
        _tell_focal_points(context, need, activity, about[need.id or 0])
    return _shown(sorted(found, key=lambda pair: -pair[1].score))


def _tell_focal_points(context: Context, need: Need, activity: Activity, about: Subject) -> None:
    """The party hears of an activity that its visibility allows it to see."""
    seeing = seen_by(activity.visibility)
    if seeing is not None and "focal_point" not in seeing:
        return
    news = T("activity.fits_told", who=named(context.actor), ref=activity.ref, title=activity.title, need=need.ref, need_title=need.title)
    show = Action(id=press("activity.show", activity.ref), label=T("action.show_activity"))
    people = [person.id for person in focal_points(context.session, need.party, about.instruments)] or [need.owner_id]
    for person_id in people:
        if person_id is not None and person_id != context.actor.id:
            context.tell(person_id, (Say(text=news, actions=(show,)),), key=f"fit:{need.ref}:{activity.ref}:{person_id}", kind="news")


def _shown(found: list[tuple[Need, Fit]]) -> Replies:
    if not found:
        return ()
    items = tuple(
        Item(
            text=T("activity.fitting_need", ref=need.ref, party=Code("party", need.party), title=need.title),
            details=in_words(reason.plain() for reason in fit.reasons), ref=need.ref,
            actions=(
                Action(id=press("match.interested", need.ref), label=T("match.interested.button")),
                Action(id=press("need.show", need.ref), label=T("action.show_need")),
            ),
        )
        for need, fit in found[:MOST_SHOWN]
    )  # fmt: skip
    return (Listing(text=T("activity.fitting", n=len(found)), items=items),)
