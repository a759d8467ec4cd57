"""Open a world: claim the connections, compile the rules, build the connectors."""

from __future__ import annotations

from collections.abc import Iterable

from ledgerbridge.connectors.port import Description
from ledgerbridge.core.model import Side
from ledgerbridge.core.order import SYNC_ORDER
from ledgerbridge.errors import UsageError
from ledgerbridge.service import descriptions
from ledgerbridge.service.connecting import pair
from ledgerbridge.service.connectors import Workshop, hubspot_of, quickbooks_of
from ledgerbridge.service.rules import activate
from ledgerbridge.service.wanted import wanted_hubspot
from ledgerbridge.service.world import ActiveSync, Progress, World
from ledgerbridge.store import connections, syncs


async def open_world(
    shop: Workshop, names: Iterable[str] = (), progress: Progress | None = None
) -> World:
    """
    The world of the connected pair, claimed under a fresh epoch.

    `names` are the syncs to work on, all that are on if empty. Raises UsageError for what is not
    connected, unknown or off; ConfigError for a definition that no longer fits; CallFailed.
    """
    by_side = pair(await shop.store.read(connections.every))
    stored = await shop.store.read(syncs.every)
    chosen = _chosen(stored, list(names))
    hubspot = await hubspot_of(shop, by_side[Side.HUBSPOT])
    quickbooks = await quickbooks_of(shop, by_side[Side.QUICKBOOKS])
    heard: dict[Side, Description] = {}
    for side, connector in ((Side.HUBSPOT, hubspot), (Side.QUICKBOOKS, quickbooks)):
        connection = by_side[side]
        if descriptions.is_stale(connection, shop.clock.now()):
            heard[side] = await descriptions.refresh(
                shop.store, connection, connector, shop.clock.now()
            )
        else:
            heard[side] = descriptions.heard(connection)
    active: dict[str, ActiveSync] = {
        sync.name: activate(sync, heard[Side.HUBSPOT], heard[Side.QUICKBOOKS])
        for sync in stored
        if sync.enabled
    }
    ids = {side: connection.id for side, connection in by_side.items()}
    epoch = await shop.store.write(connections.claim_epoch, ids.values())
    return World(
        store=shop.store,
        clock=shop.clock,
        hubspot=hubspot,
        quickbooks=quickbooks,
        connections=ids,
        syncs=active,
        caps=shop.settings.caps,
        run=shop.clock.new_id(),
        epoch=epoch,
        wanted_hubspot=wanted_hubspot(sync.rules for sync in active.values()),
        chosen=chosen,
        progress=progress or Progress(),
    )


def _chosen(stored: list[syncs.Sync], names: list[str]) -> frozenset[str]:
    known = {sync.name: sync for sync in stored}
    for name in names:
        if name not in known:
            raise UsageError(
                f"There is no sync {name!r}. The syncs are {', '.join(sorted(known)) or 'none'}."
            )
        if not known[name].enabled:
            raise UsageError(
                f"The sync {name} is off. Switch it on with: ledgerbridge sync enable {name}"
            )
    if not any(sync.enabled for sync in stored):
        raise UsageError(
            "No sync is on, so there is nothing to do. "
            "Switch one on with: ledgerbridge sync enable contacts"
        )
    return frozenset(names) or frozenset(SYNC_ORDER)
