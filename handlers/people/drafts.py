"""The forms a person has begun and not finished, in every place."""

from __future__ import annotations

from handlers.conversation.capability import Capability
from handlers.conversation.context import Context
from handlers.conversation.press import press
from handlers.conversation.reply import Action, Item, Listing, Replies, Say
from handlers.conversation.text import Moment, T
from storage.conversation import unfinished_drafts


def open_forms(context: Context) -> Replies:
    """Unfinished forms, the latest first, each with a way to go on."""
    found = unfinished_drafts(context.session, context.actor.id)[:10]
    if not found:
        return (Say(text=T("drafts.none")),)
    items = tuple(
        Item(
            text=T(f"form.{draft.form}.title"),
            details=(T("drafts.since", when=Moment(draft.updated_at, context.actor.zone)),),
            actions=(Action(id=press("form.resume", draft.id), label=T("action.resume")),),
        )
        for draft in found
    )
    return (Listing(text=T("drafts.yours"), items=items),)


CAPABILITY = Capability(
    name="drafts",
    commands={"drafts": lambda context, rest: open_forms(context)},
    whole=("drafts",),
    presses={"drafts.show": lambda context, args: open_forms(context)},
)
