"""The story of one record, in words: what people did, what we wrote, what was set aside."""

from __future__ import annotations

from ledgerbridge.core.model import Side
from ledgerbridge.store import journal
from simulation.world import Simulation


async def story_of(world: Simulation, side: Side, record_id: str) -> str:
    """Journal entries about a record of either side, oldest first, and what it shows now."""
    entries = await world.store.read(journal.newest, 1000, record=(side, record_id))
    lines = [f"{entry.at:%H:%M:%S} {entry}" for entry in reversed(entries)]
    if side is Side.HUBSPOT:
        now = world.portal.get("contacts", record_id)
    else:
        now = world.company.get("Customer", record_id)
    return "\n".join([f"The story of {side} record {record_id}:", *lines, f"now: {now}"])
