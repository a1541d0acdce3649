"""`liaison deliveries`: dead letters are seen, requeued and cancelled, and sending is stopped and started."""

from __future__ import annotations

import argparse
import io
import json
from collections.abc import Iterator

import pytest

from bot import cli_deliveries
from scheduler.door import NeverAgain
from storage import backlog
from tests.post import Platform, Post, deliveries, new_database, until_quiet


@pytest.fixture
def post(database_url: str) -> Iterator[Post]:
    with new_database(database_url) as database:
        yield Post(database)


def ask(post: Post, *words: str) -> tuple[int, str]:
    parser = argparse.ArgumentParser()
    cli_deliveries.add_parser(parser.add_subparsers())
    out = io.StringIO()
    code = cli_deliveries.run(parser.parse_args(["deliveries", *words]), post.database, out)
    return code, out.getvalue()


async def test_a_dead_letter_is_seen_and_requeued(post: Post) -> None:
    post.tell("lost", person=post.person("amina"))
    post.tell("kept", person=post.person("lars"))
    platform = Platform()
    platform.trouble["amina"] = iter([NeverAgain("account_inactive")])
    with deliveries(post, platform) as delivery:
        await until_quiet(delivery)
        code, said = ask(post, "--state", "failed")
        heads, line = said.splitlines()
        assert (code, heads.split()[:2]) == (0, ["id", "state"])
        assert line.split() == [
            str(post.row("lost").id),
            "failed",
            "2026-09-14T12:00:00Z",
            "1",
            "alert",
            "amina",
            "lost",
            "account_inactive",
        ]
        assert ask(post, "--requeue", str(post.row("lost").id), str(post.row("kept").id)) == (
            1,
            ask(post)[1].join(["1 row requeued.\n", ""]),
        )
        assert post.states() == {"lost": "pending", "kept": "sent"}


def test_rows_are_listed_for_programs_and_cancelled(post: Post) -> None:
    post.tell("k", person=post.person("أمينة"))
    code, said = ask(post, "--json")
    (row,) = json.loads(said)
    assert (code, row["key"], row["to"], row["state"], row["due_at"]) == (0, "k", "أمينة", "pending", "2026-09-14T12:00:00+00:00")
    assert ask(post, "--cancel", str(row["id"]), "--state", "pending") == (0, "1 row cancelled.\nNothing to list.\n")
    assert ask(post, "--cancel", "99999")[0] == 1


def test_sending_is_stopped_and_started_for_every_process(post: Post) -> None:
    def stopped() -> bool:
        with post.database.reading() as session:
            return backlog.is_stopped(session.connection())

    code, said = ask(post, "--stop")
    assert (code, stopped()) == (0, True)
    assert "All sending is stopped." in said
    assert "All sending is stopped." in ask(post)[1], "it is said until it is started again"
    assert "Sending goes on." in ask(post, "--start")[1]
    assert not stopped()


def test_a_limit_is_kept(post: Post) -> None:
    for n in range(4):
        post.tell(f"k{n}", person=post.person(f"p{n}"), late=-n)
    assert len(json.loads(ask(post, "--json", "--limit", "3")[1])) == 3
