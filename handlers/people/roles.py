"""Roles: a newcomer asks for one, the secretariat approves or refuses with a button, and they are told (DESIGN 6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError
from sqlmodel import col, select

from handlers.conversation import filling
from handlers.conversation.access import Actor, Refused
from handlers.conversation.capability import Capability, FormSpec, Offer
from handlers.conversation.context import Context
from handlers.conversation.forms import Answers, Ask, Form
from handlers.conversation.hearing import Understood
from handlers.conversation.press import number_in, press
from handlers.conversation.reply import Action, Item, Listing, Receipt, Replies, Say
from handlers.conversation.text import Code, T, Text, Value
from handlers.people.appointing import appoint, has_acting
from storage.people import Person, RoleRequest, decide_request, pending_request, people_appointed
from storage.turns import DraftState


class RoleWanted(StrEnum):
    focal_point = "focal_point"
    donor = "donor"
    observer = "observer"
    chair = "chair"


class ConventionWanted(StrEnum):
    UNTOC = "UNTOC"
    UNCAC = "UNCAC"
    both = "both"


def _is(role: str) -> Any:
    return lambda answers: answers.get("role") == role


class RoleForm(Form):
    """A wish to be appointed. A focal point names the party and the authority that designated them (seed 004, paragraph 3)."""

    form_name = "role"

    role: RoleWanted
    party: Annotated[str | None, Ask(list="party", when=_is("focal_point"), needed=True)] = None
    convention: Annotated[ConventionWanted, Ask(when=_is("focal_point"))] = ConventionWanted.UNTOC
    organization: Annotated[
        str | None, Field(min_length=2, max_length=200), Ask(when=lambda a: a.get("role") in ("donor", "observer"), needed=True)
    ] = None
    authority: Annotated[str | None, Field(max_length=200)] = None

    @model_validator(mode="after")
    def names_whom_they_speak_for(self) -> Self:
        if self.role is RoleWanted.focal_point and not self.party:
            raise PydanticCustomError("required", "a focal point speaks for a party", {"field": "party"})
        if self.role in (RoleWanted.donor, RoleWanted.observer) and not self.organization:
            raise PydanticCustomError("required", "an officer speaks for an organization", {"field": "organization"})
        return self


def _begin(context: Context, understood: Understood | None) -> Answers:
    _asks_for_the_first_time(context)
    return {"party": understood.parties[0]} if understood and len(understood.parties) == 1 else {}


def _asks_for_the_first_time(context: Context) -> None:
    if pending_request(context.session, context.actor.id):
        raise Refused("already_asked")


def _save(context: Context, form: RoleForm, draft: DraftState) -> Replies:
    _asks_for_the_first_time(context)  # two forms may have been begun before either was saved
    request = RoleRequest(
        person_id=context.actor.id, role=form.role.value, party=form.party, organization=form.organization,
        convention=form.convention.value if form.role is RoleWanted.focal_point else None, authority=form.authority, created_at=context.now,
    )  # fmt: skip
    context.session.add(request)
    context.session.flush()
    context.audit("role.asked", f"role_request:{request.id}", after=request.model_dump(mode="json"))
    for member in people_appointed(context.session, "secretariat"):
        context.tell(
            member.id or 0, (_to_decide(context, request, context.actor.name),), key=f"role:{request.id}:{member.id}", kind="notice"
        )
    return (Receipt(text=T("role.asked"), ref=f"R-{request.id}"),)


def _wanted(request: RoleRequest) -> Text:
    """`focal point of Kenya (UNTOC)`, `donor officer at Norad`."""
    facts: Mapping[str, Value] = {
        "role": T(f"role.{request.role}"),
        "party": Code("party", request.party or ""),
        "organization": request.organization or "",
    }
    if request.party:
        return T("role.of_party", convention=T(f"convention_wanted.{request.convention}"), **facts)
    return T("role.of_organization", **facts) if request.organization else T(f"role.{request.role}")


def _to_decide(context: Context, request: RoleRequest, name: str) -> Listing:
    deputy = request.party is not None and has_acting(context.session, request.party, request.convention or "both")
    details = [T("role.authority", authority=request.authority)] if request.authority else [T("role.no_authority")]
    if deputy:
        details.append(T("role.has_acting", party=Code("party", request.party or "")))
    return Listing(
        text=T("role.to_decide"),
        items=(
            Item(
                text=T("role.asks", name=name or T("word.somebody"), wanted=_wanted(request)),
                details=tuple(details),
                ref=f"R-{request.id}",
                actions=(
                    Action(
                        id=press("role.approve", request.id or 0),
                        label=T("role.approve_deputy" if deputy else "role.approve"),
                        style="primary",
                    ),
                    Action(id=press("role.refuse", request.id or 0), label=T("role.refuse"), style="danger"),
                ),
            ),
        ),
    )


def _pending(context: Context, args: tuple[str, ...]) -> RoleRequest:
    """The request a button means; Refused when somebody decided it before."""
    context.require("people.approve")
    number = number_in(args)
    request = context.session.get(RoleRequest, number) if number else None
    if request is None:
        raise Refused("unknown_button")
    if request.state != "pending":
        raise _decided(context, request)
    return request


def _decided(context: Context, request: RoleRequest) -> Refused:
    by = context.session.get(Person, request.decided_by) if request.decided_by else None
    return Refused("decided_already", by=(by.name if by else "") or T("word.somebody"), state=T(f"role.state.{request.state}"))


def _decide(context: Context, request: RoleRequest, state: str) -> Person:
    """Whoever comes first decides; Refused for the other, with what was decided."""
    first = decide_request(context.session, request.id or 0, state, by=context.actor.id, now=context.now)
    context.session.refresh(request)
    if not first:
        raise _decided(context, request)
    context.audit(f"role.{state}", f"role_request:{request.id}", after=request.model_dump(mode="json"))
    return context.session.get_one(Person, request.person_id)


def _approve(context: Context, args: tuple[str, ...]) -> Replies:
    request = _pending(context, args)
    person = _decide(context, request, "approved")
    appoint(context.session, request, approved_by=context.actor.id, now=context.now)
    context.tell(person.id or 0, _approved(request), key=f"role:{request.id}:decided", kind="notice")
    return (Say(text=T("role.approved", name=person.name or T("word.somebody"), wanted=_wanted(request))),)


def _approved(request: RoleRequest) -> Replies:
    return (Say(text=T("role.you_are", wanted=_wanted(request)), actions=(Action(id=press("help.show"), label=T("offer.help")),)),)


def _refuse(context: Context, args: tuple[str, ...]) -> Replies:
    request = _pending(context, args)
    person = _decide(context, request, "refused")
    context.tell(
        person.id or 0, (Say(text=T("role.you_are_not", wanted=_wanted(request))),), key=f"role:{request.id}:decided", kind="notice"
    )
    return (Say(text=T("role.refused", name=person.name or T("word.somebody"), wanted=_wanted(request))),)


def _waiting(context: Context, rest: str) -> Replies:
    """Who waits for a decision, the longest first."""
    context.require("people.approve")
    pending: Sequence[RoleRequest] = context.session.exec(
        select(RoleRequest).where(RoleRequest.state == "pending").order_by(col(RoleRequest.id)).limit(20)
    ).all()
    if not pending:
        return (Say(text=T("role.nobody_waits")),)
    people = {request.id: context.session.get(Person, request.person_id) for request in pending}
    shown = [_to_decide(context, request, (people[request.id] or Person(name="", created_at=context.now)).name) for request in pending]
    return (Listing(text=T("role.to_decide"), items=tuple(item for listing in shown for item in listing.items)),)


SPEC = FormSpec(form=RoleForm, begin=_begin, save=_save)


def _ask(context: Context, rest: str) -> Replies | None:
    """`I am the focal point of Kenya` opens the form with what it says."""
    understood = context.hearing.understand(rest, language=None, today=context.today)
    if rest and not understood.parties:
        return None
    return filling.begin(context, SPEC, understood, answers={"role": "focal_point"} if understood.parties else {})


def _has_no_role(actor: Actor) -> bool:
    return not actor.roles


CAPABILITY = Capability(
    name="roles",
    commands={"role": _ask, "waiting": _waiting},
    whole=("waiting",),
    presses={"role.approve": _approve, "role.refuse": _refuse, "role.waiting": lambda context, args: _waiting(context, "")},
    forms=(SPEC,),
    offers=(
        Offer("role", press("form.new", "role"), _has_no_role),
        Offer("waiting", press("role.waiting"), lambda actor: actor.holds("secretariat")),
    ),
)
