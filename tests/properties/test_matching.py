"""Subscriptions found through their keys are those that brute force finds."""

from __future__ import annotations

import random
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel

from storage import activities, conference, conversation, digests, matches, outbox, records  # noqa: F401  (every table has to exist)
from storage.database import Database
from storage.matching import Sought, followers, keep_subscription
from storage.reference import articles, assistance_types, instruments, members, parties, regional_groups, regions
from storage.subscriptions import Subscription
from tests.assistance import NOW

PEOPLE = 40
ROLES = ("secretariat", "donor", "focal_point", "observer")
NEEDS = {"sqlite": 300, "postgresql": 100}
Filters = dict[str, Any]


def role_of(person: int) -> str | None:
    return None if person % 9 == 0 else ROLES[person % len(ROLES)]


def drawn(chance: random.Random) -> Filters:
    def some(codes: list[str], *counts: int) -> list[str]:
        return chance.sample(codes, k=chance.choice(counts))

    everywhere = [*regions(), *regional_groups()]
    return {
        "person_id": chance.randint(1, PEOPLE),
        "places": some(list(parties()), 0, 0, 1, 3, 120) + some(everywhere, 0, 0, 1, 2),
        "instruments": some(list(instruments()), 0, 0, 1, 2),
        "articles": some(list(articles()), 0, 0, 0, 2, 60),
        "assistance_types": some(list(assistance_types()), 0, 1, 3, 10),
        "frequency": chance.choice(("at_once", "daily", "weekly")),
    }


def hears(filters: Filters, sought: Sought) -> bool:
    """Brute force, by the words of the form: a place, a topic and a type of each, an empty list being any."""
    if filters["person_id"] == sought.owner_id or (sought.seen_by is not None and role_of(filters["person_id"]) not in sought.seen_by):
        return False
    placed = not filters["places"] or any(sought.party in members(place) for place in filters["places"])
    typed = not filters["assistance_types"] or bool(set(filters["assistance_types"]) & set(sought.types))
    narrowed = {code.split(".")[0] for code in filters["articles"]}
    topics = {code for code in filters["instruments"] if code not in narrowed} | set(filters["articles"])
    return placed and typed and (not topics or bool(topics & set(sought.topics)))


def needed(chance: random.Random) -> Sought:
    chosen = chance.sample(list(articles().values()), k=chance.choice((0, 1, 2)))
    named = {article.instrument for article in chosen} | set(chance.sample(list(instruments()), k=1))
    types = chance.sample(list(assistance_types()), k=chance.choice((1, 1, 3)))
    seen_by = chance.choice((None, ("secretariat",), ("secretariat", "donor"), ("secretariat", "donor", "focal_point")))
    topics = (*sorted(named), *(article.code for article in chosen))
    return Sought(chance.choice(list(parties())), topics, tuple(types), chance.randint(1, PEOPLE), seen_by)


def test_the_keys_find_what_brute_force_finds(database_url: str) -> None:
    chance = random.Random(20261121)
    database = Database(database_url)
    wishes = {number: drawn(chance) for number in range(1, 251)}
    with database.transaction() as session:
        tables = SQLModel.metadata.tables
        people = [{"id": n, "name": f"P{n}", "language": "en", "zone": "UTC", "created_at": NOW} for n in range(1, PEOPLE + 1)]
        session.connection().execute(sa.insert(tables["person"]), people)
        held = [{"person_id": n, "role": role_of(n), "created_at": NOW} for n in range(1, PEOPLE + 1) if role_of(n)]
        session.connection().execute(sa.insert(tables["appointment"]), held)
        kept = [keep_subscription(session, Subscription(id=n, created_at=NOW, **filters)) for n, filters in wishes.items()]
        assert {row.widened for row in kept} == {True, False}
    found_any = 0
    with database.reading() as session:
        for _ in range(NEEDS[session.connection().dialect.name]):
            sought = needed(chance)
            found = [follower.subscription_id for follower in followers(session, sought)]
            assert found == [number for number, filters in wishes.items() if hears(filters, sought)], sought
            found_any += bool(found)
    database.close()
    assert found_any > 50
