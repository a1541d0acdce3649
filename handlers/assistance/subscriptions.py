"""Subscriptions in conversation: what one hears of, making one, ending one and taking that back."""

from __future__ import annotations

from handlers.assistance import subscription_form
from handlers.assistance.reasons import cited, coded
from handlers.assistance.subscription_form import SubscriptionForm
from handlers.conversation import present
from handlers.conversation.access import Actor, Owner, Refused, may
from handlers.conversation.capability import Capability, FormSpec, Offer
from handlers.conversation.context import Context
from handlers.conversation.hearing import Understood
from handlers.conversation.press import number_in, press
from handlers.conversation.reply import Action, Item, Listing, Receipt, Replies, Say
from handlers.conversation.text import T, Text
from storage.matching import keep_subscription
from storage.subscriptions import Subscription, subscriptions_of
from storage.turns import DraftState


def save(context: Context, value: SubscriptionForm, draft: DraftState) -> Replies:
    """Keep a subscription; one with the same filters is brought up to date instead of being doubled."""
    context.require("subscription.write", Owner(person_id=context.actor.id))
    standing = next((row for row in subscriptions_of(context.session, context.actor.id) if _same(row, value)), None)
    row = keep_subscription(context.session, _filled(context, standing, value))
    context.audit("subscription.saved", reference(row), after=value.model_dump(mode="json"))
    fields = present.lines(SubscriptionForm, draft, {})
    saved = T("subscription.saved", frequency=T(f"frequency.{row.frequency}"))
    return (Receipt(text=saved, ref=reference(row), fields=fields, actions=(_ending(row), _all())),)


def reference(row: Subscription) -> str:
    return f"SUB-{row.id}"


def _same(row: Subscription, value: SubscriptionForm) -> bool:
    kept = (row.places, row.instruments, row.articles, row.assistance_types)
    return all(set(one) == set(other) for one, other in zip(kept, _filters(value), strict=True))


def _filters(value: SubscriptionForm) -> tuple[tuple[str, ...], ...]:
    return (value.places, value.instruments, value.articles, value.assistance_types)


def _filled(context: Context, standing: Subscription | None, value: SubscriptionForm) -> Subscription:
    if standing is not None:
        standing.frequency = value.frequency.value
        return standing
    places, instruments, articles, types = map(list, _filters(value))
    return Subscription(
        person_id=context.actor.id, places=places, instruments=instruments, articles=articles, assistance_types=types,
        frequency=value.frequency.value, created_at=context.now,
    )  # fmt: skip


def mine(context: Context, rest: str) -> Replies:
    """What one hears of, each with a press that ends it."""
    context.require("subscription.write")
    rows = subscriptions_of(context.session, context.actor.id)
    begin = Action(id=press("form.new", "subscription"), label=T("offer.subscription"), style="primary")
    if not rows:
        return (Say(text=T("subscription.none"), actions=(begin,)),)
    return (Listing(text=T("subscription.mine", n=len(rows)), items=tuple(_listed(row) for row in rows), actions=(begin,)),)


def _listed(row: Subscription) -> Item:
    heading = T("subscription.listed", ref=reference(row), frequency=T(f"frequency.{row.frequency}"))
    return Item(text=heading, details=filters(row), ref=reference(row), actions=(_ending(row),))


def filters(row: Subscription) -> tuple[Text, ...]:
    """What a subscription covers, as lines."""
    found = [T("subscription.places", places=coded("place", row.places))] if row.places else [T("subscription.everywhere")]
    found += [T("need.fact.instruments", instruments=coded("instrument", row.instruments))] if row.instruments else []
    found += [T("need.fact.articles", articles=cited(row.articles))] if row.articles else []
    found += [T("subscription.every_topic")] if not row.instruments and not row.articles else []
    types = T("need.fact.types", types=coded("assistance_type", row.assistance_types))
    return (*found, types if row.assistance_types else T("subscription.every_type"))


def _ending(row: Subscription) -> Action:
    return Action(id=press("subscription.end", row.id or 0), label=T("action.end_subscription"), style="danger")


def _all() -> Action:
    return Action(id=press("subscription.list"), label=T("action.my_subscriptions"))


def _own(context: Context, args: tuple[str, ...]) -> Subscription:
    row = context.session.get(Subscription, number) if (number := number_in(args)) is not None else None
    if row is None or row.person_id != context.actor.id:
        raise Refused("not_your_subscription")
    context.require("subscription.write", Owner(person_id=row.person_id))
    return row


def end(context: Context, args: tuple[str, ...]) -> Replies:
    """Stop hearing, with one press; pressed again it says the same."""
    row = _own(context, args)
    if row.ended_at is None:
        row.ended_at = context.now
        keep_subscription(context.session, row)
        context.audit("subscription.ended", reference(row))
    undo = Action(id=press("subscription.resume", row.id or 0), label=T("action.undo"))
    return (Say(text=T("subscription.ended", ref=reference(row)), actions=(undo,)),)


def resume(context: Context, args: tuple[str, ...]) -> Replies:
    row = _own(context, args)
    if row.ended_at is not None:
        row.ended_at = None
        keep_subscription(context.session, row)
        context.audit("subscription.resumed", reference(row))
    return (Say(text=T("subscription.resumed", ref=reference(row)), actions=(_ending(row),)),)


def _unsubscribe(context: Context, heard: Understood) -> Replies:
    return mine(context, "")


def _follows(actor: Actor) -> bool:
    return may(actor, "subscription.write")


CAPABILITY = Capability(
    name="subscription",
    intents={"unsubscribe": _unsubscribe},
    commands={"my_subscriptions": mine},
    presses={"subscription.end": end, "subscription.resume": resume, "subscription.list": lambda context, args: mine(context, "")},
    forms=(FormSpec(SubscriptionForm, subscription_form.begin, save, intents=("subscribe",)),),
    offers=(Offer("subscription", press("form.new", "subscription"), _follows),),
)
