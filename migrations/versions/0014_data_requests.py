"""Requests about one's own data know the report they are about

Revision ID: 0014
Revises: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from webapp.store.columns import UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "data_request",
        sa.Column("case_id", sa.Integer(), sa.ForeignKey("cases.id"), primary_key=True),
        sa.Column("about_id", sa.Integer(), sa.ForeignKey("submission.id"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("carried_out_at", UtcDateTime(), nullable=True),
    )
    op.create_index("ix_data_request_about_id", "data_request", ["about_id"])


def downgrade() -> None:
    op.drop_table("data_request")
