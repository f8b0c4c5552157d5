"""People who sign in with a provider of the bank."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "identities",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("digest", "ident")),
        *(sa.Column(name, MOMENT, nullable=False) for name in ("created_at", "seen_at")),
        sa.ForeignKeyConstraint(["ident"], ["keys.ident"], name="fk_identities_ident"),
        sa.PrimaryKeyConstraint("digest", name="pk_identities"),
        sa.UniqueConstraint("ident", name="uq_identities_ident"),
    )


def downgrade() -> None:
    """Remove it."""
    op.drop_table("identities")
