"""Notices of days off that somebody entered, and the way to due dates counted before them

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from webapp.store.columns import UtcDateTime
from webapp.store.triggers import create_append_only

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calendar_notice",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("once", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("issued_on", sa.String(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("replaces", sa.Integer(), sa.ForeignKey("calendar_notice.id"), nullable=True),
        sa.Column("account_id", sa.Integer(), sa.ForeignKey("account.id"), nullable=True),
        sa.Column("entered_at", UtcDateTime(), nullable=False),
        sa.UniqueConstraint("once"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "calendar_day",
        sa.Column("notice_id", sa.Integer(), sa.ForeignKey("calendar_notice.id"), primary_key=True),
        sa.Column("day", sa.String(), primary_key=True),
        sa.Column("working", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
    )
    for table in ("calendar_notice", "calendar_day"):
        create_append_only(op.get_bind(), table)
    where = sa.text("met_at IS NULL AND ended_at IS NULL AND parked IS NULL")
    op.create_index(
        "ix_deadline_calendar",
        "deadline",
        ["calendar", "case_id"],
        sqlite_where=where,
        postgresql_where=where,
    )


def downgrade() -> None:
    op.drop_index("ix_deadline_calendar", "deadline")
    op.drop_table("calendar_day")
    op.drop_table("calendar_notice")
