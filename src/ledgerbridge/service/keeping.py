"""
A person says which of several pairs that met in a merge goes on (`cases keep`).

The others end. A QuickBooks record among them leans on the pair that stays, so that what refers to
it follows; where two customers became one, the invoices leave the contact that gave way.
"""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from ledgerbridge.core.endings import PAIRS_MET, continued, goes_on
from ledgerbridge.core.model import Attachment, Link, LinkStatus, Side
from ledgerbridge.core.order import waits_for
from ledgerbridge.errors import UsageError
from ledgerbridge.service.rules import definition_of
from ledgerbridge.service.switching import stored
from ledgerbridge.store import gone, links, operations, outcomes, pending, records, syncs
from ledgerbridge.store.transaction import Transaction
from ledgerbridge.syncs.catalogue import KINDS
from ledgerbridge.syncs.invoice_places import CUSTOMER, left
from ledgerbridge.syncs.invoices import NAME as INVOICES


class Kept(Struct, frozen=True, kw_only=True):
    """What was decided: the pair that goes on, and the records whose pairs ended."""

    sync: str
    hubspot_id: str
    quickbooks_id: str
    ended: tuple[str, ...]


class _Meeting(Struct, frozen=True, kw_only=True):
    sync: syncs.Sync
    side: Side
    survivor: str
    olds: tuple[str, ...]
    kept: Link
    others: tuple[Link, ...]


def place_of(sync: syncs.Sync, side: Side) -> tuple[str, str]:
    """The connection and the object type of a sync's records on one side."""
    kind = KINDS[sync.name]
    if side is Side.HUBSPOT:
        return sync.hubspot_connection, kind.hubspot_type
    return sync.quickbooks_connection, kind.quickbooks_type


def keep(tx: Transaction, name: str, record: tuple[Side, str], now: datetime) -> Kept:
    """
    Let the pair of this record go on, and end the others that met it.

    Raises UsageError for a record that is in no such case, or while a write of one is in doubt.
    """
    met = _meeting(tx, stored(tx, name), *record)
    busy = {unit.partition("#")[0] for unit in operations.units_in_flight(tx)}
    if busy & {link.id for link in (met.kept, *met.others)}:
        raise UsageError("A write of these pairs is in doubt. Settle it first: ledgerbridge run")
    reason = (
        f"{met.side.shown} record {met.survivor} was merged, and a person kept "
        f"{met.side.other.shown} record {record[1]} as its partner"
    )
    links.kill(tx, [link.id for link in met.others], reason)
    kept = _go_on(tx, met, now)
    _lean(tx, met, kept, reason, now)
    if met.side is Side.QUICKBOOKS:
        _leave(tx, met, kept, now)
    theirs = [link.quickbooks_id or "" for link in (kept, *met.others)]
    outcomes.clear(tx, met.sync.id, Side.QUICKBOOKS, [*theirs, *met.olds])
    pending.mark(tx, met.sync.id, Side.QUICKBOOKS, theirs, now)
    ours = [link.hubspot_id or "" for link in (kept, *met.others)]
    pending.mark(tx, met.sync.id, Side.HUBSPOT, ours, now)
    pending.wake(tx, [waits_for(name, x) for x in theirs], now)
    return Kept(
        sync=name,
        hubspot_id=kept.hubspot_id or "",
        quickbooks_id=kept.quickbooks_id or "",
        ended=tuple(f"{met.side.other}:{link.id_of(met.side.other)}" for link in met.others),
    )


def _meeting(tx: Transaction, sync: syncs.Sync, side: Side, record_id: str) -> _Meeting:
    link = _in_a_case(tx, sync, side, record_id)
    if link is None:
        raise UsageError(
            f"{side.shown} record {record_id} is in no open case of merged pairs in the sync "
            f"{sync.name}. See which are with: ledgerbridge cases"
        )
    other = side.other
    connection, object_type = place_of(sync, other)
    half = link.id_of(other) or ""
    survivor = gone.survivors(tx, connection, object_type, [half]).get(half, half)
    olds = gone.merged_into(tx, connection, object_type, [survivor]).get(survivor, [])
    found = links.by_ids(tx, sync.id, other, [survivor, *olds]).values()
    members = [x for x in found if x.status is LinkStatus.LIVE and x.id != link.id]
    if not members:
        raise UsageError(
            f"The pairs of {side.shown} record {record_id} met in {side.shown} itself. Name the "
            f"record of {other.shown} that stays its partner: ledgerbridge cases"
        )
    return _Meeting(
        sync=sync,
        side=other,
        survivor=survivor,
        olds=tuple(olds),
        kept=link,
        others=tuple(members),
    )


def _in_a_case(tx: Transaction, sync: syncs.Sync, side: Side, record_id: str) -> Link | None:
    """The pair of a record, or of one that was merged into it, if it met others."""
    took_in = gone.merged_into(tx, *place_of(sync, side), [record_id]).get(record_id, [])
    known = links.by_ids(tx, sync.id, side, [record_id, *took_in])
    halves = [one.quickbooks_id or "" for one in known.values()]
    told = outcomes.get_many(tx, sync.id, Side.QUICKBOOKS, halves)
    cases = {x for x, one in told.items() if one.code == PAIRS_MET}
    return next((x for x in known.values() if x.quickbooks_id in cases), None)


def _go_on(tx: Transaction, met: _Meeting, now: datetime) -> Link:
    kept = met.kept
    survivors = {} if kept.id_of(met.side) == met.survivor else {met.side: met.survivor}
    halves = {side: survivors.get(side, kept.id_of(side) or "") for side in Side}
    shown = {
        side: record
        for side, x in halves.items()
        for record in records.get_many(tx, *place_of(met.sync, side), [x]).values()
    }
    if Side.HUBSPOT not in shown:
        raise UsageError("The HubSpot record was not read yet. Read it with: ledgerbridge run")
    key, mappings = KINDS[met.sync.name].key_property, definition_of(met.sync).mappings
    kept = continued(kept, goes_on(key, kept, survivors, shown, mappings))
    links.put(tx, met.sync.id, [replace(kept, reason=kept.reason or met.kept.reason)], now)
    return kept


def _lean(tx: Transaction, met: _Meeting, kept: Link, reason: str, now: datetime) -> None:
    """The customers whose pairs ended, those merged away, and all who leaned on them."""
    ended = [link.id for link in met.others]
    leaning = {x.record_id for group in links.attached_to(tx, ended).values() for x in group}
    leaning |= {link.quickbooks_id or "" for link in met.others}
    leaning |= set(met.olds) if met.side is Side.QUICKBOOKS else set()
    leaning -= {kept.quickbooks_id or ""}
    moved = links.leant_on(tx, met.sync.id, {*leaning, kept.quickbooks_id or ""})
    pending.mark(tx, met.sync.id, Side.QUICKBOOKS, moved, now)
    links.attach(tx, met.sync.id, [Attachment(x, kept.id, reason) for x in sorted(leaning)])
    links.detach(tx, met.sync.id, [kept.quickbooks_id or ""])


def _leave(tx: Transaction, met: _Meeting, kept: Link, now: datetime) -> None:
    """Mirrors of the merged customers' invoices that are where a pair gave way move over."""
    sync = next((one for one in syncs.every(tx) if one.name == INVOICES), None)
    if sync is None or place_of(met.sync, Side.QUICKBOOKS)[1] != "Customer":
        return
    places = {link.quickbooks_id: link.hubspot_id for link in (met.kept, *met.others)}
    customers = [met.survivor, *met.olds]
    found = records.referring(tx, sync.quickbooks_connection, "Invoice", "CustomerRef", customers)
    ids = [x for group in found.values() for x in group]
    moved = [
        _leaving(link, met, kept, places.get(link.base_quickbooks.get(CUSTOMER)))
        for link in links.by_ids(tx, sync.id, Side.QUICKBOOKS, ids).values()
        if link.status is LinkStatus.LIVE
    ]
    links.put(tx, sync.id, moved, now)
    pending.mark(tx, sync.id, Side.QUICKBOOKS, ids, now)


def _leaving(link: Link, met: _Meeting, kept: Link, place: str | None) -> Link:
    now = {CUSTOMER: met.survivor}
    if place is not None and place != kept.hubspot_id:
        now[left(place_of(met.sync, Side.HUBSPOT)[1])] = place
    return replace(link, base_quickbooks={**link.base_quickbooks, **now})
