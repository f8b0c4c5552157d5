"""The review desk: whose turn a ticket is, what verdicts say besides, who is signed in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the columns and make the tables."""
    op.add_column(
        "verdicts", sa.Column("kind", sa.Text(), nullable=False, server_default="confirm")
    )
    op.add_column(
        "verdicts", sa.Column("second", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("verdicts", sa.Column("undone_at", MOMENT))
    op.execute("UPDATE verdicts SET kind = 'correct' WHERE NOT agrees")
    op.create_index("ix_verdicts_who_at", "verdicts", ["who", "at"])
    _reviews()
    _logins()


def downgrade() -> None:
    """Remove them."""
    for table in ("login_failures", "logins", "reviews"):
        op.drop_table(table)
    op.drop_index("ix_verdicts_who_at", "verdicts")
    for name in ("undone_at", "second", "kind"):
        op.drop_column("verdicts", name)


def _reviews() -> None:
    op.create_table(
        "reviews",
        sa.Column("complaint_id", BIG, nullable=False, autoincrement=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("claimed_by", sa.Text()),
        sa.Column("claimed_until", MOMENT),
        sa.Column("last_who", sa.Text()),
        sa.Column("reviewed_at", MOMENT),
        sa.ForeignKeyConstraint(
            ["complaint_id"], ["complaints.id"], name="fk_reviews_complaint_id"
        ),
        sa.PrimaryKeyConstraint("complaint_id", name="pk_reviews"),
    )


def _logins() -> None:
    op.create_table(
        "logins",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("ident", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["ident"], ["keys.ident"], name="fk_logins_ident"),
        sa.PrimaryKeyConstraint("sha256", name="pk_logins"),
    )
    op.create_index("ix_logins_ident", "logins", ["ident"])
    op.create_index("ix_logins_until", "logins", ["until"])
    op.create_table(
        "login_failures",
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("place", name="pk_login_failures"),
    )
