"""
One batch from plan to wire: name what it points at, write the intent, send, settle.

The intent is on disk before the request leaves, with no transaction open while it travels
(theory.md 4.1). What could not be named yet does not leave: it is blocked, and says on what.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from ledgerbridge.connectors.calls import RATE_LIMITED
from ledgerbridge.connectors.port import Association, Request, Stored, Write
from ledgerbridge.core.app_events import APP_EVENTS
from ledgerbridge.core.model import LinkStatus, Side
from ledgerbridge.core.order import waits_for
from ledgerbridge.core.plan import Operation, Outcome, Pointer, Status, WriteKind
from ledgerbridge.errors import CallFailed, LookAgain, Refuse, Retry
from ledgerbridge.service import adjusting, spool
from ledgerbridge.service.removing import without_the_edited
from ledgerbridge.service.resting import let_rest
from ledgerbridge.service.settling import look_again, settle, settle_refused
from ledgerbridge.service.spool import Spooled
from ledgerbridge.service.stopping import stops_the_run
from ledgerbridge.service.world import World
from ledgerbridge.store import gone, links, operations, outcomes, pending
from ledgerbridge.store.transaction import Transaction

ATTEMPTS_MAX = 5
RATE_LIMITED_WAIT_S = 10.0
RATE_LIMITED_WAIT_S_MAX = 90.0
KEYLESS_LEAVE_WITHIN = timedelta(seconds=60)
"""After their intent; after `recovery.MAY_BE_LATE` others take them for lost and make them anew."""


class Row(Struct, frozen=True):
    """One operation on its way: its place in the store, whom it is about, what is written."""

    seq: int
    spooled: Spooled
    operation: Operation
    write: Write


class Batch(Struct, frozen=True):
    """A request whose intent is on disk, since an instant by the vendor's clock."""

    request: Request
    rows: tuple[Row, ...]
    side: Side
    created_at: datetime


async def send(world: World, stored: Sequence[operations.Operation]) -> None:
    """Send operations of one side, type and kind as one request, and settle them."""
    leaving = await without_the_edited(world, stored)
    batch = await world.commit(prepare, world, leaving) if leaving else None
    if batch is not None and adjusting.is_made_by(batch.rows[0].operation):
        batch = await _without_those_there(world, batch)
    if batch is not None:
        await transmit(world, batch)
    world.progress.step(f"writing {stored[0].object_type}", done=len(stored))


async def _without_those_there(world: World, batch: Batch) -> Batch | None:
    """The batch without the discounts and taxes that their invoices have; those are adopted."""
    try:
        there = await adjusting.find_on_invoices(world, batch.rows)
    except CallFailed as failure:
        if stops_the_run(failure):
            await world.commit(give_back_intents, world, batch.rows)
            raise
        # Nothing was sent: whatever the look met, it is known not to have been applied.
        await world.commit(settle_refused, world, batch.rows, failure)
        return None
    if not there:
        return batch
    adopted = [row for row in batch.rows if row.seq in there]
    answers = [Stored(row.write.trace, there[row.seq]) for row in adopted]
    await settle(world, batch.side, adopted, answers, in_doubt=True)
    rows = tuple(row for row in batch.rows if row.seq not in there)
    request = replace(batch.request, writes=tuple(row.write for row in rows))
    return replace(batch, request=request, rows=rows) if rows else None


async def transmit(world: World, batch: Batch) -> None:
    """
    Send one request, again only after an answer that says it was surely not applied.

    With an unknown fate the intent stays for recovery. Raises `CallFailed` for what would fail
    every other request as well: no network, a token that is no good; `Fenced` where another process
    claimed the accounts while this one waited.
    """
    for attempt in range(1, ATTEMPTS_MAX + 1):
        if _too_late(world, batch):
            await world.commit(give_back_intents, world, batch.rows)
            return
        try:
            answers = await world.connector(batch.side).write(batch.request)
        except LookAgain:
            return
        except (Retry, Refuse) as failure:
            if stops_the_run(failure):
                await world.commit(give_back_intents, world, batch.rows)
                raise
            if _rests(world, batch, failure):
                await world.commit(give_back_intents, world, batch.rows)
                return
            if failure.code != RATE_LIMITED or attempt == ATTEMPTS_MAX:
                await world.commit(settle_refused, world, batch.rows, failure)
                return
            wait_s = failure.wait_s or RATE_LIMITED_WAIT_S
            await world.clock.sleep(min(wait_s, RATE_LIMITED_WAIT_S_MAX))
            await world.check_claim()
        else:
            await settle(world, batch.side, batch.rows, answers)
            return


def _too_late(world: World, batch: Batch) -> bool:
    """Whether discounts or taxes, which no key protects, waited or slept for too long to leave."""
    age = world.connector(batch.side).now() - batch.created_at
    return age > KEYLESS_LEAVE_WITHIN and adjusting.is_made_by(batch.rows[0].operation)


def _rests(world: World, batch: Batch, failure: CallFailed) -> bool:
    """Whether the whole request was refused because the account lacks a feature."""
    return all(let_rest(world, row.operation, failure.code, str(failure)) for row in batch.rows)


def give_back_intents(tx: Transaction, world: World, rows: Sequence[Row]) -> None:
    """
    These were surely not applied, or need no answer: their records are planned again.

    What puts back a person's value waits in the spool (putting_back.py).
    """
    look_again(tx, world, rows)
    operations.erase(tx, [row.seq for row in rows])
    back = [row for row in rows if row.operation.puts_back]
    operations.spool(tx, [spool.row(world.run, row.operation.sync, row.spooled) for row in back])


def prepare(tx: Transaction, world: World, stored: Sequence[operations.Operation]) -> Batch | None:
    """Resolve what the operations point at and write the intent; None if nothing can leave."""
    spooled = [spool.read(one) for one in stored]
    naming = Naming(tx, world, [s.item for s in spooled if isinstance(s.item, Operation)])
    rows: list[Row] = []
    busy = operations.units_in_flight(tx)
    for one, item in zip(stored, spooled, strict=True):
        assert isinstance(item.item, Operation)
        operation = item.item
        if operation.unit in busy:
            # Another write of this pair is under way or in doubt: it is planned again after that.
            pending.mark(tx, one.sync, item.side, [item.record_id], world.clock.now())
            operations.erase(tx, [one.seq])
            continue
        busy.add(operation.unit)
        missing = naming.missing(operation)
        if missing is not None:
            if missing.line is None and not _is_own(world, operation, missing):
                _block(tx, world, one, item, missing)
            # Why a part of its own is missing is known already, or found out by recovery.
            operations.erase(tx, [one.seq])
            continue
        why = world.refuses.get(operation.object_type)
        if why is not None and operation.object_type == APP_EVENTS:
            pending.mark(tx, one.sync, item.side, [item.record_id], world.clock.now())
            operations.erase(tx, [one.seq])
            continue
        if why is not None and adjusting.is_made_by(operation):
            adjusting.remember_refusal(tx, world, item, operation, why)
            operations.erase(tx, [one.seq])
            continue
        write = naming.write(operation, str(len(rows)))
        rows.append(Row(one.seq, item, operation, write))
    if not rows:
        return None
    return _intent(tx, world, stored[0], rows)


def _is_own(world: World, operation: Operation, missing: Pointer) -> bool:
    """Whether a part of a record misses that record itself, which says on its own why."""
    sync = world.sync_of(operation.sync)
    own = sync is not None and missing.sync == sync.kind.name
    return own and operation.line is not None and missing.partner_id == operation.partner


def _intent(tx: Transaction, world: World, first: operations.Operation, rows: list[Row]) -> Batch:
    operation = rows[0].operation
    request = Request(
        id=world.clock.new_id(),
        kind=operation.kind,
        object_type=operation.object_type,
        writes=tuple(row.write for row in rows),
    )
    sent = operations.SentRequest(
        id=request.id,
        run=world.run,
        side=operation.side,
        connection=world.connections[operation.side],
        kind=operation.kind,
        object_type=operation.object_type,
        created_at=world.connector(operation.side).now(),
    )
    seqs = [row.seq for row in rows]
    connections = list(world.connections.values())
    operations.send(tx, sent, seqs, epoch=world.epoch, connections=connections)
    return Batch(request, tuple(rows), operation.side, sent.created_at)


def _block(
    tx: Transaction,
    world: World,
    stored: operations.Operation,
    spooled: Spooled,
    missing: Pointer,
) -> None:
    """Its parent did not arrive: the record waits for it."""
    on = waits_for(missing.sync, missing.partner_id)
    outcome = Outcome(
        side=spooled.side,
        record_id=spooled.record_id,
        status=Status.BLOCKED,
        code="waits_for_parent",
        message=f"waits for {missing.object_type} of QuickBooks record {missing.partner_id}",
        remedy="It follows as soon as that record does; see why it does not with: "
        "ledgerbridge status",
        blocked_on=on,
    )
    outcomes.put(tx, [outcomes.of(stored.sync, outcome, world.clock.now())])


class Naming:
    """The ids that the operations of one batch point at, looked up together."""

    def __init__(self, tx: Transaction, world: World, batch: Sequence[Operation]) -> None:
        self._targets: dict[tuple[str, str], str] = {}
        by_sync: dict[str, set[str]] = {}
        for operation in batch:
            for pointer in operation.points:
                if pointer.line is None:
                    by_sync.setdefault(pointer.sync, set()).add(pointer.partner_id)
        for name, ids in by_sync.items():
            self._targets |= {(name, x): found for x, found in _partners(tx, world, name, ids)}
        self._lost = self._lost_targets(tx, world, batch)
        with_lines = {o.link for o in batch if any(p.line is not None for p in o.points)}
        self._lines = links.lines_of(tx, with_lines)

    def _lost_targets(
        self, tx: Transaction, world: World, batch: Sequence[Operation]
    ) -> set[tuple[str, str]]:
        """The targets that are gone, by object type and id: a pair may rest though a half is."""
        by_type: dict[str, set[str]] = {}
        for pointer in (p for operation in batch for p in operation.points if p.into is None):
            found = self._targets.get((pointer.sync, pointer.partner_id))
            if found is not None:
                by_type.setdefault(pointer.object_type, set()).add(found)
        connection = world.connections[Side.HUBSPOT]
        return {
            (object_type, x)
            for object_type, ids in by_type.items()
            for x in gone.lost(tx, connection, object_type, ids)
        }

    def target(self, operation: Operation, pointer: Pointer) -> str | None:
        """
        The id that a pointer stands for, None while there is none.

        What is gone can be left, but nothing can be put on it.
        """
        if pointer.known is not None:
            return pointer.known
        if pointer.line is not None:
            line = self._lines.get(operation.link, {}).get(pointer.line)
            return None if line is None else line.hubspot_id
        found = self._targets.get((pointer.sync, pointer.partner_id))
        leaves = operation.kind is WriteKind.DISASSOCIATE and not pointer.gate
        return None if not leaves and (pointer.object_type, found) in self._lost else found

    def missing(self, operation: Operation) -> Pointer | None:
        """The first required pointer without a target."""
        return next(
            (p for p in operation.points if p.required and self.target(operation, p) is None), None
        )

    def write(self, operation: Operation, trace: str) -> Write:
        """The row of the request, every pointer named."""
        fields = dict(operation.fields)
        associations = []
        for pointer in operation.points:
            target = self.target(operation, pointer)
            if target is None or pointer.gate:
                continue
            if pointer.into is not None:
                fields[pointer.into] = target
            else:
                associations.append(Association(pointer.object_type, target))
        return Write(
            trace=trace,
            fields=fields,
            record_id=operation.record_id,
            version=operation.version,
            associations=tuple(associations),
            key_field=operation.key_field,
        )


def _partners(tx: Transaction, world: World, name: str, ids: set[str]) -> list[tuple[str, str]]:
    """The HubSpot partners of QuickBooks records: their own, else of the link they lean on."""
    sync = world.syncs.get(name)
    if sync is None:
        return []
    own = links.by_ids(tx, sync.id, Side.QUICKBOOKS, ids)
    made = {x: link for x, link in own.items() if link.hubspot_id is not None}
    found = {x: link.hubspot_id or "" for x, link in made.items()}
    living = {x for x, link in made.items() if link.status is LinkStatus.LIVE}
    leaning = links.attachments(tx, sync.id, ids - living)
    others = links.get_many(tx, {one.link_id for one in leaning.values()})
    for record_id, one in leaning.items():
        other = others.get(one.link_id)
        if other is not None and other.hubspot_id is not None:
            found[record_id] = other.hubspot_id
    return list(found.items())
