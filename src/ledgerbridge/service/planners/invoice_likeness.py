"""Invoices that are in HubSpot already under the number of one of QuickBooks."""

from __future__ import annotations

from collections.abc import Sequence

from ledgerbridge.core.model import Record, Side
from ledgerbridge.core.order import Stage
from ledgerbridge.core.plan import Attached, MadeLink
from ledgerbridge.core.values import text_key
from ledgerbridge.service import spool
from ledgerbridge.service.planners.chunk import Chunk, half_of
from ledgerbridge.service.planners.judgement import Judgement
from ledgerbridge.service.planners.shared import partners
from ledgerbridge.store import operations
from ledgerbridge.syncs.contacts import NAME as CONTACTS
from ledgerbridge.syncs.invoice_likeness import Likeness, likenesses
from ledgerbridge.syncs.invoice_places import customer_of
from ledgerbridge.syncs.invoices import NUMBER

PAGE_ROWS = 1000
Alike = dict[str, tuple[Likeness, ...]]


def alike_of(chunk: Chunk, free: Sequence[Record], told: Judgement) -> Alike:
    """
    For each of these invoices without a mirror the HubSpot invoices of its number that have no
    partner, and that no person refused. Most have none: then nothing more is asked.
    """
    numbers = {one.id: text_key(one.fields.get("DocNumber") or "") for one in free}
    wanted = filter(None, numbers.values())
    by_number = chunk.by_key(Side.HUBSPOT, "invoices", NUMBER, wanted)
    if not by_number:
        return {}
    ids = {x for group in by_number.values() for x in group}
    found = chunk.read(Side.HUBSPOT, "invoices", ids - set(chunk.links(Side.HUBSPOT, ids)))
    near = [one for one in free if numbers[one.id] in by_number]
    customers = {customer_of(one) for one in near}
    contacts = {x: half_of(link) for x, link in partners(chunk, CONTACTS, customers).items()}
    if customers - set(contacts):
        contacts = {**_promised(chunk), **contacts}
    return {
        one.id: likenesses(
            one,
            [
                found[x]
                for x in by_number[numbers[one.id]]
                if x in found and x not in told.refused(one.id)
            ],
            contacts.get(customer_of(one)) or None,
        )
        for one in near
    }


def _promised(chunk: Chunk) -> dict[str, str]:
    """The contacts that this very plan pairs with customers, by customer."""
    parents = chunk.world.syncs.get(CONTACTS)
    if parents is None:
        return {}
    by_customer: dict[str, str] = {}
    by_link: dict[str, str] = {}
    leaning: dict[str, str] = {}
    after = (-1, 0)
    while rows := operations.planned(chunk.tx, parents.id, PAGE_ROWS, after):
        after = (rows[-1].stage, rows[-1].seq)
        for item in (spool.read(row).item for row in rows):
            if isinstance(item, MadeLink):
                by_customer[item.quickbooks_id] = by_link[item.link] = item.hubspot_id
            elif isinstance(item, Attached):
                leaning[item.record_id] = item.to
        if rows[-1].stage > Stage.LOCAL:
            break
    return {**{x: by_link[to] for x, to in leaning.items() if to in by_link}, **by_customer}
