"""A plan's items as rows of the store: whom they are about, and the item itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import msgspec
from msgspec import Struct

from ledgerbridge.core.model import Side
from ledgerbridge.core.order import Stage
from ledgerbridge.core.plan import (
    Attached,
    Continued,
    Ended,
    Item,
    MadeLink,
    Moved,
    Operation,
    Planned,
)
from ledgerbridge.service.trying_again import Tried
from ledgerbridge.store import operations, pending
from ledgerbridge.store.transaction import Transaction

PAGE_ROWS = 500
LOCAL_KINDS: dict[type[MadeLink | Moved | Attached | Ended | Continued], str] = {
    Continued: "continue",
    MadeLink: "link",
    Moved: "move",
    Attached: "attach",
    Ended: "end",
}


class Spooled(Struct, frozen=True):
    """One item and the record whose look led to it; `tried` if that one failed before."""

    side: Side
    record_id: str
    item: Item
    tried: Tried | None = None


packed = msgspec.msgpack.Encoder().encode
unpacked = msgspec.msgpack.Decoder(Spooled).decode


def row(run: str, sync: str, spooled: Spooled) -> operations.Operation:
    """The store's row for one item."""
    item = spooled.item
    if isinstance(item, Operation):
        return operations.Operation(
            run=run,
            sync=sync,
            stage=item.stage,
            unit=item.unit,
            side=item.side,
            object_type=item.object_type,
            kind=item.kind,
            record_id=item.record_id or item.partner,
            payload=packed(spooled),
        )
    return operations.Operation(
        run=run,
        sync=sync,
        stage=Stage.LOCAL,
        unit=item.to if isinstance(item, Attached) else item.link,
        side=spooled.side,
        object_type="",
        kind=LOCAL_KINDS[type(item)],
        record_id=spooled.record_id,
        payload=packed(spooled),
    )


def read(stored: operations.Operation) -> Spooled:
    """The item of a stored row."""
    return unpacked(stored.payload)


def items_of(planned: Planned) -> list[Item]:
    """The items of one plan, links before what leans on them."""
    return [
        *planned.continued,
        *planned.links,
        *planned.moved,
        *planned.attached,
        *planned.ended,
        *planned.operations,
    ]


def planned(tx: Transaction, sync_id: str) -> Iterator[Spooled]:
    """All that is planned for a sync, in the order in which it will be done."""
    after = (-1, 0)
    while rows := operations.planned(tx, sync_id, PAGE_ROWS, after):
        after = (rows[-1].stage, rows[-1].seq)
        yield from map(read, rows)


def give_back(tx: Transaction, sync_id: str, now: datetime) -> None:
    """
    Forget what is planned for a sync and has not left; its records are marked again.

    Both halves of a pair that was to be made are: by now they may have nothing to do with each
    other. What puts back a person's value stays: nothing would plan it anew.
    """
    after = (-1, 0)
    while rows := operations.planned(tx, sync_id, PAGE_ROWS, after):
        after = (rows[-1].stage, rows[-1].seq)
        spooled = {row.seq: one for row in rows if not _puts_back(one := read(row))}
        for side in Side:
            ids = {one.record_id for one in spooled.values() if one.side is side}
            ids |= {
                one.item.id_of(side) for one in spooled.values() if isinstance(one.item, MadeLink)
            }
            pending.mark(tx, sync_id, side, ids, now)
        operations.erase(tx, spooled)


def _puts_back(spooled: Spooled) -> bool:
    return isinstance(spooled.item, Operation) and spooled.item.puts_back
