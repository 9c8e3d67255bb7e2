"""What a wish to be called back said, so that the same form with another number is no lost number

Revision ID: 0019
Revises: 0018
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("callback", sa.Column("digest", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("callback", "digest")
