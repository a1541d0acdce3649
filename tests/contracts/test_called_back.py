"""What is wanted no more before it was sent does not arrive, alone or inside an envelope; on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlmodel import select

from handlers.conference import reminders
from scheduler.clock import BusinessClock
from scheduler.delivery import Delivery, Pace
from scheduler.door import TryLater
from storage import backlog
from storage.conference import Deadline
from storage.database import Database
from storage.matches import hold_alerts, release_alerts
from storage.outbox import Outbox
from storage.recall import TOO_LATE, call_back, let_go
from tests.contracts.conference_house import ConferenceHouse, action, conference_house
from tests.post import NOON, Platform, Post, new_database, until_quiet
from tests.post import deliveries as delivering


@pytest.fixture
def house(database_url: str) -> Iterator[ConferenceHouse]:
    with conference_house(database_url) as house:
        house.at("2020-10-08T12:00")
        house.tick()
        yield house


@pytest.fixture
def post(database_url: str) -> Iterator[Post]:
    with new_database(database_url) as database:
        yield Post(database)


async def keys_sent(house: ConferenceHouse) -> list[str]:
    """The keys of everything that leaves now, one member of an envelope after the other."""
    door = Keys("desk")
    delivery = Delivery(house.database, (door,), BusinessClock(lambda: house.now), "one", pace=Pace(patience=30.0))
    try:
        await until_quiet(delivery)
    finally:
        await delivery.close()
    with house.database.reading() as session:
        rows = session.exec(select(Outbox)).all()
        sent = {row.id for row in rows if row.state == "sent"}
        return [row.key for row in rows if row.id in sent or (row.state == "enveloped" and row.envelope_id in sent)]


class Keys(Platform):
    """Takes whatever it is given."""

    async def send(self, address: object, message: object, *, key: str) -> str:
        return key


def reminders_of(keys: list[str], deadline: int, party: str) -> list[str]:
    return [key for key in keys if key.startswith(f"reminder:{deadline}:") and f":{party}:" in key]


async def test_what_was_queued_before_handing_in_does_not_arrive(house: ConferenceHouse) -> None:
    credentials = house.deadline("credentials")
    assert reminders_of(house.told()["ke"], credentials, "KE")
    for said in ("submit our credentials", "Credentials of Kenya"):
        house.said("ke", said)
    house.pressed("ke", action(house.said("ke", "skip"), "form.save"))
    sent = await keys_sent(house)
    assert reminders_of(sent, credentials, "KE") == []
    assert len(reminders_of(sent, credentials, "FJ")) == 1


async def test_what_was_queued_before_the_closing_does_not_arrive_after_it(house: ConferenceHouse) -> None:
    credentials = house.deadline("credentials")
    with house.database.transaction() as session:
        backlog.stop(session, True)
        closes_at = session.get_one(Deadline, credentials).closes_at
    assert await keys_sent(house) == []
    house.now = closes_at
    with house.database.transaction() as session:
        backlog.stop(session, False)
    assert [key for key in await keys_sent(house) if key.startswith(f"reminder:{credentials}:")] == []
    with house.database.reading() as session:
        late = session.exec(select(Outbox).where(Outbox.not_after == closes_at)).all()
    assert {(row.state, row.last_error) for row in late} == {("cancelled", TOO_LATE)}


@pytest.mark.parametrize("what", ["moved", "cancelled"])
async def test_what_was_queued_about_a_deadline_that_changed_does_not_arrive(house: ConferenceHouse, what: str) -> None:
    credentials = house.deadline("credentials")
    with house.database.transaction() as session:
        deadline = session.get_one(Deadline, credentials)
        if what == "moved":
            deadline.closes_at, deadline.revision = deadline.closes_at + timedelta(days=20), deadline.revision + 1
        else:
            deadline.cancelled_at = house.now
        session.add(deadline)
        reminders.replan(session, deadline, house.now)
    assert [key for key in await keys_sent(house) if key.startswith(f"reminder:{credentials}:1:")] == []


async def unsent_envelope(post: Post, platform: Platform, *keys: str) -> None:
    """An envelope of `keys` that the platform turned away once."""
    amina = post.person("amina")
    for n, key in enumerate(keys):
        post.tell(key, person=amina, late=10 - n)
    platform.trouble["amina"] = iter([TryLater("overloaded", after=1.0)])
    with delivering(post, platform) as delivery:
        await until_quiet(delivery)
    assert {post.row(key).state for key in keys} == {"enveloped"}


async def sent_then(post: Post, platform: Platform) -> list[str]:
    post.pass_time(61)
    with delivering(post, platform) as delivery:
        await until_quiet(delivery)
    return platform.texts


async def test_an_envelope_goes_without_the_alerts_of_a_need_that_was_withdrawn(post: Post) -> None:
    platform = Platform()
    await unsent_envelope(post, platform, "alert:N-2026-0001:1", "alert:N-2026-0002:1", "notice")
    with post.database.transaction() as session:
        hold_alerts(session, "N-2026-0001")
    assert await sent_then(post, platform) == ["alert:N-2026-0002:1 / notice"]
    assert len(next(row for row in post.rows() if row.kind == "envelope").body) == 2


async def test_an_envelope_whose_members_were_all_called_back_is_not_sent(post: Post) -> None:
    platform = Platform()
    await unsent_envelope(post, platform, "a", "b")
    with post.database.transaction() as session:
        assert sorted(call_back(session.connection(), ["a", "b", "unknown"])) == ["a", "b"]
    assert await sent_then(post, platform) == []
    assert set(post.states().values()) == {"cancelled"}


async def test_what_was_called_back_and_let_go_again_arrives_once(post: Post) -> None:
    platform = Platform()
    await unsent_envelope(post, platform, "alert:N-2026-0001:1", "alert:N-2026-0001:2")
    with post.database.transaction() as session:
        hold_alerts(session, "N-2026-0001")
    with post.database.transaction() as session:
        release_alerts(session, "N-2026-0001")
    assert await sent_then(post, platform) == ["alert:N-2026-0001:1 / alert:N-2026-0001:2"]


async def test_what_an_envelope_left_without_goes_alone_when_it_is_let_go(post: Post) -> None:
    platform = Platform()
    await unsent_envelope(post, platform, "a", "b")
    with post.database.transaction() as session:
        call_back(session.connection(), ["a"])
    assert await sent_then(post, platform) == ["b"]
    with post.database.transaction() as session:
        let_go(session.connection(), ["a"])
    assert await sent_then(post, platform) == ["b", "a"]


async def test_an_envelope_that_may_be_out_is_looked_for_first(post: Post) -> None:
    amina, platform = post.person("amina"), Platform()
    for key in ("a", "b"):
        post.tell(key, person=amina)
    platform.forgets["amina"] = TryLater("connection reset")
    with delivering(post, platform) as delivery:
        await until_quiet(delivery)
    with post.database.transaction() as session:
        call_back(session.connection(), ["a"])
    assert await sent_then(post, platform) == ["a / b"]
    assert [key.startswith("envelope:") for key in platform.asked] == [True]


def test_what_is_being_sent_is_left(post: Post) -> None:
    post.tell("a", person=post.person("amina"))
    _set(post.database, "a", state="sending")
    with post.database.transaction() as session:
        assert call_back(session.connection(), ["a"]) == []
    assert post.row("a").state == "sending"


async def test_a_member_of_an_envelope_whose_moment_is_over_stays_behind(post: Post) -> None:
    platform = Platform()
    await unsent_envelope(post, platform, "a", "b")
    _set(post.database, "a", not_after=NOON)
    assert await sent_then(post, platform) == ["b"]
    assert (post.row("a").state, post.row("a").last_error) == ("cancelled", TOO_LATE)


def _set(database: Database, key: str, **values: object) -> None:
    with database.transaction() as session:
        row = session.exec(select(Outbox).where(Outbox.key == key)).one()
        for name, value in values.items():
            setattr(row, name, value)
        session.add(row)
