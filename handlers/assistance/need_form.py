"""The form by which a focal point says what their party needs."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from handlers.assistance import heard as hears
from handlers.assistance.choices import Articles, Currency, Instruments, Priority, Types, Visibility, not_over, of_instruments
from handlers.assistance.contacts import contact_of, conventions
from handlers.conversation.access import Owner, Refused
from handlers.conversation.context import Context
from handlers.conversation.forms import Answers, Ask, Choices, Form
from handlers.conversation.hearing import Understood
from handlers.conversation.press import press
from handlers.conversation.reply import Action, Choice
from handlers.conversation.text import Code, Series, T


def _has_amount(answers: Answers) -> bool:
    return bool(answers.get("amount"))


class NeedForm(Form):
    """Priority, visibility and the sentence as typed are never asked: they are shown at the review, to be changed there."""

    form_name = "need"

    party: Annotated[str, Ask(source="own_party")]
    title: Annotated[str, Field(min_length=hears.SHORTEST, max_length=hears.LONGEST_TITLE)]
    assistance_types: Annotated[Types, Field(min_length=1), Ask(list="assistance_type")]
    instruments: Annotated[Instruments, Field(min_length=1), Ask(list="instrument")]
    needed_by: Annotated[date | None, AfterValidator(not_over)] = None
    amount: Annotated[Decimal | None, Field(gt=0, le=10**12, decimal_places=2), Ask(with_="currency")] = None
    currency: Annotated[Currency, Ask(list="currency", when=_has_amount, needed=True)] = None
    articles: Annotated[Articles, Ask(list="article", narrow=of_instruments)] = ()
    beneficiary: Annotated[str | None, Field(max_length=200)] = None
    description: Annotated[str | None, Field(max_length=4000), Ask(kind="long_text", found=True)] = None
    priority: Annotated[Priority, Ask(found=True)] = Priority.medium
    visibility: Annotated[Visibility, Ask(found=True)] = Visibility.parties

    @model_validator(mode="after")
    def _amount_has_a_currency(self) -> NeedForm:
        if self.amount is not None and self.currency is None and "currency" in self.model_fields_set:
            raise PydanticCustomError("currency_missing", "an amount without a currency", {"field": "currency"})
        return self


def begin(context: Context, heard: Understood | None) -> Answers:
    """What is known from the start. Refused where the sentence speaks for another party, or on a convention that is somebody else's."""
    context.require("need.write")
    start: dict[str, Any] = {"party": _party(context, heard), "priority": Priority.medium.value, "visibility": Visibility.parties.value}
    if heard is None:
        return start
    if start["party"] and heard.instruments:
        context.require("need.write", Owner(party=start["party"], conventions=conventions(heard.instruments)))
    known = hears.topics(heard) | hears.money(heard, "amount") | hears.day(heard, "needed_by")
    return start | known | {"title": hears.title(context, heard), "description": hears.said(context, heard)}


def _party(context: Context, heard: Understood | None) -> str | None:
    own = context.actor.parties
    named = (*heard.parties, *heard.ambiguous.get("parties", ())) if heard else ()
    spoken_for = [party for party in named if party in own]
    if heard and named and not spoken_for:
        raise _other_party(context, heard, named[0])
    return next(iter(spoken_for), own[0] if len(own) == 1 else None)


def _other_party(context: Context, heard: Understood, party: str) -> Refused:
    contact = contact_of(context.session, party, heard.instruments)
    who = T("need.focal_point_is", name=contact.name) if contact else T("need.no_focal_point")
    again = Action(id=press("form.new", "need"), label=T("offer.need"), style="primary")
    own = Series(tuple(Code("party", code) for code in context.actor.parties))
    return Refused("other_party", again, party=Code("party", party), own=own, who=who)


def sources(context: Context, answers: Answers) -> dict[str, Choices]:
    """The parties this person speaks for."""
    return {"own_party": tuple(Choice(value=code, label=Code("party", code)) for code in context.actor.parties)}
