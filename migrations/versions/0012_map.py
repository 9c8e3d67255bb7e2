"""The map counts the cases of each area from an index alone

Revision ID: 0012
Revises: 0011
"""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_NAME = "ix_pub_card_place"
_COLUMNS = ["area", "category", "answered_on", "late", "due_at"]


def upgrade() -> None:
    op.create_index(_NAME, "pub_card", _COLUMNS, unique=False, schema="pub")


def downgrade() -> None:
    op.drop_index(_NAME, table_name="pub_card", schema="pub")
