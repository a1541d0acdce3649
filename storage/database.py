"""One database, two engines: SQLite (WAL, BEGIN IMMEDIATE, foreign keys on) and PostgreSQL (psycopg 3).

Every instant is aware UTC; `UtcInstant` refuses a naive one on both engines.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from threading import Lock
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, Dialect, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InternalError, OperationalError
from sqlmodel import Session

BUSY_SECONDS = 5.0
"""How long a writer waits for another process's transaction on SQLite before the turn is given up unacknowledged."""

_SQLITE_INSTANT = "%Y-%m-%dT%H:%M:%S.%f"


class StorageProblem(Exception):
    """The database cannot be used; `code` names why, `detail` is for the log and never for a reader.

    Codes: `database_url_invalid`, `database_missing`, `database_locked`, `database_read_only`, `database_full`,
    `database_newer`, `database_older`, `database_empty`, `database_unreachable`, `database_not_ours`, `database_in_use`,
    `database_damaged`.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


class UtcInstant(sa.types.TypeDecorator[datetime]):
    """An aware instant, kept in UTC; a naive value raises ValueError instead of being shifted in silence."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        return dialect.type_descriptor(sa.String(26) if dialect.name == "sqlite" else sa.DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime cannot be stored")
        instant = value.astimezone(UTC)
        return instant.strftime(_SQLITE_INSTANT) if dialect.name == "sqlite" else instant

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if isinstance(value, str):
            return datetime.strptime(value, _SQLITE_INSTANT).replace(tzinfo=UTC)
        instant: datetime = value
        return instant.astimezone(UTC)


class Money(sa.types.TypeDecorator[Decimal]):
    """An amount to two places: NUMERIC on PostgreSQL, text on SQLite, which would round it through a float."""

    impl = sa.Numeric(18, 2)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        return dialect.type_descriptor(sa.String(24) if dialect.name == "sqlite" else sa.Numeric(18, 2))

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        exact = value.quantize(Decimal("0.01"))
        return str(exact) if dialect.name == "sqlite" else exact

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(str(value))


def json_text(value: object) -> str:
    """A JSON value as both databases keep it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class Database:
    """An opened database: `transaction()` for every turn, `reading()` where nothing is written."""

    def __init__(self, url: str) -> None:
        self.url = _parsed(url)
        self.engine = _engine(self.url)
        self._writing: AbstractContextManager[object] = Lock() if self.is_sqlite else nullcontext()

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @property
    def file(self) -> Path | None:
        """The SQLite file, or None for a server."""
        return Path(self.url.database) if self.is_sqlite and self.url.database else None

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """One transaction on one connection: committed at the end of the block, rolled back when it raises.

        On SQLite the threads of one process queue for it here: waiting inside the engine is done by sleeping ever longer.
        """
        try:
            with self._writing, self.engine.begin() as connection, Session(bind=connection, expire_on_commit=False) as session:
                yield session
                session.flush()
        except (OperationalError, DBAPIError) as problem:
            raise storage_problem(problem) from problem

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A consistent view that takes no write lock and leaves nothing behind."""
        try:
            with self.snapshot() as connection, Session(bind=connection, expire_on_commit=False) as session:
                yield session
        except (OperationalError, DBAPIError) as problem:
            raise storage_problem(problem) from problem

    @contextmanager
    def snapshot(self) -> Iterator[sa.Connection]:
        """A connection that sees the database as it is now, whatever others write meanwhile."""
        engine = self.engine.execution_options(only_reading=True)
        if not self.is_sqlite:
            engine = engine.execution_options(isolation_level="REPEATABLE READ")
        with engine.connect() as connection:
            yield connection

    def close(self) -> None:
        self.engine.dispose()


@contextmanager
def attempt(session: Session) -> Iterator[None]:
    """What the block does is undone when it raises, and the transaction goes on; after a broken connection there is nothing to undo.

    The savepoint of SQLAlchemy's session does the same and costs as much as three statements.
    """
    session.flush()
    connection = session.connection()
    _order(connection, "SAVEPOINT attempt")
    try:
        yield
        session.flush()
    except (OperationalError, InternalError):
        raise
    except BaseException:
        _order(connection, "ROLLBACK TO SAVEPOINT attempt")
        _order(connection, "RELEASE SAVEPOINT attempt")
        session.expunge_all()  # what was loaded or added meanwhile may not be so any more
        raise
    _order(connection, "RELEASE SAVEPOINT attempt")


def _order(connection: sa.Connection, statement: str) -> None:
    driver = connection.connection.driver_connection
    if isinstance(driver, sqlite3.Connection):
        driver.execute(statement)
    else:
        connection.exec_driver_sql(statement)


def database_now(session: Session) -> datetime:
    """Machine time by the database's own clock, which every process shares: for leases, backoff and buckets."""
    return machine_time(session.connection())


def machine_time(connection: sa.Connection) -> datetime:
    """The same as `database_now`, for statements that need no session."""
    if connection.dialect.name == "sqlite":
        text = connection.exec_driver_sql("SELECT strftime('%Y-%m-%dT%H:%M:%f', 'now')").scalar_one()
        return datetime.strptime(text, _SQLITE_INSTANT).replace(tzinfo=UTC)
    instant: datetime = connection.exec_driver_sql("SELECT clock_timestamp()").scalar_one()
    return instant.astimezone(UTC)


def storage_problem(problem: DBAPIError) -> StorageProblem | DBAPIError:
    """What a driver error means for the person who runs the house; an unknown one is returned as it came."""
    said = str(problem.orig).lower()
    for mark, code in _MARKS:
        if mark in said:
            return StorageProblem(code, said)
    if isinstance(problem, OperationalError) and not isinstance(problem.orig, sqlite3.Error):
        return StorageProblem("database_unreachable", said)
    return problem


_MARKS = (
    ("database is locked", "database_locked"),
    ("readonly database", "database_read_only"),
    ("read-only", "database_read_only"),
    ("disk is full", "database_full"),
    ("no space left", "database_full"),
    ("unable to open database", "database_missing"),
    ("not a database", "database_not_ours"),
    ("malformed", "database_damaged"),
    ("no such table", "database_empty"),
    ("does not exist", "database_empty"),
)


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as problem:
        raise StorageProblem("database_url_invalid", url) from problem
    if parsed.drivername in ("postgres", "postgresql"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in ("sqlite", "postgresql+psycopg"):
        raise StorageProblem("database_url_invalid", parsed.drivername)
    return parsed


def _engine(url: URL) -> Engine:
    if url.drivername != "sqlite":
        return sa.create_engine(url, pool_size=10, max_overflow=10, pool_pre_ping=True, json_serializer=json_text)
    engine = sa.create_engine(url, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False}, json_serializer=json_text)
    sa.event.listen(engine, "connect", _on_sqlite_connect)
    sa.event.listen(engine, "begin", _on_sqlite_begin)
    return engine


def _on_sqlite_connect(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the driver's own BEGIN is deferred: two readers that turn writers would fail
    if _ours(connection):
        connection.execute("PRAGMA journal_mode=WAL")  # it is written into the file, so never into somebody else's
    for pragma in ("synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _ours(connection: sqlite3.Connection) -> bool:
    """A file without tables, or with ours."""
    names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    return not names or "inbox" in names


def _on_sqlite_begin(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN" if connection.get_execution_options().get("only_reading") else "BEGIN IMMEDIATE")
