"""
A field that a mapping reads may have been archived since its side last said what it has. Then every
record looks emptied there, and nobody emptied it. So before such an emptiness travels the side is
asked again, and a mapping whose field vanished is left out, like any that cannot serve (promise 5).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ledgerbridge.core.model import Side
from ledgerbridge.service import descriptions
from ledgerbridge.service.connecting import pair
from ledgerbridge.service.observe import forget_outgrown
from ledgerbridge.service.opening import usable
from ledgerbridge.service.planning import follow_configuration, plan_all
from ledgerbridge.service.rules import activate
from ledgerbridge.service.wanted import wanted_hubspot
from ledgerbridge.service.world import World
from ledgerbridge.store import connections, syncs


async def plan_with_what_is_there(world: World, *, dry: bool) -> None:
    """Plan all that is marked, by the fields that both sides still have. Raises CallFailed."""
    await plan_all(world, dry=dry)
    found = False
    for side in Side:
        names = {kind: some for (one, kind), some in world.emptied.items() if one is side}
        if names and await _vanished(world, side, names):
            found = True
    if found:
        await _compile_anew(world)
        hubspot = world.connections[Side.HUBSPOT]
        await world.commit(forget_outgrown, hubspot, world.wanted_hubspot)
        await world.commit(follow_configuration, world)
        await plan_all(world, dry=dry)


async def _vanished(world: World, side: Side, names: Mapping[str, Collection[str]]) -> bool:
    """Whether one of these fields, by their type, is not there any more; that is remembered."""
    connector = world.connector(side)
    schemas = (await connector.describe(sorted(names))).schemas
    lacking = [
        name
        for object_type, some in names.items()
        for name in some
        if object_type not in schemas or name not in schemas[object_type].fields
    ]
    if lacking:
        by_side = pair(await world.store.read(connections.every))
        await descriptions.refresh(world.store, by_side[side], connector, world.clock.now())
    return bool(lacking)


async def _compile_anew(world: World) -> None:
    by_side = pair(await world.store.read(connections.every))
    heard = {side: descriptions.heard(connection) for side, connection in by_side.items()}
    hubspot, quickbooks, now = heard[Side.HUBSPOT], heard[Side.QUICKBOOKS], world.clock.now()
    stored = [one for one in await world.store.read(syncs.every) if one.name in world.syncs]
    active, lacking = usable(stored, heard, lambda sync: activate(sync, hubspot, quickbooks, now))
    world.unavailable.update(lacking)
    world.syncs.clear()
    world.syncs.update(active)
    world.wanted_hubspot.clear()
    world.wanted_hubspot.update(wanted_hubspot(one.rules for one in world.syncs.values()))
