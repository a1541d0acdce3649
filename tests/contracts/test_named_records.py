"""A record named in a message is shown; where others read along, only what everybody there may see is shown in place."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlmodel import select

from handlers.conversation.dispatch import Heard
from handlers.conversation.reply import Listing, Refusal, Review, Say
from handlers.conversation.turn import Said, Turn, Where, Who
from storage.conversation import Channel
from storage.needs import Need
from storage.outbox import Outbox
from storage.people import DESK
from tests.assistance import in_english, primary
from tests.house import NOW, Desk, desk_on

NEED = "Kenya needs help drafting legislation on trafficking in persons by 30 June 2027, about USD 200,000"
EVENTS = count(1)


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    with desk_on(database_url, tmp_path) as opened:
        opened.add("ke", "focal_point", party="KE")
        opened.add("no", "donor", organization="Norad")
        opened.add("nobody")
        yield opened


def need(desk: Desk, visibility: str) -> str:
    heard = desk.say("ke", NEED)
    heard = desk.say("ke", "skip the rest")
    heard = desk.say("ke", f"visible to {visibility}")
    review = heard.replies[-1]
    assert isinstance(review, Review)
    desk.press("ke", primary(review).id)
    with desk.house.database.reading() as session:
        [row] = session.exec(select(Need)).all()
        assert row.visibility == visibility
        return row.ref


def in_channel(desk: Desk, handle: str, text: str) -> Heard:
    key = f"person:{desk.people[handle]}"
    where = Where(key="general", kind="channel", name="general", address={"channel": "general"})
    return desk.house.dispatcher.dispatch(
        Turn(f"c{next(EVENTS)}", DESK, Who(key=key, address={"person": desk.people[handle]}), where, Said(text))
    )


def private(desk: Desk) -> list[Outbox]:
    with desk.house.database.reading() as session:
        return [row for row in session.exec(select(Outbox)).all() if row.key.startswith("private:")]


def channel(desk: Desk, audience: str) -> None:
    with desk.house.database.transaction() as session:
        session.add(Channel(door=DESK, key="general", audience=audience, created_at=NOW))


@pytest.mark.parametrize("text", ["{ref}", "what about {ref}?", "please look at {ref}, thank you"])
def test_a_record_named_is_shown_to_who_may_see_it(desk: Desk, text: str) -> None:
    ref = need(desk, "parties")
    shown = desk.say("no", text.format(ref=ref)).replies[-1]
    assert isinstance(shown, Listing)
    assert shown.ref == ref
    refused = desk.say("nobody", text.format(ref=ref)).replies[-1]
    assert isinstance(refused, Refusal)
    assert refused.code == "no_such_record"


def test_a_public_record_is_shown_in_a_channel(desk: Desk) -> None:
    ref = need(desk, "public")
    shown = in_channel(desk, "ke", f"has anybody seen {ref}?").replies[-1]
    assert isinstance(shown, Listing)
    assert ref in in_english((shown,))
    assert not any("withdraw" in action.id or "change" in action.id for action in shown.actions)
    assert private(desk) == []


@pytest.mark.parametrize(
    ("visibility", "audience", "in_place"),
    [
        ("parties", "public", False), ("parties", "parties", True), ("parties", "donors", True), ("donors", "parties", False),
        ("donors", "donors", True), ("secretariat", "donors", False), ("secretariat", "secretariat", True),
    ],
)  # fmt: skip
def test_what_is_not_for_everybody_in_the_channel_goes_on_in_private(desk: Desk, visibility: str, audience: str, in_place: bool) -> None:
    ref = need(desk, visibility)
    channel(desk, audience)
    said = in_channel(desk, "ke", f"has anybody seen {ref}?").replies[-1]
    assert isinstance(said, Listing if in_place else Say)
    assert len(private(desk)) == (0 if in_place else 1)
    assert in_place or ref not in in_english((said,))


def test_what_is_done_to_a_record_named_in_a_channel_is_done_in_private(desk: Desk) -> None:
    ref = need(desk, "public")
    in_channel(desk, "ke", f"withdraw {ref}")
    assert len(private(desk)) == 1
    with desk.house.database.reading() as session:
        assert session.exec(select(Need)).one().status == "withdrawn"
