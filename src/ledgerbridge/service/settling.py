"""
Settle: what was really stored becomes the base, the journal keeps what changed, the intent goes.

One transaction for a whole answer. A row that was refused is failing with its reason; a row that
nobody knows about stays an intent for recovery.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from msgspec.structs import replace

from ledgerbridge.connectors.port import Association, Failed, Stored
from ledgerbridge.connectors.port import Outcome as Answer
from ledgerbridge.core.model import LineLink, Link, LinkStatus, Record, Side, Value
from ledgerbridge.core.order import waits_for
from ledgerbridge.core.plan import Operation, Outcome, Status, WriteKind
from ledgerbridge.errors import CallFailed, Verdict
from ledgerbridge.service import (
    adjusting,
    adoption,
    aftermath,
    ignoring,
    remembering,
    stirring,
    trying_again,
)
from ledgerbridge.service.entering import SentRow, enter
from ledgerbridge.service.planners import deals
from ledgerbridge.service.resting import let_rest
from ledgerbridge.service.storing import DEAL_MARK, mark_for_companies, mark_for_deals
from ledgerbridge.service.sub_customers import below
from ledgerbridge.service.world import World
from ledgerbridge.store import conflicts, links, operations, outcomes, pending
from ledgerbridge.store.transaction import Transaction
from ledgerbridge.syncs.companies import NAME as COMPANIES
from ledgerbridge.syncs.companies import placed_on
from ledgerbridge.syncs.contacts import NAME as CONTACTS
from ledgerbridge.syncs.invoices import NAME as INVOICES


async def settle(
    world: World,
    side: Side,
    rows: Sequence[SentRow],
    answers: Sequence[Answer],
    *,
    in_doubt: bool = False,
) -> None:
    """
    Settle every row of an answered request, then look into what was refused.

    Records of a request that was `in_doubt` were passed over by planning meanwhile, and are looked
    at again: in the same transaction, for nothing else would remember them.
    Where the property history cannot be read the intents stay, and recovery settles them.
    """
    by_trace = {answer.trace: answer for answer in answers}
    pairs = [(row, by_trace[row.write.trace]) for row in rows if row.write.trace in by_trace]
    unseen: aftermath.UnseenEdits = {}
    adopted: dict[int, Record] = {}
    if side is Side.HUBSPOT:
        stored = [row for row, answer in pairs if isinstance(answer, Stored)]
        try:
            unseen = await aftermath.unseen_edits(world, stored)
            pairs, adopted = await _taken_keys(world, pairs)
        except CallFailed:
            return
    stirred = await world.commit(_settle, world, side, pairs, unseen, in_doubt=in_doubt)
    if stirred:
        await stirring.look(world, stirred)
    if adopted:
        await world.commit(adoption.see, world, side, tuple(adopted.values()))
    failed = [(row, answer) for row, answer in pairs if isinstance(answer, Failed)]
    if failed:
        await aftermath.after_failures(world, side, failed)
    if side is Side.HUBSPOT:
        answered = [(row, a.record) for row, a in pairs if isinstance(a, Stored)]
        await aftermath.follow_merges(world, answered)


async def _taken_keys(
    world: World, pairs: list[tuple[SentRow, Answer]]
) -> tuple[list[tuple[SentRow, Answer]], dict[int, Record]]:
    """Refused because the value is there already: where our own key is there, adopt its record."""
    refused = [
        row
        for row, answer in pairs
        if isinstance(answer, Failed)
        and answer.code == aftermath.ALREADY_EXISTS
        and row.write.key_field is not None
    ]
    if not refused:
        return pairs, {}
    object_type = refused[0].operation.object_type
    there = await adoption.find_by_key(world, object_type, refused)
    born = await adoption.as_born(world, object_type, refused, there)
    settled: list[tuple[SentRow, Answer]] = [
        (row, Stored(row.write.trace, born[row.seq]) if row.seq in born else answer)
        for row, answer in pairs
    ]
    return settled, there


def _settle(
    tx: Transaction,
    world: World,
    side: Side,
    pairs: Sequence[tuple[SentRow, Answer]],
    unseen: aftermath.UnseenEdits,
    *,
    in_doubt: bool,
) -> list[str]:
    """Returns the HubSpot invoices that these writes may have changed besides."""
    stored = [(row, a.record) for row, a in pairs if isinstance(a, Stored)]
    failed = [(row, a) for row, a in pairs if isinstance(a, Failed)]
    remembering.remember(tx, world, side, stored)
    _link(tx, world, stored)
    for row, _ in stored:
        decided = [(row.operation.link, mapping) for mapping in row.operation.decided]
        conflicts.close(tx, row.operation.sync, decided)
    enter(tx, world, stored)
    aftermath.tell_unseen(tx, world, [row for row, _ in stored], unseen)
    for row, answer in failed:
        if let_rest(world, row.operation, answer.code, answer.message):
            spooled = row.spooled
            now = world.clock.now()
            pending.mark(tx, row.operation.sync, spooled.side, [spooled.record_id], now)
        elif answer.verdict is not Verdict.LOOK_AGAIN:
            _refused(tx, world, row, answer)
    doubtful = {row.seq for row, a in failed if a.verdict is Verdict.LOOK_AGAIN}
    certain = [row for row, _ in pairs if row.seq not in doubtful]
    operations.erase(tx, [row.seq for row in certain])
    if in_doubt:
        look_again(tx, world, certain)
    deals.keep(
        tx,
        world,
        [
            (row.spooled.record_id.removeprefix(DEAL_MARK), row.operation.sources[deals.DEAL] or "")
            for row, _ in stored
            if deals.DEAL in row.operation.sources
        ],
    )
    return stirring.note(tx, world, [row for row, _ in stored])


def look_again(tx: Transaction, world: World, rows: Sequence[SentRow]) -> None:
    """
    Whoever changed while these were in doubt was passed over, and whoever waited for them: the
    pairs of who was merged away wait for a survivor that may be the record just being made.
    """
    now = world.clock.now()
    made = {
        (row.operation.sync, row.operation.side, row.operation.object_type)
        for row in rows
        if row.operation.kind is WriteKind.CREATE and row.operation.line is None
    }
    for sync, side, object_type in sorted(made):
        pending.mark_gone_halves(tx, sync, side, world.connections[side], object_type, now=now)
    for row in rows:
        spooled = row.spooled
        pending.mark(tx, row.operation.sync, spooled.side, [spooled.record_id], now)
        pending.wake(tx, [waits_for("intent", row.operation.link)], now)


def _link(tx: Transaction, world: World, stored: Sequence[tuple[SentRow, Record | None]]) -> None:
    """Links and bases move to what is stored now."""
    now = world.clock.now()
    known = links.get_many(tx, {row.operation.link for row, _ in stored})
    moved: dict[str, dict[str, Link]] = {}
    lines: dict[str, list[LineLink]] = {}
    dropped: dict[str, list[str]] = {}
    made: list[tuple[str, str, str]] = []
    for row, record in stored:
        operation = row.operation
        if operation.line is not None:
            if record is None:
                dropped.setdefault(operation.link, []).append(operation.line)
            else:
                lines.setdefault(operation.link, []).append(_line_link(tx, operation, record))
            continue
        current = moved.get(operation.sync, {}).get(operation.link) or known.get(operation.link)
        link = _moved(operation, current, record)
        if operation.kind is WriteKind.CREATE:
            on = placed_on([one.record_id for one in row.write.associations if _is_company(one)])
            link = replace(link, base_quickbooks={**link.base_quickbooks, **on})
        moved.setdefault(operation.sync, {})[operation.link] = link
        if operation.kind is WriteKind.CREATE:
            made.append((operation.sync, link.hubspot_id or "", link.quickbooks_id or ""))
    for row, _ in stored:
        operation = row.operation
        if operation.line is not None and operation.link not in known:
            # Its lines come before the invoice: the link begins with the QuickBooks half alone.
            begun = Link(
                id=operation.link,
                hubspot_id=None,
                quickbooks_id=operation.partner,
                generation=operation.generation,
            )
            moved.setdefault(operation.sync, {}).setdefault(operation.link, begun)
    for sync, group in moved.items():
        links.put(tx, sync, group.values(), now)
    for link_id, group_lines in lines.items():
        links.put_lines(tx, link_id, group_lines)
    for link_id, keys in dropped.items():
        links.drop_lines(tx, link_id, keys)
    linked(tx, world, made)


def _is_company(association: Association) -> bool:
    return association.object_type == COMPANIES


def _line_link(tx: Transaction, operation: Operation, record: Record) -> LineLink:
    assert operation.line is not None
    before: dict[str, Value] = {}
    if operation.kind is not WriteKind.CREATE:
        known = links.lines_of(tx, [operation.link]).get(operation.link, {}).get(operation.line)
        before = known.base_hubspot if known is not None else {}
    shown = {name: record.fields.get(name) for name in operation.covers}
    adjusts = adjusting.is_made_by(operation)
    base = adjusting.as_shown(operation.sources, record) if adjusts else operation.sources
    return LineLink(
        key=operation.line,
        hubspot_id=record.id,
        base_hubspot={**before, **shown},
        base_quickbooks=base,
    )


def _moved(operation: Operation, link: Link | None, record: Record | None) -> Link:
    """The link after one stored operation: its bases are what both sides showed."""
    if link is None:
        link = Link(
            id=operation.link, hubspot_id=None, quickbooks_id=None, generation=operation.generation
        )
    side = operation.side
    shown: dict[str, Value] = {}
    if record is not None:
        shown = {name: record.fields.get(name) for name in operation.covers}
    base_of = {side: {**link.base_of(side), **shown}}
    base_of[side.other] = {**link.base_of(side.other), **operation.sources}
    ids = {Side.HUBSPOT: link.hubspot_id, Side.QUICKBOOKS: link.quickbooks_id}
    if operation.kind is WriteKind.CREATE and record is not None:
        ids = {side: record.id, side.other: operation.partner}
    return replace(
        link,
        hubspot_id=ids[Side.HUBSPOT],
        quickbooks_id=ids[Side.QUICKBOOKS],
        base_hubspot=base_of[Side.HUBSPOT],
        base_quickbooks=base_of[Side.QUICKBOOKS],
        status=_status(operation, link),
        reason=operation.ends or operation.revives or link.reason,
    )


def _status(operation: Operation, link: Link) -> LinkStatus:
    if operation.ends:
        return LinkStatus.DEAD
    return LinkStatus.LIVE if operation.revives else link.status


def linked(tx: Transaction, world: World, made: Sequence[tuple[str, str, str]]) -> None:
    """Two records are a pair now: what was said of the HubSpot one falls, who waited wakes."""
    now = world.clock.now()
    for sync_id in dict.fromkeys(sync_id for sync_id, _, _ in made):
        sync = world.sync_of(sync_id)
        name = sync.kind.name if sync is not None else ""
        ours = [(h, q) for found, h, q in made if found == sync_id]
        outcomes.clear(tx, sync_id, Side.HUBSPOT, [h for h, _ in ours])
        woken = [waits_for(name, q) for _, q in ours]
        if name == INVOICES:
            mark_for_deals(tx, world, [q for _, q in ours])
        if name in (CONTACTS, COMPANIES):
            mark_for_companies(tx, world, sync_id, [q for _, q in ours])
            connection = world.connections[Side.QUICKBOOKS]
            projects = below(tx, connection, [q for _, q in ours])
            pending.mark(tx, sync_id, Side.QUICKBOOKS, projects, now)
            woken += _waits_for_customers(tx, sync_id, [q for _, q in ours])
        pending.wake(tx, woken, now)


def _waits_for_customers(tx: Transaction, sync_id: str, customers: Sequence[str]) -> list[str]:
    """
    The keys of what waits for these customers or for those that lean on them: it goes by the
    customer, whether a contact or a company comes.
    """
    own = links.by_ids(tx, sync_id, Side.QUICKBOOKS, customers)
    leaning = links.attached_to(tx, [link.id for link in own.values()])
    others = sorted(one.record_id for group in leaning.values() for one in group)
    return [waits_for(CONTACTS, customer) for customer in (*customers, *others)]


def settle_refused(
    tx: Transaction,
    world: World,
    rows: Sequence[SentRow],
    failure: CallFailed,
    *,
    in_doubt: bool = False,
) -> None:
    """A request that was surely not applied as a whole: its intents go, its records are failing."""
    for row in rows:
        _refused(tx, world, row, failure)
    operations.erase(tx, [row.seq for row in rows])
    if in_doubt:
        look_again(tx, world, rows)


class Refusal(Protocol):
    """A refused row or request, in words."""

    @property
    def verdict(self) -> Verdict: ...
    @property
    def code(self) -> str: ...
    @property
    def message(self) -> str: ...
    @property
    def remedy(self) -> str: ...


def _refused(tx: Transaction, world: World, row: SentRow, refusal: Refusal) -> None:
    """The record is failing, with its reason; it is tried again after a while."""
    if adjusting.give_up(tx, world, row, refusal):
        return
    spooled = row.spooled
    outcome = Outcome(
        side=spooled.side,
        record_id=spooled.record_id,
        status=Status.FAILING,
        code=refusal.code,
        message=refusal.message,
        remedy=refusal.remedy,
    )
    now = world.clock.now()
    failed = trying_again.failed(row.operation.sync, outcome, spooled.tried, now)
    outcomes.put(tx, ignoring.as_ignored(tx, row.operation.sync, [failed]))
