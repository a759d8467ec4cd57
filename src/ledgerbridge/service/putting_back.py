"""
What a person wrote in HubSpot, and an update of ours overwrote unseen, is written again.

No state of the two records says that this is still to be done. So it stays in the spool when a plan
is given back, and goes ahead of the next one (promise 4).
"""

from __future__ import annotations

from ledgerbridge.core.model import Side
from ledgerbridge.core.order import Stage
from ledgerbridge.core.plan import Operation
from ledgerbridge.service import spool
from ledgerbridge.service.applying import apply_stage
from ledgerbridge.service.planners import resting
from ledgerbridge.service.planners.chunk import Chunk
from ledgerbridge.service.world import ActiveSync, World
from ledgerbridge.store import operations, records
from ledgerbridge.store.transaction import Transaction


async def put_back(world: World) -> None:
    """Write again what people wrote, where HubSpot still shows ours. Raises CallFailed."""
    left = await world.store.read(operations.planned_syncs)
    for sync in world.ordered():
        if sync.id not in left:
            continue  # nearly always: nothing is left in the spool between two plans
        units = await world.commit(_still_due, world, sync)
        if units:
            await apply_stage(world, sync, Stage.HUBSPOT, units)


def _still_due(tx: Transaction, world: World, sync: ActiveSync) -> set[str]:
    """
    The pairs that wait for it. It is forgotten where a record moved on or a person paused it, and
    where nothing may be written to HubSpot any more: told it was when it was overwritten.
    """
    rows = operations.planned(tx, sync.id, spool.PAGE_ROWS)
    items = [(one.seq, spool.read(one).item) for one in rows]
    waiting = {x: one for x, one in items if isinstance(one, Operation) and one.puts_back}
    if not waiting:
        return set()
    paused = resting.resting(Chunk(tx, world, sync))
    ids = [operation.record_id or "" for operation in waiting.values()]
    connection, object_type = world.connections[Side.HUBSPOT], sync.rules.hubspot_type
    shown = records.get_many(tx, connection, object_type, ids)
    travels = sync.rules.definition.travels(Side.HUBSPOT)
    due = {
        seq: operation.unit
        for seq, operation in waiting.items()
        if travels
        and (record := shown.get(operation.record_id or "")) is not None
        and not record.state.gone
        and (Side.HUBSPOT, record.id) not in paused
        and all((record.fields.get(x) or None) == y for x, y in operation.expected.items())
    }
    operations.erase(tx, waiting.keys() - due.keys())
    return set(due.values())
