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
from storage.records import CLOCK_OFFSET, CLOCK_YEARS, DEMO, set_setting, setting

LONGEST = timedelta(days=366)
_WORD = re.compile(r"\d+|[\u3400-\u9fff]|[^\W\d_\u3400-\u9fff]+")
_BETWEEN = re.compile(r"[\s-]*")


def advance(context: Context, rest: str) -> Replies | None:
    """`advance 3 days`, `advance 2 hours`, `advance 1 week`; a number alone is days. None where more than that is said."""
    step = _step(rest, context)
    if step is None:
        return None
    if not setting(context.session, DEMO):
        raise Refused("not_a_demo")
    if not timedelta(0) < step <= LONGEST or (context.now + step).year not in CLOCK_YEARS:
        raise Refused("step_too_long")
    moved = float(setting(context.session, CLOCK_OFFSET) or 0) + step.total_seconds()
    set_setting(context.session, CLOCK_OFFSET, moved)
    context.audit("demo.clock", after={"offset_seconds": moved})
    return (Say(text=T("demo.clock_is", now=Moment(context.now + step, context.actor.zone))),)


def _step(rest: str, context: Context) -> timedelta | None:
    """The length of time that `rest` is, if it is a number and a unit and nothing else."""
    said = rest.casefold().strip(" .!。،,")
    led = [phrase for _, phrase in phrases("advance.by") if said.startswith(phrase)]
    units = [(phrase, unit) for unit in ("days", "weeks", "hours") for _, phrase in phrases(f"unit.{unit}") if said.endswith(phrase)]
    phrase, unit = max(units, key=lambda found: len(found[0]), default=("", "days"))
    counts = (_count(said[len(lead) : len(said) - len(phrase)].strip(), context) for lead in ("", *led))
    count = next((count for count in counts if count is not None), None)
    return None if count is None else timedelta(**{unit: min(count, 10_000)})


def _count(text: str, context: Context) -> int | None:
    """A whole number in digits or words; None where a word of it is no number."""
    if text.isdecimal():
        return int(text[:9])
    words = _WORD.findall(text)
    language = context.actor.language
    if not words or len(words) > 8 or text[0] == "-" or _BETWEEN.fullmatch(_WORD.sub("", text)) is None:
        return None
    if any(word.isdecimal() or not context.hearing.number(word, language=language).values for word in words):
        return None
    found = context.hearing.number(text, language=language).values
    return int(found[0]) if len(found) == 1 else None


CAPABILITY = Capability(name="demo_clock", commands={"advance": advance})
