"""
Plan: every marked record, chunk by chunk, into rows of the store and reasons (promise 13).

A dry run leaves the marks where they are. In a run they are cleared with the plan that follows
from them; a plan that was cut short gives them back (`give_back`).
"""

from __future__ import annotations

from collections.abc import Sequence

from ledgerbridge.core.endings import plan_gone
from ledgerbridge.core.erasure import is_erased, plan_erased
from ledgerbridge.core.model import Link, LinkStatus, Record, Side, State, link_id
from ledgerbridge.core.plan import Item, Planned, WriteKind
from ledgerbridge.core.planning import excluded, joined
from ledgerbridge.service import ignoring, spool, trying_again
from ledgerbridge.service.asking import keep_conflicts
from ledgerbridge.service.dating import date_conflicts, note_undated
from ledgerbridge.service.planners import merges, resting
from ledgerbridge.service.planners.chunk import Chunk, Subject
from ledgerbridge.service.planners.table import PLANNERS, Planner
from ledgerbridge.service.spool import Spooled
from ledgerbridge.service.storing import mark_all_totals
from ledgerbridge.service.world import ActiveSync, World
from ledgerbridge.store import operations, outcomes, pending, records, runs, syncs
from ledgerbridge.store.outcomes import RecordOutcome
from ledgerbridge.store.transaction import Transaction
from ledgerbridge.syncs.custom_fields import CUSTOM_FIELD
from ledgerbridge.syncs.invoices import NAME as INVOICES

CHUNK_RECORDS = 500
PLANNED_FEED = "planned:"
Before = dict[tuple[Side, str], RecordOutcome | None]


async def plan_all(world: World, *, dry: bool) -> None:
    """Plan everything that is marked, parents first. Raises CallFailed."""
    await _plan_all(world, dry=dry)
    if await date_conflicts(world):
        await _plan_all(world, dry=dry)


async def _plan_all(world: World, *, dry: bool) -> None:
    world.promised_names.clear()
    world.promised_halves.clear()
    world.ends.clear()
    world.promised_deals.clear()
    world.undated.clear()
    world.emptied.clear()
    await world.commit(give_back, world)
    await plan_marked(world, world.ordered(), "planning", dry=dry)


async def plan_marked(world: World, syncs: Sequence[ActiveSync], doing: str, *, dry: bool) -> None:
    """Plan every marked record of these syncs, in their order, and say what it is `doing`."""
    left: Sequence[ActiveSync] = syncs
    after: pending.Pending | None = None
    while left:
        name = left[0].kind.name
        left, after = await world.commit(_plan_some, world, left, after, dry=dry)
        world.progress.step(f"{doing} {name}")


def _plan_some(
    tx: Transaction,
    world: World,
    left: Sequence[ActiveSync],
    after: pending.Pending | None,
    *,
    dry: bool,
) -> tuple[Sequence[ActiveSync], pending.Pending | None]:
    """
    Plan the next chunk of the first of these syncs that has one; returns the syncs that are left,
    and the last record planned of the first of them.
    """
    for place, sync in enumerate(left):
        prepare = PLANNERS[sync.kind.name].prepare
        if prepare is not None and after is None:
            prepare(tx, world, sync)
        taken = pending.take(tx, sync.id, CHUNK_RECORDS, after)
        if taken:
            _plan_chunk(tx, world, sync, taken, dry=dry)
            whole = not pending.take(tx, sync.id, 1, taken[-1])
            return left[place + whole :], None if whole else taken[-1]
        after = None
    return (), None


def give_back(tx: Transaction, world: World) -> None:
    """Records whose plan was not carried out are marked again, and the plan is forgotten."""
    left = operations.planned_syncs(tx)
    for sync in world.ordered():
        if sync.id in left:
            spool.give_back(tx, sync.id, world.clock.now())


def follow_configuration(tx: Transaction, world: World) -> None:
    """
    Another mapping, filter or rule, a sync that was off, or a mapping that serves now and did not
    before, or no more: every record of the sync is looked at again.

    A sync that is off hears nothing of what others read meanwhile. To be done before observing,
    which reads what the marked records need (promise 10).
    """
    now = world.clock.now()
    for one in syncs.every(tx):
        if world.sync_of(one.id) is None:
            runs.drop_cursor(tx, one.quickbooks_connection, planned_feed(one.id))
    for sync in world.ordered():
        connection, feed = world.connections[Side.QUICKBOOKS], planned_feed(sync.id)
        cursor = runs.cursor_of(tx, connection, feed)
        if cursor is not None and cursor.fingerprint == sync.planned_by:
            continue
        for side in Side:
            object_type = sync.rules.object_type(side)
            place = (world.connections[side], object_type)
            pending.mark_all(tx, sync.id, side, *place, now=now)
            pending.mark_gone_halves(tx, sync.id, side, *place, now=now)
        if sync.kind.name == INVOICES:
            mark_all_totals(tx, world)
        runs.move_cursor(tx, connection, feed, runs.Cursor("", sync.planned_by))


def planned_feed(sync_id: str) -> str:
    """The name of the cursor that holds the configuration by which a sync was last planned."""
    return f"{PLANNED_FEED}{sync_id}"


def _plan_chunk(
    tx: Transaction,
    world: World,
    sync: ActiveSync,
    taken: Sequence[pending.Pending],
    *,
    dry: bool,
) -> None:
    """Plan these marked records of a sync, and clear their marks unless it is a dry run."""
    chunk = Chunk(tx, world, sync)
    still = resting.resting(chunk)
    aside, marks = resting.set_aside(chunk, still, taken)
    planned = resting.held_back(still, _plan(chunk, marks))
    subjects = [*aside, *planned]
    before = _before(tx, sync, taken, subjects)
    _keep(tx, world, sync, subjects, before)
    _note_emptied(world, sync, subjects)
    _tell(tx, world, sync, subjects, before)
    if not dry:
        keep_conflicts(chunk, planned)
        for side in Side:
            looked_at = [mark.record_id for mark in taken if mark.side is side]
            pending.clear(tx, sync.id, side, looked_at)
    for subject in subjects:
        for side, record_id in subject.planned.look_again_at:
            pending.mark(tx, sync.id, side, [record_id], world.clock.now())
    note_undated(chunk, planned)


def _plan(chunk: Chunk, taken: Sequence[pending.Pending]) -> list[Subject]:
    """Every pair is planned from its QuickBooks half, once; contacts may also start alone."""
    hubspot_ids = [mark.record_id for mark in taken if mark.side is Side.HUBSPOT]
    marks = [mark.record_id for mark in taken if mark.side is Side.QUICKBOOKS]
    met = merges.follow(chunk, hubspot_ids, marks)
    linked = chunk.links(Side.HUBSPOT, hubspot_ids)
    ids = marks.copy()
    ids += [link.quickbooks_id for link in linked.values() if link.quickbooks_id is not None]
    ids += merges.left_behind(chunk, hubspot_ids)
    merges.bring_back(chunk, ids)
    ids = _without_intents(chunk, _as_they_go_on(chunk, ids, met))
    object_type = chunk.sync.rules.hubspot_type
    alone = chunk.read(Side.HUBSPOT, object_type, [x for x in hubspot_ids if x not in linked])
    planner = PLANNERS[chunk.sync.rules.name]
    gone, rest = _plan_gone(chunk, planner, ids)
    there = {x: record for x, record in alone.items() if not record.state.gone}
    free = {x: record for x, record in there.items() if not is_erased(record)}
    return [
        *(
            Subject(Side.QUICKBOOKS, one.quickbooks_id, Planned(continued=(one,)))
            for one in chunk.continued
        ),
        *met,
        *merges.release_keys(chunk, hubspot_ids),
        *(Subject(Side.HUBSPOT, x, plan_erased(Side.HUBSPOT, x)) for x in there if x not in free),
        *(planner.alone(chunk, free) if free else ()),
        *gone,
        *planner.quickbooks(chunk, rest),
        *planner.marks(chunk, marks),
    ]


def _as_they_go_on(chunk: Chunk, ids: Sequence[str], met: Sequence[Subject]) -> list[str]:
    """The QuickBooks records to plan: survivors in the place of the merged, no pair that met."""
    resting = {subject.record_id for subject in met}
    linked = chunk.links(Side.QUICKBOOKS, ids)
    found = {}
    for record_id in ids:
        link = linked.get(record_id)
        if link is not None and chunk.went_on(link):
            found[link.quickbooks_id or record_id] = True
        elif link is None or link.quickbooks_id not in resting:
            found[record_id] = True
    return [x for x in found if x not in resting]


def _without_intents(chunk: Chunk, ids: list[str]) -> list[str]:
    """A link with a write in doubt waits until that is settled; the others go on."""
    busy = chunk.busy()
    if not busy:
        return ids
    known = chunk.links(Side.QUICKBOOKS, ids)
    return [
        record_id
        for record_id in ids
        if link_id(chunk.sync.id, Side.QUICKBOOKS, record_id) not in busy
        and (record_id not in known or known[record_id].id not in busy)
    ]


def _plan_gone(chunk: Chunk, planner: Planner, ids: list[str]) -> tuple[list[Subject], list[str]]:
    """Pairs of which one half is surely gone, and the ids that remain to be planned."""
    rules = chunk.sync.rules
    linked = chunk.links(Side.QUICKBOOKS, ids)
    theirs = chunk.read(Side.QUICKBOOKS, rules.quickbooks_type, ids)
    halves = [link.hubspot_id for link in linked.values() if link.hubspot_id]
    ours = chunk.read(Side.HUBSPOT, rules.hubspot_type, halves)
    subjects, rest = [], []
    for record_id in ids:
        link = linked.get(record_id)
        record = theirs.get(record_id)
        if record is None:
            continue
        half = ours.get(link.hubspot_id or "") if link is not None else None
        if is_erased(record) or (half is not None and is_erased(half)):
            left = plan_erased(Side.QUICKBOOKS, record_id)
            subjects.append(Subject(Side.QUICKBOOKS, record_id, left))
            continue
        if link is None or link.status is LinkStatus.DEAD:
            if link is not None or not record.state.gone:
                rest.append(record_id)
            continue
        if record.state.gone:
            evidence, _ = _evidence(chunk, Side.QUICKBOOKS, record)
            planned = _plan_ended(chunk, planner, link, evidence, half)
            if link.hubspot_id is None:
                planned = joined(planner.unmade(chunk, link), planned)
        elif half is not None and half.state.gone:
            evidence, merged = _evidence(chunk, Side.HUBSPOT, half)
            planned = plan_gone(
                rules,
                link,
                Side.HUBSPOT,
                evidence=evidence,
                survivor=record,
                removes=planner.removes and not merged,
            )
            if not planned.outcomes:
                reasons = [x.ends for x in planned.operations] + [x.reason for x in planned.ended]
                told = excluded(Side.QUICKBOOKS, record_id, "link_ended", reasons[0])
                planned = joined(planned, told)
        else:
            rest.append(record_id)
            continue
        subjects.append(Subject(Side.QUICKBOOKS, record_id, planned))
    return subjects, rest


def _plan_ended(
    chunk: Chunk, planner: Planner, link: Link, evidence: str, mirror: Record | None
) -> Planned:
    """The QuickBooks half is gone."""
    if planner.gone is not None:
        return planner.gone(chunk, link, evidence, mirror)
    return plan_gone(
        chunk.sync.rules,
        link,
        Side.QUICKBOOKS,
        evidence=evidence,
        survivor=mirror,
        mark_fields=planner.deleted,
        removes=planner.removes,
    )


def _evidence(chunk: Chunk, side: Side, record: Record) -> tuple[str, bool]:
    """Why a record is surely gone, and whether a merge took it: then nothing is removed for it."""
    connection = chunk.world.connections[side]
    gone = records.gone_many(chunk.tx, connection, record.object_type, [record.id])
    found = gone.get(record.id)
    if found is None:
        return State(record.state).value, False
    return found.evidence, found.merged_into is not None


def _before(
    tx: Transaction,
    sync: ActiveSync,
    taken: Sequence[pending.Pending],
    subjects: Sequence[Subject],
) -> Before:
    """What was said until now of every record that was looked at; None for most."""
    found: Before = {}
    for side in Side:
        ids = {mark.record_id for mark in taken if mark.side is side}
        ids |= {subject.record_id for subject in subjects if subject.side is side}
        known = outcomes.get_many(tx, sync.id, side, ids)
        found |= {(side, record_id): known.get(record_id) for record_id in ids}
    return found


def _keep(
    tx: Transaction, world: World, sync: ActiveSync, subjects: Sequence[Subject], before: Before
) -> None:
    for subject in subjects:
        told = sum(bool(operation.ends) for operation in subject.planned.operations)
        world.ends[sync.kind.name] += told + len(subject.planned.ended)

    def spooled(subject: Subject, item: Item) -> Spooled:
        known = trying_again.tried(before[subject.side, subject.record_id])
        return Spooled(subject.side, subject.record_id, item, known)

    operations.spool(
        tx,
        [
            spool.row(world.run, sync.id, spooled(subject, item))
            for subject in subjects
            for item in spool.items_of(subject.planned)
        ],
    )


def _note_emptied(world: World, sync: ActiveSync, subjects: Sequence[Subject]) -> None:
    """Which fields are empty, and empty others by this plan, that may themselves have vanished."""
    for operation in (one for subject in subjects for one in subject.planned.operations):
        side, rules = operation.side.other, sync.rules
        if operation.kind is not WriteKind.UPDATE or operation.line is not None:
            continue
        if all(value or not operation.expected.get(x) for x, value in operation.fields.items()):
            continue
        empty = {name for name, value in operation.sources.items() if not value}
        names = {name for name in empty if _may_vanish(sync, side, name)}
        if names:
            object_type = rules.hubspot_type if side is Side.HUBSPOT else rules.observed
            world.emptied.setdefault((side, object_type), set()).update(names)


def _may_vanish(sync: ActiveSync, side: Side, name: str) -> bool:
    """Whether people can take a field away: not one that comes with HubSpot or QuickBooks."""
    if side is Side.QUICKBOOKS:
        return name.startswith(CUSTOM_FIELD)
    return all(name not in mapping.hubspot for mapping in sync.kind.defaults.mappings)


def _tell(
    tx: Transaction,
    world: World,
    sync: ActiveSync,
    subjects: Sequence[Subject],
    before: Before,
) -> None:
    """Each planned record's standing replaces what was said of it before."""
    for side in Side:
        outcomes.clear(tx, sync.id, side, [record_id for one, record_id in before if one is side])
    now = world.clock.now()
    told = [
        trying_again.planned(sync.id, outcome, before.get((outcome.side, outcome.record_id)), now)
        for subject in subjects
        for outcome in subject.planned.outcomes
    ]
    outcomes.put(tx, ignoring.as_ignored(tx, sync.id, told))
