"""
What a deal shows of its invoices: the most recent one, and totals (business-rules.md, deals).

Figures are a record like any other, derived from the invoices on the deal and keyed by its id.
Amount and stage of a deal are never written.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from ledgerbridge.core.definition import SyncDefinition
from ledgerbridge.core.filters import Filter
from ledgerbridge.core.mapping import Direction
from ledgerbridge.core.model import Link, LinkStatus, Record, Side, State, Value
from ledgerbridge.core.plan import Planned
from ledgerbridge.core.planning import KEY_FIELD, Rules, excluded, plan_match, plan_pair
from ledgerbridge.core.schema import FieldType
from ledgerbridge.syncs.allocations import Settlement
from ledgerbridge.syncs.deals import CLOSED_AT, CURRENCY, ESTIMATE, PO_NUMBER, WON
from ledgerbridge.syncs.kind import (
    KEY,
    KEY_DERIVED,
    KEY_PROPERTY,
    STATE_PROPERTY,
    SyncKind,
    derived,
    own,
    shown,
)
from ledgerbridge.syncs.totals import NOTHING, amounts, of_invoice

NAME = "deals"
FIGURES = "DealFigures"
# property and value, label, type
SHOWN = (
    ("invoice_number", "Most recent invoice", FieldType.TEXT),
    ("invoice_date", "Date of the most recent invoice", FieldType.DATE),
    ("invoice_due", "Due date of the most recent invoice", FieldType.DATE),
    ("invoice_total", "Total of the most recent invoice", FieldType.MONEY),
    ("invoice_balance", "Balance of the most recent invoice", FieldType.MONEY),
    ("invoice_status", "Status of the most recent invoice", FieldType.TEXT),
    ("invoice_link", "Link to the most recent invoice", FieldType.URL),
    ("invoices", "Number of invoices", FieldType.NUMBER),
    ("invoiced", "Invoiced", FieldType.MONEY),
    ("paid", "Paid", FieldType.MONEY),
    ("credited", "Credited", FieldType.MONEY),
    ("open", "Open", FieldType.MONEY),
    ("overdue", "Overdue", FieldType.MONEY),
    ("since", "Invoices count since", FieldType.TEXT),
)

KIND = SyncKind(
    name=NAME,
    hubspot_type="deals",
    quickbooks_type=FIGURES,
    reads="Invoice",
    never_written=dict.fromkeys(
        ("amount", "dealstage"), "what a deal is worth and how far it is are the seller's to say"
    ),
    defaults=SyncDefinition(
        name=NAME,
        direction=Direction.TO_HUBSPOT,
        to_hubspot=Filter(),
        to_quickbooks=Filter(groups=()),
        mappings=(
            KEY,
            shown("state", "ledgerbridge_state", "@state"),
            *(
                shown(name.replace("_", " "), f"ledgerbridge_{name}", f"@{name}")
                for name, _, _ in SHOWN
            ),
        ),
        matching=("key",),
    ),
    matching=("key",),
    own_properties=(
        KEY_PROPERTY,
        STATE_PROPERTY,
        *(own(name, label, kind) for name, label, kind in SHOWN),
        own("po_number", "PO number by which invoices find this deal"),
        own("estimate", "QuickBooks estimate by which invoices find this deal"),
    ),
    derived=(
        KEY_DERIVED,
        derived("state"),
        *(derived(name, kind) for name, _, kind in SHOWN),
    ),
)
READ = (
    KEY_FIELD,
    PO_NUMBER,
    ESTIMATE,
    "amount",
    CLOSED_AT,
    CURRENCY,
    WON,
)


class Billed(Struct, frozen=True, kw_only=True):
    """An invoice on a deal as HubSpot is told of it, and what settled it if that is read."""

    invoice: Record
    settlement: Settlement | None


def match_keys(side: Side, record: Record) -> tuple[tuple[str, str], ...]:
    """Figures belong to their deal by its id; nothing else matches."""
    return ()


def figures(
    realm_id: str, deal_id: str, billed: Sequence[Billed], *, since: str, as_of: str
) -> Record:
    """
    The figures of a deal. Voided and deleted invoices leave the totals.

    `since` says from when invoices count where a filter cuts the past off; `as_of` is today.
    """
    counted = [one.invoice for one in billed if one.invoice.state is State.LIVE]
    together = sum((of_invoice(x.invoice, x.settlement, as_of) for x in billed), NOTHING)
    fields: dict[str, Value] = {
        "@key": f"{realm_id}:deal:{deal_id}",
        "@state": State.LIVE.value,
        **amounts(together),
        "@since": since or None,
    }
    if counted:
        fields |= _latest(max(counted, key=_age))
    return Record(
        object_type=FIGURES,
        id=deal_id,
        version="0",
        fields={name: value for name, value in fields.items() if value is not None},
    )


def _age(invoice: Record) -> tuple[str, int, str]:
    return (invoice.fields.get("TxnDate") or "", len(invoice.id), invoice.id)


def _latest(invoice: Record) -> dict[str, Value]:
    fields = invoice.fields
    return {
        "@invoice_number": fields.get("DocNumber"),
        "@invoice_date": fields.get("TxnDate"),
        "@invoice_due": fields.get("DueDate"),
        "@invoice_total": fields.get("TotalAmt"),
        "@invoice_balance": fields.get("Balance"),
        "@invoice_status": fields.get("@status"),
        "@invoice_link": fields.get("@link"),
    }


def plan_figures(rules: Rules, link: Link | None, deal: Record | None, record: Record) -> Planned:
    """What a deal needs to show its figures. A deal that is gone needs nothing."""
    if link is not None and link.status is LinkStatus.DEAD:
        return excluded(Side.QUICKBOOKS, record.id, "link_ended", link.reason)
    if deal is None or deal.state.gone:
        return Planned()
    if link is None:
        return plan_match(rules, deal, record, "the figures of its invoices")
    return plan_pair(rules, link, deal, record)
