"""What Alembic runs: the steps of `versions`, on the connection that it is handed."""

from __future__ import annotations

from alembic import context

# SQLite can undo changes of tables too, so a step that is cut off leaves nothing half done.
context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
