"""What kind of write an entry of the journal tells of, and why. Frozen, like every migration."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the columns, and the way from a pair to what was written for it."""
    for name in ("operation", "reason"):
        op.add_column("journal", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.create_index("journal_link", "journal", ["link"], unique=False)
