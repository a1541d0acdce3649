"""Type-ahead: the choices of an open draft's field that fit what was typed, in the reader's language first."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from sqlmodel import Session

from bot.house import House
from bot.web.read import key_of, turn_of
from handlers.conversation.context import Context
from handlers.conversation.dispatch import actor_of
from handlers.conversation.forms import Question
from handlers.conversation.reply import Choice
from handlers.conversation.turn import Arrived
from handlers.conversation.words import Reader, say
from storage import turns
from storage.people import DESK
from storage.reference import LANGUAGES, code_list

MOST = 12


def suggestions(house: House, person_id: int, *, draft: str, field: str, typed: str) -> list[dict[str, str]] | None:
    """At most `MOST` of `{value, label}`; None when there is no such field in a draft of this person's."""
    with house.database.reading() as session:
        found = _choices(house, session, person_id, draft, field)
    if found is None:
        return None
    choices, whole, reader = found
    fitting = list(_fitting(choices, typed, reader))
    if typed.strip() and len(fitting) < MOST:
        known = {choice.value for choice in fitting}
        fitting += [choice for choice in _fitting(whole, typed, reader, everywhere=True) if choice.value not in known]
    return [{"value": choice.value, "label": say(choice.label, reader)} for choice in fitting[:MOST]]


def _choices(
    house: House, session: Session, person_id: int, draft_id: str, field: str
) -> tuple[tuple[Choice, ...], tuple[Choice, ...], Reader] | None:
    """What is offered now, the whole list it is taken from, and who reads."""
    connection = session.connection()
    draft = turns.draft(connection, draft_id)
    speaker = turns.speaker(connection, DESK, key_of(person_id))
    spec = house.dispatcher.specs.get(draft.form) if draft else None
    if draft is None or spec is None or speaker is None or draft.person_id != speaker.person_id or field not in spec.form.model_fields:
        return None
    turn = turn_of(person_id, "suggest", Arrived())
    context = Context(session, actor_of(connection, speaker), turn, house.clock.now(session), house.dispatcher.hearing)
    question = spec.form.question(field)
    offered = question.choices(draft.answers, spec.sources(context, draft.answers))
    return offered, _whole(question) or offered, context.reader


def _whole(question: Question) -> tuple[Choice, ...]:
    codes: Iterable[str] = code_list(question.ask.list) if question.ask.list else ()
    return tuple(Choice(value=code, label=question.label_of(code)) for code in codes)


def _fitting(choices: Iterable[Choice], typed: str, reader: Reader, *, everywhere: bool = False) -> Iterable[Choice]:
    """Those whose label begins with what was typed, then those with a word that does, then those that hold it.

    `everywhere`: the labels of all six languages, and the value itself, count too.
    """
    wanted = folded(typed)
    ranked = []
    for number, choice in enumerate(choices):
        names = [folded(say(choice.label, Reader(language, reader.zone))) for language in LANGUAGES] if everywhere else []
        ranks = [
            _rank(name, wanted) for name in (folded(say(choice.label, reader)), *names, *([choice.value.casefold()] if everywhere else []))
        ]
        best = min(ranks)
        if best < 3:
            ranked.append((best, number, choice))
    return [choice for _, _, choice in sorted(ranked, key=lambda entry: entry[:2])]


def _rank(name: str, wanted: str) -> int:
    if name.startswith(wanted):
        return 0
    if f" {wanted}" in name.replace("(", " ").replace("-", " ").replace("’", " ").replace("'", " "):
        return 1
    return 2 if wanted in name else 3


def folded(text: str) -> str:
    """Without case and accents: `cote` finds Côte d’Ivoire."""
    apart = unicodedata.normalize("NFKD", text.strip().casefold())
    return "".join(character for character in apart if not unicodedata.combining(character))
