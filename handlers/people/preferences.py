"""What a person sets for themselves: language, time zone, quiet hours."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from handlers.conference.reminders import replan_party
from handlers.conversation.access import Refused
from handlers.conversation.capability import Capability
from handlers.conversation.context import Context
from handlers.conversation.press import press
from handlers.conversation.reply import Action, Replies, Say
from handlers.conversation.text import Moment, T
from handlers.conversation.words import city, phrases
from storage.people import Person
from storage.reference import LANGUAGES

_HOURS = re.compile(r"(\d{1,2})(?::(\d\d))?\D{1,5}(\d{1,2})(?::(\d\d))?")
_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩", "0123456789")


def _me(context: Context) -> Person:
    person = context.session.get(Person, context.actor.id)
    assert person is not None
    return person


def _set(context: Context, **values: str | None) -> Person:
    """Change preferences, on record; reminders of this person's parties are planned anew where the hour matters."""
    me = _me(context)
    before = {name: getattr(me, name) for name in values}
    for name, value in values.items():
        setattr(me, name, value)
    context.session.add(me)
    context.session.flush()
    context.audit("person.preferences", f"person:{me.id}", before=before, after=values)
    context.notes |= {"language": me.language, "zone": me.zone}
    if "language" not in values:
        for party in context.actor.parties:
            replan_party(context.session, party, context.now)
    return me


def _language(context: Context, rest: str) -> Replies | None:
    named = {phrase: code for code in LANGUAGES for _, phrase in phrases(f"language.{code}")}
    code = rest.strip().casefold()
    code = code if code in LANGUAGES else named.get(code, "")
    if rest.strip() and not code:
        return None  # "language training for judges" is a need
    return _speak(context, (code,)) if code else _which(context)


def _which(context: Context) -> Replies:
    actions = tuple(Action(id=press("person.language", code), label=T(f"language.{code}")) for code in LANGUAGES)
    return (Say(text=T("person.which_language"), actions=actions),)


def _speak(context: Context, args: tuple[str, ...]) -> Replies:
    if not args or args[0] not in LANGUAGES:
        raise Refused("unknown_button")
    _set(context, language=args[0])
    return (Say(text=T("person.language_is", language=T(f"language.{args[0]}"))),)


def _zone(context: Context, rest: str) -> Replies:
    name = _named_zone(rest)
    if name is None:
        raise Refused("zone_unknown", example="Africa/Nairobi")
    me = _set(context, zone=name)
    return (Say(text=T("person.zone_is", zone=me.zone, now=Moment(context.now, me.zone))),)


def _named_zone(said: str) -> str | None:
    """A zone by its own name, or by the city it is named after in any of the six languages."""
    wanted = said.strip()
    if not wanted:
        return None
    try:
        return ZoneInfo(wanted.replace(" ", "_")).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        folded = wanted.casefold()
        for zone in sorted(available_timezones()):
            if "/" in zone and (zone.split("/")[-1].replace("_", " ").casefold() == folded or _city_is(zone, folded)):
                return zone
    return None


def _city_is(zone: str, folded: str) -> bool:
    return any(city(zone, language).casefold() == folded for language in LANGUAGES)


def _quiet(context: Context, rest: str) -> Replies:
    found = _HOURS.search(rest.translate(_DIGITS))
    if found is None:
        me = _set(context, quiet_from=None, quiet_until=None) if rest.strip() else _me(context)
        return _quiet_now(me)
    from_hour, from_minute, until_hour, until_minute = (int(part or 0) for part in found.groups())
    if from_hour > 23 or until_hour > 23 or from_minute > 59 or until_minute > 59:
        raise Refused("hours_unclear")
    return _quiet_now(_set(context, quiet_from=f"{from_hour:02d}:{from_minute:02d}", quiet_until=f"{until_hour:02d}:{until_minute:02d}"))


def _quiet_now(me: Person) -> Replies:
    if me.quiet_from is None or me.quiet_until is None:
        return (Say(text=T("person.quiet_off")),)
    return (Say(text=T("person.quiet_is", start=me.quiet_from, end=me.quiet_until)),)


CAPABILITY = Capability(
    name="preferences",
    commands={"language": _language, "zone": _zone, "quiet": _quiet},
    presses={"person.language": _speak, "person.which_language": lambda context, args: _which(context)},
)
