"""Mutants of what is sent, and of what is known of a request whose answer nobody saw."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from itertools import count
from typing import Any

from msgspec.structs import replace

from ledgerbridge.connectors import calls
from ledgerbridge.connectors.hubspot import HubSpot
from ledgerbridge.connectors.hubspot import writes as hubspot_writes
from ledgerbridge.connectors.port import Failed, Outcome, Request, Stored, Wanted, Write
from ledgerbridge.connectors.quickbooks import QuickBooks
from ledgerbridge.core.model import Record
from ledgerbridge.core.plan import WriteKind
from ledgerbridge.errors import Retry
from ledgerbridge.service import adoption, overdue, recovery, sending, settling, spool
from ledgerbridge.service.planners import contacts
from ledgerbridge.service.world import World
from ledgerbridge.store import operations
from ledgerbridge.store.connections import check_epoch
from ledgerbridge.store.transaction import Transaction
from mutants.mutant import Surgery


def no_intent(surgery: Surgery) -> None:
    """Nothing is stored before a request leaves."""

    def send(
        tx: Transaction,
        request: operations.SentRequest,
        seqs: Sequence[int],
        *,
        epoch: int,
        connections: Iterable[str],
    ) -> None:
        check_epoch(tx, connections, epoch)

    surgery.function(operations.send, send)


def adopt_in_doubt(surgery: Surgery) -> None:
    """A customer that may be the one that is being made is paired like any other."""
    surgery.function(contacts._waiting, lambda chunk, situation, busy: None)


def no_key(surgery: Surgery) -> None:
    """What is made in HubSpot carries no key."""
    new = hubspot_writes._new

    def without_key(object_type: str, write: Write) -> Any:
        fields = {name: x for name, x in write.fields.items() if name != write.key_field}
        return new(object_type, replace(write, fields=fields))

    surgery.function(new, without_key)


def fresh_key(surgery: Surgery) -> None:
    """A batch in doubt is sent again under another `requestid`."""
    serial = count()

    def request(**parts: Any) -> Request:
        return Request(**{**parts, "id": f"{next(serial):08}{parts['id'][8:]}"})

    surgery.attribute(recovery, "Request", request)


def other_membership(surgery: Surgery) -> None:
    """A batch in doubt is sent again under its `requestid` without its first row."""
    again = recovery._again

    async def without_first(
        world: World, found: operations.InFlight, rows: Sequence[sending.Row]
    ) -> None:
        if len(rows) > 1:
            await world.commit(sending.give_back_intents, world, rows[:1])
            rows = rows[1:]
        await again(world, found, rows)

    surgery.function(again, without_first)


def upsert(surgery: Surgery) -> None:
    """A creation in doubt is written again over what is there."""
    by_key = recovery._by_key

    async def over(
        world: World, request: operations.SentRequest, rows: Sequence[sending.Row]
    ) -> None:
        there = await adoption.find_by_key(world, request.object_type, rows)
        own = [row for row in rows if row.seq in there and row.operation.line is None]
        if own:
            writes = tuple(replace(row.write, record_id=there[row.seq].id) for row in own)
            await world.hubspot.write(
                Request(
                    id=world.clock.new_id(),
                    kind=WriteKind.UPDATE,
                    object_type=request.object_type,
                    writes=writes,
                )
            )
        await by_key(world, request, rows)

    surgery.function(by_key, over)


def late_made_again(surgery: Surgery) -> None:
    """A creation that is not there yet is made again at once."""
    surgery.attribute(recovery, "MAY_BE_LATE", timedelta(0))


def adopted_as_found(surgery: Surgery) -> None:
    """An adopted record takes what it shows now as its base."""

    async def as_found(
        world: World, object_type: str, rows: Sequence[Any], there: Mapping[int, Record]
    ) -> dict[int, Record]:
        return dict(there)

    surgery.function(adoption.as_born, as_found)


def doubt_forgotten(surgery: Surgery) -> None:
    """Whoever changed while a write was in doubt is not looked at again."""
    surgery.function(settling.look_again, lambda tx, world, rows: None)


def lost_is_refused(surgery: Surgery) -> None:
    """A write whose answer was lost counts as not applied."""

    def unknown(
        effect: calls.Effect, code: str, message: str, *, status: int | None = None
    ) -> Retry:
        return Retry(code, message, remedy="It is tried again.", status=status)

    surgery.function(calls.unknown, unknown)


def delete_unchecked(surgery: Surgery) -> None:
    """A removal in doubt counts as done."""
    look = recovery._look

    async def believe(
        world: World, request: operations.SentRequest, rows: Sequence[sending.Row]
    ) -> None:
        if request.kind != WriteKind.ARCHIVE:
            await look(world, request, rows)
            return
        answers = [Stored(row.write.trace, None) for row in rows]
        await settling.settle(world, request.side, rows, answers, in_doubt=True)

    surgery.function(look, believe)


def whole_batch_failed(surgery: Surgery) -> None:
    """One refused row, and every row of its batch counts as refused."""
    write = HubSpot.write

    async def all_or_nothing(self: HubSpot, request: Request) -> tuple[Outcome, ...]:
        outcomes = await write(self, request)
        bad = next((one for one in outcomes if isinstance(one, Failed)), None)
        if bad is None:
            return outcomes
        return tuple(replace(bad, trace=one.trace) for one in outcomes)

    surgery.attribute(HubSpot, "write", all_or_nothing)


def blind_retry(surgery: Surgery) -> None:
    """An update that is refused as stale is sent again with a fresh `SyncToken`."""
    _force(surgery, WriteKind.UPDATE)


def delete_blind(surgery: Surgery) -> None:
    """A customer is made inactive under whatever `SyncToken` it has."""
    _force(surgery, WriteKind.ARCHIVE)


def _force(surgery: Surgery, kind: WriteKind) -> None:
    write = QuickBooks.write

    async def forced(self: QuickBooks, request: Request) -> tuple[Outcome, ...]:
        outcomes = list(await write(self, request))
        for place, one in enumerate(outcomes if request.kind is kind else ()):
            if isinstance(one, Failed) and one.code == "stale":
                fresh = await _with_fresh_token(self, request, request.writes[place])
                (outcomes[place],) = await write(self, fresh)
        return tuple(outcomes)

    surgery.attribute(QuickBooks, "write", forced)


async def _with_fresh_token(books: QuickBooks, request: Request, row: Write) -> Request:
    assert row.record_id is not None
    looked = await books.look(Wanted(request.object_type), [row.record_id])
    version = looked.found[row.record_id].version if looked.found else row.version
    return replace(
        request, id=books._caller._clock.new_id(), writes=(replace(row, version=version),)
    )


def parent_ignored(surgery: Surgery) -> None:
    """What waits for its parent leaves without it."""
    surgery.attribute(sending.Naming, "missing", lambda self, operation: None)


def plan_not_given_back(surgery: Surgery) -> None:
    """A plan that was cut short is forgotten together with its reasons to look."""
    surgery.function(
        spool.give_back, lambda tx, sync_id, now: operations.forget_planned(tx, sync_id)
    )


def overdue_forgotten(surgery: Surgery) -> None:
    """Nobody remembers an update that was given back and may still arrive."""
    surgery.attribute(overdue, "keep", lambda tx, world, rows, found: None)
