"""Activities in conversation: the form, one's own, one activity's card, and an activity begun from a need."""

from __future__ import annotations

from handlers.assistance import activity_form, activity_saving, overlaps
from handlers.assistance.activity_form import ActivityForm
from handlers.assistance.activity_reading import KEPT, seen
from handlers.assistance.changes import ways_to_change
from handlers.assistance.files import listed
from handlers.assistance.need_reading import seen as need_seen
from handlers.assistance.overlaps import owner_of, span
from handlers.assistance.reasons import cited, coded
from handlers.conversation import filling
from handlers.conversation.access import Actor, may
from handlers.conversation.capability import Capability, FormSpec, Offer
from handlers.conversation.context import Context
from handlers.conversation.press import press
from handlers.conversation.reply import Action, Item, Listing, Replies, Say
from handlers.conversation.text import Amount, Code, T, Text
from storage.activities import Activity, activities_of
from storage.fitting import Subject, activity_subjects, need_subjects

MOST_LISTED = 10


def card(context: Context, ref: str) -> Replies:
    """Everything about one activity."""
    activity = seen(context, ref)
    subject = activity_subjects(context.session, [activity.id or 0])[activity.id or 0]
    heading = T("activity.by", title=activity.title, provider=activity.provider)
    items = [Item(text=heading, details=facts(activity, subject), ref=activity.ref)]
    items += [Item(text=T("activity.described", description=activity.description))] if activity.description else []
    own = may(context.actor, "activity.write", owner_of(activity))
    items += listed(context, activity.ref, own=own)
    ways = ways_to_change(activity.ref) if own else ()
    return (Listing(text=T("activity.card", ref=activity.ref), items=tuple(items), ref=activity.ref, actions=ways),)


def facts(activity: Activity, subject: Subject) -> tuple[Text, ...]:
    """What an activity says, as lines."""
    found = [T("activity.fact.recipients", recipients=coded("place", subject.places))]
    found += [T("need.fact.types", types=coded("assistance_type", subject.types))] if subject.types else []
    found += [T("need.fact.instruments", instruments=coded("instrument", subject.instruments))] if subject.instruments else []
    found += [T("need.fact.articles", articles=cited(subject.articles))] if subject.articles else []
    found += [T("need.fact.status", status=T(f"activity_status.{activity.status}")), T("activity.fact.when", when=span(activity))]
    amount = Amount(activity.commitment, activity.currency) if activity.commitment is not None else None
    found += [T("activity.fact.commitment", amount=amount)] if amount else []
    found += [T("activity.fact.partners", partners=activity.partners)] if activity.partners else []
    found += [T("activity.fact.reported_by", party=Code("party", activity.reported_by))] if activity.reported_by else []
    return (*found, T("need.fact.visibility", visibility=T(f"visibility.{activity.visibility}")))


def mine(context: Context, rest: str) -> Replies:
    """The activities of the organizations and parties one speaks for, and those one has registered."""
    context.require("activity.write")
    own = [role.organization_id for role in context.actor.organizations if role.organization_id is not None]
    found = activities_of(context.session, own, context.actor.parties, context.actor.id)
    if not found:
        begin = Action(id=press("form.new", "activity"), label=T("offer.activity"), style="primary")
        return (Say(text=T("activity.none_yet"), actions=(begin,)),)
    return (Listing(text=T("activity.mine", n=len(found)), items=tuple(_listed(activity) for activity in found[:MOST_LISTED])),)


def _listed(activity: Activity) -> Item:
    show = Action(id=press("activity.show", activity.ref), label=T("action.show_activity"))
    heading = T("activity.listed", ref=activity.ref, title=activity.title, status=T(f"activity_status.{activity.status}"))
    return Item(text=heading, details=(T("activity.fact.when", when=span(activity)),), ref=activity.ref, actions=(show,))


def from_need(context: Context, args: tuple[str, ...]) -> Replies:
    """Open the form with what a need already says."""
    need = need_seen(context, args[0] if args else "")
    subject = need_subjects(context.session, [need.id or 0])[need.id or 0]
    known = {
        "recipients": [need.party], "instruments": list(subject.instruments), "articles": list(subject.articles),
        "assistance_types": list(subject.types), "title": need.title,
    }  # fmt: skip
    said = Say(text=T("activity.from_need", ref=need.ref, party=Code("party", need.party)))
    return (said, *filling.begin(context, SPEC, about=need.ref, answers=known))


def _registers(actor: Actor) -> bool:
    return actor.holds("donor")


SPEC = FormSpec(
    ActivityForm,
    activity_form.begin,
    activity_saving.save,
    intents=("activity",),
    sources=activity_form.sources,
    notes=overlaps.notes,
    kept=KEPT,
)
CAPABILITY = Capability(
    name="activity",
    commands={"my_activities": mine},
    presses={"activity.show": lambda context, args: card(context, args[0] if args else ""), "activity.from_need": from_need},
    references={"A": card},
    forms=(SPEC,),
    offers=(Offer("activity", press("form.new", "activity"), _registers),),
)
