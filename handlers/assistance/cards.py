"""A reference typed on its own shows its record."""

from __future__ import annotations

from handlers.assistance import activities, needs
from handlers.assistance.references import reference_in
from handlers.conversation.access import Refused
from handlers.conversation.context import Context
from handlers.conversation.reply import Replies
from storage.matches import match_by_ref
from storage.needs import Need


def card(context: Context, ref: str) -> Replies:
    """The card of a need, an activity, or of the need a match is about; Refused (`no_such_record`) for anything else."""
    found = reference_in(ref) or ref
    match found.partition("-")[0]:
        case "N":
            return needs.card(context, found)
        case "A":
            return activities.card(context, found)
        case "M":
            return needs.card(context, _need_of_match(context, found))
    raise Refused("no_such_record", ref=ref)


def _need_of_match(context: Context, ref: str) -> str:
    match = match_by_ref(context.session, ref)
    need = context.session.get(Need, match.need_id) if match else None
    if need is None:
        raise Refused("no_such_record", ref=ref)
    return need.ref
