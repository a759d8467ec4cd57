"""
What becomes of an update of QuickBooks that was given back, and arrives all the same.

Its `SyncToken` refuses it once anything else has written to the record. Until then it may come from
a network that delayed it, or from a process that was frozen before it sent it, and whatever it
replaces then is told like any other loss (promise 4).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ledgerbridge.core.model import Record, Side
from ledgerbridge.core.plan import Operation, WriteKind
from ledgerbridge.service import spool
from ledgerbridge.service.entering import SentRow, loss_entries, write_entry
from ledgerbridge.service.world import World
from ledgerbridge.store import journal, operations
from ledgerbridge.store import overdue as updates
from ledgerbridge.store.transaction import Transaction


def keep(
    tx: Transaction, world: World, rows: Sequence[SentRow], found: Mapping[str, Record]
) -> None:
    """Of these rows that are given back, keep the updates that the records would still take."""
    connection = world.connections[Side.QUICKBOOKS]
    kept = []
    for row in rows:
        operation, record_id = row.operation, row.write.record_id or ""
        record = found.get(record_id)
        if operation.side is not Side.QUICKBOOKS or operation.kind is not WriteKind.UPDATE:
            continue
        if record is not None and record.version == operation.version:
            kept.append(
                updates.Overdue(
                    connection=connection,
                    object_type=operation.object_type,
                    record_id=record_id,
                    version=record.version,
                    link=operation.link,
                    payload=spool.packed(row.spooled),
                )
            )
    updates.put(tx, kept)


def settle(
    tx: Transaction, world: World, object_type: str, changed: Sequence[Record], *, own: bool
) -> None:
    """
    These customers or items have another version now: nothing overdue reaches them any more.

    Where it was not our `own` write that spent the old version, what arrived is told, and so is
    what it replaced. A value that went otherwise is told as well: better once too often.
    """
    connection = world.connections[Side.QUICKBOOKS]
    by_id = {record.id: record for record in changed}
    held = updates.of_records(tx, connection, object_type, by_id)
    spent = [one for one in held if by_id[one.record_id].version != one.version]
    updates.erase(tx, [one.seq for one in spent])
    if own or not spent:
        return
    # An intent in flight for the same pair settles by itself, and tells the same values.
    busy = {unit.partition("#")[0] for unit in operations.units_in_flight(tx)}
    _tell(tx, world, [(one, by_id[one.record_id]) for one in spent if one.link not in busy])


def _tell(tx: Transaction, world: World, spent: Sequence[tuple[updates.Overdue, Record]]) -> None:
    now = world.clock.now()
    entries: list[journal.Entry] = []
    told: set[tuple[str, str, str]] = set()
    for one, record in spent:
        operation = spool.unpacked(one.payload).item
        assert isinstance(operation, Operation)
        arrived = all(
            (record.fields.get(name) or None) == (value or None)
            for name, value in operation.fields.items()
        )
        if arrived and (record.id, "", "") not in told:
            told.add((record.id, "", ""))
            wrote = operation.fields
            entries.append(write_entry(world, now, operation, record.id, record, wrote=wrote))
        for loss in loss_entries(world, now, operation, record.id):
            what = (record.id, loss.field, loss.value or "")
            if record.fields.get(loss.field) != loss.value and what not in told:
                told.add(what)
                entries.append(loss)
    journal.enter(tx, entries)
