"""Records named in the middle of a message: shown to whoever asked, and in a shared place as far as everybody there may see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from handlers.conversation.access import Refused, reading_along
from handlers.conversation.capability import ReferenceHandler
from handlers.conversation.context import Context
from handlers.conversation.references import reference_in
from handlers.conversation.reply import Replies
from storage.conversation import channel_of

References = Mapping[str, ReferenceHandler]


def record_named(context: Context, references: References, text: str) -> Replies | None:
    """The card of the first record a text names; None where it names none."""
    ref = reference_in(text)
    shows = references.get(ref.partition("-")[0]) if ref else None
    return shows(context, ref) if shows and ref else None


def shown_to_all(context: Context, references: References, text: str) -> Replies | None:
    """The same where others read along, at the place's audience level (DESIGN 2.6); None where it is not for everybody there."""
    where = context.turn.where
    channel = channel_of(context.session, context.turn.door, where.key)
    actor = reading_along(context.actor, channel.audience if channel else "public")
    try:
        return record_named(replace(context, actor=actor), references, text)
    except Refused:
        return None
