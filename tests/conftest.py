"""Fixtures of every test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.demo.prepare import prepare
from storage.database import Database
from tests.databases import BOTH, PostgresServer, furnished_sqlite_url, postgres_server, sqlite_url


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """One server for the session (one for each xdist worker), started when first asked for."""
    with postgres_server(tmp_path_factory.mktemp("pg")) as server:
        yield server


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database at our schema with nothing in it, on SQLite and on PostgreSQL in turn."""
    if request.param == "sqlite":
        yield furnished_sqlite_url(tmp_path)
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    url = server.furnished_url()
    yield url
    server.drop(url)


@pytest.fixture(params=BOTH)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without any table, on SQLite and on PostgreSQL in turn."""
    if request.param == "sqlite":
        yield sqlite_url(tmp_path)
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    url = server.fresh_url()
    yield url
    server.drop(url)


@pytest.fixture(scope="session")
def demo_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A prepared demo on a SQLite file, for copying: making it takes longer than most tests."""
    file = tmp_path_factory.mktemp("demo") / "demo.sqlite3"
    database = Database(f"sqlite:///{file}")
    prepare(database)
    database.close()  # the last connection to close writes the log back into the file
    return file


@pytest.fixture
def demo_url(demo_file: Path, tmp_path: Path) -> str:
    """The URL of a demo of the test's own."""
    url = sqlite_url(tmp_path)
    shutil.copyfile(demo_file, url.removeprefix("sqlite:///"))
    return url
