"""Ending an appointment: the secretariat names a person, sees what they hold, and ends it with a button; the person is told (DESIGN 6)."""

from __future__ import annotations

from collections.abc import Mapping

from handlers.conversation.access import Refused
from handlers.conversation.capability import Capability
from handlers.conversation.context import Context
from handlers.conversation.press import number_in, press
from handlers.conversation.reply import Action, Item, Listing, Replies, Say
from handlers.conversation.text import Code, T, Text, Value
from handlers.people.appointing import Ending, end_appointments
from storage.people import Appointment, Organization, Person, appointments_of, people_appointed, people_called
from storage.records import locked


def _held(context: Context, appointment: Appointment) -> Text:
    """`focal point of Kenya (UNTOC)`, `donor officer, Norad`."""
    at = context.session.get(Organization, appointment.organization_id) if appointment.organization_id else None
    facts: Mapping[str, Value] = {"role": T(f"role.{appointment.role}")}
    if appointment.party:
        convention = T(f"convention_wanted.{appointment.convention}")
        return T("role.of_party", convention=convention, party=Code("party", appointment.party), organization="", **facts)
    return T("role.of_organization", organization=at.name, party="", **facts) if at else T(f"role.{appointment.role}")


def _show(context: Context, rest: str) -> Replies:
    """What everybody of this name or short name holds, each with a button that ends it."""
    context.require("people.end")
    found = people_called(context.session, rest.strip()) if rest.strip() else ()
    items = [_item(context, person, held) for person in found for held in appointments_of(context.session, person.id or 0)]
    if not items:
        return (Say(text=T("people.holds_nothing", name=rest.strip()) if rest.strip() else T("people.end_whom")),)
    return (Listing(text=T("people.to_end"), items=tuple(items)),)


def _item(context: Context, person: Person, appointment: Appointment) -> Item:
    end = Action(id=press("people.end", appointment.id or 0), label=T("people.end"), style="danger")
    return Item(text=T("people.holds", name=person.name or T("word.somebody"), held=_held(context, appointment)), actions=(end,))


def _end(context: Context, args: tuple[str, ...]) -> Replies:
    """End one appointment; Refused when it ended before, and for the last one of the secretariat."""
    context.require("people.end")
    number = number_in(args)
    appointment = locked(context.session, Appointment, number) if number else None
    if appointment is None:
        raise Refused("unknown_button")
    if appointment.ended_at is not None:
        raise Refused("ended_already")
    if appointment.role == "secretariat" and len(people_appointed(context.session, "secretariat")) == 1:
        raise Refused("last_of_secretariat")
    by = Ending(context.turn.door, context.actor.id, context.turn.event)
    end_appointments(context.session, (appointment,), by, now=context.now)
    held, person = _held(context, appointment), context.session.get_one(Person, appointment.person_id)
    context.tell(person.id or 0, (Say(text=T("people.you_are_ended", held=held)),), key=f"appointment:{number}:ended", kind="notice")
    return (Say(text=T("people.ended", name=person.name or T("word.somebody"), held=held)),)


CAPABILITY = Capability(name="ending", commands={"end_role": _show}, presses={"people.end": _end})
