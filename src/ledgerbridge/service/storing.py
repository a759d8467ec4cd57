"""
What was seen, into the store: records, what is derived from them, and marks for whoever depends
on them. A mark is a reason to look and carries nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from ledgerbridge.connectors.port import Page, Wanted
from ledgerbridge.core.model import Gone, Record, Side, State
from ledgerbridge.core.planning import KEY_FIELD
from ledgerbridge.service import erasing, overdue, survivors
from ledgerbridge.service.sub_customers import below
from ledgerbridge.service.wanted import MERGED_IDS
from ledgerbridge.service.world import ActiveSync, World
from ledgerbridge.store import links, pending, records
from ledgerbridge.store.transaction import Transaction
from ledgerbridge.syncs.allocations import (
    ALLOCATION,
    INVOICE,
    OF_PAYMENT,
    PAYMENT,
    allocations,
    invoices_of,
)
from ledgerbridge.syncs.catalogue import MATCH_KEYS, SHARED_KEYS, TYPES
from ledgerbridge.syncs.companies import NAME as COMPANIES
from ledgerbridge.syncs.contact_situations import until_it_changes
from ledgerbridge.syncs.contacts import NAME as CONTACTS

DEALS, DEAL_MARK = "deals", "invoice:"
COUNTED = frozenset({INVOICE, PAYMENT})
"""What the totals of a customer are worked out from."""
TOTALLED = (CONTACTS, COMPANIES)


def merged_away(page: Page) -> tuple[str, ...]:
    """
    The ids that a merge took from the records of a page: signs, to be confirmed by a look.

    HubSpot still answers to them, with the survivor: a pair that went on under such an id would
    write one customer's values over another's.
    """
    return tuple(
        one.strip()
        for record in page.records
        for one in (record.fields.get(MERGED_IDS) or "").split(";")
        if one.strip() and one.strip() != record.id
    )


def store_page(
    tx: Transaction, world: World, side: Side, page: Page, *, own: bool = False
) -> list[str]:
    """
    Store observations and mark what changed for every sync that depends on it.

    What a write of our `own` was answered with is remembered alike, and marks nothing. A HubSpot
    type that no sync which is on reads is not stored: what was looked at by id is a part of it.
    """
    found = page.records
    if side is Side.HUBSPOT and not own and page.object_type not in world.wanted_hubspot:
        return []
    if side is Side.HUBSPOT:
        found = tuple(_asked_for(world, page.object_type, record) for record in found)
    found = tuple(erasing.spared(tx, world, side, found))
    counted = side is Side.QUICKBOOKS and page.object_type in COUNTED
    before = _stored(tx, world, page.object_type, found) if counted else []
    changed = records.store_page(
        tx,
        world.connections[side],
        page.object_type,
        found,
        keys_of=lambda record: _keys(side, record),
        newer=records.NEWER[side],
        now=world.clock.now(),
    )
    news = [record for record in found if record.id in set(changed)] if changed else []
    if side is Side.QUICKBOOKS and news:
        overdue.settle(tx, world, page.object_type, news, own=own)
    if not own and news:
        _mark(tx, world, side, page.object_type, news)
        if page.object_type == PAYMENT:
            _allocate(tx, world, news, before)
        if counted:
            mark_for_totals(tx, world, customers_of((*news, *before)))
    if side is Side.QUICKBOOKS and page.object_type == survivors.CUSTOMER:
        _wake_claimed(tx, world, changed)
    return changed


def _wake_claimed(tx: Transaction, world: World, customers: Iterable[str]) -> None:
    """These customers may claim other contacts than before, whoever changed them."""
    pending.wake(tx, map(until_it_changes, customers), world.clock.now())


def _stored(
    tx: Transaction, world: World, object_type: str, found: Sequence[Record]
) -> list[Record]:
    connection = world.connections[Side.QUICKBOOKS]
    return list(records.get_many(tx, connection, object_type, [r.id for r in found]).values())


def _allocate(
    tx: Transaction, world: World, payments: Sequence[Record], before: Sequence[Record] = ()
) -> None:
    """What a payment settles is derived from it, and the invoices concerned are looked at again."""
    connection, now = world.connections[Side.QUICKBOOKS], world.clock.now()
    ids = [payment.id for payment in payments]
    held = records.referring(tx, connection, ALLOCATION, OF_PAYMENT, ids)
    derived = [one for payment in payments for one in allocations(payment)]
    there = {one.id for one in derived}
    gone = [
        Gone(ALLOCATION, record_id, _why_gone(payment))
        for payment in payments
        for record_id in held.get(payment.id, ())
        if record_id not in there
    ]
    store_page(tx, world, Side.QUICKBOOKS, Page(ALLOCATION, tuple(derived)))
    news = records.mark_gone(tx, connection, ALLOCATION, gone, now)
    concerned = {x for payment in (*payments, *before) for x in invoices_of(payment)}
    mark_for_deals(tx, world, concerned)
    for sync in world.syncs.values():
        if sync.rules.quickbooks_type == ALLOCATION:
            pending.mark(tx, sync.id, Side.QUICKBOOKS, news, now)
        elif sync.rules.quickbooks_type == INVOICE:
            pending.mark(tx, sync.id, Side.QUICKBOOKS, concerned, now)


def _why_gone(payment: Record) -> str:
    if payment.state is State.LIVE:
        return f"payment {payment.id} was changed and is applied otherwise"
    return f"payment {payment.id} is {payment.state} in QuickBooks"


def _asked_for(world: World, object_type: str, record: Record) -> Record:
    """The record with what is asked for when it is read, so that every way to see it is one."""
    wanted = world.wanted_hubspot.get(object_type)
    if wanted is None:
        return record
    fields = {name: record.fields[name] for name in wanted.fields if record.fields.get(name)}
    references = {
        kind: tuple(sorted(record.references[kind]))
        for kind in wanted.associations
        if record.references.get(kind)
    }
    return replace(record, fields=fields, references=references)


def _keys(side: Side, record: Record) -> tuple[tuple[str, str], ...]:
    for name, types in TYPES.items():
        if record.object_type in types:
            return MATCH_KEYS[name](side, record)
    return ()


def store_derived(
    tx: Transaction, world: World, object_type: str, derived: Sequence[Record]
) -> None:
    """Records that are worked out from others are observations like any."""
    store_page(tx, world, Side.QUICKBOOKS, Page(object_type, tuple(derived)))


def mark_for_deals(tx: Transaction, world: World, invoices: Iterable[str]) -> None:
    """What is known of these invoices changed: their deals are looked at."""
    sync = world.syncs.get(DEALS)
    if sync is not None:
        marks = [DEAL_MARK + x for x in invoices]
        pending.mark(tx, sync.id, Side.QUICKBOOKS, marks, world.clock.now())


def customers_of(found: Iterable[Record]) -> set[str]:
    """The customers of these transactions."""
    return {x for record in found for x in record.references.get("CustomerRef", ())}


def mark_for_totals(tx: Transaction, world: World, customers: Iterable[str]) -> None:
    """What these customers owe or paid changed: their contacts and companies show other totals."""
    wanted, now = list(customers), world.clock.now()
    for name in TOTALLED:
        sync = world.syncs.get(name)
        if sync is not None:
            above = links.leant_on(tx, sync.id, wanted)
            pending.mark(tx, sync.id, Side.QUICKBOOKS, [*wanted, *above], now)


def mark_all_totals(tx: Transaction, world: World) -> None:
    """
    What counts changed, or the day did by far: all contacts, companies and deals show other totals.
    """
    now = world.clock.now()
    for name, side in (*((name, Side.QUICKBOOKS) for name in TOTALLED), (DEALS, Side.HUBSPOT)):
        sync = world.syncs.get(name)
        if sync is not None:
            of = sync.rules.object_type(side)
            pending.mark_all(tx, sync.id, side, world.connections[side], of, now=now)


def mark_for_companies(
    tx: Transaction, world: World, sync_id: str, customers: Sequence[str]
) -> None:
    """
    These customers have a contact or a company now: the one is put on the other, and so are the
    invoices that HubSpot has already. Those who lean on them are meant as well.
    """
    businesses, invoices = world.syncs.get("companies"), world.syncs.get("invoices")
    if businesses is None:
        return
    now, connection = world.clock.now(), world.connections[Side.QUICKBOOKS]
    own = links.by_ids(tx, sync_id, Side.QUICKBOOKS, customers)
    leaning = links.attached_to(tx, [link.id for link in own.values()])
    concerned = {*customers, *(one.record_id for group in leaning.values() for one in group)}
    pending.mark(tx, businesses.id, Side.QUICKBOOKS, concerned, now)
    if invoices is None:
        return
    found = records.referring(tx, connection, INVOICE, "CustomerRef", concerned)
    ids = [x for group in found.values() for x in group]
    mirrored = links.by_ids(tx, invoices.id, Side.QUICKBOOKS, ids)
    pending.mark(tx, invoices.id, Side.QUICKBOOKS, mirrored, now)


def _mark(
    tx: Transaction, world: World, side: Side, object_type: str, changed: Sequence[Record]
) -> None:
    """Whoever depends on a changed record gets a reason to look; the reason carries nothing."""
    now = world.clock.now()
    if side is Side.QUICKBOOKS and object_type == INVOICE:
        mark_for_deals(tx, world, [record.id for record in changed])
    for sync in world.syncs.values():
        if sync.rules.object_type(side) == object_type:
            pending.mark(tx, sync.id, side, [record.id for record in changed], now)
            _mark_family(tx, world, sync, side, changed)
        if side is Side.HUBSPOT and object_type != sync.rules.hubspot_type:
            theirs = [record for record in changed if not mirror_of_ours(world, record)]
            near = [
                x for record in theirs for x in record.references.get(sync.rules.hubspot_type, ())
            ]
            pending.mark(tx, sync.id, side, near, now)


def mirror_of_ours(world: World, record: Record) -> bool:
    """Whether a HubSpot record is a mirror that we made; mirrors never feed a filter."""
    if record.fields.get(KEY_FIELD):
        return True
    reference = record.fields.get("hs_external_reference_id") or ""
    return reference.startswith(f"{world.quickbooks.account_id}:")


def _mark_family(
    tx: Transaction, world: World, sync: ActiveSync, side: Side, changed: Sequence[Record]
) -> None:
    """Those that share a key with a changed one, lean on it or stand below it are decided anew."""
    shared = SHARED_KEYS.get(sync.rules.name)
    if side is not Side.QUICKBOOKS or shared is None:
        return
    connection, now = world.connections[side], world.clock.now()
    values = [value for r in changed for name, value in _keys(side, r) if name == shared]
    groups = (
        records.by_key(tx, connection, changed[0].object_type, shared, values) if values else {}
    )
    ids = [record_id for group in groups.values() if len(group) > 1 for record_id in group]
    known = links.by_ids(tx, sync.id, side, [record.id for record in changed])
    leaning = links.attached_to(tx, [link.id for link in known.values()])
    ids += [one.record_id for group in leaning.values() for one in group]
    if changed and changed[0].object_type == survivors.CUSTOMER:
        ids += below(tx, connection, [record.id for record in changed])
    pending.mark(tx, sync.id, side, ids, now)


async def confirm_gone(
    world: World,
    side: Side,
    object_type: str,
    signs: Sequence[str],
    moves: survivors.Moves | None = None,
) -> None:
    """
    A sign is not enough: look by id, and only the vendor's own word makes it gone.

    `moves` are what transactions name otherwise by now, which tells a merge.
    """
    if not signs:
        return
    connection = world.connections[side]
    known = await world.store.read(records.get_many, connection, object_type, signs)
    ids = [record_id for record_id, record in known.items() if not record.state.gone]
    if not ids:
        return
    wanted = world.wanted_hubspot.get(object_type) or Wanted(object_type)
    looked = await world.connector(side).look(wanted, ids)
    gone, fresh = await survivors.told_apart(world, side, looked.gone, moves or {})
    found = {**looked.found, **fresh}

    def store(tx: Transaction) -> None:
        store_page(tx, world, side, Page(object_type, tuple(found.values())))
        news = records.mark_gone(tx, connection, object_type, gone.values(), world.clock.now())
        if side is Side.QUICKBOOKS:
            overdue.settle_gone(tx, world, object_type, news)
        if object_type == INVOICE:
            mark_for_deals(tx, world, news)
        heirs = {one.merged_into for one in gone.values() if one.merged_into}
        if side is Side.QUICKBOOKS and object_type == survivors.CUSTOMER:
            mark_for_totals(tx, world, {*heirs, *news})  # those they leant on as well
            _wake_claimed(tx, world, news)
        if object_type in COUNTED:
            mark_for_totals(tx, world, customers_of(known[x] for x in news if x in known))
        if object_type == PAYMENT:
            ended = records.get_many(tx, connection, PAYMENT, news)
            _allocate(tx, world, list(ended.values()))
        for sync in world.syncs.values():
            if sync.rules.object_type(side) == object_type:
                pending.mark(tx, sync.id, side, news, world.clock.now())

    await world.commit(store)


async def follow_moves(world: World, page: Page) -> None:
    """
    A transaction that names another customer or item than before is a sign that the old one went.

    To be asked before the page is stored, for then nothing tells any more.
    """
    found = await survivors.moved_by(world, page)
    for entity in dict.fromkeys(entity for entity, _ in found):
        signs = [old for one, old in found if one == entity]
        await confirm_gone(world, Side.QUICKBOOKS, entity, signs, found)
