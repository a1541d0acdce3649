"""Migrations: one set for both engines; what state a database is in, and how it gets to ours."""

from __future__ import annotations

from importlib.resources import as_file, files
from typing import Literal

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from storage.database import Database, StorageProblem, storage_problem

State = Literal["current", "empty", "older", "newer", "not_ours"]


def configured(connection: sa.Connection | None = None) -> Config:
    """Alembic's configuration on one connection; without one it only knows the scripts."""
    config = Config()
    with as_file(files("storage").joinpath("migrations")) as folder:
        config.set_main_option("script_location", str(folder))
    config.attributes["connection"] = connection
    return config


def state(database: Database) -> State:
    """Where the database stands; StorageProblem when it cannot be read at all."""
    try:
        with database.engine.connect() as connection:
            revision = MigrationContext.configure(connection).get_current_revision()
            tables = sa.inspect(connection).get_table_names()
    except sa.exc.DBAPIError as problem:
        raise storage_problem(problem) from problem
    scripts = ScriptDirectory.from_config(configured())
    if revision is None:
        return "empty" if not tables else "not_ours"
    if revision == scripts.get_current_head():
        return "current"
    return "older" if any(script.revision == revision for script in scripts.walk_revisions()) else "newer"


def upgrade(database: Database) -> None:
    """Bring a database to our schema; a newer or foreign one is refused, never touched."""
    if (standing := state(database)) in ("newer", "not_ours"):
        raise StorageProblem(f"database_{standing}")
    try:
        with database.engine.begin() as connection:
            command.upgrade(configured(connection), "head")
    except sa.exc.DBAPIError as problem:
        raise storage_problem(problem) from problem


def writable(database: Database) -> None:
    """StorageProblem where nothing can be written: found out before a house is opened on it, not at the first turn."""
    if database.is_sqlite:
        with database.transaction() as session:
            session.connection().exec_driver_sql("UPDATE inbox SET event = event WHERE 0")  # takes the lock of a write, changes nothing


def ready(database: Database) -> None:
    """StorageProblem unless the database is at our schema; a SQLite file that is not there is not made by asking."""
    if database.file is not None and not database.file.exists():
        raise StorageProblem("database_missing")
    if (standing := state(database)) != "current":
        raise StorageProblem(f"database_{standing}")
