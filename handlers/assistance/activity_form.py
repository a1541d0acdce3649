"""The form by which a provider says what it does or plans, and a focal point what their party receives (seed 004)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from handlers.assistance import heard as hears
from handlers.assistance.choices import ActivityStatus, Articles, Currency, Instruments, Places, Types, Visibility, of_instruments
from handlers.conversation.access import Actor
from handlers.conversation.context import Context
from handlers.conversation.forms import Answers, Ask, Choices, Form
from handlers.conversation.hearing import Understood
from handlers.conversation.reply import Choice


class ReportedAs(StrEnum):
    """On which side of the activity the person stands who registers it."""

    provider = "provider"
    recipient = "recipient"


def _provides(answers: Answers) -> bool:
    return answers.get("reported_as") == ReportedAs.provider


def _receives(answers: Answers) -> bool:
    return answers.get("reported_as") == ReportedAs.recipient


def _has_commitment(answers: Answers) -> bool:
    return bool(answers.get("commitment"))


class ActivityForm(Form):
    """A provider speaks for an organization of theirs; a recipient names the provider, who may be no user here."""

    form_name = "activity"

    reported_as: ReportedAs
    organization: Annotated[str | None, Ask(source="own_organization", when=_provides)] = None
    provider: Annotated[str | None, Field(max_length=200), Ask(when=_receives)] = None
    title: Annotated[str, Field(min_length=hears.SHORTEST, max_length=hears.LONGEST_TITLE)]
    recipients: Annotated[Places, Field(min_length=1), Ask(list="place")]
    assistance_types: Annotated[Types, Field(min_length=1), Ask(list="assistance_type")]
    instruments: Annotated[Instruments, Field(min_length=1), Ask(list="instrument")]
    status: ActivityStatus
    starts_on: date | None = None
    ends_on: date | None = None
    commitment: Annotated[Decimal | None, Field(gt=0, le=10**12, decimal_places=2), Ask(with_="currency")] = None
    currency: Annotated[Currency, Ask(list="currency", when=_has_commitment, needed=True)] = None
    articles: Annotated[Articles, Ask(list="article", narrow=of_instruments)] = ()
    partners: Annotated[str | None, Field(max_length=500)] = None
    description: Annotated[str | None, Field(max_length=4000), Ask(kind="long_text", found=True)] = None
    visibility: Annotated[Visibility, Ask(found=True)] = Visibility.parties

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> ActivityForm:
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise PydanticCustomError("ends_before_start", "ends before it starts", {"field": "ends_on", "starts": self.starts_on})
        return self

    @model_validator(mode="after")
    def _somebody_provides_it(self) -> ActivityForm:
        field = "organization" if self.reported_as is ReportedAs.provider else "provider"
        if not getattr(self, field) and field in self.model_fields_set:
            raise PydanticCustomError("provider_missing", "an activity without a provider", {"field": field})
        return self

    @model_validator(mode="after")
    def _commitment_has_a_currency(self) -> ActivityForm:
        if self.commitment is not None and self.currency is None and "currency" in self.model_fields_set:
            raise PydanticCustomError("currency_missing", "an amount without a currency", {"field": "currency"})
        return self


def begin(context: Context, heard: Understood | None) -> Answers:
    """What is known from the start; who may register activities for one side only is not asked on which they stand."""
    context.require("activity.write")
    start = _whose(context.actor) | {"visibility": Visibility.parties.value}
    if heard is None:
        return start
    return start | _understood(context, heard, start)


def _whose(actor: Actor) -> dict[str, Any]:
    organizations, parties = actor.organizations, actor.parties
    if organizations and not parties:
        only = str(organizations[0].organization_id) if len(organizations) == 1 else None
        return {"reported_as": ReportedAs.provider.value, "organization": only}
    if parties and not organizations:
        return {"reported_as": ReportedAs.recipient.value, "recipients": list(parties) if len(parties) == 1 else []}
    return {}


def _understood(context: Context, heard: Understood, start: Answers) -> dict[str, Any]:
    unclear = heard.ambiguous.get("parties", ())
    where = [*heard.regions, *heard.parties]
    known: dict[str, Any] = hears.topics(heard) | hears.money(heard, "commitment") | hears.day(heard, "ends_on")
    known |= {"recipients": where or start.get("recipients"), "~recipients": [[*where, code] for code in unclear]}
    known |= {"starts_on": heard.date_from.isoformat() if heard.date_from else None}
    if known.get("starts_on") == known.get("ends_on"):
        known["ends_on"] = None
    return known | {"title": hears.title(context, heard), "description": hears.said(context, heard)}


def sources(context: Context, answers: Answers) -> dict[str, Choices]:
    """The organizations this person speaks for."""
    roles = context.actor.organizations
    return {"own_organization": tuple(Choice(value=str(role.organization_id), label=role.organization or "") for role in roles)}
