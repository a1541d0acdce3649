"""What a type-ahead offers: the choices of a draft's own field that fit what was typed, in the reader's language."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from bot.slack.blocks import OPTIONS, Block, is_carried, option
from bot.slack.read import DOOR
from handlers.conversation.context import Context
from handlers.conversation.dispatch import Dispatcher, actor_of
from handlers.conversation.forms import Choices, Question
from handlers.conversation.reply import Choice
from handlers.conversation.turn import Said, Turn, Where, Who
from handlers.conversation.words import Reader, say
from storage import turns
from storage.reference import code_list


def options(dispatcher: Dispatcher, *, who: Who, draft_id: str, field: str, typed: str) -> list[Block]:
    """At most a hundred options; none when the draft is not this person's."""
    with dispatcher.database.reading() as session:
        speaker = turns.speaker(session.connection(), DOOR, who.key)
        draft = turns.draft(session.connection(), draft_id)
        if speaker is None or draft is None or draft.person_id != speaker.person_id or draft.form not in dispatcher.specs:
            return []
        spec = dispatcher.specs[draft.form]
        question = next((q for q in spec.form.questions if q.name == field), None)
        if question is None:
            return []
        turn = Turn(event="", door=DOOR, who=who, where=Where(key=who.key), what=Said(typed))
        context = Context(session, actor_of(session.connection(), speaker), turn, dispatcher.now(session), dispatcher.hearing)
        offered = question.choices(draft.answers, spec.sources(context, draft.answers))
        return fitting((*offered, *_others(question, offered, typed)), typed, context.reader)


def _others(question: Question, offered: Choices, typed: str) -> Iterator[Choice]:
    """The rest of a long list, of which only the likeliest are offered before something is typed."""
    if typed and question.ask.list:
        known = {choice.value for choice in offered}
        yield from (Choice(value=code, label=question.label_of(code)) for code in code_list(question.ask.list) if code not in known)


def fitting(choices: Choices, typed: str, reader: Reader) -> list[Block]:
    """The choices that hold what was typed: those that begin with it first, accents and case aside."""
    sought = folded(typed)
    found: list[tuple[int, Block]] = []
    for choice in choices:
        shown = say(choice.label, reader)
        at = f"{folded(shown)} {folded(choice.value)}".find(sought)
        if at >= 0 and is_carried(choice.value):
            found.append((min(at, 1), option(shown, choice.value)))
    return [block for _, block in sorted(found, key=lambda pair: pair[0])[:OPTIONS]]


def folded(text: str) -> str:
    """`Côte d'Ivoire` → `cote d'ivoire`: as people type who have no time for accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c)).strip()
