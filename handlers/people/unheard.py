"""What was not understood: its author may show it to the secretariat, without a name; the secretariat looks at it and ticks it off."""

from __future__ import annotations

import hashlib

from handlers.conversation.access import Refused
from handlers.conversation.capability import Capability
from handlers.conversation.context import Context
from handlers.conversation.press import number_in, press
from handlers.conversation.reply import Action, Item, Listing, Replies, Say
from handlers.conversation.text import T
from handlers.conversation.turn import Said
from storage import turns, unheard
from storage.unheard import Unheard

MOST_LISTED = 10
LOOKED_BACK = 20
"""Turns that are looked back on for the sentence a button belongs to."""


def share_button(context: Context) -> tuple[Action, ...]:
    """The button under what was not understood; none where nothing was typed."""
    if not isinstance(context.turn.what, Said):
        return ()
    return (Action(id=press("unheard.share", _mark(f"{context.turn.door}:{context.turn.event}")), label=T("unheard.share")),)


def _mark(event: str) -> str:
    return hashlib.sha256(event.encode()).hexdigest()[:16]


def _share(context: Context, args: tuple[str, ...]) -> Replies:
    """Only what this person typed in this place, and not long ago, can be shown."""
    said = turns.lately(context.connection, context.actor.id, context.place, limit=LOOKED_BACK)
    text = next((past.text for past in said if args and past.text and _mark(past.event) == args[0]), None)
    if text is None:
        raise Refused("unknown_button")
    kept = Unheard(event=args[0], text=text, language=context.actor.language, shared_at=context.now)
    unheard.keep(context.session, kept)
    return (Say(text=T("unheard.shared")),)


def _listed(context: Context) -> Replies:
    context.require("words.manage")
    count, found = unheard.waiting(context.session, most=MOST_LISTED)
    items = tuple(
        Item(
            text=T("unheard.entry", text=row.text, language=T(f"language.{row.language}")),
            details=(T("unheard.since", when=row.shared_at),),
            actions=(Action(id=press("unheard.done", row.id or 0), label=T("unheard.done")),),
        )
        for row in found
    )
    return (Listing(text=T("unheard.waiting", n=count), items=items),) if count else (Say(text=T("unheard.none")),)


def _done(context: Context, args: tuple[str, ...]) -> Replies:
    context.require("words.manage")
    row = context.session.get(Unheard, number_in(args) or 0)
    if row is None:
        raise Refused("unknown_button")
    if row.done_at is None:
        row.done_at = context.now
        context.session.add(row)
        context.audit("words.done", f"unheard:{row.id}")
    return _listed(context)


CAPABILITY = Capability(
    name="unheard",
    commands={"unheard": lambda context, rest: _listed(context)},
    whole=("unheard",),
    presses={"unheard.share": _share, "unheard.list": lambda context, args: _listed(context), "unheard.done": _done},
)
