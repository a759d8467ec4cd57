"""
How it stands with a record that is not in step: excluded, failing, blocked, waiting, in doubt.

A record with a link and no outcome here is in sync.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from msgspec import Struct, convert

from ledgerbridge.core.model import Side
from ledgerbridge.core.plan import Outcome, Status
from ledgerbridge.store.images import word_of
from ledgerbridge.store.tables import instant_text
from ledgerbridge.store.transaction import Transaction


class RecordOutcome(Struct, frozen=True, kw_only=True):
    """
    One record of one sync that is not in step, and why.

    `code` is our stable word, `message` and `remedy` are for a person. `blocked_on` is the key that
    wakes it (`pending.wake`), `retry_at` the instant that does (`pending.wake_due`). `since` is
    when it came to have this status and code.
    """

    sync: str
    side: Side
    record_id: str
    status: Status
    code: str
    message: str
    since: datetime
    remedy: str = ""
    blocked_on: str | None = None
    attempts: int = 0
    retry_at: datetime | None = None


class OutcomeCount(Struct, frozen=True):
    """
    How many records of a sync share a status and a code, with the words of one of them, and when
    the first of them is tried again by itself.
    """

    status: Status
    code: str
    number: int
    message: str
    remedy: str
    next_try: datetime | None = None


_PUT = """
    INSERT INTO outcome (sync, side, record_id, status, code, message, remedy, blocked_on,
                         attempts, retry_at, since)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (sync, side, record_id) DO UPDATE SET
        since = CASE WHEN status = excluded.status AND code = excluded.code
                     THEN since ELSE excluded.since END,
        status = excluded.status, code = excluded.code, message = excluded.message,
        remedy = excluded.remedy, blocked_on = excluded.blocked_on,
        attempts = excluded.attempts, retry_at = excluded.retry_at
"""
_SELECT = """
    SELECT sync, side, record_id, status, code, message, since, remedy, blocked_on, attempts,
           retry_at
    FROM outcome
"""
_DUE = """
    SELECT DISTINCT side FROM outcome
    WHERE retry_at IS NOT NULL
    AND (retry_at <= ? OR EXISTS (
        SELECT 1 FROM pending WHERE pending.sync = outcome.sync AND pending.side = outcome.side
        AND pending.id_length = length(outcome.record_id)
        AND pending.record_id = outcome.record_id))
    AND code IN (*)
"""
_IN_STEP = """
    SELECT count(*) FROM link
    WHERE sync = ? AND status = 'live' AND hubspot_id IS NOT NULL AND quickbooks_id IS NOT NULL
    AND NOT EXISTS (
        SELECT 1 FROM outcome AS theirs
        WHERE theirs.sync = link.sync AND theirs.side = 'hubspot'
        AND theirs.record_id = link.hubspot_id)
    AND NOT EXISTS (
        SELECT 1 FROM outcome AS theirs
        WHERE theirs.sync = link.sync AND theirs.side = 'quickbooks'
        AND theirs.record_id = link.quickbooks_id)
"""


def of(
    sync: str,
    outcome: Outcome,
    now: datetime,
    *,
    attempts: int = 0,
    retry_at: datetime | None = None,
) -> RecordOutcome:
    """What the core says of a record, as one sync remembers it."""
    return RecordOutcome(
        sync=sync,
        side=outcome.side,
        record_id=outcome.record_id,
        status=outcome.status,
        code=outcome.code,
        message=outcome.message,
        since=now,
        remedy=outcome.remedy,
        blocked_on=outcome.blocked_on,
        attempts=attempts,
        retry_at=retry_at,
    )


def put(tx: Transaction, outcomes: Iterable[RecordOutcome]) -> None:
    """Store outcomes, or replace those of the same record; `since` stays while the reason does."""
    tx.many(
        _PUT,
        [
            (
                one.sync,
                one.side,
                one.record_id,
                one.status,
                one.code,
                one.message,
                one.remedy,
                one.blocked_on,
                one.attempts,
                None if one.retry_at is None else instant_text(one.retry_at),
                instant_text(one.since),
            )
            for one in outcomes
        ],
    )


def clear(tx: Transaction, sync: str, side: Side, ids: Iterable[str]) -> None:
    """Forget the outcomes of records: they are in step, or concern this sync no more."""
    tx.many(
        "DELETE FROM outcome WHERE sync = ? AND side = ? AND record_id = ?",
        ((sync, side, id_) for id_ in ids),
    )


def get_many(
    tx: Transaction, sync: str, side: Side, ids: Iterable[str]
) -> dict[str, RecordOutcome]:
    """The outcomes of these records; those without one are left out."""
    rows = tx.rows_in(
        _SELECT + "WHERE sync = ? AND side = ? AND record_id IN (*)", (sync, side), ids
    )
    return {row[2]: _outcome(row) for row in rows}


def counts(tx: Transaction, sync: str) -> list[OutcomeCount]:
    """The records of a sync that are not in step, in numbers: the most frequent reason first."""
    rows = tx.rows(
        "SELECT status, code, count(*), min(message), min(remedy), min(retry_at) FROM outcome"
        " WHERE sync = ?"
        " GROUP BY status, code ORDER BY count(*) DESC, status, code",
        (sync,),
    )
    return [
        OutcomeCount(
            word_of(Status, status),
            code,
            number,
            message,
            remedy,
            None if next_try is None else convert(next_try, datetime),
        )
        for status, code, number, message, remedy, next_try in rows
    ]


def failing(tx: Transaction, syncs: Iterable[str]) -> int:
    """How many records of these syncs are failing."""
    rows = tx.rows_in(
        "SELECT count(1) FROM outcome WHERE status = ? AND sync IN (*)", (Status.FAILING,), syncs
    )
    return sum(number for (number,) in rows)


def sides_due(tx: Transaction, codes: Iterable[str], now: datetime) -> set[Side]:
    """The sides with a record that fails for one of these reasons and is to be tried again now."""
    due = instant_text(now)
    rows = tx.rows_in(_DUE, (due,), codes)
    return {word_of(Side, side) for (side,) in rows}


def in_step(tx: Transaction, sync: str) -> int:
    """How many living links have both halves, and no outcome on either."""
    ((number,),) = tx.rows(_IN_STEP, (sync,))
    return int(number)


def page(
    tx: Transaction,
    sync: str,
    status: Status,
    code: str,
    *,
    limit: int,
    after: tuple[str, str] = ("", ""),
) -> list[RecordOutcome]:
    """The next records with one reason, by side and id; `after` is the pair of the last one."""
    rows = tx.rows(
        _SELECT + "WHERE sync = ? AND status = ? AND code = ? AND (side, record_id) > (?, ?)"
        " ORDER BY side, record_id LIMIT ?",
        (sync, status, code, *after, limit),
    )
    return [_outcome(row) for row in rows]


def _outcome(row: tuple[Any, ...]) -> RecordOutcome:
    sync, side, record_id, status, code, message, since, remedy, blocked_on, attempts, retry = row
    return RecordOutcome(
        sync=sync,
        side=word_of(Side, side),
        record_id=record_id,
        status=word_of(Status, status),
        code=code,
        message=message,
        since=convert(since, datetime),
        remedy=remedy,
        blocked_on=blocked_on,
        attempts=attempts,
        retry_at=None if retry is None else convert(retry, datetime),
    )
