"""
HubSpot records that a person took out of the recycle bin: nothing but the bin tells of it, for a
restored record may look as old as before.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from ledgerbridge.connectors.port import Page, Wanted
from ledgerbridge.core.model import Side
from ledgerbridge.service.storing import store_page
from ledgerbridge.service.world import World
from ledgerbridge.store import gone
from ledgerbridge.store.transaction import Transaction

IN_THE_BIN = timedelta(days=90)
"""How long HubSpot keeps what was archived."""


def gone_lately(tx: Transaction, world: World, object_type: str) -> set[str]:
    """The records that went into the bin, as far as it may still hold them, merged ones aside."""
    since = world.clock.now() - IN_THE_BIN
    return gone.gone_since(tx, world.connections[Side.HUBSPOT], object_type, since)


async def look(world: World, wanted: Wanted, ids: Sequence[str]) -> None:
    """Those that the bin does not list any more are read by id: there again, or gone for good."""
    if not ids:
        return
    looked = await world.hubspot.look(wanted, ids)

    def store(tx: Transaction) -> None:
        connection = world.connections[Side.HUBSPOT]
        gone.bring_back(tx, connection, wanted.object_type, looked.found)
        store_page(tx, world, Side.HUBSPOT, Page(wanted.object_type, tuple(looked.found.values())))

    await world.commit(store)
