"""The public copy of a term says since when it stands still

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from webapp.store.columns import UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_FILL = """
    UPDATE {clock} SET paused_at = (
        SELECT d.paused_at FROM deadline d JOIN cases c ON c.id = d.case_id
        WHERE c.code = {clock}.code AND d.no = {clock}.no AND d.met_at IS NULL AND d.ended_at IS NULL
        AND d.paused_at <= d.due_at
    ) WHERE ended_n IS NULL
"""


def upgrade() -> None:
    schema = _schema()
    op.add_column("pub_clock", sa.Column("paused_at", UtcDateTime(), nullable=True), schema=schema)
    op.execute(_FILL.format(clock=f"{schema}.pub_clock" if schema else "pub_clock"))


def downgrade() -> None:
    op.drop_column("pub_clock", "paused_at", schema=_schema())


def _schema() -> str | None:
    # Statements that alter a table are not translated for SQLite, which has no schemas.
    return None if op.get_bind().dialect.name == "sqlite" else "pub"
