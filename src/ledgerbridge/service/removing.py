"""
Before a record leaves for HubSpot's recycle bin it is read by its id. HubSpot archives whatever it
is told to, and the search that plans go by lags behind the edits of people (promise 5).
"""

from __future__ import annotations

from collections.abc import Sequence

from ledgerbridge.connectors.port import Looked, Wanted
from ledgerbridge.core.guard import REMOVING
from ledgerbridge.core.model import Record, Side
from ledgerbridge.core.plan import Operation, WriteKind
from ledgerbridge.service import adoption, spool
from ledgerbridge.service.storing import confirm_gone
from ledgerbridge.service.world import World
from ledgerbridge.store import operations, pending, records
from ledgerbridge.store.transaction import Transaction


async def without_the_edited(
    world: World, stored: Sequence[operations.Operation]
) -> Sequence[operations.Operation]:
    """
    Operations of one side, type and kind, less the removals of records that are not as planned.

    What was found instead is stored, and their records are planned again. QuickBooks refuses such
    a removal itself, by its `SyncToken`. Raises CallFailed.
    """
    removals = {one.seq: item for one in stored if (item := _removal(world, one)) is not None}
    if not removals:
        return stored
    object_type = stored[0].object_type
    names = {name for item in removals.values() for name in mapped(world, item)}
    wanted = world.wanted_hubspot.get(object_type, Wanted(object_type, tuple(sorted(names))))
    looked = await world.hubspot.look(wanted, [item.record_id or "" for item in removals.values()])
    left = await world.commit(_take_back, world, stored, removals, looked)
    await confirm_gone(world, Side.HUBSPOT, object_type, list(looked.gone))
    return [one for one in stored if one.seq not in left]


def takes_away(world: World, operation: Operation) -> bool:
    """Whether it archives a record in HubSpot that people edit: lines, payments, notes are ours."""
    sync = world.sync_of(operation.sync)
    theirs = sync is not None and sync.kind.name in REMOVING and operation.line is None
    return theirs and operation.side is Side.HUBSPOT and operation.kind is WriteKind.ARCHIVE


def mapped(world: World, operation: Operation) -> set[str]:
    """The properties of its record that its sync maps, in which people may have edited it."""
    sync = world.sync_of(operation.sync)
    mappings = sync.rules.mappings if sync is not None else ()
    return {name for mapping in mappings for name in mapping.fields(Side.HUBSPOT)}


def _removal(world: World, stored: operations.Operation) -> Operation | None:
    if stored.side is not Side.HUBSPOT or stored.kind != WriteKind.ARCHIVE:
        return None
    item = spool.read(stored).item
    assert isinstance(item, Operation)
    return item if takes_away(world, item) else None


def _take_back(
    tx: Transaction,
    world: World,
    stored: Sequence[operations.Operation],
    removals: dict[int, Operation],
    looked: Looked,
) -> set[int]:
    """Take back the removals of what is not as we knew it; returns their places in the spool."""
    connection, object_type = world.connections[Side.HUBSPOT], stored[0].object_type
    ids = [item.record_id or "" for item in removals.values()]
    known = records.get_many(tx, connection, object_type, ids)
    left = {
        seq
        for seq, item in removals.items()
        if not _as_known(world, item, known.get(item.record_id or ""), looked)
    }
    adoption.see(tx, world, Side.HUBSPOT, tuple(looked.found.values()))
    now = world.clock.now()
    for one in stored:
        if one.seq in left:
            spooled = spool.read(one)
            pending.mark(tx, one.sync, spooled.side, [spooled.record_id], now)
    operations.erase(tx, sorted(left))
    return left


def _as_known(world: World, operation: Operation, known: Record | None, looked: Looked) -> bool:
    found = looked.found.get(operation.record_id or "")
    if known is None or found is None:
        return found is not None
    return all(
        (known.fields.get(name) or None) == (found.fields.get(name) or None)
        for name in mapped(world, operation)
    )
