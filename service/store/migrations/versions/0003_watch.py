"""The watch: when to look at a duty or a ticket again, and the alarms of a duty."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the columns; what is open is looked at once, at the next round."""
    op.add_column("duties", sa.Column("alarms", sa.Text(), nullable=False, server_default="[]"))
    op.add_column("duties", sa.Column("look_at", MOMENT))
    op.execute("UPDATE duties SET look_at = opened_at WHERE state = 'open' AND due_at IS NOT NULL")
    op.drop_index("ix_duties_open", "duties")
    _index("ix_duties_look", "duties", ["look_at", "id"], "state = 'open'")
    _index("ix_duties_missed", "duties", ["complaint_id"], "state = 'missed'")
    op.add_column("complaints", sa.Column("looked_at", MOMENT))
    op.execute(
        "UPDATE complaints SET looked_at = updated_at WHERE state NOT IN ('closed', 'withdrawn')"
    )
    _index("ix_complaints_looked_at", "complaints", ["looked_at"], "looked_at IS NOT NULL")


def downgrade() -> None:
    """Remove the columns."""
    op.drop_index("ix_complaints_looked_at", "complaints")
    op.drop_column("complaints", "looked_at")
    op.drop_index("ix_duties_missed", "duties")
    op.drop_index("ix_duties_look", "duties")
    op.drop_column("duties", "look_at")
    op.drop_column("duties", "alarms")
    _index("ix_duties_open", "duties", ["due_at", "id"], "state = 'open'")


def _index(name: str, table: str, columns: list[str], only: str) -> None:
    condition = sa.text(only)
    op.create_index(name, table, columns, sqlite_where=condition, postgresql_where=condition)
