"""Nobody is told twice, nobody is forgotten: the laws of delivery, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import repeat

import pytest
from sqlmodel import Session, select

from scheduler.backoff import MOST_ATTEMPTS
from scheduler.delivery import Pace
from scheduler.door import NeverAgain, TryLater
from scheduler.outcome import Outcome
from scheduler.watcher import overdue
from storage import backlog, deliveries, people
from storage.conversation import Channel
from storage.database import machine_time
from storage.people import Identity
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
        lease_seconds=60.0,
    )


async def test_two_workers_never_send_one_row_twice(post: Post) -> None:
    someone = [post.person(f"p{n}") for n in range(40)]
    for n in range(120):
        post.tell(f"k{n}", person=someone[n % 40], answer_at=f"p{n % 40}")
    platform = Platform()
    small = Pace(batch=7, concurrency=3)
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


async def test_one_poisoned_row_holds_nobody_else(post: Post) -> None:
    for name in ("amina", "boris", "chen", "dana"):
        post.tell(name, person=post.person(name), body=[{"$": "Nonsense"}] if name == "amina" else None)
    platform = Platform()
    platform.trouble["boris"] = repeat(RuntimeError("surprise\x00 \ud800"))
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


async def test_several_rows_become_one_envelope_once(post: Post) -> None:
    amina, lars = post.person("amina"), post.person("lars")
    for n, kind in enumerate(("reminder", "alert", "digest")):
        post.tell(f"a{n}", person=amina, kind=kind, late=10 - n)
    post.tell("later", person=amina, late=-60)
    post.tell("alone", person=lars)
    post.tell("answer", person=lars, answer_at="lars")
    platform = Platform()
    platform.forgets["amina"] = TryLater("connection reset")
    with delivering(post, platform, owner="one") as one, delivering(post, platform, owner="two") as two:
        await asyncio.gather(until_quiet(one), until_quiet(two))
        post.pass_time(901)
        await asyncio.gather(until_quiet(one), until_quiet(two))
    assert sorted(platform.texts) == ["a0 / a1 / a2", "alone", "answer"]
    (envelope,) = [row for row in post.rows() if row.kind == "envelope"]
    assert envelope.key.startswith("envelope:")
    inside = {row.key: row.envelope_id for row in post.rows() if row.state == "enveloped"}
    assert inside == dict.fromkeys(("a0", "a1", "a2"), envelope.id)
    assert post.row("later").state == "pending"


async def test_an_envelope_holds_ten_and_the_rest_follows_in_order(post: Post) -> None:
    amina = post.person("amina")
    for n in range(23):
        post.tell(f"{n:02}", person=amina)
    platform = Platform()
    platform.trouble["amina"] = iter([TryLater("overloaded")])
    with delivering(post, platform) as delivery:
        await until_quiet(delivery)
        assert platform.taken == []
        post.pass_time(10)
        await until_quiet(delivery)
    assert [text.split(" / ") for text in platform.texts] == [
        [f"{n:02}" for n in range(10)], [f"{n:02}" for n in range(10, 20)], ["20", "21", "22"],
    ]  # fmt: skip


async def test_what_was_tried_alone_keeps_its_own_key(post: Post) -> None:
    amina = post.person("amina")
    post.tell("first", person=amina, late=10)
    platform = Platform()
    platform.forgets["amina"] = TryLater("connection reset")
    with delivering(post, platform) as delivery:
        await until_quiet(delivery)
        post.tell("second", person=amina)
        post.pass_time(10)
        await until_quiet(delivery)
    assert platform.counts == {"first": 1, "second": 1}


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


async def test_a_silent_place_holds_up_nobody_and_is_given_up_in_time(post: Post) -> None:
    post.tell("s", person=post.person("silent"), late=5)
    platform = Platform()
    platform.silent = {"silent"}
    with delivering(post, platform, pace=Pace(patience=0.02, send_seconds=0.3)) as delivery:
        for n in range(5):
            post.tell(f"k{n}", person=post.person(f"p{n}"))
            await until_quiet(delivery)
        assert sorted(platform.keys) == [f"k{n}" for n in range(5)]
        assert (await delivery.finish()).later == 1
    assert "no answer in time" in (post.row("s").last_error or "")


async def test_what_could_not_be_begun_within_its_lease_is_given_back(post: Post) -> None:
    post.tell("k", person=post.person("amina"))
    platform = Platform()
    with delivering(post, platform, pace=Pace(lease_seconds=10, send_seconds=20)) as delivery:
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
