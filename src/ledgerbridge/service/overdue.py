"""
What becomes of an update of QuickBooks that was given back, and arrives all the same.

Its `SyncToken` refuses it once anything else has written to the record. Until then it may come from
a network that delayed it, or from a process that was frozen before it sent it, and whatever it
replaces then is told like any other loss (promise 4).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

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
    """
    Of these rows that are given back, keep the updates that the records would still take. Those of
    records that are not `found` any more are told at once, together with what was kept of them.
    """
    connection = world.connections[Side.QUICKBOOKS]
    mine = [row for row in rows if is_kept(row.operation)]
    kept = [
        updates.Overdue(
            connection=connection,
            object_type=row.operation.object_type,
            record_id=record_id,
            version=row.operation.version or "",
            link=row.operation.link,
            payload=spool.packed(row.spooled),
        )
        for row in mine
        if (record_id := row.write.record_id or "") not in found
        or found[record_id].version == row.operation.version
    ]
    updates.put(tx, kept)
    for object_type in dict.fromkeys(row.operation.object_type for row in mine):
        settle_gone(tx, world, object_type, {x.record_id for x in kept} - found.keys())


def is_kept(operation: Operation) -> bool:
    """Whether it is an update of QuickBooks, of which nobody knows when it arrives."""
    return operation.side is Side.QUICKBOOKS and operation.kind is WriteKind.UPDATE


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
    _end(tx, world, spent, {} if own else by_id)


def settle_gone(tx: Transaction, world: World, object_type: str, gone: Collection[str]) -> None:
    """
    These customers or items are there no more, merged into another perhaps: nothing reaches them.

    Whether it did before that, nobody can tell any more; what it would have replaced is told.
    """
    held = updates.of_records(tx, world.connections[Side.QUICKBOOKS], object_type, gone)
    _end(tx, world, held, dict.fromkeys(gone))


def _end(
    tx: Transaction,
    world: World,
    ended: Sequence[updates.Overdue],
    shown: Mapping[str, Record | None],
) -> None:
    """These are overdue no more, and of the records that are `shown` it is told what that was."""
    if not ended:
        return
    updates.erase(tx, [one.seq for one in ended])
    # An intent in flight for the same pair settles by itself, and tells the same values.
    busy = {unit.partition("#")[0] for unit in operations.units_in_flight(tx)}
    now = world.clock.now()
    entries: list[journal.Entry] = []
    told: set[tuple[str, str, str]] = set()
    for one in ended:
        if one.record_id in shown and one.link not in busy:
            entries += _entries(world, now, one, shown[one.record_id], told)
    journal.enter(tx, entries)


def _entries(
    world: World,
    now: datetime,
    one: updates.Overdue,
    record: Record | None,
    told: set[tuple[str, str, str]],
) -> Iterator[journal.Entry]:
    """What is entered of one of them, without what was `told` already, which grows."""
    operation = spool.unpacked(one.payload).item
    assert isinstance(operation, Operation)
    wrote, fields = operation.fields, {} if record is None else record.fields
    arrived = record is not None and all(
        (fields.get(name) or None) == (value or None) for name, value in wrote.items()
    )
    if arrived and (one.record_id, "", "") not in told:
        told.add((one.record_id, "", ""))
        yield write_entry(world, now, operation, one.record_id, record, wrote=wrote)
    for loss in loss_entries(world, now, operation, one.record_id):
        what = (one.record_id, loss.field, loss.value or "")
        if fields.get(loss.field) != loss.value and what not in told:
            told.add(what)
            yield loss
