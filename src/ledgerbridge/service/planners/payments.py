"""The planner of payments: allocations, with what is known around each of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ledgerbridge.core.model import Link, Record, Side
from ledgerbridge.core.plan import Planned, Status
from ledgerbridge.service.planners.chunk import Chunk, Found, Subject, half_of, halves_of
from ledgerbridge.service.planners.shared import one_to_one, with_partner
from ledgerbridge.store import links, operations, outcomes
from ledgerbridge.syncs import payments
from ledgerbridge.syncs.allocations import ALLOCATION, OF_INVOICE
from ledgerbridge.syncs.companies import NAME as COMPANIES
from ledgerbridge.syncs.contacts import NAME as CONTACTS
from ledgerbridge.syncs.payments import AllocationSituation

MIRRORS, CUSTOMER = "commerce_payments", "CustomerRef"


def plan_quickbooks(chunk: Chunk, ids: Sequence[str]) -> list[Subject]:
    """What these allocations need."""
    rules = chunk.sync.rules
    return [
        one_to_one(chunk, situation.allocation.id, payments.plan_allocation(rules, situation))
        for situation in situations(chunk, ids)
    ]


def plan_alone(chunk: Chunk, found: Found) -> list[Subject]:
    """A payment of HubSpot's own stays there, and is nobody's business here."""
    return []


def plan_gone(chunk: Chunk, link: Link, evidence: str, mirror: Record | None) -> Planned:
    """The mirror of an allocation that is no more."""
    return payments.plan_withdrawn(chunk.sync.rules, link, evidence=evidence, mirror=mirror)


def situations(chunk: Chunk, ids: Sequence[str]) -> list[AllocationSituation]:
    """The situations of these allocations; those that are not stored are left out."""
    found = chunk.read(Side.QUICKBOOKS, ALLOCATION, ids)
    linked = chunk.links(Side.QUICKBOOKS, found)
    halves = chunk.read(Side.HUBSPOT, MIRRORS, halves_of(linked.values()))
    free = [record for record in found.values() if not half_of(linked.get(record.id))]
    keys = {record.id: record.fields.get("@key") or "" for record in found.values()}
    by_key = chunk.by_key(Side.HUBSPOT, MIRRORS, "key", keys.values())
    near = chunk.read(Side.HUBSPOT, MIRRORS, {x for group in by_key.values() for x in group})
    invoices = {x for record in found.values() for x in record.references.get(OF_INVOICE, ())}
    known, promised, kept_out = _invoices(chunk, invoices)
    rests = [record for record in free if not record.references.get(OF_INVOICE)]
    rests_of = {x: with_partner(chunk, x, rests) for x in (CONTACTS, COMPANIES)}
    return [
        AllocationSituation(
            allocation=record,
            link=linked.get(record.id),
            mirror=halves.get(half_of(linked.get(record.id))),
            mirrors=tuple(
                near[x]
                for x in by_key.get(keys[record.id], ())
                if x in near and not near[x].state.gone
            ),
            invoice=known.get(_invoice(record)),
            invoice_promised=_invoice(record) in promised,
            invoice_excluded=kept_out.get(_invoice(record)),
            reachable=frozenset(
                x for x, ids in rests_of.items() if ids & set(record.references.get(CUSTOMER, ()))
            ),
        )
        for record in found.values()
    ]


def _invoice(record: Record) -> str:
    return next(iter(record.references.get(OF_INVOICE, ())), "")


def _invoices(chunk: Chunk, ids: Iterable[str]) -> tuple[dict[str, Link], set[str], dict[str, str]]:
    """The links of these invoices, those that this plan makes, and why others stay out."""
    sync, wanted = chunk.world.syncs.get("invoices"), set(ids)
    if sync is None:
        return {}, set(), dict.fromkeys(wanted, "the sync invoices is off")
    known = links.by_ids(chunk.tx, sync.id, Side.QUICKBOOKS, wanted)
    promised = operations.promised(chunk.tx, sync.id, wanted)
    told = outcomes.get_many(chunk.tx, sync.id, Side.QUICKBOOKS, wanted)
    out = {x: one.message for x, one in told.items() if one.status is Status.EXCLUDED}
    return known, promised, out
