"""Overlaps are shown before saving, neutrally and within their visibility."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from handlers.assistance.overlaps import shared_places
from handlers.conversation.reply import Ask, Review
from handlers.conversation.turn import Answered
from handlers.conversation.words import say
from tests.assistance import ENGLISH, Register
from tests.databases import furnished_sqlite_url

COURSES: dict[str, Any] = {
    "title": "Courses", "recipients": ["KE"], "assistance_types": ["training"], "instruments": ["TIP"], "status": "2",
    "starts_on": "2026-01-01", "ends_on": "2026-12-31",
}  # fmt: skip


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    register = Register(furnished_sqlite_url(tmp_path))
    register.donor("no", "Norad")
    register.donor("fr", "AFD")
    yield register
    register.database.close()


def notes(register: Register, **changed: object) -> list[str]:
    """What `fr` is told at the review of an activity."""
    [opened] = register.press("fr", "form.new:activity")
    assert isinstance(opened, Ask)
    [review] = register.through("fr", register.hear("fr", Answered(opened.draft, COURSES | {"title": "Ours"} | changed)))
    assert isinstance(review, Review)
    return [say(note, ENGLISH) for note in review.notes]


def test_an_overlap_is_named_with_what_is_shared(register: Register) -> None:
    register.fill("no", "activity", **COURSES)
    assert notes(register, recipients=["014"]) == [
        "Already planned or running for the same party, instrument or article, type and time:",
        "A-2026-0001: Courses (Norad) · Kenya · Trafficking in Persons Protocol · "
        "Capacity-building through training of practitioners or trainers · 1 January 2026 to 31 December 2026",
    ]


@pytest.mark.parametrize(
    "changed",
    [
        {"recipients": ["PE"]},
        {"instruments": ["UNCAC"]},
        {"assistance_types": ["legal_advice"]},
        {"starts_on": "2027-01-01", "ends_on": "2027-06-30"},
    ],
)
def test_what_differs_in_one_thing_does_not_overlap(register: Register, changed: dict[str, Any]) -> None:
    register.fill("no", "activity", **COURSES)
    assert notes(register, **changed) == []


@pytest.mark.parametrize("status", ["4", "5", "6"])
def test_what_is_over_does_not_overlap(register: Register, status: str) -> None:
    register.fill("no", "activity", **COURSES | {"status": status})
    assert notes(register) == []


def test_a_hidden_activity_is_only_counted(register: Register) -> None:
    register.fill("no", "activity", **COURSES, visibility="secretariat")
    assert notes(register) == ["1 overlapping activity is not open to you; ask the secretariat to introduce you."]


def test_shared_places_are_the_smaller_ones() -> None:
    assert shared_places(["002", "PE"], ["014", "KE"]) == ["014", "KE"]
    assert shared_places(["UG"], ["KE"]) == []
