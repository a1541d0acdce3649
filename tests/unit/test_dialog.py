"""Slot filling: laws of a draft, without storage or doors."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated

import pytest
from pydantic import Field

from handlers.conversation import dialog
from handlers.conversation.forms import Ask, Checked, Form, Problem, check
from storage.turns import DraftState

NOW = datetime(2030, 1, 1, tzinfo=UTC)


class Kind(StrEnum):
    people = "people"
    money = "money"


class TripForm(Form):
    form_name = "trip"

    title: Annotated[str, Field(min_length=3, max_length=80)]
    kind: Kind
    heads: Annotated[int, Field(ge=1, le=500), Ask(when=lambda known: known.get("kind") == "people")] = 1
    day: date
    places: Annotated[frozenset[str], Ask(list="party")] = frozenset()
    note: Annotated[str | None, Field(max_length=20), Ask(kind="long_text")] = None
    hidden: Annotated[Kind, Ask(found=True)] = Kind.people


GOOD = {"title": "Chairs", "kind": "people", "heads": "3", "day": "2030-02-01", "places": ["KE"], "note": None}


def _draft(**answers: object) -> DraftState:
    return DraftState("d", 1, "p", "trip", answers)


def _checked(draft: DraftState) -> Checked:
    return check(TripForm, draft.answers, now=NOW)


def test_questions_are_derived_from_the_types() -> None:
    assert [(q.name, q.kind, q.required, q.vocabulary) for q in TripForm.questions] == [
        ("title", "text", True, None),
        ("kind", "choice", True, "kind"),
        ("heads", "number", False, None),
        ("day", "date", True, None),
        ("places", "choices", False, None),
        ("note", "long_text", False, None),
        ("hidden", "choice", False, "kind"),
    ]


def test_only_what_is_missing_is_pending_and_what_is_found_is_never_asked() -> None:
    assert [q.name for q in _checked(_draft(title="Chairs", day="2030-02-01")).pending] == ["kind", "places", "note"]
    assert check(TripForm, GOOD, now=NOW).pending == ()


@pytest.mark.parametrize(
    ("answers", "field", "code"),
    [
        ({"title": "Hi"}, "title", "too_short"),
        ({"title": "x" * 90}, "title", "too_long"),
        ({"kind": "zzz"}, "kind", "not_a_choice"),
        ({"kind": "people", "heads": "0"}, "heads", "too_small"),
        ({"kind": "people", "heads": "many"}, "heads", "not_a_number"),
        ({"day": "soon"}, "day", "not_a_date"),
        ({"note": "x" * 30}, "note", "too_long"),
    ],
)
def test_a_problem_is_a_code_of_ours(answers: dict[str, object], field: str, code: str) -> None:
    assert check(TripForm, answers, now=NOW).problems[field].code == code


def test_a_problem_says_its_bound() -> None:
    assert check(TripForm, {"title": "Hi"}, now=NOW).problems["title"] == Problem("too_short", {"n": 3})


def test_a_condition_that_no_longer_holds_takes_its_field_along() -> None:
    checked = check(TripForm, GOOD | {"kind": "money", "heads": "9999"}, now=NOW)
    assert isinstance(checked.value, TripForm)
    assert checked.value.heads == 1


def test_back_returns_to_the_question_before() -> None:
    draft = _draft()
    for name in ("title", "kind"):
        draft = dialog.answered(draft, TripForm.question(name), {name: GOOD[name]})
    asked = dialog.unanswered(dialog.back(draft), TripForm, _checked(dialog.back(draft)))
    assert asked is not None
    assert asked.name == "kind"


def test_back_from_an_edit_gives_the_edit_up() -> None:
    draft = DraftState("d", 1, "p", "trip", dict(GOOD), editing="title")
    assert dialog.back(draft).editing is None
    assert dialog.back(draft).answers == GOOD


def test_an_edited_field_is_asked_before_all_others() -> None:
    draft = DraftState("d", 1, "p", "trip", dict(GOOD), editing="title")
    asked = dialog.unanswered(draft, TripForm, _checked(draft))
    assert asked is not None
    assert asked.name == "title"


def test_an_answer_that_fills_another_field_never_overrides_what_was_answered() -> None:
    draft = dialog.answered(_draft(), TripForm.question("title"), {"title": "Mine"})
    draft = dialog.answered(draft, TripForm.question("kind"), {"kind": "money", "title": "Theirs"})
    assert draft.answers["title"] == "Mine"


def test_skipping_the_rest_leaves_only_what_is_required() -> None:
    draft = dialog.rest_skipped(_draft(title="Chairs"), _checked(_draft(title="Chairs")))
    assert [q.name for q in _checked(draft).pending] == ["kind", "day"]


def test_back_undoes_any_walk() -> None:
    rng = random.Random(7)
    for _ in range(200):
        draft, steps = _draft(), 0
        for _ in range(rng.randrange(12)):
            asked = dialog.unanswered(draft, TripForm, _checked(draft))
            if asked is None:
                break
            draft = dialog.answered(draft, asked, {asked.name: GOOD[asked.name]})
            steps += 1
        for _ in range(steps):
            draft = dialog.back(draft)
        assert draft.answers == {}
        assert draft.trail == ()
