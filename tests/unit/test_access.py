"""The access table, and who sees what."""

from __future__ import annotations

import pytest

from handlers.conversation.access import ACCESS, ROLES, VISIBILITY, Actor, Owner, Refused, Role, may, require, sees, who_may

KENYA = Actor(1, "Ke", "en", "UTC", (Role("focal_point", party="KE", convention="UNTOC", standing="acting"),))
NORAD = Actor(2, "No", "en", "UTC", (Role("donor", organization_id=7, organization="Norad"),))
SECRETARIAT = Actor(3, "Sec", "en", "UTC", (Role("secretariat"),))
OBSERVER = Actor(4, "Igo", "en", "UTC", (Role("observer", organization_id=9),))
NOBODY = Actor(5, "New", "en", "UTC")
CAPABILITIES = sorted({capability for _, capability, _ in ACCESS})


def test_the_table_names_known_roles_once_each() -> None:
    assert len(ACCESS) == len(set(ACCESS)) > 10
    assert {role for role, _, _ in ACCESS} <= set(ROLES)


@pytest.mark.parametrize("capability", CAPABILITIES)
def test_without_a_role_nothing_is_allowed(capability: str) -> None:
    assert not may(NOBODY, capability)
    with pytest.raises(Refused) as refused:
        require(NOBODY, capability)
    assert refused.value.code == "no_role"


@pytest.mark.parametrize("capability", CAPABILITIES)
def test_every_refusal_says_who_may(capability: str) -> None:
    assert who_may(capability)
    for actor in (KENYA, NORAD, SECRETARIAT, OBSERVER):
        if not may(actor, capability):
            with pytest.raises(Refused) as refused:
                require(actor, capability)
            assert refused.value.params["who"]


def test_a_focal_point_writes_for_their_own_party_only() -> None:
    assert may(KENYA, "need.write", Owner(party="KE"))
    assert not may(KENYA, "need.write", Owner(party="SN"))


@pytest.mark.parametrize(("conventions", "allowed"), [((), True), (("UNTOC",), True), (("UNCAC", "UNTOC"), True), (("UNCAC",), False)])
def test_a_focal_point_writes_on_their_convention_and_is_told_whose_the_other_is(conventions: tuple[str, ...], allowed: bool) -> None:
    owner = Owner(party="KE", conventions=conventions)
    assert may(KENYA, "need.write", owner) == allowed
    if not allowed:
        with pytest.raises(Refused) as refused:
            require(KENYA, "need.write", owner)
        assert refused.value.code == "other_convention"
        assert set(refused.value.params) == {"party", "convention"}


def test_the_secretariat_says_nothing_in_the_name_of_a_state() -> None:
    assert not may(SECRETARIAT, "need.write", Owner(party="KE"))


def test_a_donor_writes_for_their_own_organization_only() -> None:
    assert may(NORAD, "activity.write", Owner(organization_id=7))
    assert not may(NORAD, "activity.write", Owner(organization_id=8))


@pytest.mark.parametrize(
    ("actor", "seen"),
    [
        (SECRETARIAT, {"secretariat", "donors", "parties", "public"}),
        (NORAD, {"donors", "parties", "public"}),
        (KENYA, {"parties", "public"}),
        (OBSERVER, {"public"}),
        (NOBODY, {"public"}),
    ],
    ids=lambda value: value.name if isinstance(value, Actor) else "",
)
def test_each_role_sees_its_levels(actor: Actor, seen: set[str]) -> None:
    assert {level for level in VISIBILITY if sees(actor, level, Owner(party="FJ"))} == seen


def test_ones_own_record_is_always_seen() -> None:
    assert sees(KENYA, "secretariat", Owner(party="KE"))
    assert not sees(KENYA, "secretariat", Owner(party="SN"))
