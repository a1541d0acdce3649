"""What a person may not see is not shown to them, and its existence is not told: every role, every kind of reference, every way in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlmodel import select

from handlers.conversation.access import VISIBILITY
from handlers.conversation.reply import Receipt, Refusal, Replies, Say
from storage.activities import Activity
from storage.matches import Match
from storage.needs import Need
from storage.records import Audit
from tests.assistance import Register, in_english
from tests.contracts.conference_house import ConferenceHouse, appoint, conference_house, words
from tests.contracts.test_handing_in import hand_in

SEES = {
    "sec": VISIBILITY, "sida": VISIBILITY[1:], "fj": VISIBILITY[2:], "chair": VISIBILITY[2:], "igo": VISIBILITY[3:], "new": VISIBILITY[3:],
}  # fmt: skip
"""The levels each person sees of records that are not their own (DOMAIN: visibility)."""
NEED: dict[str, Any] = {"title": "Hidden need", "assistance_types": ["legislative_drafting"], "instruments": ["TIP"]}
ACTIVITY: dict[str, Any] = NEED | {"title": "Hidden activity", "recipients": ["KE"], "status": "2"}
WAYS = {
    "N": ("{}", "need.show:{}", "need.matches:{}", "need.withdraw:{}", "need.restore:{}", "match.interested:{}", "activity.from_need:{}"),
    "A": ("{}", "activity.show:{}"),
    "M": ("{}",),
}
"""How a record is asked for, by the letter of its reference: typed, or by a button made up."""


@pytest.fixture
def register(database_url: str) -> Iterator[Register]:
    register = Register(database_url)
    for handle, party in (("ke", "KE"), ("fj", "FJ")):
        register.focal_point(handle, party)
    for handle, organization in (("no", "Norad"), ("sida", "Sida")):
        register.donor(handle, organization)
    for handle, role in (("sec", "secretariat"), ("chair", "chair"), ("igo", "observer")):
        register.holder(handle, role)
    register.say("new", "hello")
    yield register
    register.database.close()


def ask(register: Register, handle: str, way: str, ref: str) -> str:
    replies = register.press(handle, way.format(ref)) if ":" in way else register.say(handle, way.format(ref))
    return in_english(replies)


def matched(register: Register, *, need: str = "parties", activity: str = "parties") -> None:
    """Norad's activity, then Kenya's need that it fits, each with its visibility: A-2026-0001, N-2026-0001 and their match."""
    register.fill("no", "activity", **ACTIVITY, visibility=activity)
    register.fill("ke", "need", **NEED, visibility=need)


@pytest.mark.parametrize("level", VISIBILITY)
@pytest.mark.parametrize("handle", SEES)
def test_what_is_not_seen_is_answered_like_what_is_not_there(register: Register, handle: str, level: str) -> None:
    matched(register, need=level, activity=level)
    assert len(register.rows(Need)) == len(register.rows(Activity)) == 1
    for letter, ways in WAYS.items():
        if level in SEES[handle]:
            there = letter != "M" or register.rows(Match)
            assert not there or "Hidden" in ask(register, handle, "{}", f"{letter}-2026-0001")
            continue
        for way in ways:
            nowhere = ask(register, handle, way, f"{letter}-2026-0999").replace("0999", "0001")
            assert ask(register, handle, way, f"{letter}-2026-0001") == nowhere


@pytest.mark.parametrize("handle", SEES)
def test_no_list_of_ones_own_shows_what_is_hidden(register: Register, handle: str) -> None:
    matched(register, need="secretariat", activity="secretariat")
    for asked in ("my needs", "my activities", "my subscriptions"):
        assert "Hidden" not in in_english(register.say(handle, asked))


def test_a_match_hidden_with_its_need_is_refused_by_the_reference_that_was_typed(register: Register) -> None:
    matched(register, need="donors")
    for ref in ("M-2026-0001", "M-2026-0077"):
        [refused] = register.say("igo", ref.lower())
        assert isinstance(refused, Refusal)
        assert (refused.code, refused.text.params) == ("no_such_record", {"ref": ref})
    for handle in ("ke", "no", "sec"):
        assert "Hidden need" in in_english(register.say(handle, "M-2026-0001"))


@pytest.mark.parametrize("level", VISIBILITY)
def test_the_party_reads_no_reason_that_names_an_activity_it_may_not_see(register: Register, level: str) -> None:
    matched(register, activity=level)
    register.press("no", "match.interested:N-2026-0001")
    told = in_english(register.press("ke", "need.matches:N-2026-0001"))
    assert "No: interested" in told
    assert "assistance: " in told
    assert "your activity" not in told
    assert ("their activity A-2026-0001, “Hidden activity”" in told) == (level in SEES["fj"])
    assert ("A-2026-0001" in told) == (level in SEES["fj"])
    assert "your activity A-2026-0001" in in_english(register.say("no", "N-2026-0001"))


def test_a_follower_is_spoken_of_and_not_spoken_to(register: Register) -> None:
    register.fill("sida", "subscription", places=["KE"])
    register.fill("ke", "need", **NEED)
    register.press("sida", "match.interested:N-2026-0001")
    told = in_english(register.press("ke", "need.matches:N-2026-0001"))
    assert "which they follow" in told
    assert "you follow" not in told.replace("they follow", "")


def code(replies: Replies) -> str:
    last = replies[-1]
    assert isinstance(last, Refusal), in_english(replies)
    return last.code


def test_a_focal_point_writes_on_their_own_convention_only(register: Register) -> None:
    register.focal_point("sn", "SN", convention="UNCAC")
    assert code(register.say("sn", "Senegal needs help drafting legislation on trafficking in persons")) == "other_convention"
    refused = register.fill("sn", "need", **NEED)
    assert code(refused) == "other_convention"
    assert "focal point of Senegal, or a deputy, for the Organized Crime Convention" in in_english(refused)
    assert register.rows(Need) == []
    for instruments in (["UNCAC"], ["UNCAC", "TIP"]):
        [receipt, *_] = register.fill("sn", "need", **NEED | {"instruments": instruments})
        assert isinstance(receipt, Receipt)


def test_a_deputy_writes_and_a_colleague_on_another_convention_only_reads(register: Register) -> None:
    register.focal_point("deputy", "KE", standing="deputy")
    register.focal_point("colleague", "KE", convention="UNCAC")
    register.fill("ke", "need", **NEED, visibility="secretariat")
    assert "Hidden need" in in_english(register.say("colleague", "N-2026-0001"))
    assert code(register.press("colleague", "need.withdraw:N-2026-0001")) == "other_convention"
    assert isinstance(register.press("deputy", "need.withdraw:N-2026-0001")[0], Say)


def test_an_activity_that_a_party_reported_says_so_and_is_the_partys(register: Register) -> None:
    register.focal_point("deputy", "KE", standing="deputy")
    register.fill("ke", "activity", **ACTIVITY, provider="World Bank", visibility="secretariat")
    for handle in ("ke", "deputy", "sec"):
        assert "Reported by Kenya" in in_english(register.say(handle, "A-2026-0001"))
    assert "Hidden activity" in in_english(register.say("deputy", "my activities"))
    assert code(register.say("fj", "A-2026-0001")) == "no_such_record"


def test_who_registered_an_activity_and_left_the_organization_no_longer_sees_it(register: Register) -> None:
    register.fill("no", "activity", **ACTIVITY, visibility="secretariat")
    register.leave("no")
    register.donor("no", "Sida")
    assert code(register.say("no", "A-2026-0001")) == "no_such_record"
    assert "Hidden" not in in_english(register.say("no", "my activities"))


@pytest.fixture
def house(database_url: str) -> Iterator[ConferenceHouse]:
    with conference_house(database_url) as house:
        yield house


@pytest.mark.parametrize("handle", ["pe", "sec", "igo", "donor", "new"])
def test_a_submission_of_others_is_unknown_like_one_that_is_not_there(house: ConferenceHouse, handle: str) -> None:
    hand_in(house, "ke", "submit our credentials", "Kenya")
    here, nowhere = (house.said(handle, f"withdraw C-2020-{number}") for number in ("0001", "0009"))
    assert isinstance(here[0], Refusal)
    assert [words(reply) for reply in here] == [words(reply) for reply in nowhere]
    with house.database.reading() as session:
        assert len(session.exec(select(Audit).where(Audit.outcome == "refused")).all()) == 2


def test_a_focal_point_on_another_convention_hands_nothing_in(house: ConferenceHouse) -> None:
    hand_in(house, "ke", "submit our credentials", "Kenya")
    with house.database.transaction() as session:
        person = appoint(session, "colleague", "focal_point", "KE", "en", "UTC", convention="UNCAC")
        assert person.id
    for text in ("submit our credentials", "withdraw C-2020-0001", "withdraw a submission"):
        refused = house.said("colleague", text)
        assert isinstance(refused[0], Refusal)
        assert refused[0].code == "other_convention"
