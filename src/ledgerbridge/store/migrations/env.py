"""Runs the migrations on the connection that `upgrade.py` hands over, in its transaction."""

from __future__ import annotations

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    transactional_ddl=True,  # our connection begins and commits by hand, so SQLite's DDL obeys
)
with context.begin_transaction():
    context.run_migrations()
