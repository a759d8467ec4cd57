"""
As which record a merged one lives on.

HubSpot answers for the old id with the survivor. QuickBooks says only that a customer or an item is
gone; but neither can be deleted there, and the transactions of a merged one are the survivor's.
Where what was its own names one other record now, that is the one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from ledgerbridge.connectors.port import Page, Wanted
from ledgerbridge.core.model import Gone, Record, Side
from ledgerbridge.service.world import World
from ledgerbridge.store import gone, records
from ledgerbridge.store.transaction import Transaction

CUSTOMER, ITEM = "Customer", "Item"
TRANSACTIONS = ("Invoice", "Payment")
ITEM_OF_LINE = "SalesItemLineDetail.ItemRef"
ASKED_MAX, SEARCHED_MAX = 30, 500

Moves = dict[tuple[str, str], set[str]]
"""By entity and id that a transaction named: the ids that it names in that place now."""


def moves(before: Record, after: Record) -> Moves:
    """What a transaction says of its customer and its items otherwise than before."""
    found: Moves = {}
    old, new = _named(before), _named(after)
    for place in old.keys() & new.keys():
        if old[place] != new[place]:
            found.setdefault((place[0], old[place]), set()).add(new[place])
    return found


def _named(transaction: Record) -> dict[tuple[str, str], str]:
    customer = transaction.references.get("CustomerRef", ())
    named = {(CUSTOMER, str(place)): x for place, x in enumerate(customer)}
    named |= {
        (ITEM, line.id): item
        for line in transaction.lines
        if (item := line.fields.get(ITEM_OF_LINE)) is not None
    }
    return named


async def moved_by(world: World, page: Page) -> Moves:
    """What the transactions of a page say otherwise than those that are stored."""
    if page.object_type not in TRANSACTIONS:
        return {}
    ids = [record.id for record in page.records]
    before = await _stored(world, page.object_type, ids)
    return _together(moves(before[x.id], x) for x in page.records if x.id in before)


def _together(found: Iterable[Moves]) -> Moves:
    together: Moves = {}
    for one in found:
        for key, new in one.items():
            together.setdefault(key, set()).update(new)
    return together


async def _stored(world: World, object_type: str, ids: Sequence[str]) -> dict[str, Record]:
    connection = world.connections[Side.QUICKBOOKS]
    return await world.store.read(records.get_many, connection, object_type, ids)


async def told_apart(
    world: World, side: Side, lost: Mapping[str, Gone], moves: Moves
) -> tuple[dict[str, Gone], dict[str, Record]]:
    """
    These records that are gone, with the survivor where it is known, and survivors that nobody
    has read yet. Raises CallFailed.
    """
    if side is Side.HUBSPOT:
        ids = sorted({one.merged_into for one in lost.values() if one.merged_into})
        return dict(lost), await _unread(world, side, lost, ids)
    found: dict[str, Gone] = {}
    fresh: dict[str, Record] = {}
    for record_id, one in lost.items():
        key = (one.object_type, record_id)
        new = sorted(moves.get(key) or await _asked(world, one))
        fresh |= await _unread(world, side, lost, new)
        there = {**await _stored(world, one.object_type, new), **fresh}
        living = [x for x in new if x in there and not there[x].state.gone]
        found[record_id] = _merged(one, living[0]) if len(living) == len(new) == 1 else one
    return found, fresh


async def _unread(
    world: World, side: Side, lost: Mapping[str, Gone], ids: Sequence[str]
) -> dict[str, Record]:
    """Those of these survivors that are not stored, as they are now."""
    if not ids:
        return {}
    object_type = next(iter(lost.values())).object_type
    connection = world.connections[side]
    known = await world.store.read(records.get_many, connection, object_type, ids)
    wanted = world.wanted_hubspot.get(object_type) or Wanted(object_type)
    missing = [x for x in ids if x not in known]
    return (await world.connector(side).look(wanted, missing)).found if missing else {}


def _merged(one: Gone, survivor: str) -> Gone:
    evidence = f"{one.evidence} What was its own is of {survivor} now: they were merged."
    return replace(one, evidence=evidence, merged_into=survivor)


async def _asked(world: World, one: Gone) -> set[str]:
    """
    What transactions that named it, or what was merged into it before, name by now; they are read
    by id, for they may look old.
    """
    if one.object_type not in (CUSTOMER, ITEM):
        return set()
    connection = world.connections[Side.QUICKBOOKS]
    taken = await world.store.read(gone.merged_into, connection, one.object_type, [one.id])
    olds = [one.id, *taken.get(one.id, ())]
    found: Moves = {}
    for object_type in TRANSACTIONS:
        before = await world.store.read(_naming, connection, object_type, one.object_type, olds)
        looked = await world.quickbooks.look(Wanted(object_type), list(before))
        for record_id, record in looked.found.items():
            found = _together((found, moves(before[record_id], record)))
    new = {x for old in olds for x in found.get((one.object_type, old), ())}
    return new - set(olds)


def _naming(
    tx: Transaction, connection: str, object_type: str, entity: str, olds: Sequence[str]
) -> dict[str, Record]:
    if entity == CUSTOMER:
        referring = records.referring(tx, connection, object_type, "CustomerRef", olds)
        ids = [x for old in olds for x in referring.get(old, ())]
        return records.get_many(tx, connection, object_type, ids[-ASKED_MAX:])
    newest = records.newest(tx, connection, object_type, SEARCHED_MAX)
    found = records.get_many(tx, connection, object_type, newest)
    naming = [x for x in found.values() if not set(olds).isdisjoint(_named(x).values())]
    return {record.id: record for record in naming[:ASKED_MAX]}
