"""One's own page: what is due, and what was begun and not finished."""

from __future__ import annotations

from handlers.conference.deadlines import what_is_due
from handlers.conversation.capability import Capability, Offer
from handlers.conversation.context import Context
from handlers.conversation.reply import Replies, Say
from handlers.conversation.text import T
from handlers.people.drafts import open_forms
from handlers.people.help import OFFER_ROLE, offered


def home_with(offers: tuple[Offer, ...]) -> Capability:
    """The home of a house whose capabilities make these offers."""

    def show(context: Context, args: tuple[str, ...]) -> Replies:
        if not context.actor.roles:
            return (Say(text=T("refused.no_role"), actions=(OFFER_ROLE,)),)
        start = Say(text=T("help.again"), actions=offered(context, offers))
        return (*what_is_due(context), *open_forms(context), start)

    return Capability(name="home", presses={"home.show": show})
