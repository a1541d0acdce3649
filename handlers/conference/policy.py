"""The reminder policy: how long before a deadline a party is reminded, for each kind of deadline; the secretariat may change it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from sqlmodel import Session

from handlers.conference.deadlines import what_is_due
from handlers.conference.planning import USUAL_STEPS
from handlers.conference.reminders import POLICY, policy_of, replan_open, set_steps
from handlers.conference.standing import DeadlineKind, kind_named
from handlers.conversation.access import Refused, may
from handlers.conversation.context import Context
from handlers.conversation.reply import Item, Listing, Replies, Say
from handlers.conversation.text import Series, T, Text
from handlers.conversation.words import phrases
from storage.records import setting

MOST_STEPS = 8
LONGEST_DAYS = 365

_COUNTED = re.compile(r"(\d{1,3})\s*")
_UNITS = {"weeks": ("d", 7), "days": ("d", 1), "hours": ("h", 1)}


def steps_said(text: str) -> tuple[str, ...]:
    """The steps a message names, in any of the six languages: `30 days, 24 hours` → `30d`, `24h`; each once, the longest first."""
    found = {step for match in _COUNTED.finditer(text) if (step := _step(int(match[1]), text[match.end() :].casefold()))}
    return tuple(sorted(found, key=_length, reverse=True))


def _step(count: int, after: str) -> str | None:
    unit = next((unit for phrase, unit in _unit_phrases() if after.startswith(phrase)), None)
    if unit is None:
        return None
    letter, times = _UNITS[unit]
    return f"{count * times}{letter}"


@lru_cache(maxsize=1)
def _unit_phrases() -> tuple[tuple[str, str], ...]:
    pairs = {phrase: unit for unit in _UNITS for _, phrase in phrases(f"policy.unit.{unit}")}
    return tuple(sorted(pairs.items(), key=lambda pair: -len(pair[0])))


def _length(step: str) -> int:
    return int(step[:-1]) * (24 if step.endswith("d") else 1)


def step_text(step: str) -> Text:
    """A step as its reader knows it: `14 days`."""
    return T("step.days" if step.endswith("d") else "step.hours", n=int(step[:-1]))


def on_policy(context: Context, rest: str) -> Replies:
    """`remind 30 days, 7 days, 1 day before credentials`; alone, what the policy is; `remind me what we owe` asks what is due."""
    steps = steps_said(rest)
    if not steps and (rest or not may(context.actor, "policy.manage")):
        return what_is_due(context)
    if not steps:
        return (_standing_policy(context.session),)
    context.require("policy.manage")
    if len(steps) > MOST_STEPS or not all(1 <= _length(step) <= LONGEST_DAYS * 24 for step in steps):
        raise Refused("policy_steps", most=MOST_STEPS, days=LONGEST_DAYS)
    kind = kind_named(rest)
    before = policy_of(context.session, kind or "default")
    set_steps(context.session, kind or "default", steps)
    context.audit("reminders.policy", kind or "default", before={"steps": list(before)}, after={"steps": list(steps)})
    replan_open(context.session, context.now)
    return (Say(text=T("policy.changed", steps=_series(steps), kind=_kind_text(kind))),)


def _kind_text(kind: str | None) -> Text:
    return T(f"deadline_kind.{kind}") if kind else T("policy.all_kinds")


def _series(steps: tuple[str, ...]) -> Series:
    return Series(tuple(step_text(step) for step in steps))


def _standing_policy(session: Session) -> Listing:
    return Listing(text=T("policy.standing"), items=tuple(_lines(session)))


def _lines(session: Session) -> Iterator[Item]:
    named = setting(session, POLICY) or {}
    yield Item(text=T("policy.line", kind=T("policy.all_kinds"), steps=_series(tuple(named.get("default", USUAL_STEPS)))))
    for kind in DeadlineKind:
        if kind.value in named:
            yield Item(text=T("policy.line", kind=_kind_text(kind.value), steps=_series(tuple(named[kind.value]))))
