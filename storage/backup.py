"""Backups: every table as JSON lines in one gzip file, written from one snapshot while the house runs, and back again.

The same file restores into SQLite or PostgreSQL, so it is also the way from one to the other.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic.runtime.migration import MigrationContext
from sqlmodel import SQLModel

from storage import migrate, tables
from storage.database import Database, Money, UtcInstant

FORMAT = "liaison-backup-1"
BATCH = 500


class BackupProblem(Exception):
    """A file that is no backup, is of another release, or would overwrite what is there."""


def integrity(database: Database) -> tuple[str, ...]:
    """What the engine itself finds wrong: nothing, for a whole database."""
    with database.engine.connect() as connection:
        if not database.is_sqlite:
            return ()
        found = [row[0] for row in connection.exec_driver_sql("PRAGMA integrity_check")]
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    return (*(line for line in found if line != "ok"), *(f"{row[0]} row {row[1]}: no such {row[2]}" for row in broken))


def write(database: Database, file: Path) -> int:
    """How many rows were written. The file appears whole or not at all."""
    part = file.with_name(f"{file.name}.part")
    try:
        rows = _written(database, part)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    return rows


def _written(database: Database, part: Path) -> int:
    rows = 0
    with database.snapshot() as connection, gzip.open(part, "wt", encoding="utf-8") as out:
        out.write(json.dumps({"format": FORMAT, "revision": MigrationContext.configure(connection).get_current_revision()}) + "\n")
        for table in _tables():
            for row in connection.execute(sa.select(table)).mappings():
                out.write(json.dumps({"table": table.name, "row": {k: _plain(v) for k, v in row.items()}}, ensure_ascii=False) + "\n")
                rows += 1
    return rows


def _tables() -> list[sa.Table]:
    assert tables.AREAS
    return list(SQLModel.metadata.sorted_tables)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def restore(database: Database, file: Path) -> int:
    """Fill an empty database, or one just upgraded and never used. BackupProblem otherwise, and nothing is written."""
    lines = _lines(file)
    head = next(lines, {})
    if head.get("format") != FORMAT:
        raise BackupProblem("this is no backup of Liaison")
    migrate.upgrade(database)
    with database.engine.begin() as connection:
        if MigrationContext.configure(connection).get_current_revision() != head.get("revision"):
            raise BackupProblem("this backup is of another release; restore it with that release, then upgrade")
        if any(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() for table in _tables()):
            raise BackupProblem("the database is not empty; name an empty one in LIAISON_DATABASE_URL")
        rows = _fill(connection, lines)
        _restart_numbering(connection)
    return rows


def _lines(file: Path) -> Iterator[dict[str, Any]]:
    try:
        with gzip.open(file, "rt", encoding="utf-8") as source:
            for line in source:
                yield json.loads(line)
    except (OSError, EOFError, ValueError) as problem:
        raise BackupProblem("this file cannot be read as a backup") from problem


def _fill(connection: sa.Connection, lines: Iterable[dict[str, Any]]) -> int:
    known = {table.name: table for table in _tables()}
    waiting: list[dict[str, Any]] = []
    current: sa.Table | None = None
    rows = 0
    for line in lines:
        table = known.get(line.get("table", ""))
        if table is None:
            raise BackupProblem(f"this backup has a table of another release: {line.get('table')}")
        if table is not current or len(waiting) >= BATCH:
            _insert(connection, current, waiting)
            current, waiting = table, []
        waiting.append({name: _typed(table.c[name], value) for name, value in line["row"].items()})
        rows += 1
    _insert(connection, current, waiting)
    return rows


def _insert(connection: sa.Connection, table: sa.Table | None, rows: list[dict[str, Any]]) -> None:
    if table is not None and rows:
        connection.execute(sa.insert(table), rows)


def _typed(column: sa.Column[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(column.type, UtcInstant):
        return datetime.fromisoformat(value)
    if isinstance(column.type, sa.Date):
        return date.fromisoformat(value)
    return Decimal(value) if isinstance(column.type, Money) else value


def _restart_numbering(connection: sa.Connection) -> None:
    """PostgreSQL's counters know nothing of rows that brought their own ids."""
    if connection.dialect.name != "postgresql":
        return
    for table in _tables():
        if "id" in table.c and isinstance(table.c.id.type, sa.Integer):
            last = connection.execute(sa.select(sa.func.max(table.c.id))).scalar_one()
            sequence = connection.execute(sa.select(sa.func.pg_get_serial_sequence(table.name, "id"))).scalar_one()
            if last and sequence:
                connection.execute(sa.select(sa.func.setval(sequence, last)))
