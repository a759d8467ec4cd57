"""The planner of invoices, with what is known around each of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ledgerbridge.core.model import Link, LinkStatus, Record, Side
from ledgerbridge.core.plan import Planned
from ledgerbridge.service.planners.chunk import Chunk, Subject, half_of, halves_of
from ledgerbridge.service.planners.shared import one_to_one
from ledgerbridge.store import links, operations
from ledgerbridge.syncs import invoices
from ledgerbridge.syncs.lines import plan_withdrawal


def plan_quickbooks(chunk: Chunk, ids: Sequence[str]) -> list[Subject]:
    """What these invoices need."""
    rules = chunk.sync.rules
    return [
        one_to_one(chunk, situation.invoice.id, invoices.plan_invoice(rules, situation))
        for situation in invoices_of(chunk, ids)
    ]


def plan_unmade(chunk: Chunk, link: Link) -> Planned:
    """An invoice that went before its mirror was made: lines made for it are withdrawn."""
    known = links.lines_of(chunk.tx, [link.id]).get(link.id, {})
    return Planned(operations=plan_withdrawal(chunk.sync.id, link, known))


def invoices_of(chunk: Chunk, ids: Sequence[str]) -> list[invoices.InvoiceSituation]:
    """The situations of these invoices; those that are not stored are left out."""
    found = chunk.read(Side.QUICKBOOKS, "Invoice", ids)
    linked = chunk.links(Side.QUICKBOOKS, found)
    halves = chunk.read(Side.HUBSPOT, "invoices", halves_of(linked.values()))
    lines = links.lines_of(chunk.tx, [link.id for link in linked.values()])
    keys = {r.id: r.fields.get("@key") or "" for r in found.values() if r.id not in linked}
    by_key = chunk.by_key(Side.HUBSPOT, "invoices", "key", keys.values())
    near = chunk.read(Side.HUBSPOT, "invoices", {x for group in by_key.values() for x in group})
    reachable = _reachable(chunk, found.values())
    return [
        invoices.InvoiceSituation(
            invoice=record,
            link=(link := linked.get(record.id)),
            mirror=halves.get(half_of(link)),
            lines=lines.get(link.id, {}) if link is not None else {},
            mirrors=tuple(near[x] for x in by_key.get(keys.get(record.id, ""), ()) if x in near),
            reachable=not reachable.isdisjoint(record.references.get("CustomerRef", ())),
        )
        for record in found.values()
    ]


def _reachable(chunk: Chunk, found: Iterable[Record]) -> set[str]:
    """The customers of these invoices that have a contact, or will have one by this plan."""
    parents = chunk.world.syncs.get("contacts")
    customer_ids = {x for record in found for x in record.references.get("CustomerRef", ())}
    if parents is None or not customer_ids:
        return set()
    have = {
        record_id
        for record_id, link in links.by_ids(
            chunk.tx, parents.id, Side.QUICKBOOKS, customer_ids
        ).items()
        if link.hubspot_id is not None and link.status is LinkStatus.LIVE
    }
    have |= set(links.attachments(chunk.tx, parents.id, customer_ids))
    have |= operations.promised(chunk.tx, parents.id, customer_ids - have)
    return have
