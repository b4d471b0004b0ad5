"""How the schema came to be, one file a step (Alembic); run by `core.workspace.database` at first use."""
