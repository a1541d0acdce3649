"""Shared places: the bot is brought into a channel, and the secretariat says in which language and how often it posts there."""

from __future__ import annotations

from handlers.conversation.access import Refused
from handlers.conversation.capability import Capability
from handlers.conversation.context import Context
from handlers.conversation.press import press
from handlers.conversation.reply import Action, Replies, Say
from handlers.conversation.text import T
from storage.conversation import Channel, channel_of
from storage.reference import LANGUAGES

FREQUENCIES = ("off", "daily", "weekly")


def arrived(context: Context) -> Replies:
    """The bot was brought into a shared place, or spoken to there for the first time: it is remembered and introduces itself once."""
    where = context.turn.where
    known = channel_of(context.session, context.turn.door, where.key)
    if known is not None:
        known.address, known.unreachable = dict(where.address), None
        context.session.add(known)
        return ()
    _remember(context)
    return (Say(text=T("channel.hello"), actions=(Action(id=press("channel.digest", "weekly"), label=T("channel.digest_weekly")),)),)


def _remember(context: Context) -> Channel:
    where = context.turn.where
    channel = Channel(
        door=context.turn.door, key=where.key, address=dict(where.address), name=where.name, language=context.actor.language,
        zone=context.actor.zone, created_at=context.now,
    )  # fmt: skip
    context.session.add(channel)
    context.session.flush()
    return channel


def _here(context: Context) -> Channel:
    """The channel of this turn; Refused in a direct message."""
    if context.turn.where.kind == "personal":
        raise Refused("only_in_channel")
    return channel_of(context.session, context.turn.door, context.turn.where.key) or _remember(context)


def _digest(context: Context, args: tuple[str, ...]) -> Replies:
    context.require("channel.manage")
    frequency = args[0] if args and args[0] in FREQUENCIES else "weekly"
    channel = _here(context)
    context.audit("channel.digest", f"channel:{channel.id}", before={"digest": channel.digest}, after={"digest": frequency})
    channel.digest = frequency
    context.session.add(channel)
    return (Say(text=T(f"channel.digest_is_{frequency}")),)


def _language(context: Context, args: tuple[str, ...]) -> Replies:
    context.require("channel.manage")
    if not args or args[0] not in LANGUAGES:
        raise Refused("unknown_button")
    channel = _here(context)
    context.audit("channel.language", f"channel:{channel.id}", before={"language": channel.language}, after={"language": args[0]})
    channel.language = args[0]
    context.session.add(channel)
    return (Say(text=T("channel.language_is", language=T(f"language.{args[0]}"))),)


def _settings(context: Context, rest: str) -> Replies:
    context.require("channel.manage")
    _here(context)
    digests = tuple(Action(id=press("channel.digest", f), label=T(f"channel.digest_{f}")) for f in FREQUENCIES)
    languages = tuple(Action(id=press("channel.language", code), label=T(f"language.{code}")) for code in LANGUAGES)
    return (Say(text=T("channel.settings"), actions=(*digests, *languages)),)


CAPABILITY = Capability(
    name="channels",
    commands={"channel": _settings},
    whole=("channel",),
    presses={"channel.digest": _digest, "channel.language": _language},
    in_public=("channel", "channel.digest", "channel.language"),
)
