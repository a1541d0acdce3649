"""Statements of the turn's hot path, compiled once: on SQLite they go straight to the driver, as SQLAlchemy wrote them.

SQLAlchemy's own way of executing costs four times what SQLite does with such a statement.  On PostgreSQL, where the way to the server
costs more than either, they are executed as any other.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql.dml import UpdateBase

from storage.database import json_text

_DIALECT: sa.Dialect = sqlite.dialect(json_serializer=json_text, paramstyle="qmark")

Convert = Callable[[Any], Any] | None


class Ran(NamedTuple):
    """The rows a statement gave back, and how many it changed."""

    rows: Sequence[Any]
    changed: int

    @property
    def first(self) -> Any:
        return self.rows[0] if self.rows else None


class _Compiled(NamedTuple):
    """The text for SQLite, its parameters in order (name, what becomes of the value, the value where it is fixed), and its columns."""

    sql: str
    parameters: tuple[tuple[str, Convert, Any], ...]
    columns: tuple[Convert, ...]


class Prepared:
    """A core statement on our tables; an insert names every column it fills. Statements with a list of values are not for this."""

    def __init__(self, statement: sa.Select[Any] | UpdateBase) -> None:
        self.statement = statement

    def run(self, connection: sa.Connection, values: Mapping[str, Any]) -> Ran:
        """DBAPIError as SQLAlchemy raises it."""
        if connection.dialect.name == "sqlite":
            return self._straight(connection, values)
        done = connection.execute(self.statement, values)
        return Ran(done.all() if done.returns_rows else (), done.rowcount)

    def _straight(self, connection: sa.Connection, values: Mapping[str, Any]) -> Ran:
        sql, parameters, columns = self._compiled
        given = ((values.get(name, fixed), convert) for name, convert, fixed in parameters)
        bound = [convert(value) if convert else value for value, convert in given]
        cursor = connection.connection.cursor()
        try:
            cursor.execute(sql, bound)
            return Ran([_read(row, columns) for row in cursor.fetchall()], cursor.rowcount)
        except sqlite3.Error as problem:
            raise sa.exc.DBAPIError.instance(sql, bound, problem, sqlite3.Error) from problem
        finally:
            cursor.close()

    @cached_property
    def _compiled(self) -> _Compiled:
        compiled = self.statement.compile(dialect=_DIALECT)
        assert isinstance(compiled, sa.sql.compiler.SQLCompiler)
        types = {name: parameter.type for parameter, name in compiled.bind_names.items()}
        parameters = tuple((name, _writer(types[name]), compiled.params[name]) for name in compiled.positiontup or ())
        read = self.statement.selected_columns if isinstance(self.statement, sa.Select) else self.statement.exported_columns
        return _Compiled(compiled.string, parameters, tuple(_reader(column.type) for column in read))


def _writer(kind: sa.types.TypeEngine[Any]) -> Convert:
    return kind.dialect_impl(_DIALECT).bind_processor(_DIALECT)


def _reader(kind: sa.types.TypeEngine[Any]) -> Convert:
    return kind.dialect_impl(_DIALECT).result_processor(_DIALECT, None)


def _read(row: Iterable[Any], columns: tuple[Convert, ...]) -> tuple[Any, ...]:
    return tuple([convert(value) if convert else value for value, convert in zip(row, columns, strict=True)])
