"""The ledger: complaints and what belongs to each of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision: str | None = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    _complaints()
    _repeat_keys()
    _assessments()
    _duties()
    _events()
    _repeats()
    _verdicts()


def downgrade() -> None:
    """Remove the tables, and all that is in them."""
    for table in (
        "verdicts",
        "repeats",
        "events",
        "duties",
        "assessments",
        "repeat_keys",
        "complaints",
    ):
        op.drop_table(table)


def _complaints() -> None:
    op.create_table(
        "complaints",
        sa.Column("id", BIG, nullable=False),
        sa.Column("ticket_id", sa.Text(), nullable=False),
        sa.Column("body_hash", sa.Text(), nullable=False),
        sa.Column("masked_text", sa.Text(), nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("channel", sa.Text()),
        sa.Column("product", sa.Text()),
        sa.Column("unit", sa.Text()),
        sa.Column("visited_branch", sa.Boolean()),
        sa.Column("outlet_touchpoint", sa.Boolean()),
        sa.Column("amount_cny", sa.Double()),
        sa.Column("prior_complaints_90d", BIG),
        sa.Column("days_open", sa.Double()),
        sa.Column("transfers", BIG),
        sa.Column("group_size", BIG),
        sa.Column("customer_segment", sa.Text()),
        sa.Column("customer_ref", sa.Text()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("nature", sa.Text()),
        sa.Column("line", sa.Text()),
        sa.Column("subline", sa.Text()),
        sa.Column("abstained", sa.Boolean(), nullable=False),
        sa.Column("probability", sa.Double()),
        sa.Column("band", sa.Text()),
        sa.Column("risk", sa.Double()),
        sa.Column("owner_level", sa.Text()),
        sa.Column("owner_unit", sa.Text()),
        sa.Column("barred", sa.Boolean()),
        sa.Column("next_action", sa.Text()),
        sa.Column("next_due", MOMENT),
        sa.Column("flags", sa.Text(), nullable=False),
        sa.Column("sketch", sa.LargeBinary()),
        sa.Column("erased_at", MOMENT),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_complaints"),
        sa.UniqueConstraint("ticket_id", name="uq_complaints_ticket_id"),
    )
    for name in ("line", "band", "unit", "owner_unit", "owner_level", "channel", "state"):
        columns = [name, "received_at", "id"]
        op.create_index(f"ix_complaints_{'_'.join(columns)}", "complaints", columns)
    op.create_index("ix_complaints_received_at_id", "complaints", ["received_at", "id"])
    op.create_index(
        "ix_complaints_customer_ref_received_at", "complaints", ["customer_ref", "received_at"]
    )
    due = sa.text("next_due IS NOT NULL")
    op.create_index(
        "ix_complaints_next_due",
        "complaints",
        ["next_due"],
        sqlite_where=due,
        postgresql_where=due,
    )


def _repeat_keys() -> None:
    op.create_table(
        "repeat_keys",
        sa.Column("band", BIG, nullable=False),
        sa.Column("complaint_id", BIG, nullable=False),
        sa.PrimaryKeyConstraint("band", "complaint_id", name="pk_repeat_keys"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_repeat_keys_complaint_id", "repeat_keys", ["complaint_id"])


def _assessments() -> None:
    op.create_table(
        "assessments",
        sa.Column("id", BIG, nullable=False),
        sa.Column("complaint_id", BIG, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("through_event", BIG),
        sa.Column("model_version", sa.Text(), nullable=False),
        sa.Column("policy_version", sa.Text(), nullable=False),
        sa.Column("taxonomy_version", sa.Text(), nullable=False),
        sa.Column("terms_version", sa.Text(), nullable=False),
        sa.Column("rules_version", sa.Text(), nullable=False),
        sa.Column("context", sa.Text(), nullable=False),
        sa.Column("history", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("ruling", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["complaint_id"], ["complaints.id"], name="fk_assessments_complaint_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_assessments"),
    )
    op.create_index("ix_assessments_complaint_id_id", "assessments", ["complaint_id", "id"])


def _duties() -> None:
    op.create_table(
        "duties",
        sa.Column("id", BIG, nullable=False),
        sa.Column("complaint_id", BIG, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("met_at", MOMENT),
        sa.Column("nudged", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaints.id"], name="fk_duties_complaint_id"),
        sa.PrimaryKeyConstraint("id", name="pk_duties"),
        sa.UniqueConstraint(
            "complaint_id", "code", "rule", name="uq_duties_complaint_id_code_rule"
        ),
    )
    op.create_index(
        "ix_duties_open",
        "duties",
        ["due_at", "id"],
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("id", BIG, nullable=False),
        sa.Column("complaint_id", BIG, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("text", sa.Text()),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("key", sa.Text()),
        sa.Column("body_hash", sa.Text()),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaints.id"], name="fk_events_complaint_id"),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
        sa.UniqueConstraint("complaint_id", "key", name="uq_events_complaint_id_key"),
    )
    op.create_index("ix_events_complaint_id_id", "events", ["complaint_id", "id"])


def _repeats() -> None:
    op.create_table(
        "repeats",
        sa.Column("id", BIG, nullable=False),
        sa.Column("complaint_id", BIG, nullable=False),
        sa.Column("other_id", BIG, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["complaint_id"], ["complaints.id"], name="fk_repeats_complaint_id"
        ),
        sa.ForeignKeyConstraint(["other_id"], ["complaints.id"], name="fk_repeats_other_id"),
        sa.PrimaryKeyConstraint("id", name="pk_repeats"),
        sa.UniqueConstraint(
            "complaint_id", "other_id", "kind", name="uq_repeats_complaint_id_other_id_kind"
        ),
    )
    op.create_index("ix_repeats_other_id", "repeats", ["other_id"])


def _verdicts() -> None:
    op.create_table(
        "verdicts",
        sa.Column("id", BIG, nullable=False),
        sa.Column("complaint_id", BIG, nullable=False),
        sa.Column("assessment_id", BIG, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("agrees", sa.Boolean(), nullable=False),
        sa.Column("corrections", sa.Text(), nullable=False),
        sa.Column("note", sa.Text()),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessments.id"], name="fk_verdicts_assessment_id"
        ),
        sa.ForeignKeyConstraint(
            ["complaint_id"], ["complaints.id"], name="fk_verdicts_complaint_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_verdicts"),
    )
    op.create_index("ix_verdicts_assessment_id", "verdicts", ["assessment_id"])
    op.create_index("ix_verdicts_complaint_id", "verdicts", ["complaint_id"])
