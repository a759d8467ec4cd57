"""
Observe: what changed on both sides, into the store; the cursor moves with what it covers.

A feed is read whole the first time, or when what is asked of it changed; after that only its
changes, with an overlap. A failed read raises and moves nothing: it is never taken for an empty
one (promise 5). New cursors are the start of the pass (promise 6).
"""

from __future__ import annotations

import hashlib
from collections.abc import Coroutine, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from msgspec.structs import replace

from ledgerbridge.connectors.port import Page, Wanted
from ledgerbridge.core.filters import associations_used
from ledgerbridge.core.guard import emptied
from ledgerbridge.core.model import Gone, Record, Side, State
from ledgerbridge.core.planning import KEY_FIELD, Rules
from ledgerbridge.errors import CallFailed, Interlock, Refuse
from ledgerbridge.service.stopping import stops_the_run
from ledgerbridge.service.wanted import MERGED_IDS
from ledgerbridge.service.world import ActiveSync, World
from ledgerbridge.store import links, pending, records, runs
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

OVERLAP = timedelta(minutes=5)
SWEEP_EVERY = timedelta(hours=24)
STIRRED = "stirred"
CHANGES_TOO_OLD = "window_too_old"


def instant(at: datetime) -> str:
    """An instant as ISO text in UTC with milliseconds, as cursors hold it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def wanted_quickbooks(world: World) -> dict[str, Wanted]:
    """The QuickBooks types to observe; their rows always come whole."""
    return {sync.rules.observed: Wanted(sync.rules.observed) for sync in world.syncs.values()}


async def observe(world: World) -> None:
    """Bring the store up to date with both sides. Raises CallFailed, Interlock."""
    await _observe_side(world, Side.QUICKBOOKS, wanted_quickbooks(world))
    await _observe_side(world, Side.HUBSPOT, await _hubspot_needed(world))
    await world.commit(runs.drop_cursor, world.connections[Side.HUBSPOT], STIRRED)


async def _hubspot_needed(world: World) -> dict[str, Wanted]:
    """
    All wanted types that may decide something now.

    A one-way sync reads its HubSpot side at the start, and again only when something new is about
    to be made there, so that what a person made meanwhile is matched instead of doubled.
    """
    needed = {}
    connection = world.connections[Side.HUBSPOT]
    stirred = await world.store.read(runs.cursor_of, connection, STIRRED)
    for object_type, one in world.wanted_hubspot.items():
        sync = next((s for s in world.ordered() if s.rules.hubspot_type == object_type), None)
        if sync is None or one.associations or sync.rules.definition.travels(Side.QUICKBOOKS):
            needed[object_type] = one
            continue
        if stirred is not None and stirred.value == object_type:
            needed[object_type] = one
            continue
        if await world.store.read(_needs_partner, world, sync, one):
            needed[object_type] = one
    return needed


def _needs_partner(tx: Transaction, world: World, sync: ActiveSync, one: Wanted) -> bool:
    cursor = runs.cursor_of(tx, world.connections[Side.HUBSPOT], one.object_type)
    if cursor is None or cursor.fingerprint != _fingerprint(one):
        return True
    after = None
    while taken := pending.take(tx, sync.id, 500, after):
        after = taken[-1]
        ids = [mark.record_id for mark in taken if mark.side is Side.QUICKBOOKS]
        if len(links.by_ids(tx, sync.id, Side.QUICKBOOKS, ids)) < len(ids):
            return True
    return False


async def _observe_side(world: World, side: Side, wanted: dict[str, Wanted]) -> None:
    connection = world.connections[side]
    cursors = await world.store.read(_cursors, connection, list(wanted))
    fresh = {
        name
        for name, one in wanted.items()
        if name not in cursors or cursors[name].fingerprint != _fingerprint(one)
    }
    for name in fresh:
        await _allowed(world, side, [wanted[name]], _scan(world, side, wanted[name]))
    rest = [wanted[name] for name in wanted if name not in fresh]
    for together in [rest] if side is Side.QUICKBOOKS else [[one] for one in rest]:
        if together:
            since = min(cursors[one.object_type].value for one in together)
            await _allowed(world, side, together, _changes(world, side, together, since))
    if side is Side.HUBSPOT:
        await _sweep(world, list(wanted.values()))


async def _allowed(
    world: World, side: Side, wanted: Sequence[Wanted], reading: Coroutine[Any, Any, None]
) -> None:
    """
    Read; where that cannot be, the syncs that need it rest and the others go on (promise 7).

    Raises the CallFailed that would meet every other read as well, or leaves no sync to go on.
    """
    try:
        await reading
    except CallFailed as failure:
        types = {one.object_type for one in wanted}
        resting = {
            sync.kind.name for sync in world.syncs.values() if needs(sync.rules, side) & types
        }
        going_on = {sync.kind.name for sync in world.ordered()} - resting
        if stops_the_run(failure) or not going_on:
            raise
        world.unavailable.update(dict.fromkeys(resting, str(failure)))


def needs(rules: Rules, side: Side) -> set[str]:
    """The object types of one side that a sync cannot do without."""
    own = {rules.hubspot_type if side is Side.HUBSPOT else rules.observed}
    if side is Side.HUBSPOT and rules.definition.travels(Side.QUICKBOOKS):
        own |= associations_used(rules.definition.to_quickbooks)
    return own


def _cursors(tx: Transaction, connection: str, feeds: Iterable[str]) -> dict[str, runs.Cursor]:
    found = {feed: runs.cursor_of(tx, connection, feed) for feed in feeds}
    return {feed: cursor for feed, cursor in found.items() if cursor is not None}


def _fingerprint(wanted: Wanted) -> str:
    body = msgspec.json.encode(wanted, order="deterministic")
    return hashlib.sha256(body).hexdigest()[:32]


async def _scan(world: World, side: Side, wanted: Wanted) -> None:
    """Read a type whole. That nothing is there, though much was known, stops the run."""
    started, seen = world.clock.now(), 0
    async for page in world.connector(side).scan(wanted):
        seen += len(page.records)
        await world.commit(store_page, world, side, page)
        await confirm_gone(world, side, page.object_type, merged_away(page))
        world.progress.step(f"reading {wanted.object_type}", seen=len(page.records))
    known = await world.store.read(records.count, world.connections[side], wanted.object_type)
    stop = emptied(wanted.object_type, seen, known)
    if stop is not None:
        raise Interlock(f"{stop.reason} Nothing was written. {stop.remedy}")
    await world.commit(_move, world, side, [wanted], started)


async def _changes(world: World, side: Side, wanted: Sequence[Wanted], since: str) -> None:
    started = world.clock.now()
    window = instant(datetime.fromisoformat(since) - OVERLAP)
    try:
        async for page in world.connector(side).changes(wanted, window):
            await world.commit(store_page, world, side, page)
            signs = (*page.signs, *merged_away(page))
            await confirm_gone(world, side, page.object_type, signs)
            world.progress.step(f"reading {page.object_type}", seen=len(page.records))
    except Refuse as refusal:
        if refusal.code != CHANGES_TOO_OLD:
            raise
        for one in wanted:
            await _scan(world, side, one)
        return
    await world.commit(_move, world, side, wanted, started)


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


def _move(
    tx: Transaction, world: World, side: Side, wanted: Sequence[Wanted], started: datetime
) -> None:
    for one in wanted:
        cursor = runs.Cursor(instant(started), _fingerprint(one))
        runs.move_cursor(tx, world.connections[side], one.object_type, cursor)


def store_page(
    tx: Transaction, world: World, side: Side, page: Page, *, own: bool = False
) -> list[str]:
    """
    Store observations and mark what changed for every sync that depends on it.

    What a write of our `own` was answered with is remembered alike, and marks nothing.
    """
    found = page.records
    if side is Side.HUBSPOT:
        found = tuple(_asked_for(world, page.object_type, record) for record in found)
    before = _payments(tx, world, found) if page.object_type == PAYMENT else []
    changed = records.store_page(
        tx,
        world.connections[side],
        page.object_type,
        found,
        keys_of=lambda record: _keys(side, record),
        newer=records.NEWER[side],
        now=world.clock.now(),
    )
    if not own and changed:
        news = [record for record in found if record.id in set(changed)]
        _mark(tx, world, side, page.object_type, news)
        if page.object_type == PAYMENT:
            _allocate(tx, world, news, before)
    return changed


def _payments(tx: Transaction, world: World, found: Sequence[Record]) -> list[Record]:
    connection = world.connections[Side.QUICKBOOKS]
    return list(records.get_many(tx, connection, PAYMENT, [r.id for r in found]).values())


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


def _mark(
    tx: Transaction, world: World, side: Side, object_type: str, changed: Sequence[Record]
) -> None:
    """Whoever depends on a changed record gets a reason to look; the reason carries nothing."""
    now = world.clock.now()
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
    """Records that share a key with a changed one, or lean on its link, may be decided anew."""
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
    pending.mark(tx, sync.id, side, ids, now)


async def confirm_gone(world: World, side: Side, object_type: str, signs: Sequence[str]) -> None:
    """A sign is not enough: look by id, and only the vendor's own word makes it gone."""
    connection = world.connections[side]
    known = await world.store.read(records.get_many, connection, object_type, signs)
    ids = [record_id for record_id, record in known.items() if not record.state.gone]
    if not ids:
        return
    wanted = {**world.wanted_hubspot, **wanted_quickbooks(world)}.get(object_type)
    looked = await world.connector(side).look(wanted or Wanted(object_type), ids)

    def store(tx: Transaction) -> None:
        store_page(tx, world, side, Page(object_type, tuple(looked.found.values())))
        news = records.mark_gone(
            tx, connection, object_type, looked.gone.values(), world.clock.now()
        )
        if object_type == PAYMENT:
            ended = records.get_many(tx, connection, PAYMENT, news)
            _allocate(tx, world, list(ended.values()))
        for sync in world.syncs.values():
            if sync.rules.object_type(side) == object_type:
                pending.mark(tx, sync.id, side, news, world.clock.now())

    await world.commit(store)


async def _sweep(world: World, wanted: Sequence[Wanted]) -> None:
    """HubSpot's search never shows archived records: once a day they are listed."""
    connection = world.connections[Side.HUBSPOT]
    feeds = {f"archived:{one.object_type}": one for one in wanted}
    cursors = await world.store.read(_cursors, connection, list(feeds))
    for feed, one in feeds.items():
        started = world.clock.now()
        cursor = cursors.get(feed)
        if cursor is not None:
            if started - datetime.fromisoformat(cursor.value) < SWEEP_EVERY:
                continue
            async for ids in world.hubspot.archived(one.object_type):
                await confirm_gone(world, Side.HUBSPOT, one.object_type, ids)
        swept = runs.Cursor(instant(started), "")
        await world.commit(runs.move_cursor, connection, feed, swept)
