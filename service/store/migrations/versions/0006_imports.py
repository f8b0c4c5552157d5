"""Files that are read into the ledger at the desk; verdicts found by their time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the table and the index."""
    op.create_table(
        "imports",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary()),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("taken_at", MOMENT),
        sa.Column("done_at", MOMENT),
        sa.Column("undone_at", MOMENT),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_imports"),
    )
    op.create_index("ix_imports_state_until", "imports", ["state", "until"])
    op.create_index("ix_verdicts_at", "verdicts", ["at"])


def downgrade() -> None:
    """Remove them."""
    op.drop_index("ix_verdicts_at", "verdicts")
    op.drop_table("imports")
