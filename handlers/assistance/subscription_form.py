"""The form by which somebody says what they want to hear of; what is left empty is any."""

from __future__ import annotations

from typing import Annotated, Any

from handlers.assistance import heard as hears
from handlers.assistance.choices import Articles, Frequency, Instruments, Places, Types, of_instruments
from handlers.conversation.context import Context
from handlers.conversation.forms import Answers, Ask, Form
from handlers.conversation.hearing import Understood


class SubscriptionForm(Form):
    """Articles and frequency are never asked: they are shown at the review, to be changed there."""

    form_name = "subscription"

    places: Annotated[Places, Ask(list="place")] = ()
    instruments: Annotated[Instruments, Ask(list="instrument")] = ()
    assistance_types: Annotated[Types, Ask(list="assistance_type")] = ()
    articles: Annotated[Articles, Ask(list="article", narrow=of_instruments, found=True)] = ()
    frequency: Annotated[Frequency, Ask(found=True)] = Frequency.at_once


def begin(context: Context, heard: Understood | None) -> Answers:
    """What is known from the start."""
    context.require("subscription.write")
    start: dict[str, Any] = {"frequency": Frequency.at_once.value}
    if heard is None:
        return start
    where = [*heard.regions, *heard.parties]
    unclear = [[*where, code] for code in heard.ambiguous.get("parties", ())]
    return start | hears.topics(heard) | {"places": [] if unclear else where, "~places": unclear}
