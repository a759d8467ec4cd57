"""What failed is tried again at once, and what HubSpot refused of invoices with it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from ledgerbridge.core.model import Side
from ledgerbridge.core.plan import Status
from ledgerbridge.errors import UsageError
from ledgerbridge.service.switching import stored
from ledgerbridge.store import links, outcomes, pending, syncs
from ledgerbridge.store.outcomes import RecordOutcome
from ledgerbridge.store.transaction import Transaction
from ledgerbridge.syncs.children import ADJUSTMENTS_REFUSED

PAGE_RECORDS = 500


class RetryReport(Struct, frozen=True, kw_only=True):
    """How many failing records the next run tries again, by sync."""

    records: dict[str, int]


class Which(Struct, frozen=True):
    """Which failing records are meant: those of one reason, one alone, or all."""

    group: str | None = None
    record: tuple[Side, str] | None = None

    def means(self, one: RecordOutcome) -> bool:
        """Whether a record is meant."""
        alone = self.record is None or self.record == (one.side, one.record_id)
        return alone and self.group in (None, one.code)


def retry(
    tx: Transaction, names: Iterable[str], now: datetime, which: Which | None = None
) -> RetryReport:
    """
    Mark the failing records of these syncs, or of all.

    Raises UsageError for unknown names, and where one record or group is named and none fails so.
    """
    which = which or Which()
    wanted = list(dict.fromkeys(names)) or [sync.name for sync in syncs.every(tx)]
    found = {name: _retry(tx, stored(tx, name).id, which, now) for name in wanted}
    if not sum(found.values()) and which != Which():
        what = f"with {which.group!r}" if which.record is None else ":".join(which.record)
        raise UsageError(f"No such record fails: {what}. See which do with: ledgerbridge status")
    return RetryReport(records=found)


def _retry(tx: Transaction, sync_id: str, which: Which, now: datetime) -> int:
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
            meant = [one for one in found if which.means(one)]
            for side in Side:
                ids = [one.record_id for one in meant if one.side is side]
                pending.mark(tx, sync_id, side, ids, now)
            marked += len(meant)
    return marked
