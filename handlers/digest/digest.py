"""The digest on request: anybody sees theirs; the secretariat sends it to everyone at once."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from hashlib import blake2s

from handlers.conversation.access import VISIBILITY, Refused, may, visible_to
from handlers.conversation.capability import Capability, Offer
from handlers.conversation.context import Context
from handlers.conversation.hearing import Understood
from handlers.conversation.press import press
from handlers.conversation.reply import Action, Replies, Say
from handlers.conversation.text import Moment, T
from handlers.digest.edition import Audience, compose
from handlers.digest.editions import Reader, readers, send
from storage import turns
from storage.digests import composed_at

WEEK = timedelta(days=7)

_SHOWN = re.compile(r"[0-9a-f]{10}")


def _mine(context: Context) -> Replies:
    """The last seven days as this person, or this channel, may see them."""
    shared = context.turn.where.kind != "personal"
    levels = VISIBILITY[VISIBILITY.index("public") :] if shared else tuple(visible_to(context.actor))
    audience = Audience(levels, context.actor.zone, () if shared else context.actor.parties)
    edition = compose(context.session, audience, since=context.now - WEEK, until=context.now)
    if not edition.items:
        return (Say(text=T("digest.empty")),)
    everyone = (Action(id=press("digest.send", _shown(context)), label=T("digest.send"), style="primary"),)
    return (edition if shared or not may(context.actor, "digest.now") else replace(edition, actions=everyone),)


def _shown(context: Context) -> str:
    """What names the digest shown in this turn: its button sends it once, whenever it is pressed."""
    said = f"{context.actor.id}:{context.now.isoformat()}:{context.turn.event}"
    return blake2s(said.encode(), digest_size=5).hexdigest()


def _heard(context: Context, understood: Understood) -> Replies:
    return _mine(context)


def _send(context: Context, args: tuple[str, ...]) -> Replies:
    """Now, to every channel and person who takes a digest; one that was shown goes out once. Refused when it went before, with when."""
    context.require("digest.now")
    if not args or not _SHOWN.fullmatch(args[0]):
        raise Refused("unknown_button")
    turns.lock(context.connection, f"digest:{args[0]}")  # two presses at once: the second finds it sent
    before = composed_at(context.session, args[0])
    if before:
        raise Refused("digest_sent", at=Moment(before, context.actor.zone))
    sent = sum(_sent(context, args[0], reader) for reader in list(readers(context.session)))
    context.audit("digest.sent", f"digest:{args[0]}", after={"readers": sent})
    return (Say(text=T("digest.sent", n=sent)),)


def _sent(context: Context, period: str, reader: Reader) -> bool:
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
