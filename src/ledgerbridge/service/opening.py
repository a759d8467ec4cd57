"""Open a world: claim the connections, compile the rules, build the connectors."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ledgerbridge.connectors.port import Description, Wanted
from ledgerbridge.core.filters import associations_used
from ledgerbridge.core.model import Side
from ledgerbridge.core.order import SYNC_ORDER
from ledgerbridge.errors import ConfigError, Interlock, UsageError
from ledgerbridge.service import descriptions, erasing
from ledgerbridge.service.connecting import pair
from ledgerbridge.service.connectors import Workshop, hubspot_of, quickbooks_of
from ledgerbridge.service.observe import forget_outgrown
from ledgerbridge.service.rules import (
    activate,
    as_of,
    check_filters,
    definition_of,
    schemas_of,
    time_zone_of,
    today,
)
from ledgerbridge.service.wanted import wanted_hubspot
from ledgerbridge.service.world import ActiveSync, Progress, World
from ledgerbridge.store import connections, outcomes, rests, syncs
from ledgerbridge.store.connections import Connection
from ledgerbridge.store.transaction import Transaction
from ledgerbridge.syncs.catalogue import KINDS

BY_DESCRIPTION = ("currency_not_enabled", "read_only", "unknown_field", "unknown_option")
"""Why records fail that may go once the other side has, or no longer has, a field or an option."""
NO_KEY = (
    "HubSpot has no property ledgerbridge_key with unique values for {0}, and without it nothing "
    "that is written could be found again. Nothing is read or written. Give the token the scope to "
    "make properties of {0}, then connect again: ledgerbridge connect hubspot"
)


async def open_world(
    shop: Workshop, names: Iterable[str] = (), progress: Progress | None = None
) -> World:
    """
    The world of the connected pair, claimed under a fresh epoch.

    `names` are the syncs to work on, all that are on if empty. Raises UsageError for what is not
    connected, unknown or off; ConfigError for a definition that no longer fits; Interlock where all
    of it is paused; CallFailed.
    """
    by_side = pair(await shop.store.read(connections.every))
    stored = await shop.store.read(syncs.every)
    chosen = _chosen(stored, list(names))
    paused = await shop.store.read(_paused, by_side, stored, chosen)
    hubspot = await hubspot_of(shop, by_side[Side.HUBSPOT])
    quickbooks = await quickbooks_of(shop, by_side[Side.QUICKBOOKS])
    heard = {side: descriptions.heard(connection) for side, connection in by_side.items()}
    in_question = await _in_question(shop, by_side, heard, stored)
    for side, connector in ((Side.HUBSPOT, hubspot), (Side.QUICKBOOKS, quickbooks)):
        if side in in_question:
            heard[side] = await descriptions.refresh(
                shop.store, by_side[side], connector, shop.clock.now()
            )
    enabled = [sync for sync in stored if sync.enabled]
    active, unavailable = usable(enabled, heard, lambda sync: _compiled(shop, sync, heard))
    ids = {side: connection.id for side, connection in by_side.items()}
    await shop.store.read(erasing.check_key, ids, shop.secrets)
    wanted = wanted_hubspot(sync.rules for sync in active.values())
    epoch = await shop.store.write(_claim, ids, wanted)
    return World(
        store=shop.store,
        clock=shop.clock,
        secrets=shop.secrets,
        hubspot=hubspot,
        quickbooks=quickbooks,
        connections=ids,
        home_currency=heard[Side.QUICKBOOKS].home_currency,
        syncs=active,
        caps=shop.settings.caps,
        history_days=shop.settings.history_days,
        history_mb=shop.settings.history_mb,
        run=shop.clock.new_id(),
        epoch=epoch,
        wanted_hubspot=wanted,
        chosen=chosen,
        paused=paused,
        unavailable=unavailable,
        progress=progress or Progress(),
    )


def _claim(tx: Transaction, ids: dict[Side, str], wanted: dict[str, Wanted]) -> int:
    forget_outgrown(tx, ids[Side.HUBSPOT], wanted)
    return connections.claim_epoch(tx, ids.values())


def usable(
    enabled: Iterable[syncs.Sync],
    heard: dict[Side, Description],
    compiled: Callable[[syncs.Sync], ActiveSync],
) -> tuple[dict[str, ActiveSync], dict[str, str]]:
    """Of these syncs those that can work between these accounts, and why the others cannot."""
    lacks = {sync.name: (sync, lack_of(sync, heard)) for sync in enabled}
    active = {name: compiled(sync) for name, (sync, lack) in lacks.items() if lack is None}
    return active, {name: lack for name, (_, lack) in lacks.items() if lack is not None}


def _compiled(shop: Workshop, sync: syncs.Sync, heard: dict[Side, Description]) -> ActiveSync:
    """A sync with its rules as of now, compiled again when what they come from has changed."""
    hubspot, quickbooks = heard[Side.HUBSPOT], heard[Side.QUICKBOOKS]
    now = shop.clock.now()
    made_of = (sync, hubspot, quickbooks)
    before, active = shop.compiled.get(sync.id, (None, None))
    if active is None or before != made_of:
        active = activate(sync, hubspot, quickbooks, now)
    else:
        active = as_of(active, today(now, time_zone_of(hubspot, quickbooks)))
    shop.compiled[sync.id] = made_of, active
    return active


def _paused(
    tx: Transaction,
    by_side: dict[Side, Connection],
    stored: list[syncs.Sync],
    chosen: frozenset[str],
) -> frozenset[str]:
    """
    The names of the syncs that a person paused.

    Raises Interlock, before any call, where that leaves nothing to do.
    """
    found = rests.every(tx)
    for connection in by_side.values():
        rest = next((one for one in found if one.target == connection.id), None)
        if rest is not None:
            raise Interlock(
                f"{connection.id} is paused since {rest.since:%Y-%m-%d %H:%M} UTC. Nothing was "
                f"read or written. Go on with: ledgerbridge resume {connection.id}"
            )
    ids = {rest.target for rest in found if rest.kind is rests.RestKind.SYNC}
    on = [sync for sync in stored if sync.enabled and sync.name in chosen]
    resting = [sync.name for sync in on if sync.id in ids]
    if resting and len(resting) == len(on):
        raise Interlock(
            f"{', '.join(resting)}: paused. Nothing was read or written. Go on with: "
            f"ledgerbridge resume {resting[0]}"
        )
    return frozenset(sync.name for sync in stored if sync.id in ids)


async def _in_question(
    shop: Workshop,
    by_side: dict[Side, Connection],
    heard: dict[Side, Description],
    stored: list[syncs.Sync],
) -> set[Side]:
    """
    The sides to ask again: what they said is old, or something fails by it that may be put right.
    """
    now = shop.clock.now()
    old = {side for side, one in by_side.items() if descriptions.is_stale(one, now)}
    due = await shop.store.read(outcomes.sides_due, BY_DESCRIPTION, now)
    lacking = any(lack_of(sync, heard) for sync in stored if sync.enabled)
    return old | {side.other for side in due} | ({Side.HUBSPOT} if lacking else set())


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


def lack_of(sync: syncs.Sync, heard: dict[Side, Description]) -> str | None:
    """Why a sync cannot work between these accounts as they are now. None if it can."""
    return missing_schema(sync, heard) or unfit_filter(sync, heard)


def unfit_filter(sync: syncs.Sync, heard: dict[Side, Description]) -> str | None:
    """
    Why the filters of a sync cannot be followed: what they ask for is gone, or of another type.

    A field that is gone would count as empty, and `is not` would let every record pass.
    """
    definition, kind = definition_of(sync), KINDS[sync.name]
    schemas = schemas_of(kind, heard[Side.HUBSPOT], heard[Side.QUICKBOOKS])
    try:
        check_filters(definition, kind, schemas, "filters")
    except ConfigError as problem:
        return (
            f"Its filter cannot be followed, so nothing of it was written: {problem.problem} Bring "
            "it back, or change the filter with: ledgerbridge config apply"
        )
    return None


def missing_schema(sync: syncs.Sync, heard: dict[Side, Description]) -> str | None:
    """Why a sync cannot work: a type or our key that the token has not. None if it can."""
    definition = definition_of(sync)
    kind = KINDS[sync.name]
    wanted = {kind.hubspot_type}
    if definition.travels(Side.QUICKBOOKS):
        wanted |= associations_used(definition.to_quickbooks)
    missing = sorted(wanted - set(heard[Side.HUBSPOT].schemas))
    if not missing:
        key = heard[Side.HUBSPOT].schemas[kind.hubspot_type].fields.get(kind.key_property)
        return None if key is not None and key.unique else NO_KEY.format(kind.hubspot_type)
    lacks = [one for one in heard[Side.HUBSPOT].lacks if any(m in one.consequence for m in missing)]
    if not lacks:
        return f"HubSpot shows no {', '.join(missing)} to this token."
    return f"{lacks[0].what} {lacks[0].remedy}"
