"""The contact address that some regulations ask for, sealed like the name

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("identity", sa.Column("address", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("identity", "address")
