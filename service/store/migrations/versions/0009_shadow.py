"""Challengers in the shadow, and what they said."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

MOMENT = sa.DateTime(timezone=True)
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "shadows",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("version", "model")),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("started_by", sa.Text(), nullable=False),
        sa.Column("through", BIG, nullable=False),
        sa.Column("stopped_at", MOMENT),
        *(sa.Column(name, sa.Text()) for name in ("stopped_by", "why", "trouble", "report")),
        sa.PrimaryKeyConstraint("id", name="pk_shadows"),
    )
    _answers()


def _answers() -> None:
    said = ("line", "best", "band")
    op.create_table(
        "shadow_answers",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        *(sa.Column(name, BIG, nullable=False) for name in ("shadow_id", "assessment_id")),
        sa.Column("champion", sa.Text(), nullable=False),
        *(sa.Column(f"champion_{name}", sa.Text()) for name in said),
        sa.Column("champion_risk", sa.Double()),
        sa.Column("failed", sa.Boolean(), server_default=sa.false(), nullable=False),
        *(sa.Column(name, sa.Text()) for name in said),
        sa.Column("risk", sa.Double()),
        sa.ForeignKeyConstraint(["shadow_id"], ["shadows.id"], name="fk_shadow_answers_shadow_id"),
        sa.ForeignKeyConstraint(
            ["assessment_id"],
            ["assessments.id"],
            name="fk_shadow_answers_assessment_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_shadow_answers"),
        sa.UniqueConstraint(
            "assessment_id", "shadow_id", name="uq_shadow_answers_assessment_id_shadow_id"
        ),
    )
    op.create_index("ix_shadow_answers_shadow_id", "shadow_answers", ["shadow_id"])


def downgrade() -> None:
    """Remove them."""
    op.drop_table("shadow_answers")
    op.drop_table("shadows")
