"""Reminders: when the next one of a clock is to be told

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from webapp.store.columns import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("deadline", sa.Column("warn_at", UtcDateTime(), nullable=True))
    where = sa.text("warn_at IS NOT NULL")
    op.create_index("ix_deadline_warn", "deadline", ["warn_at"], sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    op.drop_index("ix_deadline_warn", "deadline")
    op.drop_column("deadline", "warn_at")
