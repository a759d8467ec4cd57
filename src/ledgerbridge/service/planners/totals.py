"""
The totals of customers, worked out from the store while their contacts and companies are planned.

Invoices count that the filter of their sync lets through. They are read slice by slice, so that a
customer may have any number of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice

from msgspec.structs import replace

from ledgerbridge.core.model import Record, Side
from ledgerbridge.core.planning import Rules, why_excluded
from ledgerbridge.service.planners.chunk import Chunk, Found
from ledgerbridge.service.planners.invoices import payments_of
from ledgerbridge.store import gone, links, records
from ledgerbridge.syncs import totals
from ledgerbridge.syncs.allocations import INVOICE, PAYMENT
from ledgerbridge.syncs.invoice_figures import Around, derive, settled
from ledgerbridge.syncs.invoices import NAME as INVOICES
from ledgerbridge.syncs.totals import NOTHING, Totals

CUSTOMER, CURRENCY = "CustomerRef", "CurrencyRef"
SLICE_RECORDS = 500


def with_totals(chunk: Chunk, found: Found) -> Found:
    """These customers with what their invoices add up to, if the sync shows any of it."""
    invoices = chunk.world.syncs.get(INVOICES)
    mapped = {name for mapping in chunk.sync.rules.mappings for name in mapping.quickbooks}
    if invoices is None or not mapped & totals.FIELDS or not found:
        return found
    counted = _counted_together(chunk, found)
    customers = {one.id for group in counted.values() for one in group}
    sums = _sums(chunk, invoices.rules, customers)
    paid = _last_payments(chunk, customers)
    since = totals.counted_since(invoices.rules.definition.to_hubspot)
    return {
        record_id: _with(
            record,
            totals.of_customer(
                sum((sums[one.id] for one in counted[record_id]), NOTHING),
                [one for one in counted[record_id] if not one.state.gone],
                max((paid[one.id] for one in counted[record_id]), default=""),
                since,
            ),
        )
        for record_id, record in found.items()
    }


def _with(record: Record, figures: dict[str, str | None]) -> Record:
    return replace(record, fields={**record.fields, **figures})


def _counted_together(chunk: Chunk, found: Found) -> dict[str, list[Record]]:
    """
    Each customer with those who lean on its pair, as far as they have its currency, and with all
    that were merged into them: invoices that nothing touched since still name these.
    """
    near = _leaning(chunk, found)
    alive = {x for group in near.values() for x in group} | found.keys()
    connection, entity = chunk.world.connections[Side.QUICKBOOKS], chunk.sync.rules.quickbooks_type
    merged = gone.merged_into(chunk.tx, connection, entity, alive)
    wanted = alive | {x for group in merged.values() for x in group}
    read = {**chunk.read(Side.QUICKBOOKS, entity, wanted - found.keys()), **found}
    together = {}
    for record_id, record in found.items():
        ones = (record_id, *near[record_id])
        ids = dict.fromkeys(x for one in ones for x in (one, *merged.get(one, ())))
        currency = record.fields.get(CURRENCY)
        records_of = [read[x] for x in ids if x in read]
        together[record_id] = [x for x in records_of if x.fields.get(CURRENCY) == currency]
    return together


def _leaning(chunk: Chunk, found: Found) -> dict[str, list[str]]:
    """
    Who leans on the pair of each of these customers, but for those that a merge made part of a
    customer elsewhere: what was theirs counts there.
    """
    own = chunk.links(Side.QUICKBOOKS, found)
    leaning = links.attached_to(chunk.tx, [link.id for link in own.values()])
    ids = {x: own[x].id if x in own else "" for x in found}
    near = {x: [one.record_id for one in leaning.get(link, ())] for x, link in ids.items()}
    connection, entity = chunk.world.connections[Side.QUICKBOOKS], chunk.sync.rules.quickbooks_type
    leads = gone.survivors(chunk.tx, connection, entity, [x for one in near.values() for x in one])
    return {
        x: [one for one in group if leads.get(one, x) in {x, *group}] for x, group in near.items()
    }


def _sums(chunk: Chunk, rules: Rules, customers: Collection[str]) -> defaultdict[str, Totals]:
    sums: defaultdict[str, Totals] = defaultdict(lambda: NOTHING)
    for owner, invoices in _slices(chunk, INVOICE, customers):
        payments = payments_of(chunk, [one.id for one in invoices])
        for invoice in invoices:
            around = Around(
                enabled_at=rules.enabled_at,
                as_of=rules.as_of,
                payments=None if payments is None else payments.get(invoice.id, ()),
            )
            if _counts(rules, invoice, around):
                settlement = settled(invoice, around)
                sums[owner[invoice.id]] += totals.of_invoice(invoice, settlement, rules.as_of)
    return sums


def _counts(rules: Rules, invoice: Record, around: Around) -> bool:
    """Whether the filter of the invoices lets it through."""
    if rules.definition.to_hubspot.groups:
        return not why_excluded(rules, Side.HUBSPOT, derive(invoice, around))
    return True


def _last_payments(chunk: Chunk, customers: Collection[str]) -> defaultdict[str, str]:
    last: defaultdict[str, str] = defaultdict(str)
    for owner, payments in _slices(chunk, PAYMENT, customers):
        for one in payments:
            last[owner[one.id]] = max(last[owner[one.id]], totals.last_payment([one]))
    return last


def _slices(
    chunk: Chunk, object_type: str, customers: Iterable[str]
) -> Iterator[tuple[dict[str, str], Sequence[Record]]]:
    """The records that refer to these customers, some at a time, with the customer of each."""
    connection = chunk.world.connections[Side.QUICKBOOKS]
    wanted = list(customers)
    referring = records.referring(chunk.tx, connection, object_type, CUSTOMER, wanted)
    owner = {x: customer for customer, ids in referring.items() for x in ids}
    ids = iter(owner)
    while some := list(islice(ids, SLICE_RECORDS)):
        yield owner, list(chunk.read(Side.QUICKBOOKS, object_type, some).values())
