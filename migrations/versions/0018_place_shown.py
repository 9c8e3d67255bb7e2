"""How exactly the place may be shown, and where the public copy has it

Revision ID: 0018
Revises: 0017
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_NAME = "ix_pub_content_point"
_SHOWN = sa.text("lat IS NOT NULL")


def upgrade() -> None:
    # Who sent before was not asked, so nobody is shown where exactly.
    op.add_column(
        "submission", sa.Column("place_shown", sa.String(), nullable=False, server_default="commune")
    )
    schema = _schema()
    op.add_column("pub_content", sa.Column("place", sa.String(), nullable=True), schema=schema)
    op.add_column("pub_content", sa.Column("lat", sa.Float(), nullable=True), schema=schema)
    op.add_column("pub_content", sa.Column("lon", sa.Float(), nullable=True), schema=schema)
    columns = ["lat", "lon", "code"]
    op.create_index(_NAME, "pub_content", columns, schema="pub", sqlite_where=_SHOWN, postgresql_where=_SHOWN)


def downgrade() -> None:
    op.drop_index(_NAME, table_name="pub_content", schema="pub")
    for name in ("lon", "lat", "place"):
        op.drop_column("pub_content", name, schema=_schema())
    op.drop_column("submission", "place_shown")


def _schema() -> str | None:
    # Statements that alter a table are not translated for SQLite, which has no schemas.
    return None if op.get_bind().dialect.name == "sqlite" else "pub"
