"""Runs migrations on the connection that the application hands over; there is no other way in."""

from __future__ import annotations

from alembic import context

from webapp.store.models import Case

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Case.metadata,
    include_schemas=True,
    transaction_per_migration=False,
    render_as_batch=connection.dialect.name == "sqlite",
)
context.run_migrations()
