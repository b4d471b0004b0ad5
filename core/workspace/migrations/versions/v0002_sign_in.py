"""Accounts at an identity provider, failures to sign in counted by name, and sessions."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Move the counting of failures out of the accounts; add the rest."""
    with op.batch_alter_table("accounts") as accounts:
        accounts.drop_column("failures")
        accounts.drop_column("locked_until")
        accounts.alter_column(
            "name", type_=sa.String(255), existing_type=sa.String(64), existing_nullable=False
        )
        accounts.add_column(sa.Column("subject", sa.String(255), nullable=True))
    op.create_index("ix_accounts_subject", "accounts", ["subject"], unique=True)
    op.create_table(
        "sign_in_attempts",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.Float(53), nullable=False),
        sa.Column("latest", sa.Float(53), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_sign_in_attempts"),
    )
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("account", sa.String(32), nullable=False),
        sa.Column("began", sa.Float(53), nullable=False),
        sa.Column("used", sa.Float(53), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name="pk_sessions"),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"], name="fk_sessions_account"),
    )
    op.create_index("ix_sessions_account", "sessions", ["account"])
