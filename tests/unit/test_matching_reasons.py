"""Whether a need and somebody who may help fit, and why."""

from __future__ import annotations

from datetime import date

import pytest

from handlers.assistance.matching import ORDER, Fit, Reason, Running, Wish, combined, fit_of_activity, fit_of_wish, narrowest
from handlers.assistance.reasons import in_words
from handlers.conversation.words import Reader, catalogue, say
from storage.fitting import Subject
from storage.reference import LANGUAGES

NEED = Subject(("KE",), ("TIP", "UNTOC"), ("UNTOC.29",), ("legislative_drafting", "training"))
BY = date(2027, 6, 30)


def words(fit: Fit) -> list[str]:
    return [say(text, Reader("en", "UTC")) for text in in_words(reason.plain() for reason in fit.reasons)]


def activity(**changed: object) -> Running:
    subject = Subject(("014",), ("TIP",), (), ("training",))
    given: dict[str, object] = {"ref": "A-2026-0001", "title": "Courts", "subject": subject, "starts_on": None, "ends_on": None}
    return Running(**(given | changed))  # type: ignore[arg-type]


def test_a_followed_region_is_named_with_the_party() -> None:
    fit = fit_of_wish(NEED, BY, Wish(places=("002", "014"), instruments=("TIP",), types=("legislative_drafting",)))
    assert words(fit) == [
        "for Kenya, in Eastern Africa, which you follow",
        "on the Trafficking in Persons Protocol",
        "assistance: Legislative drafting",
        "needed by 30 June 2027",
    ]


def test_the_narrowest_place_is_the_reason() -> None:
    assert narrowest("KE", ("001", "african", "202", "014")) == "014"
    assert narrowest("KE", ("002", "KE")) == "KE"
    assert narrowest("KE", ("011",)) is None


@pytest.mark.parametrize(
    ("wish", "more"),
    [
        (Wish(places=("KE",)), Wish(places=("014",))),
        (Wish(places=("014",)), Wish()),
        (Wish(instruments=("UNTOC",), articles=("UNTOC.29",)), Wish(instruments=("UNTOC",))),
        (Wish(types=("legislative_drafting", "training")), Wish(types=("training",))),
    ],
)
def test_what_is_asked_for_more_exactly_scores_higher(wish: Wish, more: Wish) -> None:
    assert fit_of_wish(NEED, BY, wish).score > fit_of_wish(NEED, BY, more).score


def test_a_perfect_fit_scores_a_hundred() -> None:
    subject = Subject(("KE",), ("UNTOC",), ("UNTOC.29",), NEED.types)
    assert fit_of_activity(NEED, BY, activity(subject=subject, ends_on=date(2028, 1, 1))).score == 100


def test_what_does_not_fit_is_said_too() -> None:
    fit = fit_of_activity(NEED, BY, activity(ends_on=date(2027, 1, 1)))
    assert words(fit) == [
        "your activity A-2026-0001, “Courts”, serves Eastern Africa, where Kenya is",
        "on the Trafficking in Persons Protocol",
        "assistance: Capacity-building through training of practitioners or trainers",
        "not covered by A-2026-0001: Legislative drafting",
        "your activity A-2026-0001 ends before: 1 January 2027, while it is needed by 30 June 2027",
    ]
    assert fit.score < fit_of_activity(NEED, BY, activity(ends_on=date(2027, 12, 31))).score


def test_an_activity_that_starts_too_late_says_so() -> None:
    fit = fit_of_activity(NEED, BY, activity(starts_on=date(2027, 9, 1)))
    assert fit.reasons[-1].code == "starts_after"


def test_several_grounds_make_one_match_with_every_reason_once() -> None:
    wish, other = Wish(places=("014",), types=("training",)), Wish(places=("KE",), types=("legislative_drafting",))
    fit = combined([fit_of_wish(NEED, BY, wish), fit_of_wish(NEED, BY, other), fit_of_activity(NEED, BY, activity())])
    codes = [reason.code for reason in fit.reasons]
    assert codes == ["party", "serves_region", "articles", "instruments", "types", "lacking", "by", "in_time"]
    assert Reason("types", {"types": ["training", "legislative_drafting"]}) in fit.reasons
    assert fit.score == max(fit_of_wish(NEED, BY, other).score, fit_of_activity(NEED, BY, activity()).score)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_has_words(language: str) -> None:
    assert [code for code in ORDER if f"reason.{code}" not in catalogue(language).entries] == []


def test_a_reason_of_another_release_is_left_out() -> None:
    assert in_words([{"code": "moon_phase", "params": {}}]) == ()
