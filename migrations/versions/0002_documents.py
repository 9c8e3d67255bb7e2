"""Documents; what photos need to be redrawn safely

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from webapp.store import columns

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "document",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("assignment", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("title_id", sa.Integer(), nullable=False),
        sa.Column("mime", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("original", sa.String(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", columns.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_document_case_id_cases")),
        sa.ForeignKeyConstraint(["title_id"], ["text.id"], name=op.f("fk_document_title_id_text")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
        sa.UniqueConstraint("uid", name=op.f("uq_document_uid")),
    )
    op.create_index(op.f("ix_document_case_id"), "document", ["case_id"], unique=False)
    op.add_column("photo", sa.Column("mark", sa.String(), server_default="", nullable=False))
    op.add_column("photo", sa.Column("attempts", sa.Integer(), server_default="0", nullable=False))
    op.add_column("upload", sa.Column("mark", sa.String(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("upload", "mark")
    op.drop_column("photo", "attempts")
    op.drop_column("photo", "mark")
    op.drop_index(op.f("ix_document_case_id"), table_name="document")
    op.drop_table("document")
