"""The examples that help shows are understood, and leave the same record in each of six languages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from handlers.conversation.reply import Ask, Receipt, Review
from handlers.conversation.text import T
from handlers.conversation.words import Reader, missed, say
from storage.activities import Activity, ActivityTag
from storage.needs import Need, NeedLine, NeedTag
from storage.reference import LANGUAGES
from storage.subscriptions import Subscription
from tests.assistance import Register, primary
from tests.databases import furnished_sqlite_url


@pytest.fixture(params=LANGUAGES)
def spoken(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Register, str]]:
    register = Register(furnished_sqlite_url(tmp_path))
    register.focal_point("ke", "KE", language=request.param)
    register.donor("no", "Norad", language=request.param)
    yield register, request.param
    register.database.close()


def example(name: str, language: str) -> str:
    return say(T(f"example.{name}"), Reader(language, "UTC"))


def saved(register: Register, handle: str, text: str, **answers: str) -> None:
    """Say it, answer only what is asked and cannot be skipped, and save."""
    replies = register.through(handle, register.say(handle, text))
    while isinstance(asked := replies[-1], Ask):
        replies = register.through(handle, register.say(handle, answers.pop(asked.field)))
    assert isinstance(review := replies[-1], Review)
    assert answers == {}
    assert isinstance(register.press(handle, primary(review).id)[0], Receipt)


def test_a_need_said_in_one_sentence_is_only_reviewed(spoken: tuple[Register, str]) -> None:
    register, language = spoken
    known = set(missed)
    saved(register, "ke", example("need", language))
    [need] = register.rows(Need)
    said = (need.party, str(need.amount), need.currency, str(need.needed_by), need.language)
    assert said == ("KE", "200000.00", "USD", "2027-06-30", language)
    assert [line.assistance_type for line in register.rows(NeedLine)] == ["legislative_drafting"]
    assert [(tag.list, tag.code) for tag in register.rows(NeedTag)] == [("instrument", "TIP")]
    assert missed == known


def test_an_activity_asks_only_how_far_it_is(spoken: tuple[Register, str]) -> None:
    register, language = spoken
    saved(register, "no", example("activity", language), status="2")
    [activity] = register.rows(Activity)
    tags = {(tag.list, tag.code) for tag in register.rows(ActivityTag)}
    assert tags == {("recipient", "014"), ("instrument", "TIP"), ("assistance_type", "training")}
    assert (activity.provider, str(activity.starts_on), str(activity.ends_on)) == ("Norad", "2027-01-01", "2027-12-31")


def test_a_subscription_is_what_was_said(spoken: tuple[Register, str]) -> None:
    register, language = spoken
    saved(register, "no", example("subscription", language))
    [row] = register.rows(Subscription)
    assert (row.places, row.instruments, row.assistance_types, row.frequency) == (["014"], ["TIP"], [], "at_once")


def test_a_choice_may_be_typed_in_any_language(spoken: tuple[Register, str]) -> None:
    register, language = spoken
    values: dict[str, Any] = {"title": "X", "recipients": ["KE"], "assistance_types": ["training"], "instruments": ["TIP"]}
    register.press("no", "form.new:activity")
    for field in ("title", "recipients", "assistance_types", "instruments"):
        register.say("no", "; ".join(values[field]) if isinstance(values[field], list) else "Courses")
    replies = register.through("no", register.say("no", say(T("activity_status.2"), Reader(language, "UTC"))))
    register.press("no", primary(replies[-1]).id)
    assert [row.status for row in register.rows(Activity)] == ["2"]
