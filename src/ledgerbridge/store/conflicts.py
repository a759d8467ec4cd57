"""
Conflicts that wait for a person, by sync, link and mapping, with what a person chose.

A sync belongs to two accounts, so its id names these too.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from ledgerbridge.core.model import Choice, Side, Value
from ledgerbridge.store.images import decode_image, encode, word_of
from ledgerbridge.store.transaction import Transaction

_PUT = """
    INSERT INTO open_conflict (sync, link, mapping, hubspot_id, quickbooks_id, hubspot, quickbooks,
                               since, take, decided_at, note)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (sync, link, mapping) DO UPDATE SET
        hubspot_id = excluded.hubspot_id, quickbooks_id = excluded.quickbooks_id,
        hubspot = excluded.hubspot, quickbooks = excluded.quickbooks, since = excluded.since,
        take = excluded.take, decided_at = excluded.decided_at, note = excluded.note
"""
_SELECT = """
    SELECT sync, link, mapping, hubspot_id, quickbooks_id, hubspot, quickbooks, since, take,
           decided_at, note
    FROM open_conflict WHERE sync = ?
"""
_FORGET = {
    Side.HUBSPOT: "DELETE FROM open_conflict WHERE sync = ? AND hubspot_id = ?",
    Side.QUICKBOOKS: "DELETE FROM open_conflict WHERE sync = ? AND quickbooks_id = ?",
}
_ORDER = " ORDER BY since, length(quickbooks_id), quickbooks_id, mapping"


class OpenConflict(Struct, frozen=True, kw_only=True):
    """
    One conflict. The images hold the raw values of both sides; instants are ISO text.

    `take` is whose value a person chose at `decided_at`; `note` says why it is asked again.
    """

    sync: str
    link: str
    mapping: str
    hubspot_id: str
    quickbooks_id: str
    hubspot: dict[str, Value]
    quickbooks: dict[str, Value]
    since: str
    take: Side | None = None
    decided_at: str | None = None
    note: str = ""

    @property
    def choice(self) -> Choice | None:
        """What a person chose for these values, None while nobody did."""
        if self.take is None:
            return None
        return Choice(take=self.take, hubspot=self.hubspot, quickbooks=self.quickbooks)


def put(tx: Transaction, found: Iterable[OpenConflict]) -> None:
    """Store conflicts, or replace those of the same mapping of the same link."""
    tx.many(
        _PUT,
        (
            (
                one.sync,
                one.link,
                one.mapping,
                one.hubspot_id,
                one.quickbooks_id,
                encode(one.hubspot),
                encode(one.quickbooks),
                one.since,
                one.take,
                one.decided_at,
                one.note,
            )
            for one in found
        ),
    )


def every(tx: Transaction, sync: str) -> list[OpenConflict]:
    """All conflicts of a sync, the oldest first."""
    return [_conflict(row) for row in tx.rows(_SELECT + _ORDER, (sync,))]


def any_of(tx: Transaction, sync: str) -> bool:
    """Whether a sync has any."""
    return bool(tx.rows("SELECT 1 FROM open_conflict WHERE sync = ? LIMIT 1", (sync,)))


def of_links(tx: Transaction, sync: str, links: Iterable[str]) -> list[OpenConflict]:
    """The conflicts of these links."""
    return [_conflict(row) for row in tx.rows_in(_SELECT + " AND link IN (*)", (sync,), links)]


def of_records(tx: Transaction, sync: str, quickbooks_ids: Iterable[str]) -> list[OpenConflict]:
    """The conflicts of the pairs with these QuickBooks records."""
    rows = tx.rows_in(_SELECT + " AND quickbooks_id IN (*)", (sync,), quickbooks_ids)
    return [_conflict(row) for row in rows]


def close(tx: Transaction, sync: str, found: Iterable[tuple[str, str]]) -> None:
    """These mappings of these links wait for nobody any more."""
    tx.many(
        "DELETE FROM open_conflict WHERE sync = ? AND link = ? AND mapping = ?",
        ((sync, link, mapping) for link, mapping in found),
    )


def forget(tx: Transaction, sync: str, side: Side, ids: Iterable[str]) -> None:
    """Forget all conflicts of pairs with these records of one side."""
    tx.many(_FORGET[side], ((sync, one) for one in ids))


def _conflict(
    row: tuple[str, str, str, str, str, bytes, bytes, str, str, str, str],
) -> OpenConflict:
    sync, link, mapping, ours, theirs, hubspot, quickbooks, since, take, decided_at, note = row
    return OpenConflict(
        sync=sync,
        link=link,
        mapping=mapping,
        hubspot_id=ours,
        quickbooks_id=theirs,
        hubspot=decode_image(hubspot),
        quickbooks=decode_image(quickbooks),
        since=since,
        take=word_of(Side, take) if take else None,
        decided_at=decided_at,
        note=note,
    )
