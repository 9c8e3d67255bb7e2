"""What looks as if a machine sent it stands apart until somebody has looked; the phone's own time of writing

Revision ID: 0015
Revises: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from webapp.store.columns import UtcDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_INDEX = "ix_submission_doubt"
_OPEN = sa.text("doubt IS NOT NULL AND doubt_lifted_at IS NULL")


def upgrade() -> None:
    op.add_column("submission", sa.Column("written_at", UtcDateTime(), nullable=True))
    op.add_column("submission", sa.Column("doubt", sa.String(), nullable=True))
    op.add_column("submission", sa.Column("doubt_lifted_at", UtcDateTime(), nullable=True))
    op.add_column("submission", sa.Column("doubt_lifted_by", sa.Integer(), nullable=True))
    op.create_index(_INDEX, "submission", ["case_id"], sqlite_where=_OPEN, postgresql_where=_OPEN)


def downgrade() -> None:
    op.drop_index(_INDEX, "submission")
    for name in ("doubt_lifted_by", "doubt_lifted_at", "doubt", "written_at"):
        op.drop_column("submission", name)
