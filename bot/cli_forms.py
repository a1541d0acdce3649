"""`liaison need`, `liaison activity`, `liaison subscription`: a form by flags, derived from the form itself as every other skin is."""

from __future__ import annotations

import argparse
import sys
from typing import Any, TextIO

from bot.app import build
from bot.settings import Settings, SettingsProblem
from bot.terminal.chat import NobodyThere, person_id_of
from bot.terminal.form import FormAtTerminal, NotFilled, flag
from bot.terminal.render import on_screen
from handlers.assistance.activity_form import ActivityForm
from handlers.assistance.need_form import NeedForm
from handlers.assistance.subscription_form import SubscriptionForm
from handlers.conversation.forms import Form, Question

FORMS: tuple[tuple[type[Form], str], ...] = (
    (NeedForm, "register a need from the command line"),
    (ActivityForm, "register an activity from the command line"),
    (SubscriptionForm, "follow needs and activities from the command line"),
)


SAID = "Values are said as in the chat; several are parted by a semicolon. On a terminal, what is missing is asked."


def add_parser(subparsers: Any) -> None:
    for form, about in FORMS:
        parser = subparsers.add_parser(form.form_name, help=about, epilog=SAID)
        parser.add_argument("--as", dest="person", metavar="PERSON", required=True, help="who speaks, by their short name: ke, donor-no …")
        parser.add_argument("--dry-run", action="store_true", help="show what would be saved, and save nothing")
        for question in form.questions:
            parser.add_argument(flag(question.name), dest=f"answer_{question.name}", metavar=_metavar(question))
        parser.set_defaults(run=run, form=form)


def _metavar(question: Question) -> str:
    """What a value is: `DATE`, `ARTICLE;…`."""
    if question.kind in ("choice", "choices"):
        named = (question.ask.list or question.vocabulary or "choice").upper()
        return f"{named};…" if question.kind == "choices" else named
    return {"number": "AMOUNT", "long_text": "TEXT"}.get(question.kind, question.kind.upper())


def run(arguments: argparse.Namespace, settings: Settings, out: TextIO) -> int:
    form: type[Form] = arguments.form
    given = {q.name: getattr(arguments, f"answer_{q.name}") for q in form.questions}
    house = build(settings)
    try:
        filling = FormAtTerminal(house, person_id_of(house, arguments.person), _asker(out), lambda text: _write(out, text))
        filling.fill(form.form_name, {name: value for name, value in given.items() if value is not None}, dry_run=arguments.dry_run)
        return 0
    except NobodyThere as problem:
        raise SettingsProblem((f"--as: {problem}",)) from None
    except NotFilled as problem:
        if arguments.dry_run and not problem.lines:
            return 0
        raise SettingsProblem(problem.lines) from None
    finally:
        house.close()


def _asker(out: TextIO) -> Any:
    """Asks on a terminal, once a question; elsewhere nobody is there."""
    if not sys.stdin.isatty():
        return lambda text: None

    def ask(text: str) -> str:
        _write(out, text)
        out.write("> ")
        out.flush()
        line = sys.stdin.readline()
        if not line:
            raise NotFilled("nothing was saved: the answers ended")
        return line.rstrip("\n")

    return ask


def _write(out: TextIO, text: str) -> None:
    out.write(f"{on_screen(text)}\n")
