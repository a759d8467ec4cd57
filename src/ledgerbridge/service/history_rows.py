"""The history as rows, one field each, page by page: what an export writes out."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from ledgerbridge.core.model import Side
from ledgerbridge.errors import UsageError
from ledgerbridge.store import journal, runs
from ledgerbridge.store import syncs as stored_syncs
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
Row = tuple[str, ...]


class Wanted(Struct, frozen=True, kw_only=True):
    """Which entries: of a run, of a record, losses alone, not before `since`, before `until`."""

    run: str | None = None
    record: tuple[Side, str] | None = None
    losses: bool = False
    since: datetime | None = None
    until: datetime | None = None


def page(tx: Transaction, wanted: Wanted, before: int | None) -> tuple[list[Row], int | None]:
    """
    The next rows, the newest first, and where the page after begins; None after the last.

    Raises UsageError for an unknown run.
    """
    if wanted.run is not None and runs.get(tx, wanted.run) is None:
        raise UsageError(
            f"There is no run {wanted.run!r}. The newest are shown by: ledgerbridge history"
        )
    found = journal.newest(
        tx,
        PAGE_ENTRIES,
        before=before,
        run=wanted.run,
        record=wanted.record,
        kind=journal.LossEntry.kind if wanted.losses else None,
        since=wanted.since,
        until=wanted.until,
    )
    names = {sync.id: sync.name for sync in stored_syncs.every(tx)}
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
    end = _harmless(entry.reason)
    if not changes:
        return [(*begin, "", "", "", end)]
    return [
        (*begin, name, _harmless(before or ""), _harmless(after or ""), end)
        for name, (before, after) in changes.items()
    ]


def _harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula: a quote before it, as they show text."""
    return f"'{text}" if text.startswith(STARTS_A_FORMULA) else text
