"""Why somebody is matched with a need, in words for whoever reads it: no activity is named that the reader may not see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from handlers.assistance.overlaps import owner_of
from handlers.assistance.reasons import in_words
from handlers.conversation.access import sees
from handlers.conversation.context import Context
from handlers.conversation.text import Text
from storage.activities import activity_by_ref
from storage.matches import Match


def why(context: Context, match: Match) -> tuple[Text, ...]:
    """The reasons of a match for the person of this turn, spoken to them where the match is theirs."""
    shown = [reason for reason in match.reasons if _may_be_named(context, reason)]
    return in_words(shown, theirs=match.person_id != context.actor.id)


def _may_be_named(context: Context, reason: Mapping[str, Any]) -> bool:
    ref = reason["params"].get("ref")
    if ref is None:
        return True
    activity = activity_by_ref(context.session, ref)
    return activity is not None and sees(context.actor, activity.visibility, owner_of(activity))
