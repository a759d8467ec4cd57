"""Conflicts that wait for a person. Frozen, like every migration."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the table of open conflicts."""
    op.create_table(
        "open_conflict",
        sa.Column("sync", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("mapping", sa.Text(), nullable=False),
        sa.Column("hubspot_id", sa.Text(), nullable=False),
        sa.Column("quickbooks_id", sa.Text(), nullable=False),
        sa.Column("hubspot", sa.LargeBinary(), nullable=False),
        sa.Column("quickbooks", sa.LargeBinary(), nullable=False),
        sa.Column("since", sa.Text(), nullable=False),
        sa.Column("take", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["sync"], ["sync.id"]),
        sa.PrimaryKeyConstraint("sync", "link", "mapping"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "open_conflict_quickbooks", "open_conflict", ["sync", "quickbooks_id"], unique=False
    )
