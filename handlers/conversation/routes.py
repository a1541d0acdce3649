"""The routes of a house: what each intent, button, command and reference leads to, collected from its capabilities once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import TypeVar

from handlers.conversation import filling
from handlers.conversation.capability import (
    Capability,
    CommandHandler,
    FormSpec,
    IntentHandler,
    PressHandler,
    ReferenceHandler,
    SentHandler,
)
from handlers.conversation.words import phrases

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Command:
    """A command that was said: its name, what it leads to, and what followed the phrase."""

    name: str
    handler: CommandHandler
    rest: str


@dataclass(frozen=True, slots=True)
class Routes:
    """`offered` are the labels of what help offers, in all six languages, and other whole messages, with the press each means.

    `spoken` are (phrase, command) in all six languages by their first letter, the longest first; `opening` the intents that open a form.
    """

    specs: Mapping[str, FormSpec]
    intents: Mapping[str, IntentHandler]
    presses: Mapping[str, PressHandler]
    references: Mapping[str, ReferenceHandler]
    commands: Mapping[str, CommandHandler]
    spoken: Mapping[str, tuple[tuple[str, str], ...]]
    offered: Mapping[str, str]
    whole: frozenset[str]
    in_public: frozenset[str]
    interrupts: frozenset[str]
    opening: frozenset[str]
    sent: SentHandler | None

    def command(self, text: str, *, whole: bool) -> Command | None:
        """The longest command phrase the message begins with; with `whole`, only a message that is nothing else."""
        said = text.strip()
        folded = said.casefold().rstrip(".!?。？！؟ ")
        for phrase, name in self.spoken.get(folded[:1], ()):
            if folded == phrase:
                return Command(name, self.commands[name], "")
            if not whole and name not in self.whole and folded.startswith(phrase) and _ends_word(folded, phrase):
                return Command(name, self.commands[name], said[len(phrase) :].strip(" :.,，："))
        return None


def routes(capabilities: tuple[Capability, ...]) -> Routes:
    """ValueError when two capabilities claim the same thing."""
    specs = _unique((spec.name, spec) for c in capabilities for spec in c.forms)
    commands = _unique(pair for c in capabilities for pair in c.commands.items())
    opening = [(intent, _opening(spec)) for spec in specs.values() for intent in spec.intents]
    return Routes(
        specs=specs,
        intents=_unique([*(pair for c in capabilities for pair in c.intents.items()), *opening]),
        presses=_unique(pair for c in capabilities for pair in c.presses.items()),
        references=_unique(pair for c in capabilities for pair in c.references.items()),
        commands=commands,
        spoken=_spoken(commands),
        offered={phrase: offer.press for c in capabilities for offer in c.offers for _, phrase in phrases(f"offer.{offer.name}")}
        | {said: packed for c in capabilities for said, packed in c.sayings.items()},
        whole=frozenset(name for c in capabilities for name in c.whole),
        in_public=frozenset(name for c in capabilities for name in c.in_public),
        sent=next((c.sent for c in capabilities if c.sent), None),
        opening=frozenset(intent for intent, _ in opening),
        interrupts=frozenset(intent for c in capabilities for intent in c.interrupts),
    )


def _opening(spec: FormSpec) -> IntentHandler:
    return lambda context, understood: filling.begin(context, spec, understood)


def _ends_word(text: str, phrase: str) -> bool:
    """Chinese puts no space after a word."""
    return not text[len(phrase)].isalnum() or (not phrase[-1].isascii() and phrase[-1] > "\u2e80")


def _spoken(names: Iterable[str]) -> Mapping[str, tuple[tuple[str, str], ...]]:
    pairs = {phrase: name for name in names for _, phrase in phrases(f"command.{name}")}
    longest_first = sorted(pairs.items(), key=lambda pair: (pair[0][:1], -len(pair[0])))
    return {letter: tuple(found) for letter, found in groupby(longest_first, key=lambda pair: pair[0][:1])}


def _unique(pairs: Iterable[tuple[str, V]]) -> dict[str, V]:
    found: dict[str, V] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"two capabilities claim {name}")
        found[name] = value
    return found
