"""Sentences that were not understood, shown to the secretariat by their authors."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.database import UtcInstant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unheard",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("shared_at", UtcInstant(), nullable=False),
        sa.Column("done_at", UtcInstant(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("event"),
    )
    with op.batch_alter_table("unheard", schema=None) as batch_op:
        batch_op.create_index("ix_unheard_shared_at", ["shared_at"], unique=False)


def downgrade() -> None:
    op.drop_table("unheard")
