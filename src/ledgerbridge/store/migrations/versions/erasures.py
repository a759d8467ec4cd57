"""By what people who were forgotten are known again. Frozen, like every migration."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table of erasures."""
    op.create_table(
        "erasure",
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["connection"], ["connection.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("connection", "digest"),
        sqlite_with_rowid=False,
    )
