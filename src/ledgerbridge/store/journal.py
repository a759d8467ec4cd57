"""
The journal: what we wrote, and what of a person's was overwritten or set aside.

Rows are only ever added, under numbers without a gap, and pruned from the lowest: so it shows when
some are missing. Where a person is forgotten, the values in them give way to a word. A loss is
entered in the transaction of the intent that causes it, so that no crash can lose the loser
(theory.md 4.1).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import chain, takewhile
from typing import Any, ClassVar, TypeAlias

import msgspec
from msgspec import DecodeError, Struct, convert
from sqlalchemy import and_, or_, select

from ledgerbridge.core.model import Side, Value
from ledgerbridge.errors import StoreProblem
from ledgerbridge.store import tables
from ledgerbridge.store.images import encode, word_of
from ledgerbridge.store.tables import instant_text
from ledgerbridge.store.transaction import Transaction

_TABLE = tables.journal
_ENTER = """
    INSERT INTO journal (kind, at, run, sync, link, side, object_type, record_id, changes,
                         operation, reason)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_WRITES = """
    SELECT at, run, sync, link, side, object_type, record_id, changes, seq, operation, reason
    FROM journal WHERE kind = 'write' AND
"""
SAMPLED, ENTRY_OVERHEAD_BYTES = 500, 140
"""From how many entries the size is reckoned; what one takes besides its texts, with indexes."""
_ENTRY_SIZE = """
    SELECT max(seq), avg(length(changes) + length(reason) + 2 * length(link) + 2 * length(run))
    FROM (SELECT seq, changes, reason, link, run FROM journal ORDER BY seq DESC LIMIT ?)
"""
_LAST_GIVEN = "SELECT seq FROM sqlite_sequence WHERE name = 'journal'"
_ABOUT = "SELECT seq, kind, changes FROM journal WHERE "


class WriteEntry(Struct, frozen=True, kw_only=True):
    """
    One write of ours: for each field the value before and after, raw, as that side has them.

    `operation` is a WriteKind, empty in entries that are older than the column; `reason` says why.
    """

    kind: ClassVar[str] = "write"

    at: datetime
    run: str
    sync: str
    link: str
    side: Side
    object_type: str
    record_id: str
    changes: dict[str, tuple[Value, Value]]
    operation: str = ""
    reason: str = ""
    seq: int = 0


class LossEntry(Struct, frozen=True, kw_only=True):
    """A person's value that did not stay: where it stood, what won over it, and by which rule."""

    kind: ClassVar[str] = "loss"

    at: datetime
    run: str
    sync: str
    link: str
    side: Side
    object_type: str
    record_id: str
    field: str
    value: Value
    winner: Value
    reason: str
    seq: int = 0


Entry: TypeAlias = WriteEntry | LossEntry

_decode_changes = msgspec.msgpack.Decoder(dict[str, tuple[Value, Value]]).decode
_decode_loss = msgspec.msgpack.Decoder(tuple[str, Value, Value, str]).decode


def enter(tx: Transaction, entries: Iterable[Entry]) -> None:
    """Add entries in their order."""
    tx.many(
        _ENTER,
        [
            (
                entry.kind,
                instant_text(entry.at),
                entry.run,
                entry.sync,
                entry.link,
                entry.side,
                entry.object_type,
                entry.record_id,
                encode(_content(entry)),
                entry.operation if isinstance(entry, WriteEntry) else "",
                entry.reason if isinstance(entry, WriteEntry) else "",
            )
            for entry in entries
        ],
    )


def newest(
    tx: Transaction,
    limit: int,
    *,
    before: int | None = None,
    run: str | None = None,
    sync: str | None = None,
    record: tuple[Side, str] | None = None,
    links: Collection[str] = (),
    kind: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[Entry]:
    """
    The newest entries first, of all or of one run, sync, record or kind (`write`, `loss`), not
    before `since`, and before `until`. With a record also those of all these links.

    `before` is the seq of the last entry of the page before.
    """
    query = select(_TABLE).order_by(_TABLE.c.seq.desc()).limit(limit)
    if before is not None:
        query = query.where(_TABLE.c.seq < before)
    if run is not None:
        query = query.where(_TABLE.c.run == run)
    if sync is not None:
        query = query.where(_TABLE.c.sync == sync)
    if record is not None:
        side, record_id = record
        its_own = and_(_TABLE.c.side == str(side), _TABLE.c.record_id == record_id)
        query = query.where(or_(its_own, _TABLE.c.link.in_(links)) if links else its_own)
    if kind is not None:
        query = query.where(_TABLE.c.kind == kind)
    if since is not None:
        query = query.where(_TABLE.c.at >= since)
    if until is not None:
        query = query.where(_TABLE.c.at < until)
    return [_entry(row._asdict()) for row in tx.execute(query)]


def writes_of(tx: Transaction, run: str) -> list[WriteEntry]:
    """What one run wrote, in its order."""
    return [_write(row) for row in tx.rows(_WRITES + "run = ? ORDER BY seq", (run,))]


def writes_to(tx: Transaction, side: Side, record_ids: Iterable[str]) -> list[WriteEntry]:
    """What was ever written to the records of one side with these ids, of any type, in order."""
    query = _WRITES + "side = ? AND record_id IN (*)"
    found = [_write(row) for row in tx.rows_in(query, (side,), record_ids)]
    return sorted(found, key=lambda entry: entry.seq)


def writes_for(tx: Transaction, link_ids: Iterable[str]) -> list[WriteEntry]:
    """What was ever written for these pairs, their lines included, in order."""
    found = [_write(row) for row in tx.rows_in(_WRITES + "link IN (*)", (), link_ids)]
    return sorted(found, key=lambda entry: entry.seq)


def _write(row: Sequence[Any]) -> WriteEntry:
    at, run, sync, link, side, object_type, record_id, changes, seq, operation, reason = row
    try:
        return WriteEntry(
            at=convert(at, datetime),
            run=run,
            sync=sync,
            link=link,
            side=word_of(Side, side),
            object_type=object_type,
            record_id=record_id,
            changes=_decode_changes(changes),
            operation=operation,
            reason=reason,
            seq=seq,
        )
    except DecodeError as error:
        raise _unreadable(seq, error) from error


def _unreadable(seq: int, error: DecodeError) -> StoreProblem:
    return StoreProblem(
        f"Entry {seq} of the history cannot be read ({error}): the database is damaged, or "
        "something else than Ledgerbridge changed it. Nothing was written to it. Keep a copy of "
        "it, then restore the file from a backup."
    )


def missing(tx: Transaction, run: str | None = None) -> int:
    """
    How many entries are gone that were not pruned; with a run, from its beginning on.

    Pruning takes the oldest, so none may be missing between the oldest and the number that was
    given last. A history of which nothing is left cannot be told from one that was pruned whole.
    """
    if run is None:
        ((oldest,),) = tx.rows("SELECT min(seq) FROM journal")
    else:
        ((oldest,),) = tx.rows("SELECT min(seq) FROM journal WHERE run = ?", (run,))
    if oldest is None:
        return 0
    ((before,),) = tx.rows("SELECT max(seq) FROM journal WHERE seq < ?", (oldest,))
    first = before or oldest
    ((number, last),) = tx.rows("SELECT count(*), max(seq) FROM journal WHERE seq >= ?", (first,))
    given = max(last, *(seq for (seq,) in tx.rows(_LAST_GIVEN)), 0)
    return int(given - first + 1 - number)


def oldest_run(tx: Transaction) -> str | None:
    """The run of the oldest entry, of which pruning may have taken others; None without entries."""
    found = tx.rows("SELECT run FROM journal ORDER BY seq LIMIT 1")
    return found[0][0] if found else None


def prune(tx: Transaction, before: datetime, bytes_max: int, limit: int) -> int:
    """
    Drop entries that are older than an instant, or too many for a size, the oldest first, so many
    at once; returns how many went.

    The size is reckoned from the newest entries: exact would mean to read them all.
    """
    oldest = tx.rows("SELECT seq, at FROM journal ORDER BY seq LIMIT ?", (limit,))
    if not oldest:
        return 0
    first = oldest[0][0]
    ((last, size),) = tx.rows(_ENTRY_SIZE, (SAMPLED,))
    too_many = int(last - first + 1 - bytes_max / (size + ENTRY_OVERHEAD_BYTES))
    old = instant_text(before)
    gone = [(seq,) for seq, _ in takewhile(lambda x: x[0] < first + too_many or x[1] < old, oldest)]
    return tx.many("DELETE FROM journal WHERE seq = ?", gone) if gone else 0


def redact(
    tx: Transaction,
    links: Iterable[str],
    records: Mapping[tuple[Side, str], Iterable[str]],
    instead: str,
) -> int:
    """
    Put a text in the place of all values of the entries about these links and records (ids by
    side and type), and of the reasons of writes, which are free text; returns of how many. What
    was written, where and when remains.
    """
    rows = [tx.rows_in(_ABOUT + "link IN (*)", (), links)]
    rows += [
        tx.rows_in(_ABOUT + "side = ? AND object_type = ? AND record_id IN (*)", found, ids)
        for found, ids in records.items()
    ]
    about = {row[0]: row[1:] for row in chain.from_iterable(rows)}
    return tx.many(
        "UPDATE journal SET changes = ?, reason = CASE reason WHEN '' THEN '' ELSE ? END"
        " WHERE seq = ?",
        [
            (encode(_redacted(kind, held, instead)), instead, seq)
            for seq, (kind, held) in about.items()
        ],
    )


def _redacted(kind: str, held: bytes, instead: str) -> Any:
    if kind == WriteEntry.kind:
        return dict.fromkeys(_decode_changes(held), (instead, instead))
    field, _, _, reason = _decode_loss(held)
    return (field, instead, instead, reason)


def counts(tx: Transaction, run: str) -> dict[str, int]:
    """How many writes and losses a run entered, by kind."""
    rows = tx.rows("SELECT kind, count(*) FROM journal WHERE run = ? GROUP BY kind", (run,))
    return {WriteEntry.kind: 0, LossEntry.kind: 0} | dict(rows)


def _content(entry: Entry) -> Any:
    if isinstance(entry, WriteEntry):
        return entry.changes
    return (entry.field, entry.value, entry.winner, entry.reason)


def _entry(row: dict[str, Any]) -> Entry:
    kind, content = row.pop("kind"), row.pop("changes")
    try:
        row["side"] = word_of(Side, row["side"])
        if kind == WriteEntry.kind:
            return WriteEntry(**row, changes=_decode_changes(content))
        field, value, winner, reason = _decode_loss(content)
    except DecodeError as error:
        raise _unreadable(row["seq"], error) from error
    del row["operation"], row["reason"]
    return LossEntry(**row, field=field, value=value, winner=winner, reason=reason)
