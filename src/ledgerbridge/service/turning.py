"""
What turns without any event: an invoice becomes overdue at midnight in the company's time zone.

One local pass a day marks the invoices whose due day is over; no vendor is asked.
"""

from __future__ import annotations

from datetime import date, timedelta

from ledgerbridge.core.model import Side
from ledgerbridge.service.storing import (
    customers_of,
    mark_all_totals,
    mark_for_deals,
    mark_for_totals,
)
from ledgerbridge.service.world import ActiveSync, World
from ledgerbridge.store import pending, records, runs
from ledgerbridge.store.transaction import Transaction
from ledgerbridge.syncs.invoices import DUE, NAME

DAY_FEED = "day:"
DAYS_MAX, READ_AT_ONCE = 1000, 500


def turn_the_day(tx: Transaction, world: World) -> None:
    """Mark the invoices that fell due since the last pass."""
    sync = world.syncs.get(NAME)
    if sync is None:
        return
    connection, feed = world.connections[Side.QUICKBOOKS], f"{DAY_FEED}{sync.id}"
    as_of, cursor = sync.rules.as_of, runs.cursor_of(tx, connection, feed)
    if cursor is not None and cursor.value == as_of:
        return
    if cursor is not None:
        _mark(tx, world, sync, cursor.value)
    runs.move_cursor(tx, connection, feed, runs.Cursor(as_of, ""))


def _mark(tx: Transaction, world: World, sync: ActiveSync, before: str) -> None:
    """Those due from the last pass to yesterday; all of them if that was too long ago."""
    connection, now = world.connections[Side.QUICKBOOKS], world.clock.now()
    entity = sync.rules.quickbooks_type
    first, last = sorted((date.fromisoformat(before), date.fromisoformat(sync.rules.as_of)))
    days = [(first + timedelta(days=n)).isoformat() for n in range((last - first).days)]
    if len(days) > DAYS_MAX:
        pending.mark_all(tx, sync.id, Side.QUICKBOOKS, connection, entity, now=now)
        mark_all_totals(tx, world)
        return
    found = records.by_key(tx, connection, entity, DUE, days)
    ids = [record_id for group in found.values() for record_id in group]
    mark_for_deals(tx, world, ids)
    for start in range(0, len(ids), READ_AT_ONCE):
        some = records.get_many(tx, connection, entity, ids[start : start + READ_AT_ONCE])
        mark_for_totals(tx, world, customers_of(some.values()))
    pending.mark(tx, sync.id, Side.QUICKBOOKS, ids, now)
