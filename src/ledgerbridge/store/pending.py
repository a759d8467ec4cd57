"""
Records that want a look by the planner; nothing pending, nothing to do.

A mark carries no data (theory.md 4.12): ten changes of one record are one mark.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from ledgerbridge.core.model import LinkStatus, Side, State
from ledgerbridge.store.images import word_of
from ledgerbridge.store.tables import instant_text
from ledgerbridge.store.transaction import Transaction

_MARK = """
    INSERT OR IGNORE INTO pending (sync, side, id_length, record_id, since) VALUES (?, ?, ?, ?, ?)
"""


class Pending(Struct, frozen=True):
    """One record of one side that a sync has to plan."""

    side: Side
    record_id: str


def mark(tx: Transaction, sync: str, side: Side, ids: Iterable[str], now: datetime) -> None:
    """Mark records; those already marked keep their mark."""
    since = instant_text(now)
    tx.many(_MARK, ((sync, side, len(id_), id_, since) for id_ in ids))


def mark_all(
    tx: Transaction, sync: str, side: Side, connection: str, object_type: str, *, now: datetime
) -> int:
    """Mark every stored record of a type that is not gone; returns how many were not yet."""
    return tx.many(
        "INSERT OR IGNORE INTO pending (sync, side, id_length, record_id, since)"
        " SELECT ?, ?, length(id), id, ? FROM record"
        " WHERE connection = ? AND object_type = ? AND state NOT IN (?, ?)",
        [(sync, side, instant_text(now), connection, object_type, State.ARCHIVED, State.DELETED)],
    )


def mark_gone_halves(
    tx: Transaction, sync: str, side: Side, connection: str, object_type: str, *, now: datetime
) -> int:
    """Mark every stored record that is gone though its pair lives; how many were not yet."""
    return tx.many(
        "INSERT OR IGNORE INTO pending (sync, side, id_length, record_id, since)"
        " SELECT ?, ?, length(record.id), record.id, ? FROM link JOIN record"
        " ON record.id = iif(? = 'hubspot', link.hubspot_id, link.quickbooks_id)"
        " AND record.connection = ? AND record.object_type = ?"
        " WHERE link.sync = ? AND link.status = ? AND record.state IN (?, ?)",
        [
            (
                sync,
                side,
                instant_text(now),
                side,
                connection,
                object_type,
                sync,
                LinkStatus.LIVE,
                State.ARCHIVED,
                State.DELETED,
            )
        ],
    )


def take(tx: Transaction, sync: str, limit: int, after: Pending | None = None) -> list[Pending]:
    """
    The next marked records of a sync: by side, then by id as a number. They stay marked.

    `after` goes on behind one, for a reader that does not clear.
    """
    side, record_id = (after.side, after.record_id) if after else ("", "")
    rows = tx.rows(
        "SELECT side, record_id FROM pending WHERE sync = ?"
        " AND (side, id_length, record_id) > (?, ?, ?)"
        " ORDER BY side, id_length, record_id LIMIT ?",
        (sync, side, len(record_id), record_id, limit),
    )
    return [Pending(word_of(Side, side), record_id) for side, record_id in rows]


def clear(tx: Transaction, sync: str, side: Side, ids: Iterable[str]) -> None:
    """Take marks away: these records were planned."""
    tx.many(
        "DELETE FROM pending WHERE sync = ? AND side = ? AND id_length = ? AND record_id = ?",
        ((sync, side, len(id_), id_) for id_ in ids),
    )


def count(tx: Transaction, syncs: Iterable[str]) -> int:
    """How many records of these syncs are marked."""
    found = tx.rows_in("SELECT count(1) FROM pending WHERE sync IN (*)", (), syncs)
    return sum(number for (number,) in found)


def wake(tx: Transaction, blocked_on: Iterable[str], now: datetime) -> int:
    """Mark the records whose outcome is blocked on one of these keys; returns how many."""
    since = instant_text(now)
    return tx.many(
        "INSERT OR IGNORE INTO pending (sync, side, id_length, record_id, since)"
        " SELECT sync, side, length(record_id), record_id, ? FROM outcome WHERE blocked_on = ?",
        [(since, key) for key in dict.fromkeys(blocked_on)],
    )


def wake_due(tx: Transaction, now: datetime) -> int:
    """Mark the records whose time to be tried again has come; returns how many."""
    due = instant_text(now)
    return tx.many(
        "INSERT OR IGNORE INTO pending (sync, side, id_length, record_id, since)"
        " SELECT sync, side, length(record_id), record_id, ? FROM outcome WHERE retry_at <= ?",
        [(due, due)],
    )
