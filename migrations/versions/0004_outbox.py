"""Outbox: indexes for letters that nobody got

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_INDEXES = {
    "ix_outbox_parked": ("parked_at", "parked_at IS NOT NULL"),
    "ix_outbox_kept": ("created_at", "error = 'kept'"),
}


def upgrade() -> None:
    for name, (column, where) in _INDEXES.items():
        only = sa.text(where)
        op.create_index(name, "outbox", [column], sqlite_where=only, postgresql_where=only)


def downgrade() -> None:
    for name in _INDEXES:
        op.drop_index(name, table_name="outbox")
