"""The planner of invoices, with what is known around each of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ledgerbridge.core.model import Link, Record, Side, Value
from ledgerbridge.core.plan import Planned
from ledgerbridge.service.planners.chunk import Chunk, Subject, half_of, halves_of
from ledgerbridge.service.planners.invoice_likeness import alike_of
from ledgerbridge.service.planners.judgement import Proposal, judged, keep_proposals
from ledgerbridge.service.planners.shared import one_to_one, partners, with_partner
from ledgerbridge.store import links, records
from ledgerbridge.syncs import invoices
from ledgerbridge.syncs.allocations import INVOICE, PAYMENT
from ledgerbridge.syncs.children import plan_withdrawal
from ledgerbridge.syncs.companies import NAME as COMPANIES
from ledgerbridge.syncs.contacts import NAME as CONTACTS
from ledgerbridge.syncs.invoice_places import CUSTOMER as PLACED_BY
from ledgerbridge.syncs.invoice_places import InvoiceSituation

CUSTOMER = "CustomerRef"


def plan_quickbooks(chunk: Chunk, ids: Sequence[str]) -> list[Subject]:
    """What these invoices need."""
    subjects, looked_at = [], []
    for situation in invoices_of(chunk, ids):
        planned = invoices.plan_invoice(chunk.sync.rules, situation)
        record_id = situation.invoice.id
        near = [one.mirror.id for one in situation.alike if one.proposes]
        looked_at.append(Proposal(record_id, planned, near))
        subjects.append(one_to_one(chunk, record_id, planned))
    keep_proposals(chunk, Side.QUICKBOOKS, looked_at)
    return subjects


def plan_unmade(chunk: Chunk, link: Link) -> Planned:
    """An invoice that went before its mirror was made: lines made for it are withdrawn."""
    known = links.lines_of(chunk.tx, [link.id]).get(link.id, {})
    return Planned(operations=plan_withdrawal(chunk.sync.id, link, known))


def invoices_of(chunk: Chunk, ids: Sequence[str]) -> list[InvoiceSituation]:
    """The situations of these invoices; those that are not stored are left out."""
    found = chunk.read(Side.QUICKBOOKS, "Invoice", ids)
    linked = chunk.links(Side.QUICKBOOKS, found)
    halves = chunk.read(Side.HUBSPOT, "invoices", halves_of(linked.values()))
    lines = links.lines_of(chunk.tx, [link.id for link in linked.values()])
    keys = {r.id: r.fields.get("@key") or "" for r in found.values() if r.id not in linked}
    by_key = chunk.by_key(Side.HUBSPOT, "invoices", "key", keys.values())
    near = chunk.read(Side.HUBSPOT, "invoices", {x for group in by_key.values() for x in group})
    told = judged(chunk, "invoices", Side.QUICKBOOKS, found)
    alike = alike_of(chunk, [found[x] for x in keys], told)
    payments = payments_of(chunk, found)
    have = {x: with_partner(chunk, x, found.values()) for x in (CONTACTS, COMPANIES)}
    customers = {x for record in found.values() for x in record.references.get(CUSTOMER, ())}
    customers |= {x for link in linked.values() if (x := link.base_quickbooks.get(PLACED_BY))}
    known = chunk.read(Side.QUICKBOOKS, "Customer", customers)
    businesses = partners(chunk, COMPANIES, customers)
    people = partners(chunk, CONTACTS, customers)
    return [
        InvoiceSituation(
            invoice=record,
            link=(link := linked.get(record.id)),
            mirror=halves.get(half_of(link)),
            lines=lines.get(link.id, {}) if link is not None else {},
            mirrors=tuple(near[x] for x in by_key.get(keys.get(record.id, ""), ()) if x in near),
            alike=alike.get(record.id, ()),
            chosen=chosen.contact if (chosen := told.chosen(record.id)) is not None else None,
            payments=None if payments is None else payments.get(record.id, ()),
            path=_path(known.get(_customer(record))),
            reachable=frozenset(
                name for name, ids in have.items() if ids & set(record.references.get(CUSTOMER, ()))
            ),
            company=half_of(businesses.get(_customer(record))) or None,
            contact=half_of(people.get(_customer(record))) or None,
            stays=_stays(link, record, people, businesses),
        )
        for record in found.values()
    ]


def _customer(invoice: Record) -> str:
    return next(iter(invoice.references.get(CUSTOMER, ())), "")


def _path(customer: Record | None) -> Value:
    return customer.fields.get("FullyQualifiedName") if customer is not None else None


def _stays(
    link: Link | None, invoice: Record, people: dict[str, Link], businesses: dict[str, Link]
) -> bool:
    """Whether it is of another customer now that has the same partners: the two were merged."""
    before, now = (link.base_quickbooks.get(PLACED_BY) if link else None), _customer(invoice)
    if before is None or before == now:
        return False
    pairs = [(found.get(before), found.get(now)) for found in (people, businesses)]
    same = all(half_of(old) == half_of(new) for old, new in pairs)
    return same and any(new is not None for _, new in pairs)


def payments_of(chunk: Chunk, ids: Iterable[str]) -> dict[str, tuple[Record, ...]] | None:
    """The payments that have to do with these invoices, None where payments are not read."""
    if not any(sync.rules.observed == PAYMENT for sync in chunk.world.syncs.values()):
        return None
    connection = chunk.world.connections[Side.QUICKBOOKS]
    by_invoice = records.referring(chunk.tx, connection, PAYMENT, INVOICE, ids)
    found = chunk.read(
        Side.QUICKBOOKS, PAYMENT, {x for group in by_invoice.values() for x in group}
    )
    return {
        invoice: tuple(found[x] for x in group if x in found)
        for invoice, group in by_invoice.items()
    }
