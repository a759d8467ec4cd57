"""Why two sides differ, invoice by invoice and payment by payment, from what is remembered."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from msgspec import Struct

from ledgerbridge.core.model import LinkStatus, Record, Side
from ledgerbridge.core.plan import Status
from ledgerbridge.core.reconciliation import Cause, Due, Reason
from ledgerbridge.service.world import World
from ledgerbridge.store import links, outcomes, pending, records
from ledgerbridge.store.transaction import Transaction
from ledgerbridge.syncs.allocations import money
from ledgerbridge.syncs.invoices import NAME as INVOICES
from ledgerbridge.syncs.payments import NAME as PAYMENTS

RUN = "ledgerbridge run"
CAUSES = {
    Status.EXCLUDED: Cause.NOT_IN_SCOPE,
    Status.BLOCKED: Cause.WAITING,
    Status.WAITING: Cause.WAITING,
    Status.IN_DOUBT: Cause.WAITING,
    Status.FAILING: Cause.FAILING,
    Status.CASE: Cause.CASE,
}
TOTALS = {INVOICES: "TotalAmt", PAYMENTS: "@amount"}
OPEN = {INVOICES: ("Balance", "HomeBalance"), PAYMENTS: ()}
"""The fields by which a stored record tells its amounts, by sync."""


class Compare(Struct, frozen=True):
    """What a sync has on both sides, by the ids of QuickBooks."""

    sync: str
    books: Mapping[str, Due]
    mirrors: Mapping[str, Due]


def reasons(
    tx: Transaction,
    world: World,
    what: Compare,
    applied_later: Mapping[str, Decimal],
    *,
    as_of: str,
) -> dict[str, Reason]:
    """The reason of every record that is not the same on both sides."""
    sync = world.syncs[what.sync]
    ids = [x for x in {**what.books, **what.mirrors} if what.books.get(x) != what.mirrors.get(x)]
    told = outcomes.get_many(tx, sync.id, Side.QUICKBOOKS, ids)
    waiting = _marked(tx, sync.id)
    linked = links.by_ids(tx, sync.id, Side.QUICKBOOKS, ids)
    connection = world.connections[Side.QUICKBOOKS]
    stored = records.get_many(tx, connection, sync.kind.quickbooks_type, ids)
    total = TOTALS[what.sync]
    found = {}
    for x in ids:
        ours, theirs = what.books.get(x), what.mirrors.get(x)
        link, known = linked.get(x), stored.get(x)
        if x in told:
            one = told[x]
            found[x] = Reason(CAUSES[one.status], f"{one.code}: {one.message}", one.remedy)
        elif (
            x in waiting
            or (known is None and ours is not None)
            or _changed(what.sync, known, ours, as_of)
        ):
            found[x] = Reason(Cause.WAITING, "it changed since the last run", RUN)
        elif link is not None and link.status is LinkStatus.DEAD:
            found[x] = Reason(Cause.ENDED, link.reason)
        elif ours is None or theirs is None:
            found[x] = Reason(Cause.UNEXPLAINED, "one side has it and nothing says why", RUN)
        elif applied_later.get(x) == ours.open - theirs.open:
            message = "credits applied later: HubSpot's figure of credits carries no date"
            found[x] = Reason(Cause.UNDATED, message)
        elif link is not None and money(link.base_quickbooks.get(total)) == ours.total:
            found[x] = Reason(Cause.DRIFT, "somebody changed the mirror in HubSpot", RUN)
        else:
            found[x] = Reason(Cause.UNEXPLAINED, "both are in step by what is remembered", RUN)
    return found


def _marked(tx: Transaction, sync_id: str) -> set[str]:
    found: set[str] = set()
    after = None
    while taken := pending.take(tx, sync_id, 1000, after):
        after = taken[-1]
        found |= {mark.record_id for mark in taken if mark.side is Side.QUICKBOOKS}
    return found


def _changed(sync: str, known: Record | None, ours: Due | None, as_of: str) -> bool:
    """The books moved since they were last read by a run."""
    if known is None or ours is None:
        return known is not None and ours is None and not known.state.gone
    if money(known.fields.get(TOTALS[sync])) != ours.total:
        return True
    shown = () if as_of else zip(OPEN[sync], (ours.open, ours.home), strict=False)
    return any(
        known.fields.get(name) is not None and money(known.fields.get(name)) != amount
        for name, amount in shown
    )
