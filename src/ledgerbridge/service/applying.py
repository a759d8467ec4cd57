"""
Apply: carry the spooled plan out, parents first, stage by stage, in full batches side by side.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence

from msgspec.structs import replace

from ledgerbridge.core.endings import continued
from ledgerbridge.core.model import Attachment, Link, Side
from ledgerbridge.core.order import Stage, waits_for
from ledgerbridge.core.plan import Attached, Continued, Ended, MadeLink, Moved, WriteKind
from ledgerbridge.core.planning import waits_to_lean
from ledgerbridge.errors import LedgerbridgeError
from ledgerbridge.service import spool
from ledgerbridge.service.first_ten import NOBODY, Questions, ask, choose
from ledgerbridge.service.recovery import recover
from ledgerbridge.service.sending import send
from ledgerbridge.service.settling import linked
from ledgerbridge.service.spool import Spooled
from ledgerbridge.service.storing import mark_for_companies, mark_for_totals
from ledgerbridge.service.world import ActiveSync, World
from ledgerbridge.store import links, operations, outcomes, pending
from ledgerbridge.store.transaction import Transaction

PAGE_OPERATIONS = 3000  # whole batches of both vendors, 100 and 30 rows
BATCHES_AT_ONCE = 8  # of the ten calls that each vendor takes at a time
Sort = tuple[Side, str, str]


async def apply(world: World, questions: Questions = NOBODY) -> int:
    """
    Carry out all that is planned; returns how many requests are still in doubt.

    Raises Interlock where a person who looks at the first ten does not want to go on.
    """
    in_doubt: int | None = None
    planned = await world.store.read(operations.planned_syncs)
    for sync in world.ordered():
        if sync.id not in planned:
            continue
        stages = await world.store.read(operations.stages, sync.id)
        while chosen := await world.store.read(choose, world, sync, questions):
            for stage in stages:
                await apply_stage(world, sync, stage, chosen.units)
            if sync.kind.name in world.unavailable:
                break
            await ask(world, sync, chosen, questions)
        for stage in stages:
            await apply_stage(world, sync, stage)
        in_doubt = await recover(world)
    return await recover(world) if in_doubt is None else in_doubt


async def apply_stage(
    world: World, sync: ActiveSync, stage: Stage, only: Collection[str] | None = None
) -> None:
    """Every row of one stage, or of some units, leaves the spool, one way or another."""
    seq, whole_page = 0, True
    while whole_page:
        page = await world.store.read(
            operations.planned_in, sync.id, stage, PAGE_OPERATIONS, after=seq
        )
        if not page:
            return
        seq, whole_page = page[-1].seq, len(page) == PAGE_OPERATIONS
        if only is not None:
            page = [one for one in page if one.unit.partition("#")[0] in only]
        if stage is Stage.LOCAL:
            await world.commit(apply_local, world, sync, page)
            world.progress.step("linking")
        else:
            await _send_page(world, page)


async def _send_page(world: World, page: Sequence[operations.Operation]) -> None:
    sorts: dict[Sort, list[operations.Operation]] = {}
    for one in page:
        sorts.setdefault((one.side, one.object_type, one.kind), []).append(one)
    at_once = asyncio.Semaphore(BATCHES_AT_ONCE)
    stopped: list[BaseException] = []

    async def one_batch(batch: Sequence[operations.Operation]) -> None:
        async with at_once:
            sync = world.sync_of(batch[0].sync)
            if stopped or (sync is not None and sync.kind.name in world.unavailable):
                return
            try:
                await send(world, batch)
            except LedgerbridgeError as error:
                # The batches under way are to settle first; those behind stay in the spool.
                stopped.append(error)

    async with asyncio.TaskGroup() as group:
        for batch in _batches(world, sorts):
            group.create_task(one_batch(batch))
    if stopped:
        raise stopped[0]


def _batches(
    world: World, sorts: dict[Sort, list[operations.Operation]]
) -> list[list[operations.Operation]]:
    batches = []
    for (side, object_type, kind), rows in sorts.items():
        size = world.connector(side).batch_size(WriteKind(kind), object_type)
        batches += [rows[start : start + size] for start in range(0, len(rows), size)]
    return batches


def apply_local(
    tx: Transaction, world: World, sync: ActiveSync, page: Sequence[operations.Operation]
) -> None:
    """Links, bases and attachments: ours alone, so they are simply written."""
    spooled = [spool.read(one) for one in page]
    items = [one.item for one in spooled]
    _go_on(tx, world, sync, [item for item in items if isinstance(item, Continued)])
    _make(tx, world, sync, [item for item in items if isinstance(item, MadeLink)])
    _move(tx, world, sync, [item for item in items if isinstance(item, Moved)])
    _attach(tx, world, sync, [one for one in spooled if isinstance(one.item, Attached)])
    for item in items:
        if isinstance(item, Ended):
            links.kill(tx, [item.link], item.reason)
    operations.erase(tx, [one.seq for one in page])


def _go_on(tx: Transaction, world: World, sync: ActiveSync, items: Sequence[Continued]) -> None:
    """
    Merged records lean on the link of their survivor, so that what refers to them follows. Who
    leant on it for what the merged one showed, its e-mail perhaps, is looked at again.
    """
    known = links.get_many(tx, {one.link for one in items})
    leant = links.attached_to(tx, [one.link for one in items if one.left is not None])
    again = [one.record_id for group in leant.values() for one in group]
    pending.mark(tx, sync.id, Side.QUICKBOOKS, again, world.clock.now())
    moved = [continued(known[one.link], one) for one in items if one.link in known]
    customers = [one.quickbooks_id for one in items]
    mark_for_totals(tx, world, customers)  # those they leant on show the totals of fewer now
    links.detach(tx, sync.id, customers)
    links.put(tx, sync.id, moved, world.clock.now())
    leaning = [Attachment(one.left, one.link, one.reason) for one in items if one.left is not None]
    links.attach(tx, sync.id, leaning)
    linked(tx, world, [(sync.id, one.hubspot_id, one.quickbooks_id) for one in items])


def _make(tx: Transaction, world: World, sync: ActiveSync, made: Sequence[MadeLink]) -> None:
    fresh = [
        Link(
            id=one.link,
            hubspot_id=one.hubspot_id,
            quickbooks_id=one.quickbooks_id,
            reason=one.reason,
            generation=one.generation,
        )
        for one in made
    ]
    links.put(tx, sync.id, fresh, world.clock.now())
    linked(tx, world, [(sync.id, one.hubspot_id, one.quickbooks_id) for one in made])


def _move(tx: Transaction, world: World, sync: ActiveSync, moved: Sequence[Moved]) -> None:
    known = links.get_many(tx, {one.link for one in moved})
    for one in moved:
        link = known.get(one.link)
        if link is not None:
            known[one.link] = replace(
                link,
                base_hubspot={**link.base_hubspot, **one.hubspot},
                base_quickbooks={**link.base_quickbooks, **one.quickbooks},
            )
    links.put(tx, sync.id, known.values(), world.clock.now())


def _attach(tx: Transaction, world: World, sync: ActiveSync, spooled: Sequence[Spooled]) -> None:
    """To the link of another record, or to the link that one leans on; else it waits for it."""
    now = world.clock.now()
    asked = [(one.record_id, one.item) for one in spooled if isinstance(one.item, Attached)]
    known = links.attachments(tx, sync.id, [record_id for record_id, _ in asked])
    own = links.by_ids(tx, sync.id, Side.QUICKBOOKS, {item.to for _, item in asked})
    leaning = links.attachments(tx, sync.id, {item.to for _, item in asked})
    for record_id, item in asked:
        if item.to in own:
            target = own[item.to].id
        elif item.to in leaning:
            target = leaning[item.to].link_id
        else:
            waits = waits_to_lean(sync.kind.name, record_id, item.to)
            outcomes.put(tx, [outcomes.of(sync.id, waits, now)])
            continue
        moves = record_id not in known or known[record_id].link_id != target
        if moves:
            mark_for_totals(tx, world, [record_id])  # those it leant on as well
        links.attach(tx, sync.id, [Attachment(record_id, target, item.reason)])
        pending.wake(tx, [waits_for(sync.kind.name, record_id)], now)
        if moves:
            mark_for_companies(tx, world, sync.id, [record_id])
            mark_for_totals(tx, world, [record_id])
