"""
A plan as data: numbers, a few examples of each kind and reason, what a person should know before.

Records appear by their ids and field names; values only where they are asked for. The plan is read
row by row, so that memory does not grow with it (promise 13).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct, field
from msgspec.structs import replace

from ledgerbridge.connectors.hubspot.settings import Settings as HubSpotSettings
from ledgerbridge.connectors.quickbooks.settings import Settings as QuickBooksSettings
from ledgerbridge.core import guard
from ledgerbridge.core.model import Side, Value
from ledgerbridge.core.plan import (
    Attached,
    Continued,
    Ended,
    Item,
    MadeLink,
    Moved,
    Operation,
    WriteKind,
)
from ledgerbridge.errors import LedgerbridgeError
from ledgerbridge.service import acceptance, spool
from ledgerbridge.service.cautions import Creation, Irreversible, cautions
from ledgerbridge.service.reporting import EXAMPLES_MAX, Reason, reasons_of
from ledgerbridge.service.world import ActiveSync, World
from ledgerbridge.store import operations
from ledgerbridge.store.transaction import Transaction

RECORDS_PER_S = 2000
METERED_BY_A_RUN = 1
"""What changed since the last look is one call for all types; writes are not charged for."""
PAUSED = "it is paused. Go on with: ledgerbridge resume"
MATCH, END, GO_ON = "match", "end", "continue"


class Example(Struct, frozen=True, kw_only=True):
    """
    One planned change: `record` is the one that changes (`hubspot:501`), or for a creation the one
    that gets a partner; `values` holds before and after of each field, null unless asked for.
    """

    record: str
    fields: tuple[str, ...]
    reason: str
    values: dict[str, tuple[Value, Value]] | None


class Change(Struct, frozen=True, kw_only=True):
    """
    All changes of one kind to one type of one side.

    `kind` is a write (create, update, archive, associate, disassociate), or what happens to links
    alone (match, end, continue).
    """

    side: Side
    object_type: str
    kind: str
    records: int
    examples: tuple[Example, ...]


class ConflictExample(Struct, frozen=True, kw_only=True):
    """A value that both sides changed: where it will be replaced, and by which rule."""

    record: str
    losing_side: Side
    fields: tuple[str, ...]
    reason: str
    values: dict[str, tuple[Value, Value]] | None


class SyncPlan(Struct, frozen=True, kw_only=True):
    """
    The plan of one sync: its changes, every record that is `removed` by the sync's rule (archived
    in HubSpot, made inactive in QuickBooks), conflicts that a rule decides, records that do not go
    and why. `unavailable` says why the sync cannot work at all; else it is empty.
    """

    name: str
    changes: tuple[Change, ...]
    removed: tuple[str, ...]
    conflicts: int
    conflict_examples: tuple[ConflictExample, ...]
    not_going: tuple[Reason, ...]
    unavailable: str


class PlanReport(Struct, frozen=True, kw_only=True):
    """
    What a run would do as of an instant.

    `changes` counts all writes, matches and ended links; `creations` what is made, by type. `calls`
    are the estimated calls by side, `seconds` how long they take under the vendors' limits. Of the
    reads that Intuit charges for, `metered_so_far` are those that this look at both sides took, and
    `metered` those of a run. `needs_acceptance` says why a person has to accept it first; it is
    empty where nobody has to.
    """

    as_of: datetime
    changes: int
    syncs: tuple[SyncPlan, ...]
    creations: tuple[Creation, ...]
    irreversible: tuple[Irreversible, ...]
    notes: tuple[str, ...]
    calls: dict[Side, int]
    metered_so_far: int
    metered: int
    seconds: int
    needs_acceptance: str


class _Tally(Struct):
    """One kind of change as it is counted; `sends` are its rows by stage and type."""

    records: int = 0
    examples: list[Example] = field(default_factory=list)


async def plan_report(
    world: World, counts: Mapping[str, int], *, values: bool = False
) -> PlanReport:
    """The plan that `make_plan` left in the store, with its counts."""
    return await world.store.read(_report, world, counts, values=values)


def _report(
    tx: Transaction, world: World, counts: Mapping[str, int], *, values: bool
) -> PlanReport:
    syncs = tuple(_sync_plan(tx, sync, values=values) for sync in world.ordered())
    why_not = {**dict.fromkeys(sorted(world.paused), PAUSED), **world.unavailable}
    resting = (_resting(name, why) for name, why in why_not.items())
    calls, told = _calls(tx, world), cautions(tx, world)
    changes = [change for sync in syncs for change in sync.changes]
    return PlanReport(
        as_of=world.clock.now(),
        changes=sum(change.records for change in changes),
        syncs=(*syncs, *resting),
        creations=told.creations,
        irreversible=told.irreversible,
        notes=told.notes,
        calls=calls,
        metered_so_far=world.quickbooks.counter.metered,
        metered=METERED_BY_A_RUN if changes else 0,
        seconds=_seconds(calls, sum(change.records for change in changes)),
        needs_acceptance=_needs_acceptance(tx, world, counts),
    )


def _resting(name: str, why: str) -> SyncPlan:
    return SyncPlan(
        name=name,
        changes=(),
        removed=(),
        conflicts=0,
        conflict_examples=(),
        not_going=(),
        unavailable=why,
    )


def _sync_plan(tx: Transaction, sync: ActiveSync, *, values: bool) -> SyncPlan:
    tallies: dict[tuple[Side, str, str], _Tally] = {}
    conflicts = 0
    shown: list[ConflictExample] = []
    removed: list[str] = []
    for spooled in spool.planned(tx, sync.id):
        described = _described(spooled, sync)
        if described is not None:
            key, example = described
            tally = tallies.setdefault(key, _Tally())
            tally.records += 1
            if len(tally.examples) < EXAMPLES_MAX:
                tally.examples.append(example if values else replace(example, values=None))
        removed += _removed(spooled.item, sync)
        found = _conflicts(spooled.item)
        conflicts += len(found)
        shown += found[: EXAMPLES_MAX - len(shown)]
    return SyncPlan(
        name=sync.kind.name,
        changes=tuple(
            Change(
                side=side,
                object_type=object_type,
                kind=kind,
                records=tally.records,
                examples=tuple(tally.examples),
            )
            for (side, object_type, kind), tally in sorted(tallies.items())
        ),
        removed=tuple(removed),
        conflicts=conflicts,
        conflict_examples=tuple(one if values else replace(one, values=None) for one in shown),
        not_going=reasons_of(tx, sync.id),
        unavailable="",
    )


def _removed(item: Item, sync: ActiveSync) -> list[str]:
    if not isinstance(item, Operation) or item.kind is not WriteKind.ARCHIVE:
        return []
    return [f"{item.side}:{item.record_id}"] if sync.kind.name in guard.REMOVING else []


def _described(
    spooled: spool.Spooled, sync: ActiveSync
) -> tuple[tuple[Side, str, str], Example] | None:
    """What one row changes and an example of it; None for what only we remember."""
    match spooled.item:
        case Operation() as operation:
            return (operation.side, operation.object_type, operation.kind.value), _write(operation)
        case MadeLink() as made:
            example = Example(
                record=f"{Side.HUBSPOT}:{made.hubspot_id}",
                fields=(),
                reason=f"{made.reason} with {Side.QUICKBOOKS}:{made.quickbooks_id}",
                values={},
            )
            return (Side.HUBSPOT, sync.rules.hubspot_type, MATCH), example
        case Ended() as ended:
            record = f"{spooled.side}:{spooled.record_id}"
            example = Example(record=record, fields=(), reason=ended.reason, values={})
            return (spooled.side, sync.rules.object_type(spooled.side), END), example
        case Continued() as going_on:
            record = f"{Side.QUICKBOOKS}:{going_on.quickbooks_id}"
            example = Example(record=record, fields=(), reason=going_on.reason, values={})
            return (Side.HUBSPOT, sync.rules.hubspot_type, GO_ON), example
        case Moved() | Attached():
            return None


def _write(operation: Operation) -> Example:
    record = f"{operation.side}:{operation.record_id}"
    if operation.record_id is None:
        record = f"{operation.side.other}:{operation.partner}"
    return Example(
        record=record,
        fields=tuple(operation.fields),
        reason=operation.reason,
        values={
            name: (operation.expected.get(name), value) for name, value in operation.fields.items()
        },
    )


def _conflicts(item: Item) -> list[ConflictExample]:
    if not isinstance(item, Operation):
        return []
    return [
        ConflictExample(
            record=f"{loss.side}:{item.record_id}",
            losing_side=loss.side,
            fields=tuple(name for name in loss.winner if name in loss.fields),
            reason=loss.reason,
            values={name: (loss.fields.get(name), after) for name, after in loss.winner.items()},
        )
        for loss in item.losses
    ]


def _calls(tx: Transaction, world: World) -> dict[Side, int]:
    """Full batches for all that is planned, and the look at the history behind HubSpot updates."""
    calls = dict.fromkeys(Side, 0)
    known = {sync.id for sync in world.ordered()}
    for found in operations.plan_counts(tx):
        if found.sync not in known or found.kind not in set(WriteKind):
            continue
        size = world.connector(found.side).batch_size(WriteKind(found.kind), found.object_type)
        calls[found.side] += -(-found.number // size)
        if found.side is Side.HUBSPOT and found.kind == WriteKind.UPDATE:
            calls[found.side] += -(-found.number // HubSpotSettings().history_rows)
    return calls


def _seconds(calls: Mapping[Side, int], records: int) -> int:
    """The slower of both vendors' limits and our own pace, rounded up."""
    hubspot = calls[Side.HUBSPOT] * 10 / HubSpotSettings().requests_per_10_s
    quickbooks = calls[Side.QUICKBOOKS] * 60 / QuickBooksSettings().batch_per_minute
    return int(max(hubspot, quickbooks, records / RECORDS_PER_S)) + 1


def _needs_acceptance(tx: Transaction, world: World, counts: Mapping[str, int]) -> str:
    try:
        acceptance.check(tx, world, counts)
    except LedgerbridgeError as refusal:
        return str(refusal)
    return ""
