"""Runs, the plans that people accepted, and how far each feed was read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct, convert, field
from sqlalchemy import delete, select

from ledgerbridge.store import tables
from ledgerbridge.store.transaction import Transaction

RUNNING = "running"


class Run(Struct, frozen=True, kw_only=True):
    """One run: `status` is `running` until it is finished; one that stays so was cut short."""

    id: str
    kind: str
    started_at: datetime
    finished_at: datetime | None = None
    status: str = RUNNING
    counts: dict[str, Any] = field(default_factory=dict)


class Acceptance(Struct, frozen=True, kw_only=True):
    """A plan that a person accepted: the fingerprint of its configuration, and its numbers."""

    sync: str
    fingerprint: str
    counts: dict[str, int]
    accepted_at: datetime


class Cursor(Struct, frozen=True):
    """
    How far a feed was read, and under which configuration.

    `value` is the start of the pass that read it; another fingerprint asks for a rescan.
    """

    value: str
    fingerprint: str


def start(tx: Transaction, run: Run) -> None:
    """Store a run that begins."""
    started_at, finished_at = map(tables.text_of, (run.started_at, run.finished_at))
    tx.many(
        "INSERT INTO run (id, kind, started_at, finished_at, status, counts)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        [(run.id, run.kind, started_at, finished_at, run.status, _counts(run.counts))],
    )


def finish(
    tx: Transaction, run_id: str, status: str, counts: dict[str, Any], now: datetime
) -> None:
    """Store how a run ended."""
    finished = tx.many(
        "UPDATE run SET status = ?, counts = ?, finished_at = ? WHERE id = ?",
        [(status, _counts(counts), tables.instant_text(now), run_id)],
    )
    assert finished == 1, "only a run that was started can finish"


def forget(tx: Transaction, run_id: str) -> None:
    """A run that found nothing to do leaves no row: an idle service would fill the history."""
    tx.many("DELETE FROM run WHERE id = ?", [(run_id,)])


def newest(tx: Transaction, limit: int) -> list[Run]:
    """The newest runs first."""
    table = tables.run
    query = select(table).order_by(table.c.started_at.desc(), table.c.id.desc()).limit(limit)
    return [Run(**row._asdict()) for row in tx.execute(query)]


def get(tx: Transaction, run_id: str) -> Run | None:
    """One run, or None."""
    row = tx.execute(select(tables.run).where(tables.run.c.id == run_id)).one_or_none()
    return None if row is None else Run(**row._asdict())


def accept(tx: Transaction, acceptance: Acceptance) -> None:
    """Store that a plan was accepted; an older acceptance of that sync is replaced."""
    tx.many(
        "INSERT INTO acceptance (sync, fingerprint, counts, accepted_at) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (sync) DO UPDATE SET fingerprint = excluded.fingerprint, "
        "counts = excluded.counts, accepted_at = excluded.accepted_at",
        [
            (
                acceptance.sync,
                acceptance.fingerprint,
                _counts(acceptance.counts),
                tables.instant_text(acceptance.accepted_at),
            )
        ],
    )


def accepted(tx: Transaction, sync: str) -> Acceptance | None:
    """What was last accepted for a sync, or None."""
    query = "SELECT fingerprint, counts, accepted_at FROM acceptance WHERE sync = ?"
    found = tx.rows(query, (sync,))
    if not found:
        return None
    fingerprint, counts, at = found[0]
    return Acceptance(
        sync=sync,
        fingerprint=fingerprint,
        counts=msgspec.json.decode(counts),
        accepted_at=convert(at, datetime),
    )


def move_cursor(tx: Transaction, connection: str, feed: str, cursor: Cursor) -> None:
    """Store how far a feed was read, in the transaction that stores what it covers."""
    tx.many(
        "INSERT INTO cursor (connection, feed, value, fingerprint) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (connection, feed) DO UPDATE "
        "SET value = excluded.value, fingerprint = excluded.fingerprint",
        [(connection, feed, cursor.value, cursor.fingerprint)],
    )


def cursor_of(tx: Transaction, connection: str, feed: str) -> Cursor | None:
    """How far a feed was read, or None: it never was."""
    found = tx.rows(
        "SELECT value, fingerprint FROM cursor WHERE connection = ? AND feed = ?",
        (connection, feed),
    )
    return Cursor(*found[0]) if found else None


def cursors(tx: Transaction, connection: str) -> dict[str, Cursor]:
    """How far each feed of a connection was read; those that never were are not in it."""
    rows = tx.rows(
        "SELECT feed, value, fingerprint FROM cursor WHERE connection = ?", (connection,)
    )
    return {feed: Cursor(value, fingerprint) for feed, value, fingerprint in rows}


def drop_cursor(tx: Transaction, connection: str, feed: str) -> None:
    """Forget how far one feed was read."""
    tx.many("DELETE FROM cursor WHERE connection = ? AND feed = ?", [(connection, feed)])


def drop_cursors(tx: Transaction, connection: str) -> None:
    """Forget how far the feeds of a connection were read: all of it is read again."""
    tx.execute(delete(tables.cursor).where(tables.cursor.c.connection == connection))


def _counts(counts: dict[str, Any]) -> str:
    return msgspec.json.encode(counts).decode()
