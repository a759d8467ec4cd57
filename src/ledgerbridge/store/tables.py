"""
What is remembered, as portable tables (SQLAlchemy Core).

- Ids of records are keyed with their account: the id of their connection.
- Instants are ISO 8601 UTC text of one width, so that they sort.
- Bodies, base images and payloads are msgpack (`images.py`); small open-ended values are JSON.
- `migrations/` builds the same tables; a test compares the two.
"""

from __future__ import annotations

from datetime import UTC, datetime

from msgspec import convert
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import TypeDecorator


def instant_text(instant: datetime) -> str:
    """An aware instant as sortable text: UTC, always with microseconds."""
    assert instant.tzinfo is not None, "an instant has a time zone"
    return instant.astimezone(UTC).isoformat(timespec="microseconds")


def text_of(instant: datetime | None) -> str | None:
    """`instant_text`, or None for none."""
    return None if instant is None else instant_text(instant)


def instant_of(text: str | None) -> datetime | None:
    """The instant that `instant_text` stored, None for none. Raises msgspec's DecodeError."""
    return None if text is None else convert(text, datetime)


class Instant(TypeDecorator[datetime]):
    """A UTC-aware datetime, stored as `instant_text`."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """Datetime to text."""
        return text_of(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        """Text to datetime; raises msgspec's DecodeError for a text that is none."""
        return instant_of(value)


metadata = MetaData()

connection = Table(
    "connection",
    metadata,
    Column("id", Text, primary_key=True),
    Column("service", Text, nullable=False),
    Column("account_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("settings", JSON, nullable=False),
    Column("token", LargeBinary),  # encrypted (secrets.py)
    Column("time_zone", Text, nullable=False),
    Column("home_currency", Text, nullable=False),
    Column("currencies", JSON, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("connected_at", Instant, nullable=False),
    UniqueConstraint("service", "account_id", name="connection_account"),
)

sync = Table(
    "sync",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("hubspot_connection", Text, ForeignKey("connection.id"), nullable=False),
    Column("quickbooks_connection", Text, ForeignKey("connection.id"), nullable=False),
    Column("definition", JSON, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("enabled_at", Instant),
    Column("fingerprint", Text, nullable=False),
)

cursor = Table(
    "cursor",
    metadata,
    Column("connection", Text, ForeignKey("connection.id", ondelete="CASCADE"), primary_key=True),
    Column("feed", Text, primary_key=True),
    Column("value", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    sqlite_with_rowid=False,
)

record = Table(
    "record",
    metadata,
    Column("connection", Text, ForeignKey("connection.id", ondelete="CASCADE"), primary_key=True),
    Column("object_type", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("version", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("created_at", Text, nullable=False),
    Column("modified_at", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("seen_at", Instant, nullable=False),  # when this image was first seen
    Column("evidence", Text),  # of a record that is gone
    Column("merged_into", Text),
)
Index(
    "record_merged_into",
    record.c.connection,
    record.c.object_type,
    record.c.merged_into,
    sqlite_where=record.c.merged_into.is_not(None),
    postgresql_where=record.c.merged_into.is_not(None),
)

record_key = Table(
    "record_key",
    metadata,
    Column("connection", Text, primary_key=True),
    Column("object_type", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("record_id", Text, primary_key=True),
    Index("record_key_record", "connection", "object_type", "record_id"),
    sqlite_with_rowid=False,
)

record_reference = Table(
    "record_reference",
    metadata,
    Column("connection", Text, primary_key=True),
    Column("object_type", Text, primary_key=True),
    Column("record_id", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("target_id", Text, primary_key=True),
    Index("record_reference_target", "connection", "object_type", "kind", "target_id"),
    sqlite_with_rowid=False,
)

link = Table(
    "link",
    metadata,
    Column("id", Text, primary_key=True),
    Column("sync", Text, ForeignKey("sync.id"), nullable=False),
    Column("hubspot_id", Text),
    Column("quickbooks_id", Text),
    Column("base_hubspot", LargeBinary, nullable=False),
    Column("base_quickbooks", LargeBinary, nullable=False),
    Column("status", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("made_at", Instant, nullable=False),
    # Empty while the link lives, else its own id: an id belongs to at most one living link, while
    # any number of dead ones are kept beside it.
    Column("ended", Text, nullable=False),
    Index("link_hubspot", "sync", "hubspot_id", "ended", unique=True),
    Index("link_quickbooks", "sync", "quickbooks_id", "ended", unique=True),
)

line_link = Table(
    "line_link",
    metadata,
    Column("link", Text, ForeignKey("link.id", ondelete="CASCADE"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("hubspot_id", Text, nullable=False),
    Column("base_hubspot", LargeBinary, nullable=False),
    Column("base_quickbooks", LargeBinary, nullable=False),
)

attachment = Table(
    "attachment",
    metadata,
    Column("sync", Text, ForeignKey("sync.id"), primary_key=True),
    Column("record_id", Text, primary_key=True),
    Column("link", Text, ForeignKey("link.id", ondelete="CASCADE"), nullable=False),
    Column("reason", Text, nullable=False),
    Index("attachment_link", "link"),
    sqlite_with_rowid=False,
)

decision = Table(
    "decision",
    metadata,
    Column("sync", Text, ForeignKey("sync.id"), primary_key=True),
    Column("quickbooks_id", Text, primary_key=True),
    Column("hubspot_id", Text, primary_key=True),
    Column("verdict", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Index("decision_hubspot", "sync", "hubspot_id"),
)

open_conflict = Table(
    "open_conflict",
    metadata,
    Column("sync", Text, ForeignKey("sync.id"), primary_key=True),
    Column("link", Text, primary_key=True),
    Column("mapping", Text, primary_key=True),
    Column("hubspot_id", Text, nullable=False),
    Column("quickbooks_id", Text, nullable=False),
    Column("hubspot", LargeBinary, nullable=False),
    Column("quickbooks", LargeBinary, nullable=False),
    Column("since", Instant, nullable=False),
    Column("take", Text),
    Column("decided_at", Instant),
    Column("note", Text, nullable=False),
    Index("open_conflict_quickbooks", "sync", "quickbooks_id"),
    sqlite_with_rowid=False,
)

erasure = Table(
    "erasure",
    metadata,
    Column("connection", Text, ForeignKey("connection.id", ondelete="CASCADE"), primary_key=True),
    Column("digest", Text, primary_key=True),
    Column("at", Instant, nullable=False),
    sqlite_with_rowid=False,
)

rest = Table(
    "rest",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("target", Text, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("since", Instant, nullable=False),
    Column("until", Instant),
    sqlite_with_rowid=False,
)

pending = Table(
    "pending",
    metadata,
    Column("sync", Text, ForeignKey("sync.id"), primary_key=True),
    Column("side", Text, primary_key=True),
    # The length sorts before the id, so that ids of digits come in the order of their numbers.
    Column("id_length", Integer, primary_key=True, autoincrement=False),
    Column("record_id", Text, primary_key=True),
    Column("since", Instant, nullable=False),
    sqlite_with_rowid=False,
)

request = Table(
    "request",
    metadata,
    Column("id", Text, primary_key=True),
    Column("run", Text, nullable=False),
    Column("side", Text, nullable=False),
    Column("connection", Text, ForeignKey("connection.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("object_type", Text, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
)

operation = Table(
    "operation",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("run", Text, nullable=False),
    Column("sync", Text, ForeignKey("sync.id"), nullable=False),
    Column("stage", Integer, nullable=False),
    Column("unit", Text, nullable=False),  # the link id, or the link id and the key of a line
    Column("side", Text, nullable=False),
    Column("object_type", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("record_id", Text),
    Column("payload", LargeBinary, nullable=False),
    Column("request", Text, ForeignKey("request.id")),
    Column("position", Integer),
    Column("sent_at", Instant),
    Index("operation_order", "sync", "stage", "seq"),
    Index("operation_record", "sync", "record_id"),
    sqlite_autoincrement=True,
)
overdue = Table(
    "overdue",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("connection", Text, ForeignKey("connection.id", ondelete="CASCADE"), nullable=False),
    Column("object_type", Text, nullable=False),
    Column("record_id", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("link", Text, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Index("overdue_record", "connection", "object_type", "record_id"),
)

# One intent in flight for each unit (theory.md 4.12).
Index(
    "operation_unit_in_flight",
    operation.c.unit,
    unique=True,
    sqlite_where=operation.c.request.is_not(None),
    postgresql_where=operation.c.request.is_not(None),
)
Index(
    "operation_request",
    operation.c.request,
    sqlite_where=operation.c.request.is_not(None),
    postgresql_where=operation.c.request.is_not(None),
)

journal = Table(
    "journal",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("run", Text, nullable=False),
    Column("sync", Text, nullable=False),
    Column("link", Text, nullable=False),
    Column("side", Text, nullable=False),
    Column("object_type", Text, nullable=False),
    Column("record_id", Text, nullable=False),
    Column("changes", LargeBinary, nullable=False),
    Column("operation", Text, nullable=False, server_default=""),  # a WriteKind; "" of old rows
    Column("reason", Text, nullable=False, server_default=""),
    Index("journal_link", "link"),
    Index("journal_run", "run"),
    Index("journal_record", "side", "record_id"),
    sqlite_autoincrement=True,
)

outcome = Table(
    "outcome",
    metadata,
    Column("sync", Text, ForeignKey("sync.id"), primary_key=True),
    Column("side", Text, primary_key=True),
    Column("record_id", Text, primary_key=True),
    Column("status", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("remedy", Text, nullable=False),
    Column("blocked_on", Text),
    Column("attempts", Integer, nullable=False),
    Column("retry_at", Instant),
    Column("since", Instant, nullable=False),
)
Index(
    "outcome_blocked_on",
    outcome.c.blocked_on,
    sqlite_where=outcome.c.blocked_on.is_not(None),
    postgresql_where=outcome.c.blocked_on.is_not(None),
)
Index(
    "outcome_retry_at",
    outcome.c.retry_at,
    sqlite_where=outcome.c.retry_at.is_not(None),
    postgresql_where=outcome.c.retry_at.is_not(None),
)

run = Table(
    "run",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("status", Text, nullable=False),
    Column("counts", JSON, nullable=False),
    Index("run_started_at", "started_at"),
)

acceptance = Table(
    "acceptance",
    metadata,
    Column("sync", Text, ForeignKey("sync.id"), primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("counts", JSON, nullable=False),
    Column("accepted_at", Instant, nullable=False),
)

setting = Table(
    "setting",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", JSON, nullable=False),
)
