"""Tickets that are drawn at random to be reviewed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "audit_slice",
        sa.Column("complaint_id", BIG, nullable=False, autoincrement=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("share", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["complaint_id"],
            ["complaints.id"],
            name="fk_audit_slice_complaint_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("complaint_id", name="pk_audit_slice"),
    )


def downgrade() -> None:
    """Remove it."""
    op.drop_table("audit_slice")
