"""What a rule or a person decided of two records. Frozen, like every migration."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table of decisions."""
    op.create_table(
        "decision",
        sa.Column("sync", sa.Text(), nullable=False),
        sa.Column("quickbooks_id", sa.Text(), nullable=False),
        sa.Column("hubspot_id", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["sync"], ["sync.id"]),
        sa.PrimaryKeyConstraint("sync", "quickbooks_id", "hubspot_id"),
    )
    op.create_index("decision_hubspot", "decision", ["sync", "hubspot_id"], unique=False)
