"""What was understood of a sentence, as the first answers of this area's forms."""

from __future__ import annotations

from typing import Any

from handlers.assistance.choices import with_their_instruments
from handlers.conversation.context import Context
from handlers.conversation.hearing import Understood
from handlers.conversation.text import Code, Series, T, Text
from handlers.conversation.turn import Said, TakenUp
from handlers.conversation.words import say

SHORTEST, LONGEST_TITLE = 3, 120


def topics(heard: Understood) -> dict[str, Any]:
    """Instruments, articles (with what is unclear about them) and assistance types."""
    unclear = heard.ambiguous.get("articles", ())
    return {
        "instruments": list(with_their_instruments(heard.instruments, heard.articles)),
        "articles": list(heard.articles),
        "~articles": [[code] for code in unclear],
        "assistance_types": list(heard.assistance_types),
    }


def money(heard: Understood, amount: str) -> dict[str, Any]:
    """The sum under the field `amount`, and its currency; several possible currencies are asked about."""
    if heard.amount is None:
        return {}
    return {amount: str(heard.amount), "currency": heard.currency, "~currency": list(heard.ambiguous.get("currency", ()))}


def day(heard: Understood, field: str) -> dict[str, Any]:
    """The deadline or end under `field`; digits that can be read two ways are asked about."""
    unclear = heard.ambiguous.get("date", ())
    if unclear:
        return {f"~{field}": list(unclear)}
    return {field: heard.date.isoformat()} if heard.date else {}


def title(context: Context, heard: Understood) -> str | None:
    """A short title in the person's own language: what is wanted, and on what; None where that was not said."""
    types = heard.assistance_types[:2]
    if not types:
        return None
    wanted = Series(tuple(Code("assistance_type", code) for code in types))
    about = Series(tuple(Code("instrument", code) for code in with_their_instruments(heard.instruments, heard.articles)[:2]))
    longer: tuple[Text, ...] = (T("need.title_on", types=wanted, topic=about),) if about.values else ()
    tried = (say(text, context.reader) for text in (*longer, T("need.title", types=wanted), T("need.title", types=wanted.values[0])))
    return next((text for text in tried if len(text) <= LONGEST_TITLE), None)


def said(context: Context, heard: Understood) -> str | None:
    """The sentence itself, where it says more than that something is wanted."""
    what = context.turn.what
    told = heard.assistance_types or heard.instruments or heard.articles or heard.amount or heard.date
    return what.text.strip() if told and isinstance(what, Said | TakenUp) else None
