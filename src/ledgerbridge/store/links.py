"""
Links, the links of their lines, and the records that lean on them.

A link carries one base image for each side. Within one sync an id belongs to at most one living
link (the table sees to it); dead links are kept, and found where no living one is.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from ledgerbridge.core.model import Attachment, LineLink, Link, LinkStatus, Side
from ledgerbridge.store.images import decode_image, encode, word_of
from ledgerbridge.store.tables import instant_text
from ledgerbridge.store.transaction import Transaction

_PUT = """
    INSERT INTO link (id, sync, hubspot_id, quickbooks_id, base_hubspot, base_quickbooks,
                      status, reason, generation, made_at, ended)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET
        hubspot_id = excluded.hubspot_id, quickbooks_id = excluded.quickbooks_id,
        base_hubspot = excluded.base_hubspot, base_quickbooks = excluded.base_quickbooks,
        status = excluded.status, reason = excluded.reason, generation = excluded.generation,
        ended = excluded.ended
"""
_SELECT = """
    SELECT id, hubspot_id, quickbooks_id, base_hubspot, base_quickbooks, status, reason, generation
    FROM link
"""
# The dead first and the living last: what comes later wins.
_BY_SIDE = {
    side: _SELECT + f"WHERE sync = ? AND {side}_id IN (*) ORDER BY ended = '', generation"
    for side in Side
}
_FORGET_BASES = (
    "UPDATE link SET base_hubspot = ?, base_quickbooks = ? WHERE id = ?",
    "UPDATE line_link SET base_hubspot = ?, base_quickbooks = ? WHERE link = ?",
)
_PUT_LINE = """
    INSERT INTO line_link (link, key, hubspot_id, base_hubspot, base_quickbooks)
    VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (link, key) DO UPDATE SET
        hubspot_id = excluded.hubspot_id, base_hubspot = excluded.base_hubspot,
        base_quickbooks = excluded.base_quickbooks
"""


def put(tx: Transaction, sync: str, links: Iterable[Link], now: datetime) -> None:
    """Insert links, or replace those with the same id; `made_at` stays that of the first time."""
    made_at = instant_text(now)
    tx.many(
        _PUT,
        (
            (
                link.id,
                sync,
                link.hubspot_id,
                link.quickbooks_id,
                encode(link.base_hubspot),
                encode(link.base_quickbooks),
                link.status,
                link.reason,
                link.generation,
                made_at,
                "" if link.status is LinkStatus.LIVE else link.id,
            )
            for link in links
        ),
    )


def get_many(tx: Transaction, link_ids: Iterable[str]) -> dict[str, Link]:
    """The links with these ids; unknown ids are left out."""
    rows = tx.rows_in(_SELECT + "WHERE id IN (*)", (), link_ids)
    return {row[0]: _link(row) for row in rows}


def by_ids(tx: Transaction, sync: str, side: Side, ids: Iterable[str]) -> dict[str, Link]:
    """The link of each record: the living one, else the dead one of the latest generation."""
    found = {}
    for row in tx.rows_in(_BY_SIDE[side], (sync,), ids):
        link = _link(row)
        found[str(link.id_of(side))] = link
    return found


def all_by_ids(tx: Transaction, sync: str, side: Side, ids: Iterable[str]) -> list[Link]:
    """All links of these records, of every generation."""
    return [_link(row) for row in tx.rows_in(_BY_SIDE[side], (sync,), ids)]


def page(tx: Transaction, sync: str, after: str, limit: int) -> list[Link]:
    """The next links of a sync by their ids, the living and the dead; start after ""."""
    rows = tx.rows(
        _SELECT + "WHERE sync = ? AND id > ? ORDER BY id LIMIT ?",
        (sync, after, limit),
    )
    return [_link(row) for row in rows]


def kill(tx: Transaction, link_ids: Iterable[str], reason: str) -> None:
    """End links for good; they are kept so that a survivor is not made anew."""
    tx.many(
        "UPDATE link SET status = ?, reason = ?, ended = id WHERE id = ?",
        ((LinkStatus.DEAD, reason, link_id) for link_id in link_ids),
    )


def forget_bases(tx: Transaction, link_ids: Iterable[str]) -> None:
    """Keep nothing of what both halves of these links showed, nor of their lines."""
    nothing = encode({})
    rows = [(nothing, nothing, link_id) for link_id in link_ids]
    for statement in _FORGET_BASES:
        tx.many(statement, rows)


def counts(tx: Transaction, sync: str) -> dict[LinkStatus, int]:
    """How many links of a sync live, and how many are dead."""
    rows = tx.rows("SELECT status, count(*) FROM link WHERE sync = ? GROUP BY status", (sync,))
    return dict.fromkeys(LinkStatus, 0) | {LinkStatus(status): number for status, number in rows}


def pairs(tx: Transaction, sync: str) -> int:
    """How many living links of a sync have both halves."""
    ((number,),) = tx.rows(
        "SELECT count(*) FROM link WHERE sync = ? AND status = 'live'"
        " AND hubspot_id IS NOT NULL AND quickbooks_id IS NOT NULL",
        (sync,),
    )
    return int(number)


def put_lines(tx: Transaction, link_id: str, lines: Iterable[LineLink]) -> None:
    """Insert the links of a link's lines, or replace those with the same key."""
    tx.many(
        _PUT_LINE,
        (
            (
                link_id,
                line.key,
                line.hubspot_id,
                encode(line.base_hubspot),
                encode(line.base_quickbooks),
            )
            for line in lines
        ),
    )


def lines_of(tx: Transaction, link_ids: Iterable[str]) -> dict[str, dict[str, LineLink]]:
    """For each link that has lines: its line links by key."""
    found: dict[str, dict[str, LineLink]] = {}
    rows = tx.rows_in(
        "SELECT link, key, hubspot_id, base_hubspot, base_quickbooks FROM line_link"
        " WHERE link IN (*)",
        (),
        link_ids,
    )
    for link_id, key, hubspot_id, base_hubspot, base_quickbooks in rows:
        found.setdefault(link_id, {})[key] = LineLink(
            key=key,
            hubspot_id=hubspot_id,
            base_hubspot=decode_image(base_hubspot),
            base_quickbooks=decode_image(base_quickbooks),
        )
    return found


def drop_lines(tx: Transaction, link_id: str, keys: Iterable[str]) -> None:
    """Forget line links whose lines are no more."""
    tx.many("DELETE FROM line_link WHERE link = ? AND key = ?", ((link_id, key) for key in keys))


def forget_refused_lines(tx: Transaction, sync: str) -> None:
    """Forget which lines HubSpot refused: those without a record there."""
    tx.many(
        "DELETE FROM line_link WHERE hubspot_id = ''"
        " AND link IN (SELECT id FROM link WHERE sync = ?)",
        [(sync,)],
    )


def attach(tx: Transaction, sync: str, attachments: Iterable[Attachment]) -> None:
    """Let records lean on links; a record leans on one link of a sync, the latest named."""
    tx.many(
        "INSERT INTO attachment (sync, record_id, link, reason) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (sync, record_id) DO UPDATE SET link = excluded.link,"
        " reason = excluded.reason",
        ((sync, one.record_id, one.link_id, one.reason) for one in attachments),
    )


def detach(tx: Transaction, sync: str, record_ids: Iterable[str]) -> None:
    """Let records lean on nothing any more."""
    tx.many(
        "DELETE FROM attachment WHERE sync = ? AND record_id = ?",
        ((sync, record_id) for record_id in record_ids),
    )


def attachments(tx: Transaction, sync: str, record_ids: Iterable[str]) -> dict[str, Attachment]:
    """The attachments of these records; those that lean on nothing are left out."""
    rows = tx.rows_in(
        "SELECT record_id, link, reason FROM attachment WHERE sync = ? AND record_id IN (*)",
        (sync,),
        record_ids,
    )
    return {row[0]: Attachment(*row) for row in rows}


def leant_on(tx: Transaction, sync: str, record_ids: Iterable[str]) -> list[str]:
    """The QuickBooks records on whose links these lean."""
    leaning = attachments(tx, sync, record_ids).values()
    found = get_many(tx, {one.link_id for one in leaning})
    return [link.quickbooks_id for link in found.values() if link.quickbooks_id is not None]


def attached(tx: Transaction, sync: str) -> int:
    """How many records of a sync lean on a link."""
    ((number,),) = tx.rows("SELECT count(*) FROM attachment WHERE sync = ?", (sync,))
    return int(number)


def attached_to(tx: Transaction, link_ids: Iterable[str]) -> dict[str, list[Attachment]]:
    """For each link that others lean on: those attachments."""
    found: dict[str, list[Attachment]] = {}
    rows = tx.rows_in(
        "SELECT record_id, link, reason FROM attachment WHERE link IN (*)", (), link_ids
    )
    for row in rows:
        found.setdefault(row[1], []).append(Attachment(*row))
    return found


def _link(row: tuple[Any, ...]) -> Link:
    id_, hubspot_id, quickbooks_id, base_hubspot, base_quickbooks, status, reason, generation = row
    return Link(
        id=id_,
        hubspot_id=hubspot_id,
        quickbooks_id=quickbooks_id,
        base_hubspot=decode_image(base_hubspot),
        base_quickbooks=decode_image(base_quickbooks),
        status=word_of(LinkStatus, status),
        reason=reason,
        generation=generation,
    )
