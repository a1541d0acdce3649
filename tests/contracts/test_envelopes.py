"""Several things for one person leave as one message, once; on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from scheduler.door import TryLater
from tests.post import Platform, Post, new_database, until_quiet
from tests.post import deliveries as delivering


@pytest.fixture
def post(database_url: str) -> Iterator[Post]:
    with new_database(database_url) as database:
        yield Post(database)


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
