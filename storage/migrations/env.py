"""Run by Alembic: the connection is given by `storage.migrate`; tables are those of every area."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlmodel import SQLModel

from storage import tables  # noqa: F401  (registers every table)
from storage.database import Money, UtcInstant


def our_types(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Our own column types by the names that a migration imports."""
    return f"{type(item).__name__}()" if kind == "type" and isinstance(item, Money | UtcInstant) else False


connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True, compare_type=True, render_item=our_types)
with context.begin_transaction():
    context.run_migrations()
