"""Sealing: the books about openings, delays, erasures and holds

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from webapp.store import columns
from webapp.store.triggers import create_append_only

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def _key(table: str, *names: str) -> list[sa.ForeignKeyConstraint]:
    # e.g. "case_id cases": a column and the table whose id it holds
    pairs = (name.split() for name in names)
    return [
        sa.ForeignKeyConstraint([column], [f"{there}.id"], name=op.f(f"fk_{table}_{column}_{there}"))
        for column, there in pairs
    ]


def upgrade() -> None:
    _reveal_delay()
    _reveal()
    _erasure()
    _legal_hold()
    for table in ("erasure", "reveal", "reveal_delay"):
        create_append_only(op.get_bind(), table)


def _reveal_delay() -> None:
    op.create_table(
        "reveal_delay",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("submission", sa.Integer(), nullable=False),
        sa.Column("until", columns.UtcDateTime(), nullable=False),
        sa.Column("reason_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("approved_by", sa.Integer(), nullable=False),
        sa.Column("approved_at", columns.UtcDateTime(), nullable=False),
        *_key("reveal_delay", "case_id cases", "reason_id text", "approved_by account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reveal_delay")),
        sqlite_autoincrement=True,
    )


def _reveal() -> None:
    op.create_table(
        "reveal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("submission", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("agency", sa.String(), nullable=True),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("cite", sa.String(), nullable=False),
        sa.Column("fields", columns.Json(), nullable=False),
        sa.Column("reason_id", sa.Integer(), nullable=False),
        sa.Column("requester_id", sa.Integer(), nullable=True),
        sa.Column("basis_id", sa.Integer(), nullable=True),
        sa.Column("delay_id", sa.Integer(), nullable=True),
        sa.Column("delayed_until", columns.UtcDateTime(), nullable=True),
        sa.Column("revealed_at", columns.UtcDateTime(), nullable=False),
        *_key("reveal", "case_id cases", "account_id account", "delay_id reveal_delay"),
        *_key("reveal", "reason_id text", "requester_id text", "basis_id text"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reveal")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_reveal_case", "reveal", ["case_id", "submission"], unique=False)


def _erasure() -> None:
    op.create_table(
        "erasure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("submission", sa.Integer(), nullable=False),
        sa.Column("identity_id", sa.Integer(), nullable=False),
        sa.Column("ground", sa.String(), nullable=False),
        sa.Column("texts_purged", sa.Boolean(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("erased_at", columns.UtcDateTime(), nullable=False),
        *_key("erasure", "case_id cases", "identity_id identity", "account_id account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure")),
        sqlite_autoincrement=True,
    )


def _legal_hold() -> None:
    op.create_table(
        "legal_hold",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("ground", sa.String(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("until", columns.UtcDateTime(), nullable=True),
        sa.Column("placed_by", sa.Integer(), nullable=True),
        sa.Column("placed_at", columns.UtcDateTime(), nullable=False),
        sa.Column("lifted_by", sa.Integer(), nullable=True),
        sa.Column("lifted_at", columns.UtcDateTime(), nullable=True),
        *_key("legal_hold", "case_id cases", "placed_by account", "lifted_by account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_hold")),
    )
    standing = sa.text("lifted_at IS NULL")
    op.create_index(
        "ix_legal_hold_standing",
        "legal_hold",
        ["case_id"],
        unique=False,
        sqlite_where=standing,
        postgresql_where=standing,
    )


def downgrade() -> None:
    op.drop_index("ix_legal_hold_standing", table_name="legal_hold")
    op.drop_table("legal_hold")
    op.drop_table("erasure")
    op.drop_index("ix_reveal_case", table_name="reveal")
    op.drop_table("reveal")
    op.drop_table("reveal_delay")
