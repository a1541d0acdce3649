"""Who hears of a new need: p50 and p95 of one look-up among 1,000, 10,000 and 100,000 subscriptions, with the shipped code lists.

    python -m bench.matching [DATABASE_URL] [SIZES]

Without a URL: a SQLite file in a temporary folder. Half of the places, topics and types chosen follow a long tail, as in
`peers/matching`; figures are comparable only within one run.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel

from storage import activities, conversation, matches, needs, outbox, records  # noqa: F401  (every table has to exist)
from storage.database import Database
from storage.matching import Sought, followers, key_rows, keys_of
from storage.reference import articles, assistance_types, instruments, parties, regional_groups, regions
from storage.subscriptions import Subscription

SIZES = (1_000, 10_000, 100_000)
NEEDS = 200
PEOPLE = 2_000
NOW = datetime(2026, 1, 1, tzinfo=UTC)
SEEN_BY = ("secretariat", "donor", "focal_point", "chair")


def some(chance: random.Random, codes: list[str], odds: dict[int, float]) -> list[str]:
    count = chance.choices(list(odds), list(odds.values()))[0]
    weights = [1 / (n + 1) ** 0.7 for n in range(len(codes))]
    return list(dict.fromkeys(chance.choices(codes, weights, k=count)))


def drawn(chance: random.Random, number: int) -> Subscription:
    """One subscription at random: over half follow no particular party, a third any topic."""
    places = some(chance, list(parties()), {0: 0.55, 1: 0.2, 2: 0.15, 5: 0.1})
    around = [code for code in (*regions(), *regional_groups()) if code != "001"]
    places += chance.sample(around, k=chance.choices((0, 1, 3), (0.6, 0.3, 0.1))[0])
    return Subscription(
        id=number,
        person_id=1 + chance.randrange(PEOPLE),
        places=places,
        instruments=some(chance, list(instruments()), {0: 0.6, 1: 0.3, 4: 0.1}),
        articles=some(chance, list(articles()), {0: 0.5, 1: 0.35, 3: 0.15}),
        assistance_types=some(chance, list(assistance_types()), {0: 0.3, 1: 0.45, 3: 0.25}),
        frequency="at_once",
        created_at=NOW,
    )


def sought(chance: random.Random) -> Sought:
    article = chance.choice(list(articles().values()))
    types = chance.sample(list(assistance_types()), k=chance.choice((1, 1, 2)))
    return Sought(chance.choice(list(parties())), (article.instrument, article.code), tuple(types), 0, SEEN_BY)


def populate(database: Database) -> None:
    SQLModel.metadata.create_all(database.engine)
    tables = SQLModel.metadata.tables
    with database.transaction() as session:
        made = [{"id": n, "name": f"P{n}", "created_at": NOW} for n in range(1, PEOPLE + 1)]
        session.connection().execute(sa.insert(tables["person"]), [{"language": "en", "zone": "UTC"} | row for row in made])
        roles = [{"person_id": n, "role": "donor" if n % 5 else "observer", "created_at": NOW} for n in range(1, PEOPLE + 1)]
        session.connection().execute(sa.insert(tables["appointment"]), roles)


def grow(database: Database, numbers: range, chance: random.Random) -> None:
    tables = SQLModel.metadata.tables
    made = [drawn(chance, number) for number in numbers]
    with database.transaction() as session:
        session.connection().execute(sa.insert(tables["subscription"]), [row.model_dump() for row in made])
        for batch in batches([key for row in made for key in rows_of(row)]):
            session.connection().execute(sa.insert(tables["subscription_key"]), batch)
    analyse = "ANALYZE" if database.is_sqlite else "VACUUM ANALYZE"
    with database.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.exec_driver_sql(analyse)


def rows_of(row: Subscription) -> list[dict[str, Any]]:
    keys, row.widened = keys_of(row)
    return key_rows(row, keys)


def batches(rows: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    yield from (rows[start : start + 5000] for start in range(0, len(rows), 5000))


def measured(database: Database, chance: random.Random) -> tuple[float, float, float]:
    """p50 and p95 in milliseconds, and how many were found on average."""
    took, found = [], 0
    with database.reading() as session:
        for asked in [sought(chance) for _ in range(NEEDS)]:
            started = time.perf_counter()
            found += len(followers(session, asked))
            took.append((time.perf_counter() - started) * 1e3)
    return statistics.median(took), statistics.quantiles(took, n=20)[-1], found / NEEDS


def run(url: str, sizes: tuple[int, ...]) -> None:
    database = Database(url)
    populate(database)
    chance, reached = random.Random(1), 0
    print("| subscriptions | p50 ms | p95 ms | found on average |\n|---|---|---|---|")
    for size in sizes:
        grow(database, range(reached + 1, size + 1), chance)
        reached = size
        p50, p95, found = measured(database, random.Random(2))
        print(f"| {size:,} | {p50:.2f} | {p95:.2f} | {found:.1f} |", flush=True)
    database.close()


def main(url: str = "", sizes: tuple[int, ...] = SIZES) -> None:
    with tempfile.TemporaryDirectory() as folder:
        run(url or f"sqlite:///{Path(folder) / 'bench.sqlite3'}", sizes)


if __name__ == "__main__":
    main(sys.argv[1] if sys.argv[1:] else "", tuple(int(part) for part in sys.argv[2].split(",")) if sys.argv[2:] else SIZES)
