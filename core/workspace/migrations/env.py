"""Alembic's entry: runs the steps in the transaction that `core.workspace.database` has begun."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
