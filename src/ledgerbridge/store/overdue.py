"""
Overdue updates: given back because they were not applied, while their request may still arrive.

Each is kept until the version that it was sent against is spent, whatever spends it.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from ledgerbridge.store.transaction import Transaction


class Overdue(Struct, frozen=True, kw_only=True):
    """One such update; `payload` is its operation as it was spooled."""

    connection: str
    object_type: str
    record_id: str
    version: str
    link: str
    payload: bytes
    seq: int = 0


def put(tx: Transaction, updates: Iterable[Overdue]) -> None:
    """Keep these."""
    tx.many(
        "INSERT INTO overdue (connection, object_type, record_id, version, link, payload) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        (
            (one.connection, one.object_type, one.record_id, one.version, one.link, one.payload)
            for one in updates
        ),
    )


def of_records(
    tx: Transaction, connection: str, object_type: str, record_ids: Iterable[str]
) -> list[Overdue]:
    """Those of these records, in the order in which they were given back."""
    if not tx.rows("SELECT 1 FROM overdue LIMIT 1"):
        return []  # nearly always, and a page of observations has many ids
    rows = tx.rows_in(
        "SELECT connection, object_type, record_id, version, link, payload, seq FROM overdue "
        "WHERE connection = ? AND object_type = ? AND record_id IN (*)",
        (connection, object_type),
        record_ids,
    )
    names = ("connection", "object_type", "record_id", "version", "link", "payload", "seq")
    found = [Overdue(**dict(zip(names, row, strict=True))) for row in rows]
    return sorted(found, key=lambda one: one.seq)


def erase(tx: Transaction, seqs: Iterable[int]) -> None:
    """These can arrive no more."""
    tx.many("DELETE FROM overdue WHERE seq = ?", ((seq,) for seq in seqs))


def forget(tx: Transaction, links: Iterable[str]) -> None:
    """Forget what was to be written for these pairs: it holds values of people."""
    tx.many("DELETE FROM overdue WHERE link = ?", ((link,) for link in links))
