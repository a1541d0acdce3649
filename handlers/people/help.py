"""Help that knows who is asking: at most six things this person can do now, each with an example in their language."""

from __future__ import annotations

from handlers.conversation.capability import Capability, Offer
from handlers.conversation.context import Context
from handlers.conversation.hearing import Understood
from handlers.conversation.press import press
from handlers.conversation.reply import Action, Item, Listing, Replies
from handlers.conversation.text import T
from handlers.conversation.words import phrases

MOST = 6

OFFER_ROLE = Action(id=press("form.new", "role"), label=T("offer.role"), style="primary")


def offered(context: Context, offers: tuple[Offer, ...]) -> tuple[Action, ...]:
    """What this person can do now, as buttons; for somebody without a role, to ask for one."""
    suited = tuple(Action(id=o.press, label=T(f"offer.{o.name}")) for o in offers if o.suits(context.actor))
    return suited[:MOST]


def help_with(offers: tuple[Offer, ...]) -> Capability:
    """The help of a house whose capabilities make these offers."""

    def on_help(context: Context, understood: Understood) -> Replies:
        return _listing(context, offers)

    def on_command(context: Context, rest: str) -> Replies:
        return _listing(context, offers)

    def on_press(context: Context, args: tuple[str, ...]) -> Replies:
        return _on_topic(context, offers, args[0]) if args else _listing(context, offers)

    return Capability(
        name="help",
        intents={"help": on_help},
        commands={"help": on_command},
        whole=("help",),
        sayings=_sayings(offers),
        presses={"help.show": on_press},
        interrupts=("help",),
        in_public=("help", "help.show"),
    )


def _listing(context: Context, offers: tuple[Offer, ...]) -> Replies:
    suited = [offer for offer in offers if offer.suits(context.actor)][:MOST]
    items = tuple(
        Item(text=T(f"offer.{o.name}"), details=(T("help.example", example=T(f"example.{o.name}")),), actions=(_start(o),)) for o in suited
    )
    return (Listing(text=T("help.intro"), items=items),)


def _on_topic(context: Context, offers: tuple[Offer, ...], name: str) -> Replies:
    """`help need`: one thing with its example; everything where it is none of what this person can do."""
    offer = next((offer for offer in offers if offer.name == name and offer.suits(context.actor)), None)
    if offer is None:
        return _listing(context, offers)
    item = Item(text=T(f"offer.{name}"), details=(T("help.example", example=T(f"example.{name}")),), actions=(_start(offer),))
    return (Listing(text=T("help.topic"), items=(item,)),)


def _sayings(offers: tuple[Offer, ...]) -> dict[str, str]:
    """`help needs`, `aide besoin`, `需求帮助`: each word for help with each topic in its own language."""
    helps = phrases("command.help")
    topics = [(language, topic, offer.name) for offer in offers for language, topic in phrases(f"topic.{offer.name}")]
    return {
        said: press("help.show", name)
        for spoken, word in helps
        for language, topic, name in topics
        if language == spoken
        for said in ((f"{word}{topic}", f"{topic}{word}") if language == "zh" else (f"{word} {topic}",))
    }


def _start(offer: Offer) -> Action:
    return Action(id=offer.press, label=T("action.start"))
