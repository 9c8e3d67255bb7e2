"""Focal persons of agencies, and delegations of approval

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from webapp.store.columns import UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "focal",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("account_id", sa.Integer(), sa.ForeignKey("account.id"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("from_on", sa.String(), nullable=False),
        sa.Column("until_on", sa.String(), nullable=True),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("document_on", sa.String(), nullable=True),
        sa.Column("entered_by", sa.Integer(), sa.ForeignKey("account.id"), nullable=True),
        sa.Column("entered_at", UtcDateTime(), nullable=False),
    )
    op.create_index("ix_focal_agency", "focal", ["agency", "kind"])
    op.create_table(
        "delegation",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("giver_id", sa.Integer(), sa.ForeignKey("account.id"), nullable=False),
        sa.Column("taker_id", sa.Integer(), sa.ForeignKey("account.id"), nullable=False),
        sa.Column("from_on", sa.String(), nullable=False),
        sa.Column("until_on", sa.String(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("document_on", sa.String(), nullable=True),
        sa.Column("entered_by", sa.Integer(), sa.ForeignKey("account.id"), nullable=True),
        sa.Column("entered_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
    )
    op.create_index("ix_delegation_giver_id", "delegation", ["giver_id"])
    op.create_index("ix_delegation_taker_id", "delegation", ["taker_id"])


def downgrade() -> None:
    op.drop_table("delegation")
    op.drop_table("focal")
