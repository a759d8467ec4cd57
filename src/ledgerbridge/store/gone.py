"""Records that are gone: into which others merges took them, since when, and back again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from ledgerbridge.core.model import State
from ledgerbridge.store import records
from ledgerbridge.store.tables import instant_text
from ledgerbridge.store.transaction import Transaction

MERGES_IN_A_ROW_MAX = 10


def survivors(
    tx: Transaction, connection: str, object_type: str, ids: Iterable[str]
) -> dict[str, str]:
    """For each of these ids that a merge took away: the id that it lives on under."""
    leads: dict[str, str] = {}
    wanted = list(dict.fromkeys(ids))
    for _ in range(MERGES_IN_A_ROW_MAX):
        found = records.gone_many(
            tx, connection, object_type, [x for x in wanted if x not in leads]
        )
        leads |= {one.id: one.merged_into for one in found.values() if one.merged_into}
        wanted = [one.merged_into for one in found.values() if one.merged_into]
        if not wanted:
            break
    return {x: _end_of(x, leads) for x in dict.fromkeys(ids) if x in leads}


def _end_of(record_id: str, leads: Mapping[str, str]) -> str:
    for _ in range(MERGES_IN_A_ROW_MAX):
        record_id = leads.get(record_id, record_id)
    return record_id


def merged_into(
    tx: Transaction, connection: str, object_type: str, ids: Iterable[str]
) -> dict[str, list[str]]:
    """For each of these ids the ids that merges took into it, directly or by way of others."""
    found: dict[str, list[str]] = {}
    origin = {x: x for x in ids}
    for _ in range(MERGES_IN_A_ROW_MAX):
        rows = tx.rows_in(
            "SELECT merged_into, id FROM record WHERE connection = ? AND object_type = ?"
            " AND merged_into IN (*)",
            (connection, object_type),
            list(origin),
        )
        origin = {old: origin[into] for into, old in rows}
        if not origin:
            break
        for old, into in origin.items():
            found.setdefault(into, []).append(old)
    return found


def lost(tx: Transaction, connection: str, object_type: str, ids: Iterable[str]) -> set[str]:
    """Those of these ids that are gone and live on as no other record either."""
    wanted = list(ids)
    leads = survivors(tx, connection, object_type, wanted)
    ends = {leads.get(x, x) for x in wanted}
    ended = records.gone_many(tx, connection, object_type, ends)
    return {x for x in wanted if leads.get(x, x) in ended}


def living(tx: Transaction, connection: str, object_type: str, after: str, limit: int) -> list[str]:
    """The next ids of records of a type that are not gone; start after ""."""
    rows = tx.rows(
        "SELECT id FROM record WHERE connection = ? AND object_type = ? AND id > ?"
        " AND state NOT IN (?, ?) ORDER BY id LIMIT ?",
        (connection, object_type, after, State.ARCHIVED, State.DELETED, limit),
    )
    return [id_ for (id_,) in rows]


def gone_since(tx: Transaction, connection: str, object_type: str, since: datetime) -> set[str]:
    """The ids of the records that went at or after an instant and that no merge took away."""
    rows = tx.rows(
        "SELECT id FROM record WHERE connection = ? AND object_type = ? AND seen_at >= ?"
        " AND evidence IS NOT NULL AND merged_into IS NULL AND state IN (?, ?)",
        (connection, object_type, instant_text(since), State.ARCHIVED, State.DELETED),
    )
    return {row[0] for row in rows}


def bring_back(tx: Transaction, connection: str, object_type: str, ids: Iterable[str]) -> None:
    """These are there again, however old they look: their next observation is news."""
    tx.many(
        "UPDATE record SET state = ?, digest = x'', evidence = NULL"
        " WHERE connection = ? AND object_type = ? AND id = ?",
        [(State.LIVE, connection, object_type, one) for one in ids],
    )
