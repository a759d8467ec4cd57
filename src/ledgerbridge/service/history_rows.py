"""The history as rows, one field each, page by page: what an export writes out."""

from __future__ import annotations

from ledgerbridge.core.model import Value
from ledgerbridge.service.history import Wanted, newest
from ledgerbridge.store import journal, syncs
from ledgerbridge.store.transaction import Transaction

PAGE_ENTRIES = 1000
COLUMNS = (
    "at",
    "run",
    "sync",
    "kind",
    "operation",
    "record",
    "type",
    "field",
    "before",
    "after",
    "reason",
)
STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
Row = tuple[Value, ...]


def page(tx: Transaction, wanted: Wanted, before: int | None) -> tuple[list[Row], int | None]:
    """
    The next rows, the newest first, and where the page after begins; None after the last.

    Raises UsageError for an unknown run.
    """
    found = newest(tx, PAGE_ENTRIES, wanted, before)
    names = {sync.id: sync.name for sync in syncs.every(tx)}
    rows = [row for entry in found for row in _rows(names, entry)]
    return rows, found[-1].seq if len(found) == PAGE_ENTRIES else None


def _rows(names: dict[str, str], entry: journal.Entry) -> list[Row]:
    if isinstance(entry, journal.LossEntry):
        changes, operation = {entry.field: (entry.value, entry.winner)}, ""
    else:
        changes, operation = entry.changes, entry.operation
    begin = (
        entry.at.isoformat(),
        entry.run,
        names.get(entry.sync, entry.sync),
        entry.kind,
        operation,
        f"{entry.side}:{entry.record_id}",
        entry.object_type,
    )
    if not changes:
        return [(*begin, None, None, None, entry.reason)]
    return [
        (*begin, name, before, after, entry.reason) for name, (before, after) in changes.items()
    ]


def harmless(value: Value) -> str:
    """A text that no spreadsheet takes for a formula: a quote before it, as they show text."""
    text = value or ""
    return f"'{text}" if text.startswith(STARTS_A_FORMULA) else text
