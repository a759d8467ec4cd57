"""
Switch syncs on and off, and delete them.

`today` in a filter becomes an instant when the sync is switched on for the first time, and stays
that instant however often it is switched (engine.md, promise 10).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from ledgerbridge.connectors.port import Description
from ledgerbridge.core.definition import SyncDefinition
from ledgerbridge.core.filters import Condition, Filter
from ledgerbridge.core.model import LinkStatus, Side
from ledgerbridge.core.order import SYNC_ORDER
from ledgerbridge.errors import UsageError
from ledgerbridge.service import descriptions
from ledgerbridge.service.connecting import pair
from ledgerbridge.service.planning import planned_feed
from ledgerbridge.service.rules import (
    TODAY,
    as_stored,
    check_definition,
    definition_of,
    frozen,
    start_of_today,
    time_zone_of,
)
from ledgerbridge.store import connections, links, rests, runs, syncs
from ledgerbridge.store.transaction import Transaction
from ledgerbridge.syncs.catalogue import KINDS


class Deleted(Struct, frozen=True, kw_only=True):
    """A sync that is forgotten, with its links; the records of both sides stay."""

    name: str
    links_forgotten: int


def heard_of_both(tx: Transaction) -> dict[Side, Description]:
    """What both sides last said of themselves. Raises UsageError where one is not connected."""
    by_side = pair([one for one in connections.every(tx) if connections.has_token(tx, one.id)])
    return {side: descriptions.heard(connection) for side, connection in by_side.items()}


def named(tx: Transaction, names: Iterable[str]) -> list[syncs.Sync]:
    """
    The stored syncs of these names, parents first; a known kind that is not set up begins with
    its defaults. Raises UsageError for a name that is no sync's, and where a side was never
    connected.
    """
    by_side = pair(connections.every(tx))
    known = {sync.name: sync for sync in syncs.every(tx)}
    wanted = list(dict.fromkeys(names))
    for name in wanted:
        if name not in KINDS:
            raise UsageError(f"There is no sync {name!r}. The syncs are {', '.join(SYNC_ORDER)}.")
    return [
        known.get(name)
        or syncs.Sync(
            id=f"{name}.1",
            name=name,
            hubspot_connection=by_side[Side.HUBSPOT].id,
            quickbooks_connection=by_side[Side.QUICKBOOKS].id,
            definition=as_stored(KINDS[name].defaults),
        )
        for name in SYNC_ORDER
        if name in wanted
    ]


def enable(tx: Transaction, names: Iterable[str], now: datetime) -> list[syncs.Sync]:
    """
    Switch syncs on. Nothing is switched on if one of them cannot be.

    Raises UsageError, ConfigError for a definition that cannot work between these accounts.
    """
    heard = heard_of_both(tx)
    on = [switched_on(sync, heard, now) for sync in named(tx, names)]
    for sync in on:
        syncs.put(tx, sync)
    return on


def switched_on(sync: syncs.Sync, heard: dict[Side, Description], now: datetime) -> syncs.Sync:
    """The sync, switched on: its definition is checked, its `today` frozen. Raises ConfigError."""
    definition = definition_of(sync)
    hubspot, quickbooks = heard[Side.HUBSPOT], heard[Side.QUICKBOOKS]
    check_definition(definition, hubspot, quickbooks, f"syncs.{sync.name}")
    at = sync.enabled_at
    if at is None or says_today(definition):
        today = start_of_today(now, time_zone_of(hubspot, quickbooks))
        definition, at = frozen(definition, today), now
    return replace(sync, enabled=True, enabled_at=at, definition=as_stored(definition))


def says_today(definition: SyncDefinition) -> bool:
    """Whether a filter still waits for the day on which the sync is switched on."""
    return any(
        isinstance(condition, Condition) and condition.value == TODAY
        for side in Side
        for group in definition.filter_to(side).groups
        for condition in group
    )


def kept_frozen(wanted: Filter, current: Filter, frozen_at: str) -> Filter:
    """
    The current filter, if the wanted one says the same with `today` in the place of the instant
    that was frozen; else the wanted one.
    """
    groups = tuple(
        tuple(
            replace(one, value=TODAY)
            if isinstance(one, Condition) and one.value == frozen_at
            else one
            for one in group
        )
        for group in current.groups
    )
    return current if wanted == Filter(groups) else wanted


def disable(tx: Transaction, names: Iterable[str]) -> list[syncs.Sync]:
    """Switch syncs off: writes stop, links stay. Raises UsageError for an unknown name."""
    off = [replace(sync, enabled=False) for sync in named(tx, names)]
    for sync in off:
        syncs.put(tx, sync)
    return off


def stored(tx: Transaction, name: str) -> syncs.Sync:
    """The sync of this name. Raises UsageError for one that is not set up."""
    found = {sync.name: sync for sync in syncs.every(tx)}
    if name not in found:
        known = ", ".join(sorted(found, key=SYNC_ORDER.index)) or "none"
        raise UsageError(f"There is no sync {name!r}. The syncs are {known}.")
    return found[name]


def delete(tx: Transaction, name: str) -> Deleted:
    """
    Forget a sync and its links. Raises UsageError for one that is not set up, StoreProblem while
    writes of it are in flight.
    """
    sync = stored(tx, name)
    number = links.counts(tx, sync.id)[LinkStatus.LIVE]
    syncs.remove(tx, sync.id)
    rests.drop_of_sync(tx, sync.id)
    runs.drop_cursor(tx, sync.quickbooks_connection, planned_feed(sync.id))
    return Deleted(name=name, links_forgotten=number)
