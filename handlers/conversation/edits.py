"""Changing a record by the form that made it: what it says now, what would change, and what to do when it changed meanwhile.

A draft that changes a record is *about* `N-2026-0007@3`: the record and the revision the person saw.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from handlers.conversation import present
from handlers.conversation.forms import Answers, Form
from handlers.conversation.present import Sources
from handlers.conversation.reply import Line
from handlers.conversation.text import T, Text
from storage.turns import DraftState


@dataclass(frozen=True, slots=True)
class Record:
    """A record as its form knows it: its answers as plain JSON values, and the revision they stand at."""

    ref: str
    answers: Answers
    revision: int

    @property
    def about(self) -> str:
        return f"{self.ref}@{self.revision}"


def record_of(draft: DraftState) -> str | None:
    """The reference of the record a draft changes; None where it makes a new one."""
    ref, at, _ = (draft.about or "").partition("@")
    return ref if at else None


def is_current(draft: DraftState, record: Record) -> bool:
    """Whether nobody changed the record since the draft was begun."""
    return draft.about == record.about


def rebased(draft: DraftState, record: Record, form: type[Form]) -> DraftState:
    """The draft on top of the record as it stands now: what the person changed stays, all else is the record's."""
    touched = {*draft.trail, *(form.question(name).ask.with_ for name in draft.trail)}
    kept = {name: value for name, value in draft.answers.items() if name.removeprefix("~") in touched}
    return replace(draft, about=record.about, answers={**record.answers, **kept})


def changed(form: type[Form], before: Answers, after: Answers, sources: Sources) -> tuple[Text, ...]:
    """What differs between two sets of answers, a line each: "Estimated cost: USD 200,000 → USD 250,000"."""
    return tuple(_differences(_lines(form, before, sources), _lines(form, after, sources)))


def difference(form: type[Form], before: Answers, after: Answers) -> tuple[dict[str, Any], dict[str, Any]]:
    """The answers that differ, as they were and as they are: what the audit trail keeps of a change. An amount keeps its currency."""
    differ = [name for name in form.model_fields if before.get(name) != after.get(name)]
    partners = [(q.name, q.ask.with_) for q in form.questions if q.ask.with_]
    names = dict.fromkeys([*differ, *(name for pair in partners if set(pair) & set(differ) for name in pair)])
    return {name: before.get(name) for name in names}, {name: after.get(name) for name in names}


def _lines(form: type[Form], answers: Answers, sources: Sources) -> Mapping[str, Line]:
    known = {name: sorted(value) if isinstance(value, list) else value for name, value in answers.items() if name in form.model_fields}
    asked = DraftState("", 0, "", form.form_name, known)
    return {line.name: line for line in present.lines(form, asked, sources)}


def _differences(before: Mapping[str, Line], after: Mapping[str, Line]) -> Iterator[Text]:
    for name, line in {**before, **after}.items():
        was, is_ = (side[name].value if name in side else T("word.none") for side in (before, after))
        if was != is_:
            yield T("change.field", label=line.label, before=was, after=is_)
