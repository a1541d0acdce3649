"""Nobody is told twice, nobody is forgotten: the laws of delivery, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import repeat

import pytest
from sqlmodel import Session

from scheduler.backoff import MOST_ATTEMPTS
from scheduler.delivery import Pace
from scheduler.door import NeverAgain, TryLater
from scheduler.outcome import Outcome
from scheduler.watcher import overdue
from storage import backlog, deliveries
from tests.post import NOON, Platform, Post, new_database, until_quiet
from tests.post import deliveries as delivering

LEASE = 61.0


@pytest.fixture
def post(database_url: str) -> Iterator[Post]:
    with new_database(database_url) as database:
        yield Post(database)


def claimed(session: Session, owner: str, limit: int = 10) -> list[deliveries.Claimed]:
    return deliveries.claim(
        session.connection(),
        owner=owner,
        door="post",
        doors=("post",),
        per_second=1000.0,
        business_now=NOON,
        limit=limit,
        answers=limit,
        lease_seconds=60.0,
    )


async def test_two_workers_never_send_one_row_twice(post: Post) -> None:
    someone = [post.person(f"p{n}") for n in range(40)]
    for n in range(120):
        post.tell(f"k{n}", person=someone[n % 40], answer_at=f"p{n % 40}")
    platform = Platform()
    small = Pace(batch=7, concurrency=3, patience=30)
    with delivering(post, platform, owner="one", pace=small) as one, delivering(post, platform, owner="two", pace=small) as two:
        rounds: list[tuple[Outcome, Outcome]] = []
        while not rounds or any(outcome.claimed for outcome in rounds[-1]):
            rounds.append(await asyncio.gather(one.run_once(), two.run_once()))
    assert set(platform.counts) == {f"k{n}" for n in range(120)}
    assert set(platform.counts.values()) == {1}
    assert all(outcome.sent == 7 for outcome in rounds[0]), "they share the work"
    assert set(post.states().values()) == {"sent"}


def test_claims_at_the_same_moment_share_the_rows_and_keep_the_lanes(post: Post) -> None:
    people_ = [post.person(f"p{n}") for n in range(20)]
    for n in range(60):
        post.tell(f"k{n}", person=people_[n % 20], answer_at=f"p{n % 20}")

    def take(owner: str) -> list[deliveries.Claimed]:
        with post.database.transaction() as session:
            return claimed(session, owner)

    with ThreadPoolExecutor(4) as threads:
        taken = [row for rows in threads.map(take, ("a", "b", "c", "d")) for row in rows]
    assert len(taken) == len({row.id for row in taken}) == len({row.person_id for row in taken})
    assert {row.key for row in taken} <= {f"k{n}" for n in range(20)}


async def test_a_later_message_waits_for_the_earlier_one_of_the_same_person(post: Post) -> None:
    amina, lars = post.person("amina"), post.person("lars")
    for n in range(3):
        post.tell(f"a{n}", person=amina, answer_at="amina", late=10 - n)
    post.tell("l0", person=lars, answer_at="lars")
    platform = Platform()
    platform.trouble["amina"] = iter([TryLater("overloaded")])
    with delivering(post, platform) as delivery:
        await until_quiet(delivery)
        assert platform.keys == ["l0"]
        post.pass_time(10)
        await until_quiet(delivery)
    assert platform.keys == ["l0", "a0", "a1", "a2"]


async def test_an_answer_does_not_wait_behind_what_is_pushed(post: Post) -> None:
    amina = post.person("amina")
    post.tell("alert", person=amina, late=60)
    platform = Platform()
    platform.trouble["amina"] = iter([TryLater("overloaded")])
    with delivering(post, platform) as delivery:
        await until_quiet(delivery)
        post.tell("answer", person=amina, answer_at="amina")
        await until_quiet(delivery)
    assert platform.keys == ["answer"]


@pytest.mark.parametrize("had_arrived", [True, False])
async def test_after_a_crash_in_sending_the_platform_is_asked_first(post: Post, had_arrived: bool) -> None:
    post.tell("k", person=post.person("amina"))
    platform = Platform()
    with post.database.transaction() as session:
        assert [row.key for row in claimed(session, "crashed")] == ["k"]
    if had_arrived:
        platform.taken.append(("amina", "k", "k"))
    with delivering(post, platform, owner="next") as delivery:
        assert not (await delivery.run_once()).claimed, "the lease of the crashed sender still holds"
        post.pass_time(LEASE)
        assert (await delivery.run_once()).sent == 1
    assert platform.asked == ["k"]
    assert platform.counts == {"k": 1}
    assert post.row("k").message_id == ("found-0" if had_arrived else "post-1")


async def test_a_message_accepted_and_then_dropped_is_found_and_not_doubled(post: Post) -> None:
    post.tell("k", person=post.person("amina"))
    platform = Platform()
    platform.forgets["amina"] = TryLater("connection reset")
    with delivering(post, platform) as delivery:
        assert (await delivery.run_once()).later == 1
        post.pass_time(10)
        assert (await delivery.run_once()).sent == 1
    assert platform.counts == {"k": 1}


async def test_a_sender_whose_lease_was_taken_over_marks_nothing(post: Post) -> None:
    post.tell("k", person=post.person("amina"))
    with post.database.transaction() as session:
        (slow,) = claimed(session, "one")
    post.pass_time(LEASE)
    with post.database.transaction() as session:
        (quick,) = claimed(session, "one")
        assert quick.was_sending
        assert quick.attempts == 1
    with post.database.transaction() as session:
        assert deliveries.mark_sent(session.connection(), [(slow, "m1")], now=NOON) == 0
        assert deliveries.mark_later(session.connection(), [(slow, 5.0, "late", True)]) == 0
        assert deliveries.mark_failed(session.connection(), [(slow, "late")]) == 0
        assert deliveries.mark_sent(session.connection(), [(quick, "m2")], now=NOON) == 1
    row = post.row("k")
    assert (row.state, row.message_id, row.sent_at) == ("sent", "m2", NOON)


async def test_one_poisoned_row_holds_nobody_else(post: Post) -> None:
    for name in ("amina", "boris", "chen", "dana"):
        post.tell(name, person=post.person(name), body=[{"$": "Nonsense"}] if name == "amina" else None)
    platform = Platform()
    platform.trouble["boris"] = repeat(RuntimeError("surprise\x00 \u202e"))
    with delivering(post, platform) as delivery:
        await until_quiet(delivery)
        assert sorted(platform.keys) == ["chen", "dana"]
        for _ in range(MOST_ATTEMPTS):
            post.pass_time(901)
            await until_quiet(delivery)
        assert platform.tried["boris"] == MOST_ATTEMPTS
        assert post.states() == {"amina": "failed", "boris": "failed", "chen": "sent", "dana": "sent"}
        with post.database.transaction() as session:
            failed = backlog.list_failed(session.connection())
            assert [(row.to, row.attempts) for row in failed] == [("amina", MOST_ATTEMPTS), ("boris", MOST_ATTEMPTS)]
            assert backlog.requeue(session.connection(), [row.id for row in failed if row.to == "boris"]) == 1
        platform.trouble.clear()
        await until_quiet(delivery)
    assert post.states()["boris"] == "sent"


async def test_senders_that_crash_again_and_again_lose_nothing(post: Post) -> None:
    post.tell("k", person=post.person("amina"))
    platform = Platform()
    for n in range(MOST_ATTEMPTS + 1):
        with post.database.transaction() as session:
            assert len(claimed(session, f"crash{n}")) == 1
        post.pass_time(LEASE)
    with delivering(post, platform) as delivery:
        await until_quiet(delivery)
    assert (platform.counts, platform.asked, post.row("k").attempts) == ({"k": 1}, ["k"], 1)


async def test_what_was_cancelled_or_sent_is_never_sent_again(post: Post) -> None:
    post.tell("sent", person=post.person("amina"))
    platform = Platform()
    with delivering(post, platform) as delivery:
        await until_quiet(delivery)
        post.tell("cancelled", person=post.person("lars"))
        ids = [row.id or 0 for row in post.rows()]
        with post.database.transaction() as session:
            assert backlog.cancel(session.connection(), ids) == 1
        assert not post.tell("sent", person=1)
        with post.database.transaction() as session:
            assert backlog.requeue(session.connection(), ids[:1]) == 0
        post.pass_time(LEASE)
        await until_quiet(delivery)
    assert platform.counts == {"sent": 1}
    assert post.states() == {"sent": "sent", "cancelled": "cancelled"}


async def test_what_could_not_be_begun_within_its_lease_is_given_back(post: Post) -> None:
    post.tell("k", person=post.person("amina"))
    platform = Platform()
    with delivering(post, platform, pace=Pace(lease_seconds=10, send_seconds=20, patience=30)) as delivery:
        outcome = await delivery.run_once()
    assert (outcome.claimed, outcome.sent, platform.taken) == (1, 0, [])
    row = post.row("k")
    assert (row.state, row.attempts) == ("pending", 0)


async def test_the_watcher_sees_what_is_overdue_and_nothing_that_is_held_back(post: Post) -> None:
    amina = post.person("amina")
    post.tell("old", person=amina, answer_at="amina", late=300)
    post.tell("behind", person=amina, answer_at="amina", late=200)
    post.tell("fresh", person=post.person("lars"), late=60)
    platform = Platform()
    platform.trouble["amina"] = iter([TryLater("overloaded", after=900.0)])

    def seen() -> tuple[int, int]:
        with post.database.reading() as session:
            found = overdue(session, NOON)
            assert found.is_clear == (found.unsent + found.failed == 0)
            return found.unsent, found.failed

    assert seen() == (1, 0)
    with delivering(post, platform) as delivery:
        await until_quiet(delivery)
        assert seen() == (0, 0), "it waits as the platform asked"
        post.pass_time(1100)
        assert seen() == (1, 0), "its time came and nobody took it"
        platform.trouble["amina"] = iter([NeverAgain("gone")])
        await until_quiet(delivery)
    assert seen() == (0, 1)


def test_the_backlog_is_counted(post: Post) -> None:
    post.tell("a", person=post.person("amina"), late=30)
    post.tell("b", person=post.person("lars"), late=-30)
    with post.database.reading() as session:
        found = backlog.backlog(session.connection(), business_now=NOON)
    assert (found.due, found.oldest_due) == (1, NOON - timedelta(seconds=30))
    assert found.by_state == {"pending": 2, "sending": 0, "sent": 0, "failed": 0, "cancelled": 0, "enveloped": 0}


def test_a_row_that_may_have_been_sent_stays_so_when_it_is_given_back(post: Post) -> None:
    post.tell("k", person=post.person("amina"))
    for given_back in (False, True, True):
        with post.database.transaction() as session:
            (row,) = claimed(session, "one")
            assert row.was_sending == given_back
        if given_back:
            with post.database.transaction() as session:
                assert deliveries.release(session.connection(), [row]) == 1
        post.pass_time(LEASE)
