"""Alembic's entry point: runs on the connection that `open.migrate` hands over."""

from __future__ import annotations

from alembic import context

from jupyter_datachain_jobs.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
