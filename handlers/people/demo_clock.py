"""The clock of a demo: "advance 3 days" moves it, and what falls due arrives. Refused on any other database."""

from __future__ import annotations

import re
from datetime import timedelta

from handlers.conversation.access import Refused
from handlers.conversation.capability import Capability
from handlers.conversation.context import Context
from handlers.conversation.reply import Replies, Say
from handlers.conversation.text import Moment, T
from handlers.conversation.words import phrases
from storage.records import CLOCK_OFFSET, DEMO, set_setting, setting

_NUMBER = re.compile(r"\d+")
LONGEST = timedelta(days=366)


def advance(context: Context, rest: str) -> Replies | None:
    """`advance 3 days`, `advance 2 hours`, `advance 1 week`; a number alone is days."""
    if not _NUMBER.search(rest) and not context.hearing.number(rest, language=context.actor.language).values:
        return None
    if not setting(context.session, DEMO):
        raise Refused("not_a_demo")
    step = _step(rest, context)
    moved = float(setting(context.session, CLOCK_OFFSET) or 0) + step.total_seconds()
    set_setting(context.session, CLOCK_OFFSET, moved)
    context.audit("demo.clock", after={"offset_seconds": moved})
    return (Say(text=T("demo.clock_is", now=Moment(context.now + step, context.actor.zone))),)


def _step(rest: str, context: Context) -> timedelta:
    number = context.hearing.number(rest, language=context.actor.language)
    digits = _NUMBER.search(rest)
    count = int(number.values[0]) if number.values else int(digits.group()) if digits else 1
    folded = rest.casefold()
    unit = next((name for name in ("weeks", "hours") if any(phrase in folded for _, phrase in phrases(f"unit.{name}"))), "days")
    step = timedelta(**{unit: min(count, 10_000)})
    if not timedelta(0) < step <= LONGEST:
        raise Refused("step_too_long")
    return step


CAPABILITY = Capability(name="demo_clock", commands={"advance": advance})
