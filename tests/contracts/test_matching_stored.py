"""Who hears of a need, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from handlers.conversation.reply import Listing, Receipt, Refusal, Review, Say
from storage.matches import Match
from storage.matching import keep_subscription
from storage.needs import Need
from storage.reference import articles, parties
from storage.subscriptions import Subscription, SubscriptionKey
from tests.assistance import NOW, Register, in_english, primary

SENTENCE = "Kenya needs help drafting legislation on trafficking in persons by 30 June 2027, about USD 200,000"
NEED: dict[str, Any] = {"title": "Drafting", "assistance_types": ["legislative_drafting"], "instruments": ["TIP"]}
COURTS: dict[str, Any] = NEED | {"title": "Courts", "recipients": ["KE"], "status": "2"}


@pytest.fixture
def register(database_url: str) -> Iterator[Register]:
    register = Register(database_url)
    register.focal_point("ke", "KE")
    register.donor("no", "Norad")
    register.donor("fr", "AFD")
    yield register
    register.database.close()


def follow(register: Register, handle: str, **filters: object) -> None:
    [receipt] = register.fill(handle, "subscription", **filters)
    assert isinstance(receipt, Receipt)


def test_a_sentence_becomes_a_need_and_the_donor_hears_why(register: Register) -> None:
    follow(register, "no", instruments=["UNTOC", "TIP", "SOM", "FIREARMS"])
    [review] = register.through("ke", register.say("ke", SENTENCE))
    assert isinstance(review, Review)
    receipt = register.press("ke", primary(review).id)[0]
    assert isinstance(receipt, Receipt)
    [need] = register.rows(Need)
    assert (need.ref, need.party, str(need.amount), need.currency, str(need.needed_by)) == (
        receipt.ref, "KE", "200000.00", "USD", "2027-06-30",
    )  # fmt: skip
    [(kind, (alert,))] = register.told("no")
    assert kind == "alert"
    assert isinstance(alert, Listing)
    assert "on the Trafficking in Persons Protocol" in in_english(alert)
    assert [action.id.partition(":")[0] for action in alert.actions] == ["match.interested", "match.declined", "match.already"]


def test_only_those_who_hear_at_once_are_alerted(register: Register) -> None:
    follow(register, "no", frequency="weekly")
    follow(register, "fr")
    register.fill("ke", "need", **NEED)
    assert {match.state for match in register.rows(Match)} == {"suggested", "told"}
    assert register.told("no") == []
    assert len(register.told("fr")) == 1


def test_two_subscriptions_and_an_activity_make_one_match_and_one_alert(register: Register) -> None:
    follow(register, "no", places=["014"])
    follow(register, "no", instruments=["TIP"])
    register.fill("no", "activity", **COURTS)
    register.fill("ke", "need", **NEED)
    [match] = register.rows(Match)
    assert {reason["code"] for reason in match.reasons} >= {"region", "serves", "instruments", "types"}
    assert len(register.told("no")) == 1


def test_nobody_hears_of_their_own_need(register: Register) -> None:
    follow(register, "ke")
    register.fill("ke", "need", **NEED)
    assert register.rows(Match) == []


def test_what_a_person_may_not_see_they_do_not_hear_of(register: Register) -> None:
    register.observer("igo")
    follow(register, "igo")
    follow(register, "no")
    register.fill("ke", "need", **NEED, visibility="secretariat")
    assert register.rows(Match) == []
    register.fill("ke", "need", **NEED, visibility="parties")
    assert [match.person_id for match in register.rows(Match)] == [2]
    register.fill("ke", "need", **NEED, visibility="public")
    assert len(register.told("igo")) == 1
    [(_, (alert,))] = register.told("igo")
    assert [action.id.partition(":")[0] for action in alert.actions] == ["need.show"]


def test_an_answer_reaches_the_focal_point_and_can_be_changed(register: Register) -> None:
    follow(register, "no")
    register.fill("ke", "need", **NEED)
    thanks = register.press("no", "match.interested:N-2026-0001")[-1]
    assert isinstance(thanks, Say)
    assert thanks.actions[0].id == "activity.from_need:N-2026-0001"
    assert "is interested in N-2026-0001" in in_english(register.told("ke"))
    [said, _] = register.press("no", "match.declined:N-2026-0001")
    assert in_english(said) == "Your answer is changed from “Interested” to “Not for us”."
    assert [match.state for match in register.rows(Match)] == ["declined"]
    assert len(register.told("ke")) == 2


def test_the_same_answer_twice_tells_nobody_twice(register: Register) -> None:
    follow(register, "no")
    register.fill("ke", "need", **NEED)
    register.press("no", "match.already:N-2026-0001")
    register.press("no", "match.already:N-2026-0001")
    assert len(register.told("ke")) == 1


def test_somebody_elses_match_cannot_be_answered(register: Register) -> None:
    follow(register, "no")
    register.fill("ke", "need", **NEED)
    [refusal] = register.press("fr", "match.interested:N-2026-0001")
    assert isinstance(refusal, Refusal)
    assert refusal.code == "not_your_match"


def test_a_withdrawn_need_is_not_told_and_comes_back_when_undone(register: Register) -> None:
    follow(register, "no")
    register.fill("ke", "need", **NEED)
    register.say("ke", "withdraw N-2026-0001")
    assert register.told("no") == []
    [refusal] = register.press("no", "match.interested:N-2026-0001")
    assert isinstance(refusal, Refusal)
    assert refusal.code == "need_not_open"
    register.press("ke", "need.restore:N-2026-0001")
    assert [kind for kind, _ in register.told("no")] == ["alert"]


def test_a_new_activity_is_matched_with_open_needs_and_the_focal_point_is_told(register: Register) -> None:
    register.fill("ke", "need", **NEED)
    receipt, fitting = register.fill("no", "activity", **COURTS | {"recipients": ["002"]})
    assert isinstance(receipt, Receipt)
    assert receipt.ref == "A-2026-0001"
    assert "N-2026-0001, Kenya: Drafting" in in_english(fitting)
    assert "may fit your need N-2026-0001" in in_english(register.told("ke"))


def test_ending_a_subscription_ends_the_alerts_and_resuming_brings_them_back(register: Register) -> None:
    follow(register, "no", instruments=["TIP"])
    register.press("no", "subscription.end:1")
    register.fill("ke", "need", **NEED)
    assert register.told("no") == []
    register.press("no", "subscription.resume:1")
    register.fill("ke", "need", **NEED)
    assert len(register.told("no")) == 1
    [refusal] = register.press("fr", "subscription.end:1")
    assert isinstance(refusal, Refusal)


def test_a_subscription_too_broad_to_expand_stays_exact(register: Register) -> None:
    places = [code for code in parties() if code != "KE"]
    with register.database.transaction() as session:
        kept = keep_subscription(session, Subscription(person_id=2, places=places, articles=list(articles()), created_at=NOW))
        assert kept.widened
    assert 0 < len(register.rows(SubscriptionKey)) <= 2000
    register.fill("ke", "need", **NEED, articles=["TIP.5"])
    assert register.told("no") == []


def test_another_partys_need_is_refused_with_whom_to_turn_to(register: Register) -> None:
    register.focal_point("ug", "UG")
    [refusal] = register.say("ke", "Uganda needs training of prosecutors")
    assert isinstance(refusal, Refusal)
    assert refusal.code == "other_party"
    assert "Its focal point is Ug." in in_english(refusal)


def test_a_donor_cannot_register_a_need(register: Register) -> None:
    [refusal] = register.press("no", "form.new:need")
    assert isinstance(refusal, Refusal)
    assert refusal.code == "not_allowed"


def test_a_hidden_need_looks_like_none(register: Register) -> None:
    register.fill("ke", "need", **NEED, visibility="secretariat")
    [hidden] = register.press("no", "need.show:N-2026-0001")
    [absent] = register.press("no", "need.show:N-2026-0009")
    assert isinstance(hidden, Refusal)
    assert isinstance(absent, Refusal)
    assert hidden.code == absent.code == "no_such_record"
