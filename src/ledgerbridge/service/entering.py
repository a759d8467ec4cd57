"""What a settled write leaves in the journal: the change, and the values of people it replaced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from ledgerbridge.connectors.port import Write
from ledgerbridge.core.model import Record, Value
from ledgerbridge.core.plan import Operation, WriteKind
from ledgerbridge.service.spool import Spooled
from ledgerbridge.service.world import World
from ledgerbridge.store import journal
from ledgerbridge.store.transaction import Transaction


class SentRow(Protocol):
    """An operation whose intent is on disk."""

    @property
    def seq(self) -> int: ...
    @property
    def spooled(self) -> Spooled: ...
    @property
    def operation(self) -> Operation: ...
    @property
    def write(self) -> Write: ...


def enter(tx: Transaction, world: World, stored: Sequence[tuple[SentRow, Record | None]]) -> None:
    """Write into the journal what these stored writes changed, and whose values they replaced."""
    now = world.clock.now()
    entries: list[journal.Entry] = []
    for row, record in stored:
        operation = row.operation
        record_id = record.id if record is not None else row.write.record_id or ""
        wrote = row.write.fields
        entries.append(write_entry(world, now, operation, record_id, record, wrote=wrote))
        entries += loss_entries(world, now, operation, record_id)
    journal.enter(tx, entries)


def write_entry(
    world: World,
    now: datetime,
    operation: Operation,
    record_id: str,
    record: Record | None,
    *,
    wrote: Mapping[str, Value],
) -> journal.WriteEntry:
    """The change that an operation made, which `wrote` these fields, as a journal row."""
    shown = record.fields if record is not None else {}
    changes = {
        name: (operation.expected.get(name), shown.get(name, value))
        for name, value in wrote.items()
    }
    if operation.kind is WriteKind.CREATE:
        # What the side filled in by itself is no edit of a person either (core/undo.py).
        filled = {name: shown.get(name) for name in operation.covers if shown.get(name)}
        changes = {**{name: (None, value) for name, value in filled.items()}, **changes}
    if operation.kind is WriteKind.ARCHIVE:
        changes = {name: (value, None) for name, value in operation.expected.items()}
    return journal.WriteEntry(
        at=now,
        run=world.run,
        sync=operation.sync,
        link=operation.link,
        side=operation.side,
        object_type=operation.object_type,
        record_id=record_id,
        changes=changes,
        operation=operation.kind,
        reason=operation.reason,
    )


def loss_entries(
    world: World, now: datetime, operation: Operation, record_id: str
) -> list[journal.LossEntry]:
    """The values of people that an operation replaced, as journal rows."""
    return [
        journal.LossEntry(
            at=now,
            run=world.run,
            sync=operation.sync,
            link=operation.link,
            side=operation.side,
            object_type=operation.object_type,
            record_id=record_id,
            field=name,
            value=value,
            winner=loss.winner.get(name),
            reason=loss.reason,
        )
        for loss in operation.losses
        for name, value in loss.fields.items()
        if value is not None and value != loss.winner.get(name)
    ]
