"""The digest on request: anybody sees theirs; the secretariat sends it to everyone at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from handlers.conversation.access import VISIBILITY, may, visible_to
from handlers.conversation.capability import Capability, Offer
from handlers.conversation.context import Context
from handlers.conversation.hearing import Understood
from handlers.conversation.press import press
from handlers.conversation.reply import Action, Replies, Say
from handlers.conversation.text import T
from handlers.digest.edition import Audience, compose
from handlers.digest.editions import Reader, readers, send
from storage.digests import has_edition

WEEK = timedelta(days=7)


def _mine(context: Context) -> Replies:
    """The last seven days as this person, or this channel, may see them."""
    shared = context.turn.where.kind != "personal"
    levels = VISIBILITY[VISIBILITY.index("public") :] if shared else tuple(visible_to(context.actor))
    audience = Audience(levels, context.actor.zone, () if shared else context.actor.parties)
    edition = compose(context.session, audience, since=context.now - WEEK, until=context.now)
    if not edition.items:
        return (Say(text=T("digest.empty")),)
    everyone = (Action(id=press("digest.send"), label=T("digest.send"), style="primary"),)
    return (edition if shared or not may(context.actor, "digest.now") else replace(edition, actions=everyone),)


def _heard(context: Context, understood: Understood) -> Replies:
    return _mine(context)


def _send(context: Context, args: tuple[str, ...]) -> Replies:
    """Now, to every channel and person who takes a digest; pressed twice in one minute it goes out once."""
    context.require("digest.now")
    period = context.now.strftime("%m%d%H%M")
    sent = sum(_once(context, period, reader) for reader in list(readers(context.session)))
    context.audit("digest.sent", after={"readers": sent})
    return (Say(text=T("digest.sent", n=sent)),)


def _once(context: Context, period: str, reader: Reader) -> bool:
    if has_edition(context.session, reader.key, period):
        return False
    return send(context.session, reader, period=period, until=context.now, now=context.now, since=context.now - WEEK)


CAPABILITY = Capability(
    name="digest",
    intents={"digest": _heard},
    commands={"digest": lambda context, rest: _mine(context)},
    whole=("digest",),
    presses={"digest.send": _send, "digest.show": lambda context, args: _mine(context)},
    offers=(Offer("digest", press("digest.show"), lambda actor: bool(actor.roles)),),
    interrupts=("digest",),
    in_public=("digest", "digest.show"),
)
