"""
The plan on disk, and the intents: a planned operation that names its request is in flight.

An intent is committed before its request leaves. It is erased in the transaction that settles it,
so whatever is found in flight at a start was cut short (engine.md, promise 6).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct, convert

from ledgerbridge.core.model import Side
from ledgerbridge.core.order import Stage
from ledgerbridge.store.connections import check_epoch
from ledgerbridge.store.images import word_of
from ledgerbridge.store.tables import instant_text
from ledgerbridge.store.transaction import Transaction


class Operation(Struct, frozen=True, kw_only=True):
    """
    One planned write.

    `unit` is what may be in flight once: the link id, or the link id and a line's key. `kind` is a
    WriteKind of the connector's port; `payload` belongs to the service. `seq` is given by `spool`.
    """

    run: str
    sync: str
    stage: int
    unit: str
    side: Side
    object_type: str
    kind: str
    record_id: str | None
    payload: bytes
    seq: int = 0


class SentRequest(Struct, frozen=True, kw_only=True):
    """
    A request that left, or is about to: `id` goes along as `requestid` where there is one.

    `created_at` is an instant by the clock of its vendor, where that tells one.
    """

    id: str
    run: str
    side: Side
    connection: str
    kind: str
    object_type: str
    created_at: datetime


class InFlight(Struct, frozen=True):
    """A request that is not settled, with its operations in the order of its rows."""

    request: SentRequest
    operations: tuple[Operation, ...]


class PlanCount(Struct, frozen=True):
    """How many operations of one sort are planned and have not left."""

    sync: str
    side: Side
    object_type: str
    kind: str
    number: int


_SELECT = """
    SELECT run, sync, stage, unit, side, object_type, kind, record_id, payload, seq FROM operation
"""
_SPOOL = """
    INSERT INTO operation (run, sync, stage, unit, side, object_type, kind, record_id, payload)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_REQUESTS = """
    SELECT id, run, side, connection, kind, object_type, created_at FROM request
    ORDER BY created_at, id
"""


def spool(tx: Transaction, operations: Iterable[Operation]) -> int:
    """Store planned operations in their order; returns how many."""
    return tx.many(
        _SPOOL,
        [
            (
                one.run,
                one.sync,
                one.stage,
                one.unit,
                one.side,
                one.object_type,
                one.kind,
                one.record_id,
                one.payload,
            )
            for one in operations
        ],
    )


def plan_counts(tx: Transaction) -> list[PlanCount]:
    """The plan in numbers: by sync, side, type and kind."""
    rows = tx.rows(
        "SELECT sync, side, object_type, kind, count(*) FROM operation WHERE request IS NULL"
        " GROUP BY sync, side, object_type, kind ORDER BY sync, side, object_type, kind"
    )
    return [PlanCount(sync, word_of(Side, side), *rest) for sync, side, *rest in rows]


def planned(
    tx: Transaction, sync: str, limit: int, after: tuple[int, int] = (-1, 0)
) -> list[Operation]:
    """The next planned operations of a sync by stage and seq, behind the pair `after`."""
    rows = tx.rows(
        _SELECT + "WHERE sync = ? AND (stage, seq) > (?, ?)"
        " AND request IS NULL ORDER BY stage, seq LIMIT ?",
        (sync, *after, limit),
    )
    return [_operation(row) for row in rows]


def planned_in(
    tx: Transaction, sync: str, stage: Stage, limit: int, *, after: int
) -> list[Operation]:
    """The next planned operations of one stage of a sync, behind the seq `after`."""
    rows = tx.rows(
        _SELECT + "WHERE sync = ? AND stage = ? AND seq > ? AND request IS NULL"
        " ORDER BY seq LIMIT ?",
        (sync, stage, after, limit),
    )
    return [_operation(row) for row in rows]


def planned_syncs(tx: Transaction) -> set[str]:
    """The ids of the syncs for which something is planned."""
    return {id_ for (id_,) in tx.rows("SELECT DISTINCT sync FROM operation WHERE request IS NULL")}


def stages(tx: Transaction, sync: str) -> list[Stage]:
    """The stages in which something of a sync is planned, in their order."""
    found = tx.rows(
        "SELECT DISTINCT stage FROM operation WHERE sync = ? AND request IS NULL ORDER BY stage",
        (sync,),
    )
    return [Stage(stage) for (stage,) in found]


def send(
    tx: Transaction,
    request: SentRequest,
    seqs: Sequence[int],
    *,
    epoch: int,
    connections: Iterable[str],
) -> None:
    """
    Mark operations as in flight, in the order of the request's rows: this is the intent.

    Raises Fenced when another worker claimed one of the connections since.
    """
    check_epoch(tx, connections, epoch)
    created_at = instant_text(request.created_at)
    tx.many(
        "INSERT INTO request (id, run, side, connection, kind, object_type, rows, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                request.id,
                request.run,
                request.side,
                request.connection,
                request.kind,
                request.object_type,
                len(seqs),
                created_at,
            )
        ],
    )
    marked = tx.many(
        "UPDATE operation SET request = ?, position = ?, sent_at = ?"
        " WHERE seq = ? AND request IS NULL",
        [(request.id, position, created_at, seq) for position, seq in enumerate(seqs)],
    )
    assert marked == len(seqs), "every operation of a request is planned and not in flight"


def in_flight(tx: Transaction) -> list[InFlight]:
    """The requests that are not settled, the oldest first."""
    return [
        InFlight(
            SentRequest(
                id=id_,
                run=run,
                side=word_of(Side, side),
                connection=connection,
                kind=kind,
                object_type=object_type,
                created_at=convert(created_at, datetime),
            ),
            tuple(
                map(_operation, tx.rows(_SELECT + "WHERE request = ? ORDER BY position", (id_,)))
            ),
        )
        for id_, run, side, connection, kind, object_type, created_at in tx.rows(_REQUESTS)
    ]


def units_in_flight(tx: Transaction) -> set[str]:
    """The units with an intent that is not settled."""
    return {unit for (unit,) in tx.rows("SELECT unit FROM operation WHERE request IS NOT NULL")}


def creation_in_flight(tx: Transaction, sync: str, side: Side) -> bool:
    """Whether an unsettled intent of this sync makes a record of this side; lines are none."""
    return bool(
        tx.rows(
            "SELECT 1 FROM operation WHERE request IS NOT NULL AND sync = ? AND side = ?"
            " AND kind = 'create' AND instr(unit, '#') = 0 LIMIT 1",
            (sync, side),
        )
    )


def promised(tx: Transaction, sync: str, record_ids: Iterable[str]) -> set[str]:
    """Those of these QuickBooks records that the plan gives a partner, or lets lean on one."""
    rows = tx.rows_in(
        "SELECT record_id FROM operation WHERE sync = ? AND (kind IN ('link', 'attach')"
        " OR (kind = 'create' AND side = 'hubspot')) AND record_id IN (*)",
        (sync,),
        record_ids,
    )
    return {record_id for (record_id,) in rows}


def erase(tx: Transaction, seqs: Iterable[int]) -> None:
    """Forget operations that are settled, and the requests of which nothing is left."""
    tx.many("DELETE FROM operation WHERE seq = ?", [(seq,) for seq in seqs])
    tx.rows(
        "DELETE FROM request WHERE NOT EXISTS"
        " (SELECT 1 FROM operation WHERE operation.request = request.id)"
    )


def forget_planned(tx: Transaction, sync: str) -> int:
    """Forget what is planned for a sync and has not left; returns how many."""
    return tx.many("DELETE FROM operation WHERE request IS NULL AND sync = ?", [(sync,)])


def _operation(row: Sequence[Any]) -> Operation:
    run, sync, stage, unit, side, object_type, kind, record_id, payload, seq = row
    return Operation(
        run=run,
        sync=sync,
        stage=stage,
        unit=unit,
        side=word_of(Side, side),
        object_type=object_type,
        kind=kind,
        record_id=record_id,
        payload=payload,
        seq=seq,
    )
