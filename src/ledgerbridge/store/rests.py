"""What a person lets rest: an account, a sync, a record, or all that fails for one reason."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from msgspec import Struct, convert

from ledgerbridge.core.order import waits_for
from ledgerbridge.store.images import word_of
from ledgerbridge.store.tables import instant_text
from ledgerbridge.store.transaction import Transaction


class RestKind(StrEnum):
    """What rests, and how: paused goes on where it stopped, ignored is left out."""

    CONNECTION = "paused connection"
    SYNC = "paused sync"
    RECORD = "paused record"
    IGNORED = "ignored record"
    GROUP = "ignored group"


RECORDS = (RestKind.RECORD, RestKind.IGNORED)


class Rest(Struct, frozen=True, kw_only=True):
    """
    One thing that rests, since and until when (None: until a person says so).

    `target` is the id of a connection or a sync; of a record `sync side:id`, of a group `sync code`
    (the id of the sync, a space, the rest).
    """

    kind: RestKind
    target: str
    reason: str
    since: datetime
    until: datetime | None = None


def until_it_ends(target: str) -> str:
    """The key that wakes the records that rest with this one, or wait for it."""
    return waits_for("rest", target)


def put(tx: Transaction, rest: Rest) -> None:
    """Let it rest; a later word replaces an earlier one."""
    tx.many(
        "INSERT INTO rest (kind, target, reason, since, until) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (kind, target) DO UPDATE SET reason = excluded.reason,"
        " since = excluded.since, until = excluded.until",
        [
            (
                rest.kind,
                rest.target,
                rest.reason,
                instant_text(rest.since),
                None if rest.until is None else instant_text(rest.until),
            )
        ],
    )


def drop(tx: Transaction, kind: RestKind, target: str) -> bool:
    """Let it rest no more; whether it did."""
    return tx.many("DELETE FROM rest WHERE kind = ? AND target = ?", [(kind, target)]) > 0


def drop_of_sync(tx: Transaction, sync: str) -> None:
    """Nothing of a sync rests any more: it is forgotten."""
    tx.many(
        "DELETE FROM rest WHERE target = ? OR substr(target, 1, length(?)) = ?",
        [(sync, f"{sync} ", f"{sync} ")],
    )


def every(tx: Transaction) -> list[Rest]:
    """All that rests, in a fixed order."""
    rows = tx.rows("SELECT kind, target, reason, since, until FROM rest ORDER BY kind, target")
    return [
        Rest(
            kind=word_of(RestKind, kind),
            target=target,
            reason=reason,
            since=convert(since, datetime),
            until=None if until is None else convert(until, datetime),
        )
        for kind, target, reason, since, until in rows
    ]


def of_kinds(tx: Transaction, kinds: Iterable[RestKind]) -> list[Rest]:
    """All that rests in one of these ways."""
    wanted = set(kinds)
    return [rest for rest in every(tx) if rest.kind in wanted]
