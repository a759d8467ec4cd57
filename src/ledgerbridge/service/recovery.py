"""
Recover: settle the intents that a crash or a lost answer left behind (promise 6).

- A creation in HubSpot is looked up by its key: there, it is adopted; not there, planned again.
- A creation in QuickBooks is sent again, the identical batch under the same `requestid`; an old
  one looks by display name first, for nobody knows how long replays are remembered.
- An app event is sent again under its own id, which HubSpot takes once.
- An update is never sent again: look, keep what is there, plan again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from msgspec.structs import replace

from ledgerbridge.connectors.port import Outcome as Answer
from ledgerbridge.connectors.port import Request, Stored, Wanted
from ledgerbridge.core.app_events import APP_EVENTS
from ledgerbridge.core.model import Record, Side
from ledgerbridge.core.plan import Operation, WriteKind
from ledgerbridge.errors import CallFailed, LookAgain, Retry, Unauthorized
from ledgerbridge.service import adoption, aftermath, overdue, settling, spool
from ledgerbridge.service.entering import loss_entries
from ledgerbridge.service.sending import Naming, Row, give_back_intents
from ledgerbridge.service.storing import confirm_gone
from ledgerbridge.service.world import World
from ledgerbridge.store import journal, operations
from ledgerbridge.store.transaction import Transaction

OLD_INTENT = timedelta(minutes=30)
MAY_BE_LATE = timedelta(seconds=150)
CLOCKS_APART = timedelta(minutes=5)


async def recover(world: World) -> int:
    """
    Settle what can be settled now; returns how many requests are still in doubt.

    Those that we may not look into any more keep their intents, and their syncs rest.
    """
    left = await world.store.read(operations.in_flight)
    if not left:
        return 0
    resting = 0
    for found in left:
        rows = await world.store.read(_rows, world, found)
        try:
            await _settle_one(world, found, rows)
        except (LookAgain, Retry):
            continue
        except Unauthorized as refusal:
            if refusal.status != 403 or found.request.side is not Side.HUBSPOT:
                raise
            _rest(world, rows, refusal)
            resting += 1
    return len(await world.store.read(operations.in_flight)) - resting


def _rest(world: World, rows: Sequence[Row], refusal: Unauthorized) -> None:
    """A permission is missing: the syncs of these rows rest, the others go on (promise 7)."""
    for sync_id in dict.fromkeys(row.operation.sync for row in rows):
        sync = world.sync_of(sync_id)
        if sync is not None:
            world.unavailable[sync.kind.name] = str(refusal)


def _rows(tx: Transaction, world: World, found: operations.InFlight) -> list[Row]:
    spooled = [spool.read(one) for one in found.operations]
    naming = Naming(tx, world, [s.item for s in spooled if isinstance(s.item, Operation)])
    rows = []
    for position, (one, item) in enumerate(zip(found.operations, spooled, strict=True)):
        assert isinstance(item.item, Operation)
        write = naming.write(item.item, str(position))
        rows.append(Row(one.seq, item, item.item, write))
    return rows


def sends_again(request: operations.SentRequest) -> bool:
    """Whether to settle this request may mean to send it again, rather than only to look."""
    repeatable = request.side is Side.QUICKBOOKS or request.object_type == APP_EVENTS
    return request.kind == WriteKind.CREATE and repeatable


async def _settle_one(world: World, found: operations.InFlight, rows: Sequence[Row]) -> None:
    request = found.request
    if sends_again(request):
        await _again(world, found, rows)
    elif request.kind == WriteKind.CREATE:
        await _by_key(world, request, rows)
    elif request.kind in (WriteKind.UPDATE, WriteKind.ARCHIVE):
        await _look(world, request, rows)
    else:
        await world.commit(give_back_intents, world, rows)


async def _by_key(world: World, request: operations.SentRequest, rows: Sequence[Row]) -> None:
    """
    Adopt what is there; plan the rest again once it cannot be under way any more.

    The unique key alone would not do: it guards nothing when somebody archives the record made
    instead before the late one arrives, and nobody looks for lines by themselves.
    """
    object_type = request.object_type
    late = _may_be_late(world, request)
    there = await adoption.find_by_key(world, object_type, rows)
    born = await adoption.as_born(world, object_type, rows, there)
    if late:
        rows = [row for row in rows if row.seq in there]
    await _adopt(world, Side.HUBSPOT, rows, born, there)


def _may_be_late(world: World, request: operations.SentRequest) -> bool:
    """Whether HubSpot may still get this request, by its clock: ours may have been put right."""
    return world.hubspot.now() - request.created_at < MAY_BE_LATE


async def _adopt(
    world: World,
    side: Side,
    rows: Sequence[Row],
    born: Mapping[int, Record],
    now: Mapping[int, Record],
) -> None:
    """Settle with the records as they were born, then see them as they are; plan the rest again."""
    there = [row for row in rows if row.seq in born]
    answers = [Stored(row.write.trace, born[row.seq]) for row in there]
    await settling.settle(world, side, there, answers, in_doubt=True)
    await world.commit(adoption.see, world, side, tuple(now.values()))
    missing = [row for row in rows if row.seq not in born]
    await world.commit(give_back_intents, world, missing)


async def _again(world: World, found: operations.InFlight, rows: Sequence[Row]) -> None:
    sent = found.request
    old = world.connector(sent.side).now() - sent.created_at > OLD_INTENT
    if old and sent.side is Side.QUICKBOOKS:
        there = await _by_name(world, sent, rows)
        if there:
            written = {row.seq: row.write.fields for row in rows}
            born = {
                seq: replace(record, fields={**record.fields, **written[seq]})
                for seq, record in there.items()
            }
            await _adopt(world, Side.QUICKBOOKS, rows, born, there)
            return
    request = Request(
        id=sent.id,
        kind=WriteKind.CREATE,
        object_type=sent.object_type,
        writes=tuple(row.write for row in rows),
    )
    try:
        replayed: Sequence[Answer] = await world.connector(sent.side).write(request)
    except (LookAgain, Retry, Unauthorized):
        # Who may not ask now learns nothing of what became of the first one.
        raise
    except CallFailed as failure:
        # A definite answer to the same request is the answer to the first one as well.
        await world.commit(settling.settle_refused, world, rows, failure, in_doubt=True)
        return
    await settling.settle(world, sent.side, rows, replayed, in_doubt=True)


async def _by_name(
    world: World, sent: operations.SentRequest, rows: Sequence[Row]
) -> dict[int, Record]:
    """Records made since the intent that carry exactly the name of one of its rows, by row."""
    names = {str(row.write.fields.get("DisplayName") or ""): row.seq for row in rows}
    wanted = Wanted(sent.object_type)
    found = await world.quickbooks.find(wanted, "DisplayName", [name for name in names if name])
    since = (sent.created_at - CLOCKS_APART).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        names[name]: record
        for record in found
        if (name := record.fields.get("DisplayName") or "") in names and record.created_at >= since
    }


async def _look(world: World, request: operations.SentRequest, rows: Sequence[Row]) -> None:
    """
    Settle what was applied; plan the rest again.

    What would replace a person's value in HubSpot keeps its intent while it may still arrive:
    afterwards nobody would know any more what it replaced, and by which rule. What may be late in
    QuickBooks is kept by overdue.py.
    """
    side, object_type = request.side, request.object_type
    late = side is Side.HUBSPOT and _may_be_late(world, request)
    ids = [row.write.record_id or "" for row in rows]
    fields = tuple(sorted({name for row in rows for name in row.operation.expected}))
    wanted = world.wanted_hubspot.get(object_type, Wanted(object_type, fields))
    looked = await world.connector(side).look(wanted, ids)
    done: list[tuple[Row, Stored]] = []
    for row in rows:
        record = looked.found.get(row.write.record_id or "")
        if record is not None and _applied(row, record):
            done.append((row, Stored(row.write.trace, record)))
        elif row.write.record_id in looked.gone and row.operation.kind is WriteKind.ARCHIVE:
            done.append((row, Stored(row.write.trace, None)))
    applied, answers = [row for row, _ in done], [answer for _, answer in done]
    await settling.settle(world, side, applied, answers, in_doubt=True)
    settled = {row.seq for row, _ in done}
    left = [row for row in rows if row.seq not in settled]
    rest = [row for row in left if not (late and _would_lose(row, looked.found))]
    updates = [row for row in rest if row.operation.kind is WriteKind.UPDATE]
    sent = [row for row in updates if not row.operation.puts_back]
    unseen = await aftermath.unseen_edits(world, sent) if side is Side.HUBSPOT else {}
    await world.commit(_keep_looking, world, side, rest, found=looked.found, unseen=unseen)
    await confirm_gone(world, side, object_type, list(looked.gone))


def _would_lose(row: Row, found: Mapping[str, Record]) -> bool:
    """Whether the lost request would still replace a value if it arrived now."""
    return bool(row.operation.losses) and row.write.record_id in found


def _applied(row: Row, record: Record) -> bool:
    """Whether the record shows all that the lost request was to write."""
    if row.operation.kind is WriteKind.ARCHIVE:
        return False
    return all(
        (record.fields.get(name) or None) == (value or None)
        for name, value in row.write.fields.items()
    )


def _keep_looking(
    tx: Transaction,
    world: World,
    side: Side,
    rows: Sequence[Row],
    *,
    found: dict[str, Record],
    unseen: aftermath.UnseenEdits,
) -> None:
    """
    Not applied, or written over since: what is there is an observation, and planned from.

    A loser that is no longer there may have gone by our hand: better told once too often.
    """
    if rows and rows[0].operation.line is None:
        adoption.see(tx, world, side, tuple(found.values()))
    aftermath.tell_unseen(tx, world, rows, unseen)
    now = world.clock.now()
    for row in rows:
        record = found.get(row.write.record_id or "")
        if record is not None and record.version == row.operation.version:
            continue
        if record is None and overdue.is_kept(row.operation):
            continue
        record_id = row.write.record_id or ""
        entries = loss_entries(world, now, row.operation, record_id)
        shown = record.fields if record is not None else {}
        journal.enter(tx, [e for e in entries if shown.get(e.field) != e.value])
    give_back_intents(tx, world, rows)
    overdue.keep(tx, world, rows, found)
