"""Searches for alerts that processes of a service ask of the one that makes them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_ASKED = ("rules", "since", "until")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "searches",
        *(sa.Column(name, sa.Text(), nullable=False) for name in _ASKED),
        *(sa.Column(name, BIG, nullable=False) for name in ("wanted", "answered")),
        sa.Column("wanted_at", sa.DateTime(timezone=True), nullable=False),
        *(sa.Column(name, sa.Text()) for name in ("mark", "found", "failed")),
        sa.PrimaryKeyConstraint(*_ASKED, name="pk_searches"),
    )


def downgrade() -> None:
    """Remove it."""
    op.drop_table("searches")
