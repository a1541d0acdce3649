"""What a capability is: one module, one row in the visible tuple of `handlers.capabilities`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from handlers.conversation.access import Actor
from handlers.conversation.context import Context
from handlers.conversation.edits import Record
from handlers.conversation.forms import Answers, Choices, Form
from handlers.conversation.hearing import Understood
from handlers.conversation.reply import Replies
from handlers.conversation.text import Text
from handlers.conversation.turn import Sent
from storage.turns import DraftState

IntentHandler = Callable[[Context, Understood], Replies]
"""Free text with this intent was heard."""

CommandHandler = Callable[[Context, str], Replies | None]
"""A command was typed; the string is what followed it, as typed. None: what followed makes it no command after all."""

ReferenceHandler = Callable[[Context, str], Replies]
"""A reference was typed on its own; the string is it, as records write it."""

SentHandler = Callable[[Context, Sent], Replies]
"""Files were sent; what was written with them is heard besides."""

PressHandler = Callable[[Context, tuple[str, ...]], Replies]
"""A button was pressed; the strings are what it carried."""


def _no_sources(context: Context, answers: Answers) -> Mapping[str, Choices]:
    return {}


def _no_notes(context: Context, answers: Answers) -> tuple[Text, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class Kept:
    """How the records a form makes are read again, by the first letters of their references.

    `see` gives the record where this person may see it, `change` where they may change it, kept from everybody else until the turn
    ends; both raise Refused.
    """

    letters: str
    see: Callable[[Context, str], Record]
    change: Callable[[Context, str], Record]


@dataclass(frozen=True, slots=True)
class FormSpec:
    """A form and what belongs to it.

    `begin` gives the answers known from the start (what was understood, whose party) or raises Refused; `save` runs with the
    checked value inside the turn's transaction and returns the receipt; `sources` computes choices; `notes` says what to know
    before saving (overlaps).  `intents` open it.  With `kept`, what it made can be changed by it.
    """

    form: type[Form]
    begin: Callable[[Context, Understood | None], Answers]
    save: Callable[[Context, Any, DraftState], Replies]
    intents: tuple[str, ...] = ()
    sources: Callable[[Context, Answers], Mapping[str, Choices]] = _no_sources
    notes: Callable[[Context, Answers], tuple[Text, ...]] = _no_notes
    kept: Kept | None = None

    @property
    def name(self) -> str:
        return self.form.form_name


@dataclass(frozen=True, slots=True)
class Offer:
    """One thing help offers: the press that starts it, and who it is for. Words: `offer.<name>` and `example.<name>`."""

    name: str
    press: str
    suits: Callable[[Actor], bool]


@dataclass(frozen=True, slots=True)
class Capability:
    """`commands` are vocabulary keys `command.<name>` with phrases in six languages; `presses` verbs of packed buttons.

    `references` show the record of a reference typed on its own, by its first letters: `{"N": …}` for `N-2026-0007`.
    A command may be followed by more (`advance 3 days`), unless it is named in `whole`: then it is the whole message or nothing.
    `sayings` are whole messages that mean a press; `sent` takes the files people send.
    `interrupts` are intents that are answered in the middle of a form, which then goes on.  `in_public` names the intents, commands
    and verbs that may be answered where others read along; everything else goes on in a direct message.
    """

    name: str
    intents: Mapping[str, IntentHandler] = field(default_factory=dict)
    commands: Mapping[str, CommandHandler] = field(default_factory=dict)
    whole: tuple[str, ...] = ()
    sent: SentHandler | None = None
    sayings: Mapping[str, str] = field(default_factory=dict)
    presses: Mapping[str, PressHandler] = field(default_factory=dict)
    references: Mapping[str, ReferenceHandler] = field(default_factory=dict)
    forms: tuple[FormSpec, ...] = ()
    offers: tuple[Offer, ...] = ()
    interrupts: tuple[str, ...] = ()
    in_public: tuple[str, ...] = ()
