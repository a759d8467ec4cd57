"""
The people who run Ledgerbridge: while others work, they change its configuration, let things rest,
and leave records out. Before the world comes to rest all is again as it was set up.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from random import Random

from msgspec.structs import replace

from ledgerbridge.core.definition import SyncDefinition
from ledgerbridge.core.filters import Condition, Filter
from ledgerbridge.core.mapping import Direction
from ledgerbridge.core.model import Side
from ledgerbridge.core.planning import KEY_FIELD
from ledgerbridge.errors import UsageError
from ledgerbridge.service import pausing, switching
from ledgerbridge.service.rules import as_stored, definition_of
from ledgerbridge.store import links, rests, syncs
from ledgerbridge.store.rests import RECORDS, RestKind
from ledgerbridge.store.transaction import Transaction
from simulation.endings import OUTSIDE
from simulation.world import Simulation

ACTS = 0.4
"""How often somebody does something between two runs."""
SWITCHED = ("contacts", "companies", "products", "invoices", "payments", "deals", "timeline")
PAUSED = ("contacts", "invoices", "payments", "hubspot", "quickbooks")
Change = Callable[[SyncDefinition, Random], SyncDefinition]


async def act(world: Simulation) -> None:
    """Now and then somebody does something."""
    if world.owning.random() < ACTS:
        with suppress(UsageError):  # a record that was not read yet, or what rests already
            did = await world.store.write(world.owning.choice(DEEDS), world)
            world.counts[f"owner: {did}"] += 1
            world.people.say(f"the owner {did}")


async def put_back(world: Simulation) -> None:
    """All syncs are on, as they were set up, and nothing rests."""
    await world.store.write(_put_back, world)


def _put_back(tx: Transaction, world: Simulation) -> None:
    for sync in syncs.every(tx):
        definition = as_stored(world.set_up[sync.name])
        syncs.put(tx, replace(sync, enabled=True, definition=definition))
    for rest in rests.every(tx):
        target, record = _named(tx, rest)
        if rest.kind is RestKind.IGNORED and record is not None:
            pausing.unignore(tx, target, record, world.clock.now())
        else:
            pausing.resume(tx, target, record, world.clock.now())


def _named(tx: Transaction, rest: rests.Rest) -> tuple[str, tuple[Side, str] | None]:
    """What rests, as a person names it."""
    if rest.kind is RestKind.CONNECTION:
        return rest.target, None
    sync_id, _, record = rest.target.partition(" ")
    name = next(sync.name for sync in syncs.every(tx) if sync.id == sync_id)
    if rest.kind not in RECORDS:
        return name, None
    side, _, record_id = record.partition(":")
    return name, (Side(side), record_id)


def _without_a_mapping(definition: SyncDefinition, random: Random) -> SyncDefinition:
    """
    One mapping is switched off; to switch it on again is to add it. That of the key may not be
    (docs/users/configuration.md).
    """
    one = random.choice(definition.mappings)
    if one.hubspot == (KEY_FIELD,):
        return definition
    return replace(
        definition,
        mappings=tuple(
            replace(each, enabled=each is not one and each.enabled) for each in definition.mappings
        ),
    )


def _another_filter(definition: SyncDefinition, random: Random) -> SyncDefinition:
    """The filter to HubSpot lets everything pass, or only what is inside."""
    inside = Condition(field="Notes", operator="is not", value=OUTSIDE)
    chosen = random.choice([Filter(groups=()), Filter(groups=((inside,),))])
    return replace(definition, to_hubspot=chosen)


def _another_direction(definition: SyncDefinition, random: Random) -> SyncDefinition:
    return replace(definition, direction=random.choice(list(Direction)))


CHANGES: dict[str, Change] = {
    "mapping": _without_a_mapping,
    "filter": _another_filter,
    "direction": _another_direction,
}


def configures(tx: Transaction, world: Simulation) -> str:
    """Contacts are synced by another mapping, filter or direction, or as they were set up."""
    sync = switching.stored(tx, "contacts")
    what = world.owning.choice([*CHANGES, "as before"])
    definition = world.set_up["contacts"]
    if what in CHANGES:
        definition = CHANGES[what](definition_of(sync), world.owning)
    syncs.put(tx, replace(sync, definition=as_stored(definition)))
    return f"changes {what}" if what in CHANGES else "changes back"


def switches(tx: Transaction, world: Simulation) -> str:
    """A sync is switched off, or on again."""
    name = world.owning.choice(SWITCHED)
    if switching.stored(tx, name).enabled:
        switching.disable(tx, [name])
        return "switches off"
    switching.enable(tx, [name], world.clock.now())
    return "switches on"


def pauses(tx: Transaction, world: Simulation) -> str:
    """A connection or a sync is paused, or resumed."""
    chosen = world.owning.choice(PAUSED)
    found = switching.stored(tx, "contacts")
    ids = {"hubspot": found.hubspot_connection, "quickbooks": found.quickbooks_connection}
    return _turned(tx, world, ids.get(chosen, chosen), None)


def pauses_a_record(tx: Transaction, world: Simulation) -> str:
    """A pair of contacts is paused, or resumed."""
    return _turned(tx, world, "contacts", _some_pair(tx, world))


def ignores(tx: Transaction, world: Simulation) -> str:
    """A customer is left out, or taken in again."""
    record, now = _some_pair(tx, world), world.clock.now()
    try:
        pausing.unignore(tx, "contacts", record, now)
    except UsageError:
        pausing.ignore(tx, "contacts", record, None, now)
        return "ignores"
    return "takes in again"


def _turned(
    tx: Transaction, world: Simulation, target: str, record: tuple[Side, str] | None
) -> str:
    now, what = world.clock.now(), " a record" if record else ""
    try:
        pausing.resume(tx, target, record, now)
    except UsageError:
        pausing.pause(tx, target, record, now)
        return f"pauses{what}"
    return f"resumes{what}"


def _some_pair(tx: Transaction, world: Simulation) -> tuple[Side, str]:
    """The customer of some pair. Raises UsageError where there is none yet."""
    found = links.page(tx, switching.stored(tx, "contacts").id, "", 1000)
    ids = [link.quickbooks_id for link in found if link.quickbooks_id]
    if not ids:
        raise UsageError("nothing is paired yet")
    return Side.QUICKBOOKS, world.owning.choice(ids)


DEEDS = (configures, configures, switches, pauses, pauses_a_record, ignores)
