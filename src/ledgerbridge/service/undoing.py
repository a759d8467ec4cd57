"""
Undo a run, or all that was written to one record: a plan of its own first, then the same way out
as everything else (intents, journal, epochs).

Children go before parents, one sync after the other, and each is decided anew from what is there
then: an invoice that HubSpot will not let go keeps its contact. So it may die anywhere, and asking
again goes on with what is left.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from ledgerbridge.core.model import Side
from ledgerbridge.core.order import SYNC_ORDER, Stage
from ledgerbridge.core.undo import Left, Undone, Written
from ledgerbridge.errors import Interlock, LedgerbridgeError
from ledgerbridge.service import spool
from ledgerbridge.service.applying import apply_stage
from ledgerbridge.service.cycle import DONE, IN_DOUBT_WAIT_S, ROUNDS_MAX, finish
from ledgerbridge.service.observe import observe
from ledgerbridge.service.planning import give_back
from ledgerbridge.service.recovery import recover, sends_again
from ledgerbridge.service.spool import Spooled
from ledgerbridge.service.undo_associations import Associated, read_associated
from ledgerbridge.service.undo_subjects import (
    Target,
    check_whole,
    chosen_entries,
    undo_all,
    unknown_writes,
)
from ledgerbridge.service.world import World
from ledgerbridge.store import operations, runs
from ledgerbridge.store.transaction import Transaction

KIND = "undo"
HISTORY_RECORDS = 50


class UndoStep(Struct, frozen=True, kw_only=True):
    """One write that an undo would do: to which record, what, which fields."""

    record: str
    object_type: str
    sync: str
    kind: str
    fields: tuple[str, ...]


class UndoLeft(Struct, frozen=True, kw_only=True):
    """
    What stays as it is, and why; `for_good` where nobody can undo it. `who` changed it since, in
    HubSpot's words (`CRM_UI userId:7`), where HubSpot knows.
    """

    record: str
    object_type: str
    fields: tuple[str, ...]
    reason: str
    for_good: bool
    who: str


class UndoReport(Struct, frozen=True, kw_only=True):
    """
    A plan to undo, or what became of it: `run` is empty while nothing was written. `steps` are in
    the order in which they are done, `in_doubt` requests whose fate the next run finds out,
    `unknown` the writes of the run that the history does not know any more.
    """

    run: str
    steps: tuple[UndoStep, ...]
    left: tuple[UndoLeft, ...]
    writes: int = 0
    in_doubt: int = 0
    unknown: int = 0


async def plan_undo(world: World, target: Target) -> UndoReport:
    """
    Look at both sides, and say what an undo would do and leave; nothing is written to either.

    Raises UsageError for what is unknown, was never written, or is not clear; StoreProblem where
    the history is not whole; Interlock while a request is in doubt that only sending it again can
    settle; CallFailed.
    """
    await world.store.read(chosen_entries, target)
    await world.store.read(check_whole, target)
    await world.store.read(_refuse_in_doubt)
    await world.hubspot.who()  # raises WrongTenant unless it is the pinned portal (I-TENANT)
    await recover(world)
    await world.commit(give_back, world)
    await observe(world)
    found = await _decided(world, target, assume=True)
    report = await _report(world, found)
    return replace(report, unknown=await world.store.read(unknown_writes, target))


async def _decided(world: World, target: Target, *, assume: bool) -> list[tuple[Written, Undone]]:
    associated = await read_associated(world, await world.store.read(chosen_entries, target))
    return await world.store.read(undo_all, world, target, associated, assume=assume)


def _refuse_in_doubt(tx: Transaction) -> None:
    """Recovery sends a creation in QuickBooks again, everything else it settles by looking."""
    if any(sends_again(one.request) for one in operations.in_flight(tx)):
        raise Interlock(
            "A creation left and was not answered yet. Nothing was planned or "
            "undone. Let a run find out what became of it, then ask again: ledgerbridge run"
        )


async def carry_out(world: World, target: Target, plan: UndoReport) -> UndoReport:
    """
    Do what was planned and agreed to, as far as it is still so, under a run of its own.

    Returns what was done and what is left. Raises CallFailed, Fenced, StoreProblem.
    """
    started = runs.Run(id=world.run, kind=KIND, started_at=world.clock.now())
    await world.store.write(runs.start, started)
    status, in_doubt = "failed", 0
    agreed = {(one.record, one.object_type) for one in plan.steps}
    totals = {"write": 0}
    try:
        in_doubt = await _carry_out(world, target, agreed)
        status = DONE
    except LedgerbridgeError as error:
        status = f"stopped: {type(error).__name__}"
        raise
    finally:
        totals = await world.store.write(finish, world, status, _counts(plan))
    found = await _decided(world, target, assume=False)
    report = await _report(world, found)
    return UndoReport(
        run=world.run,
        steps=plan.steps,
        left=(*report.left, *_not_done(report.steps)),
        writes=totals["write"],
        in_doubt=in_doubt,
        unknown=plan.unknown,
    )


def _not_done(steps: Iterable[UndoStep]) -> list[UndoLeft]:
    reason = "it was not done; see why with: ledgerbridge status"
    return [
        UndoLeft(
            record=one.record,
            object_type=one.object_type,
            fields=one.fields,
            reason=reason,
            for_good=False,
            who="",
        )
        for one in steps
    ]


async def _carry_out(world: World, target: Target, agreed: set[tuple[str, str]]) -> int:
    in_doubt = 0
    for name in (*reversed(SYNC_ORDER), "invoices"):  # lines go once their invoices are gone
        sync = world.syncs.get(name)
        if sync is None:
            continue
        entries = await world.store.read(chosen_entries, target)
        associated = await read_associated(world, [x for x in entries if x.sync == sync.id])
        await world.commit(_spool, world, target, sync.id, associated, agreed=agreed)
        for stage in Stage:
            await apply_stage(world, sync, stage)
        in_doubt = await recover(world)
        for _ in range(ROUNDS_MAX if in_doubt else 0):
            await world.clock.sleep(IN_DOUBT_WAIT_S)
            in_doubt = await recover(world)
            if not in_doubt:
                break
    return in_doubt


def _counts(plan: UndoReport) -> dict[str, int]:
    counts: dict[str, int] = {}
    for step in plan.steps:
        key = f"{step.sync}.{step.record.partition(':')[0]}.{step.kind}"
        counts[key] = counts.get(key, 0) + 1
    return counts


def _spool(
    tx: Transaction,
    world: World,
    target: Target,
    sync_id: str,
    associated: Associated,
    *,
    agreed: set[tuple[str, str]],
) -> None:
    """Decide one sync anew, and plan what is agreed to; lines go with their invoice."""
    rows = []
    busy = {unit.partition("#")[0] for unit in operations.units_in_flight(tx)}
    for written, undone in undo_all(tx, world, target, associated, assume=False, only=sync_id):
        name = f"{written.side}:{written.record_id}"
        if written.line is None and (name, written.object_type) not in agreed:
            continue
        for operation in undone.operations:
            if operation.link not in busy:
                side, record_id = _subject(written)
                spooled = Spooled(side, record_id, operation)
                rows.append(spool.row(world.run, sync_id, spooled))
    operations.spool(tx, rows)


def _subject(written: Written) -> tuple[Side, str]:
    """By whom the record is planned: the QuickBooks half where there is one."""
    link = written.link
    if link is not None and link.quickbooks_id is not None:
        return Side.QUICKBOOKS, link.quickbooks_id
    return written.side, written.record_id


async def _report(world: World, found: Sequence[tuple[Written, Undone]]) -> UndoReport:
    names = {sync.id: name for name, sync in world.syncs.items()}
    left = [one for _, undone in found for one in undone.left]
    who = await _who(world, [one for one in left if one.edited and one.side is Side.HUBSPOT])
    steps = [
        UndoStep(
            record=f"{operation.side}:{operation.record_id}",
            object_type=operation.object_type,
            sync=names.get(operation.sync, operation.sync),
            kind=operation.kind,
            fields=tuple(operation.fields),
        )
        for _, undone in found
        for operation in undone.operations
    ]
    told = [
        UndoLeft(
            record=f"{one.side}:{one.record_id}",
            object_type=one.object_type,
            fields=one.fields,
            reason=one.reason,
            for_good=one.for_good,
            who=who.get((one.object_type, one.record_id, one.fields[0] if one.fields else ""), ""),
        )
        for one in left
    ]
    return UndoReport(run="", steps=tuple(steps), left=tuple(told))


async def _who(world: World, left: Sequence[Left]) -> dict[tuple[str, str, str], str]:
    """Who wrote the values that are left, as HubSpot's property history tells."""
    found: dict[tuple[str, str, str], str] = {}
    for object_type in dict.fromkeys(one.object_type for one in left):
        group = [one for one in left if one.object_type == object_type]
        for start in range(0, len(group), HISTORY_RECORDS):
            some = group[start : start + HISTORY_RECORDS]
            fields = sorted({name for one in some for name in one.fields})
            ids = list(dict.fromkeys(one.record_id for one in some))
            history = await world.hubspot.history(object_type, ids, fields)
            for record_id, properties in history.items():
                for name, versions in properties.items():
                    if versions:
                        told = f"{versions[0].source_type} {versions[0].source_id}".strip()
                        found[object_type, record_id, name] = told
    return found
