"""The public lists answer from indexes: cards say why they show no content, and carry their title folded

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from webapp.core.text import fold

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_INDEXES = {
    "ix_pub_card_hidden": (["regulation", "ground", "content"], "content <> 'public'"),
    "ix_pub_card_due": (["due_at", "submitted_on", "code", "category", "area"], "due_at IS NOT NULL"),
    "ix_pub_card_words": (["submitted_on", "code", "category", "area", "words"], None),
    "ix_pub_card_answered": (["category", "submitted_on", "code", "answered_on"], "answered_on IS NOT NULL"),
}
_FILL = """
    UPDATE {card} SET ground = (
        SELECT s.ground FROM {step} s WHERE s.code = {card}.code AND s.ground IS NOT NULL
        ORDER BY s.n DESC LIMIT 1
    )
"""


def upgrade() -> None:
    schema = _schema()
    op.add_column("pub_card", sa.Column("ground", sa.String(), nullable=True), schema=schema)
    op.add_column("pub_card", sa.Column("words", sa.String(), nullable=True), schema=schema)
    prefix = f"{schema}." if schema else ""
    op.execute(_FILL.format(card=f"{prefix}pub_card", step=f"{prefix}pub_step"))
    _fold_titles(f"{prefix}pub_card")
    for name, (columns, where) in _INDEXES.items():
        on = sa.text(where) if where else None
        conditions = {"sqlite_where": on, "postgresql_where": on}
        op.create_index(name, "pub_card", columns, unique=False, schema="pub", **conditions)


def downgrade() -> None:
    for name in _INDEXES:
        op.drop_index(name, table_name="pub_card", schema="pub")
    op.drop_column("pub_card", "words", schema=_schema())
    op.drop_column("pub_card", "ground", schema=_schema())


def _fold_titles(card: str) -> None:
    titled = sa.text(f"SELECT code, title FROM {card} WHERE title IS NOT NULL")
    rows = [{"code": code, "words": fold(title)} for code, title in op.get_bind().execute(titled)]
    if rows:
        op.get_bind().execute(sa.text(f"UPDATE {card} SET words = :words WHERE code = :code"), rows)


def _schema() -> str | None:
    # Statements that alter a table are not translated for SQLite, which has no schemas.
    return None if op.get_bind().dialect.name == "sqlite" else "pub"
