"""A case whose term was late before it was paused is due, and late, in every list

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# No regulation pauses a term in which a reporter is waited for, so every term found here is an office's.
_LATE = """
    SELECT d.{column} FROM deadline d
    WHERE d.case_id = cases.id AND d.met_at IS NULL AND d.ended_at IS NULL AND d.paused_at > d.due_at
    ORDER BY d.due_at, d.no LIMIT 1
"""
_DUE, _CLOCK = _LATE.format(column="due_at"), _LATE.format(column="clock")
_CASES = f"""
    UPDATE cases SET next_due_at = ({_DUE}), next_clock = ({_CLOCK})
    WHERE ({_DUE}) IS NOT NULL AND (next_due_at IS NULL OR next_due_at > ({_DUE}))
"""
_CARDS = """
    UPDATE {card} SET
        due_at = (SELECT c.next_due_at FROM cases c WHERE c.code = {card}.code),
        due_clock = (SELECT c.next_clock FROM cases c WHERE c.code = {card}.code)
    WHERE code IN (
        SELECT c.code FROM cases c JOIN deadline d ON d.case_id = c.id
        WHERE d.met_at IS NULL AND d.ended_at IS NULL AND d.paused_at > d.due_at
    )
"""


def upgrade() -> None:
    op.execute(_CASES)
    schema = None if op.get_bind().dialect.name == "sqlite" else "pub"
    op.execute(_CARDS.format(card=f"{schema}.pub_card" if schema else "pub_card"))


def downgrade() -> None:
    """The rows stay: what is late does not cease to be."""
