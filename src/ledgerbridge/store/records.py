"""
Observations: the latest image of every record of every side.

- Monotonic: an observation older than what is stored is ignored (search lags, pages overlap).
- A record has changed when its content did; a new version of the same content is kept quietly.
- A record that is gone answers to no key and refers to nothing, and only an observation that is
  newer than its last one brings it back: a lagging page still shows it alive.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any, NamedTuple, TypeAlias

from ledgerbridge.core.model import Gone, Record, Side, State
from ledgerbridge.store.images import Body, decode_body, encode, word_of
from ledgerbridge.store.tables import instant_text
from ledgerbridge.store.transaction import Transaction

DIGEST_SIZE_BYTES = 16

Key: TypeAlias = tuple[str, str]
"""A name and a value by which a record is found, such as ("email", "ann@example.com")."""
KeysOf: TypeAlias = Callable[[Record], Iterable[Key]]


class Stamp(NamedTuple):
    """How old an image of a record is, in its side's own terms."""

    version: str
    modified_at: str


Newer: TypeAlias = Callable[[Stamp, Stamp], bool]
"""newer(old, new): whether the second stamp is surely newer than the first."""


def hubspot_newer(old: Stamp, new: Stamp) -> bool:
    """HubSpot's version is `updatedAt`, ISO text that sorts."""
    return new.version > old.version


def quickbooks_newer(old: Stamp, new: Stamp) -> bool:
    """SyncToken counts the edits of a record; its time also moves with its balance."""
    return (int(new.version or 0), new.modified_at) > (int(old.version or 0), old.modified_at)


NEWER: Mapping[Side, Newer] = {
    Side.HUBSPOT: hubspot_newer,
    Side.QUICKBOOKS: quickbooks_newer,
}


class _Stored(NamedTuple):
    """What is already there of one record, as far as a new observation needs it."""

    stamp: Stamp
    gone: bool
    digest: bytes


_KNOWN = """
    SELECT id, version, modified_at, state, digest FROM record
    WHERE connection = ? AND object_type = ? AND id IN (*)
"""
_STORE = """
    INSERT INTO record (connection, object_type, id, version, state, created_at, modified_at,
                        body, digest, seen_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (connection, object_type, id) DO UPDATE SET
        version = excluded.version, state = excluded.state, created_at = excluded.created_at,
        modified_at = excluded.modified_at, body = excluded.body, digest = excluded.digest,
        seen_at = excluded.seen_at,
        evidence = CASE WHEN excluded.state IN ('archived', 'deleted') THEN evidence END,
        merged_into = CASE WHEN excluded.state IN ('archived', 'deleted') THEN merged_into END
"""
_TOUCH = """
    UPDATE record SET version = ?, modified_at = ?
    WHERE connection = ? AND object_type = ? AND id = ?
"""
_FORGET_KEYS = "DELETE FROM record_key WHERE connection = ? AND object_type = ? AND record_id = ?"
_FORGET_REFERENCES = """
    DELETE FROM record_reference WHERE connection = ? AND object_type = ? AND record_id = ?
"""
_STORE_KEY = """
    INSERT OR IGNORE INTO record_key (connection, object_type, name, value, record_id)
    VALUES (?, ?, ?, ?, ?)
"""
_STORE_REFERENCE = """
    INSERT OR IGNORE INTO record_reference (connection, object_type, record_id, kind, target_id)
    VALUES (?, ?, ?, ?, ?)
"""
_IMAGES = """
    SELECT id, version, state, created_at, modified_at, body FROM record
    WHERE connection = ? AND object_type = ?
"""


def store_page(
    tx: Transaction,
    connection: str,
    object_type: str,
    records: Iterable[Record],
    *,
    keys_of: KeysOf,
    newer: Newer,
    now: datetime,
    keys_fingerprint: str = "",
) -> list[str]:
    """
    Store observations of one type; returns the ids whose content, state, references or lines
    changed, new ones included, in the order seen.

    `keys_of` is asked only about those. `keys_fingerprint` names the rules behind it: under
    another fingerprint every record counts as changed, and its keys are made again.
    """
    latest = _latest(records, newer)
    known = _known(tx, connection, object_type, latest)
    seen_at = instant_text(now)
    salt = keys_fingerprint.encode()
    changed: list[Record] = []
    touched: list[tuple[str, ...]] = []
    rows: list[tuple[Any, ...]] = []
    for record in latest.values():
        stamp = Stamp(record.version, record.modified_at)
        stored = known.get(record.id)
        if stored is not None and _outdated(stamp, stored, newer):
            continue
        body = encode(Body(record.fields, record.references, record.lines))
        digest = _digest(body, record.state, salt)
        if stored is None or stored.digest != digest:
            changed.append(record)
            rows.append(
                (
                    connection,
                    object_type,
                    record.id,
                    record.version,
                    record.state,
                    record.created_at,
                    record.modified_at,
                    body,
                    digest,
                    seen_at,
                )
            )
        elif stored.stamp != stamp:
            touched.append((*stamp, connection, object_type, record.id))
    tx.many(_TOUCH, touched)
    tx.many(_STORE, rows)
    again = [record.id for record in changed if record.id in known]
    _forget_index(tx, connection, object_type, again)
    _index(tx, connection, object_type, changed, keys_of)
    return [record.id for record in changed]


def mark_gone(
    tx: Transaction, connection: str, object_type: str, gone: Iterable[Gone], now: datetime
) -> list[str]:
    """
    Mark stored records as gone, with the evidence; returns the ids for which that is news.

    Ids that were never stored are left out: nobody can be linked to them.
    """
    by_id = {one.id: one for one in gone}
    known = _known(tx, connection, object_type, by_id)
    news = [by_id[id_] for id_, stored in known.items() if not stored.gone]
    tx.many(
        "UPDATE record SET state = ?, digest = x'', evidence = ?, merged_into = ?, seen_at = ?"
        " WHERE connection = ? AND object_type = ? AND id = ?",
        [
            (
                State.DELETED,
                one.evidence,
                one.merged_into,
                instant_text(now),
                connection,
                object_type,
                one.id,
            )
            for one in news
        ],
    )
    ids = [one.id for one in news]
    _forget_index(tx, connection, object_type, ids)
    return ids


def get_many(
    tx: Transaction, connection: str, object_type: str, ids: Iterable[str]
) -> dict[str, Record]:
    """The stored records with these ids, gone ones included; unknown ids are left out."""
    rows = tx.rows_in(_IMAGES + "AND id IN (*)", (connection, object_type), ids)
    return {row[0]: _record(object_type, row) for row in rows}


def page(
    tx: Transaction, connection: str, object_type: str, after: str, limit: int
) -> list[Record]:
    """The next stored records of a type by their ids, gone ones included; start after ""."""
    rows = tx.rows(
        _IMAGES + "AND id > ? ORDER BY id LIMIT ?", (connection, object_type, after, limit)
    )
    return [_record(object_type, row) for row in rows]


def types(tx: Transaction, connection: str) -> list[str]:
    """The types of which records are stored."""
    rows = tx.rows("SELECT DISTINCT object_type FROM record WHERE connection = ?", (connection,))
    return [object_type for (object_type,) in rows]


def replace_bodies(tx: Transaction, connection: str, records: Iterable[Record]) -> None:
    """
    Keep these bodies instead of what was seen, and no key to find the records by.

    It is no observation: their age stays, and so does that they are gone.
    """
    changed = list(records)
    tx.many(
        "UPDATE record SET body = ?, digest = CASE WHEN digest = x'' THEN digest ELSE ? END"
        " WHERE connection = ? AND object_type = ? AND id = ?",
        [
            (body, _digest(body, one.state, b""), connection, one.object_type, one.id)
            for one in changed
            for body in [encode(Body(one.fields, one.references, one.lines))]
        ],
    )
    tx.many(_FORGET_KEYS, [(connection, one.object_type, one.id) for one in changed])


def newest(tx: Transaction, connection: str, object_type: str, limit: int) -> list[str]:
    """The ids of the records of a type that changed last, gone ones left out."""
    rows = tx.rows(
        "SELECT id FROM record WHERE connection = ? AND object_type = ?"
        " AND state NOT IN (?, ?) ORDER BY modified_at DESC, id DESC LIMIT ?",
        (connection, object_type, State.ARCHIVED, State.DELETED, limit),
    )
    return [row[0] for row in rows]


def gone_many(
    tx: Transaction, connection: str, object_type: str, ids: Iterable[str]
) -> dict[str, Gone]:
    """What is known about those of these ids that were marked as gone."""
    rows = tx.rows_in(
        "SELECT id, evidence, merged_into FROM record"
        " WHERE connection = ? AND object_type = ? AND evidence IS NOT NULL AND id IN (*)",
        (connection, object_type),
        ids,
    )
    return {row[0]: Gone(object_type, *row) for row in rows}


def by_key(
    tx: Transaction, connection: str, object_type: str, name: str, values: Iterable[str]
) -> dict[str, list[str]]:
    """For each value the ids of the records that have it under this name, in order of their age."""
    found: dict[str, list[str]] = {}
    rows = tx.rows_in(
        "SELECT value, record_id FROM record_key"
        " WHERE connection = ? AND object_type = ? AND name = ? AND value IN (*)",
        (connection, object_type, name),
        dict.fromkeys(values),
    )
    for value, record_id in rows:
        found.setdefault(value, []).append(record_id)
    for ids in found.values():
        ids.sort(key=number_order)
    return found


def referring(
    tx: Transaction, connection: str, object_type: str, kind: str, target_ids: Iterable[str]
) -> dict[str, list[str]]:
    """For each target the ids of the records of this type that refer to it."""
    found: dict[str, list[str]] = {}
    rows = tx.rows_in(
        "SELECT target_id, record_id FROM record_reference"
        " WHERE connection = ? AND object_type = ? AND kind = ? AND target_id IN (*)",
        (connection, object_type, kind),
        dict.fromkeys(target_ids),
    )
    for target_id, record_id in rows:
        found.setdefault(target_id, []).append(record_id)
    for ids in found.values():
        ids.sort(key=number_order)
    return found


def seen_at(
    tx: Transaction, connection: str, object_type: str, ids: Iterable[str]
) -> dict[str, str]:
    """When these records were last seen to have changed, as `instant_text` writes it."""
    rows = tx.rows_in(
        "SELECT id, seen_at FROM record WHERE connection = ? AND object_type = ? AND id IN (*)",
        (connection, object_type),
        ids,
    )
    return {row[0]: row[1] for row in rows}


def count(tx: Transaction, connection: str, object_type: str) -> int:
    """How many records of a type are stored and not gone."""
    ((number,),) = tx.rows(
        "SELECT count(*) FROM record WHERE connection = ? AND object_type = ?"
        " AND state NOT IN (?, ?)",
        (connection, object_type, State.ARCHIVED, State.DELETED),
    )
    return int(number)


def number_order(record_id: str) -> tuple[int, str]:
    """Sorts ids of digits as numbers, and any other text somehow."""
    return (len(record_id), record_id)


def _record(object_type: str, row: Sequence[Any]) -> Record:
    id_, version, state, created_at, modified_at, body = row
    held = decode_body(body)
    return Record(
        object_type,
        id_,
        version,
        held.fields,
        held.references,
        held.lines,
        word_of(State, state),
        created_at,
        modified_at,
    )


def _latest(records: Iterable[Record], newer: Newer) -> dict[str, Record]:
    """One record for each id: the newest where a page holds several."""
    latest: dict[str, Record] = {}
    for record in records:
        other = latest.get(record.id)
        if other is None or not newer(
            Stamp(record.version, record.modified_at), Stamp(other.version, other.modified_at)
        ):
            latest[record.id] = record
    return latest


def _known(
    tx: Transaction, connection: str, object_type: str, ids: Iterable[str]
) -> dict[str, _Stored]:
    rows = tx.rows_in(_KNOWN, (connection, object_type), ids)
    return {
        id_: _Stored(Stamp(version, modified_at), word_of(State, state).gone, digest)
        for id_, version, modified_at, state, digest in rows
    }


def _outdated(stamp: Stamp, stored: _Stored, newer: Newer) -> bool:
    if stored.gone:
        return not newer(stored.stamp, stamp)
    return stamp != stored.stamp and newer(stamp, stored.stamp)


def _digest(body: bytes, state: State, salt: bytes) -> bytes:
    return blake2b(body + state.encode() + salt, digest_size=DIGEST_SIZE_BYTES).digest()


def _forget_index(tx: Transaction, connection: str, object_type: str, ids: Sequence[str]) -> None:
    rows = [(connection, object_type, id_) for id_ in ids]
    tx.many(_FORGET_KEYS, rows)
    tx.many(_FORGET_REFERENCES, rows)


def _index(
    tx: Transaction,
    connection: str,
    object_type: str,
    records: Iterable[Record],
    keys_of: KeysOf,
) -> None:
    there = [record for record in records if not record.state.gone]
    tx.many(
        _STORE_KEY,
        (
            (connection, object_type, name, value, record.id)
            for record in there
            for name, value in keys_of(record)
        ),
    )
    tx.many(
        _STORE_REFERENCE,
        (
            (connection, object_type, record.id, kind, target_id)
            for record in there
            for kind, targets in record.references.items()
            for target_id in targets
        ),
    )
