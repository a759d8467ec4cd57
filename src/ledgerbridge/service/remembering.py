"""What an answer to a write says of a record is remembered: it is no news at the next look."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from ledgerbridge.connectors.port import Page
from ledgerbridge.core.model import Gone, Record, Side
from ledgerbridge.core.plan import WriteKind
from ledgerbridge.service.entering import SentRow
from ledgerbridge.service.storing import store_page
from ledgerbridge.service.world import World
from ledgerbridge.store import pending, records
from ledgerbridge.store.transaction import Transaction


def remember(
    tx: Transaction,
    world: World,
    side: Side,
    stored: Sequence[tuple[SentRow, Record | None]],
) -> None:
    """
    What the side answered is an observation; where HubSpot answers in part, the rest stays. Of what
    it answers under another id, for it was merged, nobody knows the rest: that is read anew.

    It is no news to us, but a customer that we made still has to be stamped on its contact, and a
    person's value that was put back has to travel.
    """
    by_type: dict[str, list[tuple[SentRow, Record]]] = {}
    for row, record in stored:
        if record is not None and row.operation.line is None:
            by_type.setdefault(record.object_type, []).append((row, record))
    connection = world.connections[side]
    for object_type, pairs in by_type.items():
        found = [record for _, record in pairs]
        if side is Side.HUBSPOT:
            before = records.get_many(tx, connection, object_type, [r.id for r in found])
            found = [
                _whole(before.get(record.id), row, record)
                for row, record in pairs
                if row.write.record_id in (None, record.id)
            ]
        store_page(tx, world, side, Page(object_type, tuple(found)), own=True)
    withdrawn = [
        Gone(row.operation.object_type, row.write.record_id or "", "withdrawn by us")
        for row, _ in stored
        if row.operation.kind is WriteKind.ARCHIVE and row.operation.line is None
    ]
    for object_type in dict.fromkeys(one.object_type for one in withdrawn):
        group = [one for one in withdrawn if one.object_type == object_type]
        records.mark_gone(tx, connection, object_type, group, world.clock.now())
    for row, record in stored:
        if side is Side.QUICKBOOKS and record is not None:
            _mark_for_all(tx, world, record)
        elif row.operation.puts_back:
            spooled = row.spooled
            now = world.clock.now()
            pending.mark(tx, row.operation.sync, spooled.side, [spooled.record_id], now)


def _mark_for_all(tx: Transaction, world: World, record: Record) -> None:
    """A customer that one sync wrote is news to the other: its company may have a name now."""
    for sync in world.syncs.values():
        if sync.rules.quickbooks_type == record.object_type:
            pending.mark(tx, sync.id, Side.QUICKBOOKS, [record.id], world.clock.now())


def _whole(before: Record | None, row: SentRow, answer: Record) -> Record:
    """HubSpot answers a write with what was written and computed, not with the whole record."""
    if before is None:
        pointed: dict[str, tuple[str, ...]] = {}
        for one in row.write.associations:
            pointed[one.object_type] = (*pointed.get(one.object_type, ()), one.record_id)
        return replace(answer, references={**pointed, **answer.references})
    return replace(
        answer,
        fields={**before.fields, **answer.fields},
        references=answer.references or before.references,
        created_at=answer.created_at or before.created_at,
    )
