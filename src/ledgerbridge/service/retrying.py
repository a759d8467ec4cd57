"""What failed is tried again at once, and what HubSpot refused of invoices with it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from ledgerbridge.core.model import Side
from ledgerbridge.core.plan import Status
from ledgerbridge.service.switching import stored
from ledgerbridge.store import links, outcomes, pending, syncs
from ledgerbridge.store.transaction import Transaction
from ledgerbridge.syncs.children import ADJUSTMENTS_REFUSED

PAGE_RECORDS = 500


class RetryReport(Struct, frozen=True, kw_only=True):
    """How many failing records the next run tries again, by sync."""

    records: dict[str, int]


def retry(tx: Transaction, names: Iterable[str], now: datetime) -> RetryReport:
    """Mark the failing records of these syncs, or of all. Raises UsageError for unknown names."""
    wanted = list(dict.fromkeys(names)) or [sync.name for sync in syncs.every(tx)]
    return RetryReport(records={name: _retry(tx, stored(tx, name).id, now) for name in wanted})


def _retry(tx: Transaction, sync_id: str, now: datetime) -> int:
    links.forget_refused_lines(tx, sync_id)
    kinds = [
        (one.status, one.code)
        for one in outcomes.counts(tx, sync_id)
        if one.status is Status.FAILING or one.code == ADJUSTMENTS_REFUSED
    ]
    marked = 0
    for status, code in kinds:
        after = ("", "")
        while found := outcomes.page(tx, sync_id, status, code, limit=PAGE_RECORDS, after=after):
            after = (found[-1].side, found[-1].record_id)
            for side in Side:
                ids = [one.record_id for one in found if one.side is side]
                pending.mark(tx, sync_id, side, ids, now)
            marked += len(found)
    return marked
