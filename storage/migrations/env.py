"""Run by Alembic: the connection is given by `storage.migrate`; tables are those of every area."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlmodel import AutoString, SQLModel

from storage import tables  # noqa: F401  (registers every table)
from storage.database import Money, UtcInstant


def our_types(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Our own column types by the names that a migration imports, and SQLModel's strings as the strings they are."""
    if kind == "type" and isinstance(item, Money | UtcInstant):
        return f"{type(item).__name__}()"
    return f"sa.String(length={item.length})" if kind == "type" and isinstance(item, AutoString) else False


connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True, compare_type=True, render_item=our_types)
with context.begin_transaction():
    context.run_migrations()
