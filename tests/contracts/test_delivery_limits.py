"""How fast, and when not: rates, pauses, silence, and the switch that stops all sending; on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from scheduler.delivery import Pace
from scheduler.door import TryLater
from storage import backlog, buckets
from storage.database import machine_time
from tests.post import Platform, Post, new_database, until_quiet
from tests.post import deliveries as delivering


@pytest.fixture
def post(database_url: str) -> Iterator[Post]:
    with new_database(database_url) as database:
        yield Post(database)


async def test_retry_after_is_kept(post: Post) -> None:
    amina, lars = post.person("amina"), post.person("lars")
    post.tell("a", person=amina)
    post.tell("answer", person=amina, answer_at="amina", late=-1)
    post.tell("l", person=lars)
    platform = Platform(per_second=1.0)
    platform.trouble["amina"] = iter([TryLater("ratelimited", after=30.0)])
    with delivering(post, platform) as delivery:
        await until_quiet(delivery)
        with post.database.transaction() as session:
            row, now = post.row("a"), machine_time(session.connection())
            assert row.retry_at is not None
            assert timedelta(seconds=28) < row.retry_at - now < timedelta(seconds=32)
            assert row.attempts == 0, "a limit is no failed attempt"
        assert platform.keys == ["l"]
        post.pass_time(29)
        await until_quiet(delivery)
        assert platform.keys == ["l"]
        post.pass_time(3)
        await until_quiet(delivery)
    assert platform.keys == ["l", "a"]
    assert not platform.asked, "what was refused for a limit was surely not sent"


async def test_a_limit_of_one_place_holds_for_everything_that_goes_there(post: Post) -> None:
    amina = post.person("amina")
    post.tell("alert", person=amina)
    platform = Platform(per_second=1.0)
    platform.trouble["amina"] = iter([TryLater("ratelimited", after=30.0)])
    with delivering(post, platform) as delivery:
        await until_quiet(delivery)
        post.tell("answer", person=amina, answer_at="amina")
        await until_quiet(delivery)
        assert platform.tried == {"alert": 1}
        post.pass_time(32)
        await until_quiet(delivery)
    assert sorted(platform.keys) == ["alert", "answer"]


async def test_a_limit_of_the_whole_app_pauses_its_door_and_no_other(post: Post) -> None:
    for name in ("a1", "a2"):
        post.tell(name, person=post.person(name))
    post.tell("b", person=post.person("b", door="other"))
    platform, other = Platform(), Platform("other")
    platform.trouble["a1"] = iter([TryLater("ratelimited", after=30.0, everywhere=True)])
    platform.trouble["a2"] = iter([TryLater("ratelimited", after=30.0, everywhere=True)])
    with delivering(post, platform, other) as delivery:
        await until_quiet(delivery)
        post.tell("a3", person=post.person("a3"))
        post.tell("b2", person=post.person("b2", door="other"))
        await until_quiet(delivery)
        assert (platform.keys, sorted(other.keys)) == ([], ["b", "b2"])
        post.pass_time(32)
        await until_quiet(delivery)
    assert sorted(platform.keys) == ["a1", "a2", "a3"]


async def test_a_place_gets_no_more_than_its_rate_from_two_replicas(post: Post) -> None:
    channel, amina = post.channel("room"), post.person("amina")
    for n in range(6):
        post.tell(f"c{n}", channel=channel, late=60 - n)
    post.tell("a", person=amina)
    platform = Platform(per_second=1.0)
    with delivering(post, platform, owner="one") as one, delivering(post, platform, owner="two") as two:
        for expected in (2, 3, 5):
            await asyncio.gather(until_quiet(one), until_quiet(two))
            await until_quiet(one)
            assert [key for key in platform.keys if key != "a"] == [f"c{n}" for n in range(expected)]
            post.pass_time(1.0 if expected == 2 else 2.0)
    assert platform.counts["a"] == 1


async def test_a_stopped_house_sends_nothing(post: Post) -> None:
    post.tell("k", person=post.person("amina"))
    platform = Platform()
    with post.database.transaction() as session:
        backlog.stop(session, True)
    with delivering(post, platform) as delivery:
        assert await until_quiet(delivery) == 0
        assert post.row("k").attempts == 0
        with post.database.transaction() as session:
            backlog.stop(session, False)
        assert await until_quiet(delivery) == 1


async def test_stopping_holds_back_what_was_claimed_and_not_begun(post: Post) -> None:
    for n in range(20):
        post.tell(f"k{n}", person=post.person(f"p{n}"))
    platform = Platform()
    platform.silent = {f"p{n}" for n in range(20)}
    with delivering(post, platform, pace=Pace(concurrency=2, patience=0.05)) as delivery:
        assert (await delivery.run_once()).claimed == 20
        with post.database.transaction() as session:
            backlog.stop(session, True)
        platform.speaks.set()
        await delivery.finish()
    assert len(platform.taken) <= 4, "what was being sent when the switch was turned, and what began before the first commit told"
    states = list(post.states().values())
    assert (states.count("sent"), states.count("pending")) == (len(platform.taken), 20 - len(platform.taken))


async def test_a_silent_place_holds_up_nobody_and_is_given_up_in_time(post: Post) -> None:
    post.tell("s", person=post.person("silent"), late=5)
    platform = Platform()
    platform.silent = {"silent"}
    with delivering(post, platform, pace=Pace(patience=0.02, send_seconds=0.3)) as delivery:
        for n in range(5):
            post.tell(f"k{n}", person=post.person(f"p{n}"))
            await until_quiet(delivery)
        assert sorted(platform.keys) == [f"k{n}" for n in range(5)]
        await delivery.finish()
    assert "no answer in time" in (post.row("s").last_error or "")


async def test_an_answer_is_not_kept_waiting_by_a_thousand_reminders(post: Post) -> None:
    for n in range(30):
        post.tell(f"r{n}", person=post.person(f"p{n}"), late=100)
    amina = post.person("amina")
    platform = Platform()
    platform.silent = {f"p{n}" for n in range(30)}
    with delivering(post, platform, pace=Pace(batch=30, concurrency=4, patience=0.02)) as delivery:
        await delivery.run_once()
        post.tell("answer", person=amina, answer_at="amina")
        await delivery.run_once()
        assert platform.keys == ["answer"]
        platform.speaks.set()
        await delivery.finish()
        await until_quiet(delivery)
    assert set(platform.counts) == {"answer"} | {f"r{n}" for n in range(30)}


def test_a_token_is_given_once_however_many_ask_at_the_same_moment(post: Post) -> None:
    def ask(_: int) -> float:
        with post.database.transaction() as session:
            return buckets.reserve(session.connection(), ["place"], per_second=0.001)[0]

    with ThreadPoolExecutor(8) as threads:
        waits = list(threads.map(ask, range(16)))
    assert waits.count(0.0) == buckets.burst_of(0.001)


def test_a_bucket_that_is_full_again_is_forgotten(post: Post) -> None:
    with post.database.transaction() as session:
        buckets.reserve(session.connection(), ["old", "paused"], per_second=1.0)
        buckets.pause(session.connection(), "paused", seconds=buckets.KEPT_SECONDS * 3)
    post.pass_time(buckets.KEPT_SECONDS + 1)
    with post.database.transaction() as session:
        buckets.reserve(session.connection(), ["new"], per_second=1.0)
        assert buckets.forget_full(session.connection()) == 1
        assert buckets.is_paused(session.connection(), "paused")
