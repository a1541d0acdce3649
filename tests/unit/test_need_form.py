"""The need form: what it refuses, and what it leaves unasked."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from handlers.assistance.activity_form import ActivityForm
from handlers.assistance.need_form import NeedForm
from handlers.conversation.forms import check
from handlers.conversation.references import reference_in

NOW = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)
GOOD: dict[str, Any] = {
    "party": "KE", "title": "Drafting", "assistance_types": ["training"], "instruments": ["TIP"], "needed_by": None, "amount": None,
    "articles": [], "beneficiary": None,
}  # fmt: skip
ACTIVITY: dict[str, Any] = {
    "reported_as": "provider", "organization": "1", "title": "Courses", "recipients": ["KE", "014"], "assistance_types": ["training"],
    "instruments": ["TIP"], "status": "2", "starts_on": "2026-05-01", "ends_on": "2026-12-31", "commitment": None, "articles": [],
    "partners": None,
}  # fmt: skip


def test_a_complete_need_is_taken_with_its_defaults() -> None:
    value = check(NeedForm, GOOD, now=NOW).value
    assert isinstance(value, NeedForm)
    assert (value.priority, value.visibility) == ("medium", "parties")


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("title", "ab", "too_short"),
        ("title", "x" * 121, "too_long"),
        ("assistance_types", [], "choose_some"),
        ("assistance_types", ["magic"], "not_a_choice"),
        ("instruments", [], "choose_some"),
        ("articles", ["UNCAC.99"], "not_a_choice"),
        ("needed_by", "2026-08-30", "in_past"),
        ("amount", "0", "too_small"),
        ("amount", "1000000000001", "too_large"),
        ("description", "x" * 4001, "too_long"),
        ("visibility", "everyone", "not_a_choice"),
    ],
)
def test_a_wrong_answer_is_refused_with_its_code(field: str, value: object, code: str) -> None:
    checked = check(NeedForm, GOOD | {field: value}, now=NOW)
    assert checked.value is None
    assert checked.problems[field].code == code


def test_a_day_is_past_only_when_it_is_over_everywhere() -> None:
    assert check(NeedForm, GOOD | {"needed_by": "2026-08-31"}, now=NOW).value is not None
    assert check(NeedForm, GOOD | {"needed_by": "2026-08-31"}, now=NOW.replace(hour=12)).problems["needed_by"].code == "in_past"


def test_the_currency_is_asked_only_with_an_amount_and_then_it_is_due() -> None:
    assert [q.name for q in check(NeedForm, GOOD, now=NOW).pending] == []
    with_amount = GOOD | {"amount": "200000"}
    assert [q.name for q in check(NeedForm, with_amount, now=NOW).pending] == ["currency"]
    assert check(NeedForm, with_amount, now=NOW).problems == {}
    assert check(NeedForm, with_amount | {"currency": None}, now=NOW).problems["currency"].code == "currency_missing"
    assert check(NeedForm, with_amount | {"currency": "USD"}, now=NOW).value is not None


def test_priority_visibility_and_description_are_never_asked() -> None:
    asked = [question.name for question in check(NeedForm, {}, now=NOW).pending]
    assert asked == ["party", "title", "assistance_types", "instruments", "needed_by", "amount", "articles", "beneficiary"]


def test_articles_of_the_chosen_instruments_are_offered_first() -> None:
    offered = NeedForm.question("articles").choices({"instruments": ["FIREARMS"]}, {})
    assert len(offered) == 21
    assert {choice.value.partition(".")[0] for choice in offered} == {"FIREARMS"}


def test_an_activity_ends_after_it_starts() -> None:
    assert check(ActivityForm, ACTIVITY, now=NOW).value is not None
    problems = check(ActivityForm, ACTIVITY | {"ends_on": "2026-04-30"}, now=NOW).problems
    assert {name: problem.code for name, problem in problems.items()} == {"ends_on": "ends_before_start"}


def test_an_activity_that_was_received_names_its_provider() -> None:
    received = {name: value for name, value in ACTIVITY.items() if name != "organization"} | {"reported_as": "recipient"}
    assert [q.name for q in check(ActivityForm, received, now=NOW).pending] == ["provider"]
    assert check(ActivityForm, received | {"provider": None}, now=NOW).problems["provider"].code == "provider_missing"
    assert check(ActivityForm, received | {"provider": "Norad"}, now=NOW).value is not None


@pytest.mark.parametrize(
    ("typed", "reference"),
    [("n-2020-7", "N-2020-0007"), ("please withdraw N-2026-0012.", "N-2026-0012"), ("A 2026 3", "A-2026-0003"), ("in 2026", None)],
)
def test_references_are_read_as_people_type_them(typed: str, reference: str | None) -> None:
    assert reference_in(typed) == reference
