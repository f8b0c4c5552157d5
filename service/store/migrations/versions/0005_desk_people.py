"""The review desk: accounts that sign in by password, and what each person set for himself."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "users",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("ident", sa.Text(), nullable=False),
        sa.Column("password", sa.Text(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["ident"], ["keys.ident"], name="fk_users_ident"),
        sa.PrimaryKeyConstraint("name", name="pk_users"),
        sa.UniqueConstraint("ident", name="uq_users_ident"),
    )
    op.create_table(
        "desk_choices",
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("who", name="pk_desk_choices"),
    )


def downgrade() -> None:
    """Remove them."""
    for table in ("desk_choices", "users"):
        op.drop_table(table)
