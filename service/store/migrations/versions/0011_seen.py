"""What alerts ask of the whole ledger, by an index: which ticket changed last, sums of a period."""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"

_BY_RECEIPT, _BY_CHANGE = "ix_complaints_received_at_id", "ix_complaints_updated_at"
_BOTH = f"{_BY_RECEIPT}_version"


def upgrade() -> None:
    """Make them; the one by receipt holds the version too, and is what it was."""
    op.create_index(_BOTH, "complaints", ["received_at", "id", "version"])
    op.create_index(_BY_CHANGE, "complaints", ["updated_at"])
    op.drop_index(_BY_RECEIPT, "complaints")


def downgrade() -> None:
    """Go back to those before."""
    op.create_index(_BY_RECEIPT, "complaints", ["received_at", "id"])
    op.drop_index(_BY_CHANGE, "complaints")
    op.drop_index(_BOTH, "complaints")
