"""Where somebody is told, and what happens when they cannot be; on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import repeat

import pytest
from sqlmodel import select

from scheduler.door import NeverAgain
from storage import deliveries, people
from storage.conversation import Channel
from storage.people import Identity
from tests.post import NOON, Platform, Post, new_database, until_quiet
from tests.post import deliveries as delivering


@pytest.fixture
def post(database_url: str) -> Iterator[Post]:
    with new_database(database_url) as database:
        yield Post(database)


async def test_permanent_refusal_flags_the_account_and_tells_the_secretariat_once(post: Post) -> None:
    amina = post.person("amina")
    post.person("sec", role="secretariat", language="fr")
    post.person("sec2", role="secretariat")
    post.tell("alert", person=amina, late=5)
    post.tell("answer", person=amina, answer_at="amina")
    platform = Platform()
    platform.trouble["amina"] = repeat(NeverAgain("account_inactive"))
    with delivering(post, platform) as delivery:
        await until_quiet(delivery)
        post.tell("another", person=amina)
        post.pass_time(120)
        await until_quiet(delivery)
    assert platform.tried["alert"] == platform.tried["answer"] == 1
    assert platform.tried["another"] == 0
    states = post.states()
    assert (states["alert"], states["answer"], states["another"]) == ("failed", "failed", "pending")
    assert post.row("another").last_error == deliveries.NO_ACCOUNT
    with post.database.reading() as session:
        account = session.exec(select(Identity.id, Identity.unreachable).where(Identity.person_id == amina)).one()
    assert account[1] == "account_inactive"
    assert sorted((place, text) for place, _, text in platform.taken) == [("sec", "amina"), ("sec2", "amina")]
    assert {key.rsplit(":", 1)[0] for key in platform.keys} == {f"unreachable:{account[0]}"}


async def test_a_channel_that_is_gone_is_flagged_and_the_secretariat_told_once(post: Post) -> None:
    room, sec = post.channel("room"), post.person("sec", role="secretariat")
    post.tell("c0", channel=room, late=5)
    post.tell("c1", channel=room)
    platform = Platform()
    platform.trouble["room"] = repeat(NeverAgain("channel_not_found"))
    with delivering(post, platform) as delivery:
        await until_quiet(delivery)
    with post.database.reading() as session:
        assert session.get_one(Channel, room).unreachable == "channel_not_found"
    assert platform.tried["c0"] == 1
    assert platform.tried["c1"] == 0
    assert platform.keys == [f"unreachable:channel:{room}:{sec}"]


async def test_what_nobody_can_be_told_waits_and_goes_out_when_they_can(post: Post) -> None:
    amina = post.person("amina", door=None)
    post.tell("k", person=amina)
    platform = Platform()
    with delivering(post, platform) as delivery:
        await until_quiet(delivery)
        row = post.row("k")
        assert (row.state, row.attempts, row.last_error) == ("pending", 0, deliveries.NO_ACCOUNT)
        with post.database.transaction() as session:
            session.add(Identity(person_id=amina, door="post", key="amina", address={"place": "amina"}, last_seen_at=NOON))
        post.pass_time(deliveries.NO_ACCOUNT_WAIT)
        await until_quiet(delivery)
    assert platform.keys == ["k"]
    assert not platform.asked


async def test_a_person_is_told_where_they_were_last_and_at_their_desk_only_otherwise(post: Post) -> None:
    amina = post.person("old")
    with post.database.transaction() as session:
        later = NOON + timedelta(hours=1)
        session.add(Identity(person_id=amina, door="post", key="new", address={"place": "new"}, last_seen_at=later))
        session.add(
            Identity(
                person_id=amina,
                door="post",
                key="left",
                address={"place": "left"},
                last_seen_at=2 * later.resolution + later,
                unreachable="x",
            )
        )
        session.add(
            Identity(person_id=amina, door=people.DESK, key="desk", address={"place": "desk"}, last_seen_at=NOON + timedelta(days=1))
        )
    platform, desk = Platform(), Platform(people.DESK)
    with delivering(post, platform, desk) as delivery:
        for place in ("new", "old", "desk"):
            post.tell(place, person=amina)
            await until_quiet(delivery)
            with post.database.transaction() as session:
                account = session.exec(select(Identity).where(Identity.key == place)).one()
                account.unreachable = "gone"
                session.add(account)
    assert [taken[:2] for taken in (*platform.taken, *desk.taken)] == [("new", "new"), ("old", "old"), ("desk", "desk")]


async def test_a_message_is_read_in_the_reader_s_language_and_at_the_channel_s_audience(post: Post) -> None:
    post.tell("p", person=post.person("amina", language="ar"))
    post.tell("c", channel=post.channel("room", language="fr", audience="parties"))
    platform = Platform()
    with delivering(post, platform) as delivery:
        await until_quiet(delivery)
    read = {text: (message.reader.language, message.audience) for text, message in zip(platform.texts, platform.messages, strict=True)}
    assert read == {"p": ("ar", None), "c": ("fr", "parties")}
