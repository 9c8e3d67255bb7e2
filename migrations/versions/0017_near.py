"""Who met it too: how many, what was reported around a place, and another case that is named

Revision ID: 0017
Revises: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_NEAR = ["area", "category", "submitted_on", "answered_on", "state", "code"]


def upgrade() -> None:
    op.add_column("submission", sa.Column("same_as", sa.String(), nullable=True))
    op.add_column(
        "pub_card", sa.Column("joined", sa.Integer(), nullable=False, server_default="0"), schema=_schema()
    )
    op.create_index("ix_pub_card_near", "pub_card", _NEAR, unique=False, schema="pub")


def downgrade() -> None:
    op.drop_index("ix_pub_card_near", table_name="pub_card", schema="pub")
    op.drop_column("pub_card", "joined", schema=_schema())
    op.drop_column("submission", "same_as")


def _schema() -> str | None:
    # Statements that alter a table are not translated for SQLite, which has no schemas.
    return None if op.get_bind().dialect.name == "sqlite" else "pub"
