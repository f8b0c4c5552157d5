"""Governance: risk alerts, whom they were sent to, and what is to be put right."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

MOMENT = sa.DateTime(timezone=True)
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    _alerts()
    op.create_table(
        "items",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("kind", "title", "owner")),
        *(sa.Column(name, sa.Text()) for name in ("unit", "line")),
        sa.Column("due_on", sa.Text(), nullable=False),
        sa.Column("effective_on", sa.Text()),
        sa.Column("alert_id", BIG),
        sa.Column("tickets", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("closed_at", MOMENT),
        *(sa.Column(name, sa.Text()) for name in ("closed_by", "evidence")),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"], name="fk_items_alert_id"),
        sa.PrimaryKeyConstraint("id", name="pk_items"),
    )
    op.create_index("ix_items_state_due_on", "items", ["state", "due_on"])


def _alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("since", "until", "state", "title", "found", "draft", "typical")
        ),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("approved_at", MOMENT),
        sa.Column("approved_by", sa.Text()),
        sa.Column("distributed_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_alerts"),
    )
    op.create_table(
        "alert_receipts",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("alert_id", BIG, nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("sent_at", MOMENT, nullable=False),
        sa.Column("read_at", MOMENT),
        sa.Column("read_by", sa.Text()),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"], name="fk_alert_receipts_alert_id"),
        sa.PrimaryKeyConstraint("id", name="pk_alert_receipts"),
        sa.UniqueConstraint("alert_id", "recipient", name="uq_alert_receipts_alert_id_recipient"),
    )


def downgrade() -> None:
    """Remove them."""
    for table in ("items", "alert_receipts", "alerts"):
        op.drop_table(table)
