"""The beat of the house: chores and delivery, one failing never holding the other."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

import pytest
from sqlmodel import Session, col, select

from bot.mailbox import MailboxDoor
from scheduler.clock import BusinessClock
from scheduler.delivery import Delivery
from scheduler.due import MOST_BATCHES, Chored, run_chores
from scheduler.metronome import Metronome
from storage import people
from storage.people import Person
from tests.post import CLOCK, NOON, Platform, Post, new_database, until_quiet


@pytest.fixture
def post(database_url: str) -> Iterator[Post]:
    with new_database(database_url) as database:
        yield Post(database)


@dataclass
class Welcomes:
    """A chore with two people a batch; it breaks in the batch `breaks_at`, after having written."""

    name: str = "welcomes"
    breaks_at: int = -1
    batches: int = 0
    told_at: list[datetime] = field(default_factory=list)

    def run(self, session: Session, now: datetime) -> int:
        self.told_at.append(now)
        due = session.exec(select(Person).where(col(Person.welcomed_at).is_(None)).order_by(col(Person.id)).limit(2)).all()
        for person in due:
            person.welcomed_at = now
            session.add(person)
        session.flush()
        self.batches += 1
        if self.batches == self.breaks_at:
            raise RuntimeError("the chore breaks")
        return len(due)


@dataclass
class Endless:
    name: str = "endless"

    def run(self, session: Session, now: datetime) -> int:
        return 1


def welcomed(post: Post) -> int:
    with post.database.reading() as session:
        return len(session.exec(select(Person.id).where(col(Person.welcomed_at).is_not(None))).all())


def test_a_chore_runs_in_batches_until_nothing_is_due(post: Post) -> None:
    for n in range(5):
        post.person(f"p{n}")
    chore = Welcomes()
    assert run_chores(post.database, [chore], CLOCK) == Chored({"welcomes": 5}, ())
    assert (welcomed(post), set(chore.told_at)) == (5, {NOON})
    assert run_chores(post.database, [chore], CLOCK) == Chored({"welcomes": 0}, ())


def test_a_chore_that_breaks_keeps_its_finished_batches_and_holds_no_other(post: Post, caplog: pytest.LogCaptureFixture) -> None:
    for n in range(5):
        post.person(f"p{n}")
    broken, sound = Welcomes("broken", breaks_at=2), Endless()
    with caplog.at_level(logging.ERROR):
        assert run_chores(post.database, [broken, sound], CLOCK) == Chored({"broken": 2, "endless": MOST_BATCHES}, ("broken",))
    assert "the chore breaks" in caplog.text
    assert welcomed(post) == 2
    assert run_chores(post.database, [broken], CLOCK).done == {"broken": 3}


async def test_a_woken_metronome_delivers_at_once_and_stops_when_told(post: Post) -> None:
    amina = post.person("amina")
    platform = Platform()
    metronome = Metronome(post.database, [Welcomes()], CLOCK, Delivery(post.database, [platform], CLOCK, "one"))
    metronome.wake()
    metronome.start()
    for n in range(3):
        post.tell(f"k{n}", person=amina)
        threading.Thread(target=metronome.wake).start()
        async with asyncio.timeout(5):
            while len(platform.taken) <= n:
                await asyncio.sleep(0.01)
    since = metronome.seconds_since_delivery()
    await metronome.stop()
    metronome.wake()
    assert platform.keys == ["k0", "k1", "k2"]
    assert since is not None
    assert since < 5
    assert welcomed(post) == 1
    assert set(post.states().values()) == {"sent"}


async def test_the_beat_goes_on_after_a_failure(post: Post, caplog: pytest.LogCaptureFixture) -> None:
    moments: list[Exception | None] = [RuntimeError("no time")]

    def machine() -> datetime:
        if moments and (problem := moments.pop()) is not None:
            raise problem
        return NOON

    post.tell("k", person=post.person("amina"))
    platform = Platform()
    clock = BusinessClock(machine)
    metronome = Metronome(post.database, [], clock, Delivery(post.database, [platform], clock, "one"))
    with caplog.at_level(logging.ERROR):
        metronome.start()
        async with asyncio.timeout(5):
            while not platform.taken:
                await asyncio.sleep(0.01)
        await metronome.stop()
    assert "no time" in caplog.text
    assert post.states() == {"k": "sent"}


async def test_what_is_sent_to_a_desk_is_read_from_the_database(post: Post) -> None:
    with post.database.transaction() as session:
        person = people.add_person(session, Person(name="amina", created_at=NOON))
    post.tell("k", person=person.id)
    delivery = Delivery(post.database, [MailboxDoor()], CLOCK, "one")
    assert await until_quiet(delivery) == 1
    await delivery.close()
    assert (post.row("k").state, post.row("k").message_id, post.row("k").sent_at) == ("sent", "desk:k", NOON)
