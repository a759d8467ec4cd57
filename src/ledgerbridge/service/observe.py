"""
Observe: what changed on both sides, into the store; the cursor moves with what it covers.

A feed is read whole the first time, or when what is asked of it changed; after that only its
changes, with an overlap. A failed read raises and moves nothing: it is never taken for an empty
one (promise 5). New cursors are the start of the pass (promise 6).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Coroutine, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from ledgerbridge.connectors.port import Wanted
from ledgerbridge.core.filters import associations_used
from ledgerbridge.core.guard import emptied
from ledgerbridge.core.model import Side
from ledgerbridge.core.planning import Rules
from ledgerbridge.errors import CallFailed, Interlock, Refuse
from ledgerbridge.service import restoring
from ledgerbridge.service.stopping import stops_the_run
from ledgerbridge.service.storing import confirm_gone, follow_moves, merged_away, store_page
from ledgerbridge.service.wanted import MERGED_IDS
from ledgerbridge.service.world import ActiveSync, World
from ledgerbridge.store import gone, links, pending, records, runs
from ledgerbridge.store.transaction import Transaction

OVERLAP = timedelta(minutes=5)
SWEEP_EVERY = timedelta(hours=24)
STIRRED, WHOLE, ARCHIVED = "stirred", "whole:", "archived:"
READ_WHOLE_DAILY = frozenset({"deals"})
CHANGES_TOO_OLD = "window_too_old"
PAGE_REMEMBERED = 1000


def instant(at: datetime) -> str:
    """An instant as ISO text in UTC with milliseconds, as cursors hold it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def wanted_quickbooks(world: World) -> dict[str, Wanted]:
    """The QuickBooks types to observe; their rows always come whole."""
    awake = [sync for sync in world.syncs.values() if world.awake(sync)]
    return {sync.rules.observed: Wanted(sync.rules.observed) for sync in awake}


async def observe(world: World) -> None:
    """Bring the store up to date with both sides. Raises CallFailed, Interlock."""
    await _observe_side(world, Side.QUICKBOOKS, wanted_quickbooks(world))
    await _observe_side(world, Side.HUBSPOT, await _hubspot_needed(world))
    connection = world.connections[Side.HUBSPOT]
    if await world.store.read(runs.cursor_of, connection, STIRRED) is not None:
        await world.commit(runs.drop_cursor, connection, STIRRED)


async def _hubspot_needed(world: World) -> dict[str, Wanted]:
    """
    All wanted types that may decide something now.

    A one-way sync reads its HubSpot side at the start, and again only when something new is about
    to be made there, so that what a person made meanwhile is matched instead of doubled.
    """
    needed = {}
    connection = world.connections[Side.HUBSPOT]
    stirred = await world.store.read(runs.cursor_of, connection, STIRRED)
    awake = [sync for sync in world.syncs.values() if world.awake(sync)]
    types = {x for sync in awake for x in needs(sync.rules, Side.HUBSPOT)}
    for object_type, one in world.wanted_hubspot.items():
        if object_type not in types:
            continue
        sync = next((s for s in world.ordered() if s.rules.hubspot_type == object_type), None)
        if sync is not None and sync.kind.unread:
            continue
        if sync is None or one.associations or sync.rules.definition.travels(Side.QUICKBOOKS):
            needed[object_type] = one
            continue
        if stirred is not None and stirred.value == object_type:
            needed[object_type] = one
            continue
        if await world.store.read(_may_have_merged, world, sync, one) or await world.store.read(
            _needs_partner, world, sync, one
        ):
            needed[object_type] = one
    return needed


def _may_have_merged(tx: Transaction, world: World, sync: ActiveSync, one: Wanted) -> bool:
    """
    What people may merge is looked at before anything of it is planned, and once a day: an update
    under the id of a merged record would reach its survivor.
    """
    if MERGED_IDS not in one.fields:
        return False
    cursor = runs.cursor_of(tx, world.connections[Side.HUBSPOT], one.object_type)
    if cursor is None or pending.count(tx, [sync.id]):
        return True
    return _a_day_old(cursor, world.hubspot.now())


def _a_day_old(cursor: runs.Cursor, now: datetime) -> bool:
    """Also a cursor from a day to come: our clock was wrong when it was set."""
    return abs(now - datetime.fromisoformat(cursor.value)) >= SWEEP_EVERY


def _needs_partner(tx: Transaction, world: World, sync: ActiveSync, one: Wanted) -> bool:
    cursor = runs.cursor_of(tx, world.connections[Side.HUBSPOT], one.object_type)
    if not _covers(cursor, one):
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
    cursors = await world.store.read(runs.cursors, connection)
    fresh = {name for name, one in wanted.items() if not _covers(cursors.get(name), one)}
    fresh |= _due_whole(cursors, set(wanted), world.connector(side).now())
    for name in (one for one in wanted if one in fresh):
        await _allowed(world, side, [wanted[name]], _scan(world, side, wanted[name]))
    rest = [wanted[name] for name in wanted if name not in fresh]
    for together in [rest] if side is Side.QUICKBOOKS else [[one] for one in rest]:
        if together:
            since = min(cursors[one.object_type].value for one in together)
            await _allowed(world, side, together, _changes(world, side, together, since))
    if side is Side.HUBSPOT:
        for one in wanted.values():
            swept = cursors.get(f"{ARCHIVED}{one.object_type}")
            if swept is None or _a_day_old(swept, world.hubspot.now()):
                await _allowed(world, side, [one], _sweep(world, one))


def _due_whole(cursors: Mapping[str, runs.Cursor], names: set[str], now: datetime) -> set[str]:
    """Types that are read whole once a day: an association alone moves no modification time."""
    return {
        name
        for name in names & READ_WHOLE_DAILY
        if (cursor := cursors.get(f"{WHOLE}{name}")) is None or _a_day_old(cursor, now)
    }


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


def _fingerprint(wanted: Wanted) -> str:
    body = msgspec.json.encode(wanted, order="deterministic")
    return hashlib.sha256(body).hexdigest()[:32]


def _covers(cursor: runs.Cursor | None, wanted: Wanted) -> bool:
    """Whether what was read up to a cursor has all the fields that are asked for, and no others."""
    return cursor is not None and cursor.fingerprint == _fingerprint(wanted)


def forget_outgrown(tx: Transaction, connection: str, wanted: Mapping[str, Wanted]) -> None:
    """
    A type of which other fields are asked for by now is read whole again, whatever happens.

    To be done before anything of it is stored: where a look at fewer fields is cut short, and more
    are asked for later, what it stored would pass for what people emptied.
    """
    cursors = runs.cursors(tx, connection)
    for name, one in wanted.items():
        if not _covers(cursors.get(name), one):
            runs.drop_cursor(tx, connection, name)


def _begin(world: World, side: Side) -> datetime:
    """A pass begins: its start by our clock, which may be wrong."""
    world.connector(side).counter.listen_anew()
    return world.clock.now()


def _start(world: World, side: Side, started: datetime) -> datetime:
    """
    The start of a pass that ended, never later than the vendor's own clock said: when ours is
    ahead, what people do in between would never be asked for.
    """
    said = world.connector(side).counter.answered_from
    return min(started, said) if said is not None else started


async def _scan(world: World, side: Side, wanted: Wanted) -> None:
    """Read a type whole. That nothing is there, though much was known, stops the run."""
    started, seen = _begin(world, side), set[str]()
    async for page in world.connector(side).scan(wanted):
        seen.update(record.id for record in page.records)
        await follow_moves(world, page)
        await world.commit(store_page, world, side, page)
        await confirm_gone(world, side, page.object_type, merged_away(page))
        world.progress.step(f"reading {wanted.object_type}", seen=len(page.records))
    known = await world.store.read(records.count, world.connections[side], wanted.object_type)
    stop = emptied(wanted.object_type, len(seen), known)
    if stop is not None:
        raise Interlock(f"{stop.reason} Nothing was written. {stop.remedy}")
    await _confirm_unseen(world, side, wanted.object_type, seen)
    started = _start(world, side, started)
    await world.commit(_move, world, side, [wanted], started)
    if wanted.object_type in READ_WHOLE_DAILY:
        whole = runs.Cursor(instant(started), "")
        feed = f"{WHOLE}{wanted.object_type}"
        await world.commit(runs.move_cursor, world.connections[side], feed, whole)


async def _confirm_unseen(
    world: World, side: Side, object_type: str, seen: Collection[str]
) -> None:
    """
    What is remembered and was not among all that is there has gone: no list shows what is archived,
    and of it we may know less than is asked for by now.
    """
    connection, after = world.connections[side], ""
    while ids := await world.store.read(
        gone.living, connection, object_type, after, PAGE_REMEMBERED
    ):
        after = ids[-1]
        await confirm_gone(world, side, object_type, [x for x in ids if x not in seen])


async def _changes(world: World, side: Side, wanted: Sequence[Wanted], since: str) -> None:
    started = _begin(world, side)
    window = instant(datetime.fromisoformat(since) - OVERLAP)
    try:
        async for page in world.connector(side).changes(wanted, window):
            await follow_moves(world, page)
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
    await world.commit(_move, world, side, wanted, _start(world, side, started))


def _move(
    tx: Transaction, world: World, side: Side, wanted: Sequence[Wanted], started: datetime
) -> None:
    for one in wanted:
        cursor = runs.Cursor(instant(started), _fingerprint(one))
        runs.move_cursor(tx, world.connections[side], one.object_type, cursor)


async def _sweep(world: World, wanted: Wanted) -> None:
    """
    List what is archived, at the first look and once a day: HubSpot's search never shows it.
    """
    connection, object_type = world.connections[Side.HUBSPOT], wanted.object_type
    feed, started = f"{ARCHIVED}{object_type}", _begin(world, Side.HUBSPOT)
    missing = await world.store.read(restoring.gone_lately, world, object_type)
    asked = Wanted(object_type, (MERGED_IDS,))
    async for page in world.hubspot.archived_records(asked):
        ids = [record.id for record in page.records]
        missing -= set(ids)
        await world.commit(restoring.note_strangers, world, page)
        # What was merged into an archived record went with it.
        signs = (*ids, *merged_away(page))
        await confirm_gone(world, Side.HUBSPOT, object_type, signs)
    await restoring.look(world, wanted, sorted(missing))
    swept = runs.Cursor(instant(_start(world, Side.HUBSPOT, started)), "")
    await world.commit(runs.move_cursor, connection, feed, swept)
