"""
Payments from QuickBooks as HubSpot commerce payments: one for each payment and invoice that it
settles, and one for an unapplied rest (business-rules.md, payments).
"""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from ledgerbridge.core.definition import DeletionRule, SyncDefinition
from ledgerbridge.core.filters import Filter
from ledgerbridge.core.mapping import Direction
from ledgerbridge.core.model import Link, LinkStatus, Record, Side, Value
from ledgerbridge.core.order import waits_for
from ledgerbridge.core.plan import Ended, Operation, Planned, Pointer, WriteKind
from ledgerbridge.core.planning import (
    STAGES,
    Rules,
    blocked,
    excluded,
    failing,
    filtered_out,
    plan_creation,
    plan_match,
    plan_pair,
    why_excluded,
)
from ledgerbridge.core.schema import FieldType
from ledgerbridge.syncs.allocations import ALLOCATION, OF_INVOICE, PAYMENT
from ledgerbridge.syncs.companies import NAME as COMPANIES
from ledgerbridge.syncs.contacts import NAME as CONTACTS
from ledgerbridge.syncs.kind import KEY_DERIVED, SyncKind, derived, shown

NAME = "payments"
KEY = "hs_external_reference_id"
WITHDRAWN = "withdrawn: "
PROCESSOR, SUCCEEDED = "quickbooks", "succeeded"
METHODS = (
    ("cheque", "check"),
    ("check", "check"),
    ("cash", "cash"),
    ("card", "card"),
    ("visa", "card"),
    ("mastercard", "card"),
    ("american express", "card"),
    ("amex", "card"),
    ("discover", "card"),
    ("ach", "ach"),
    ("echeck", "ach"),
    ("sepa", "sepa"),
    ("wire", "wire_transfer"),
    ("transfer", "wire_transfer"),
)
OTHER_METHOD = "other"
FOLLOWS_INVOICE = "It follows by itself once that invoice comes in: see the filter of invoices."

MAPPINGS = (
    shown("key", KEY, "@key"),
    shown("amount", "hs_initial_amount", "@amount"),
    shown("date", "hs_initiated_date", "TxnDate"),
    shown("currency", "hs_currency_code", "CurrencyRef"),
    shown("method", "hs_payment_method_type", "@method"),
    shown("reference", "hs_reference_number", "PaymentRefNum"),
    shown("processor", "hs_processor_type", "@processor"),
    shown("status", "hs_latest_status", "@status"),
)

KIND = SyncKind(
    name=NAME,
    hubspot_type="commerce_payments",
    quickbooks_type=ALLOCATION,
    reads=PAYMENT,
    key_property=KEY,
    may_lack=True,
    never_written={"hs_customer_email": "HubSpot would send a receipt to that address"},
    defaults=SyncDefinition(
        name=NAME,
        direction=Direction.TO_HUBSPOT,
        to_hubspot=Filter(),
        to_quickbooks=Filter(groups=()),
        mappings=MAPPINGS,
        matching=("key",),
    ),
    matching=("key",),
    own_properties=(),
    derived=(
        KEY_DERIVED,
        derived("amount", FieldType.MONEY),
        derived("method", FieldType.ENUM),
        derived("processor", FieldType.ENUM),
        derived("status", FieldType.ENUM),
    ),
)


class AllocationSituation(Struct, frozen=True, kw_only=True):
    """
    Everything known around one allocation.

    `mirrors` are commerce payments that carry its key. `invoice` is the link of the invoice it
    settles, None without one; `invoice_promised` that the plan being made creates its mirror;
    `invoice_excluded` says why that invoice stays out, if it does. `reachable` names the syncs in
    which the customer of an unapplied rest has a partner.
    """

    allocation: Record
    link: Link | None
    mirror: Record | None
    mirrors: tuple[Record, ...]
    invoice: Link | None
    invoice_promised: bool
    invoice_excluded: str | None
    reachable: frozenset[str] = frozenset()


def match_keys(side: Side, record: Record) -> tuple[tuple[str, str], ...]:
    """The key of ours, on either side."""
    key = record.fields.get("@key" if side is Side.QUICKBOOKS else KEY)
    return (("key", key),) if key else ()


def method(name: Value) -> str:
    """HubSpot's word for a payment method of QuickBooks, by its name."""
    plain = (name or "").casefold()
    return next((word for part, word in METHODS if part in plain), OTHER_METHOD)


def derive(allocation: Record) -> Record:
    """The allocation with what HubSpot is told of every payment."""
    computed: dict[str, Value] = {
        "@method": method(allocation.fields.get("PaymentMethodRef.name")),
        "@processor": PROCESSOR,
        "@status": SUCCEEDED,
    }
    return replace(allocation, fields={**allocation.fields, **computed})


def plan_allocation(rules: Rules, situation: AllocationSituation) -> Planned:
    """What one allocation needs: its mirror in step, a new mirror, or a reason."""
    allocation, link = derive(situation.allocation), situation.link
    generation = 1
    if link is not None and link.status is LinkStatus.DEAD:
        if allocation.state.gone or not link.reason.startswith(WITHDRAWN):
            return excluded(Side.QUICKBOOKS, allocation.id, "link_ended", link.reason)
        generation, link = link.generation + 1, None
    reasons = why_excluded(rules, Side.HUBSPOT, allocation)
    if reasons:
        return filtered_out(Side.QUICKBOOKS, allocation.id, reasons, linked=link is not None)
    currency = allocation.fields.get("CurrencyRef")
    if currency and rules.currencies and currency not in rules.currencies:
        return _currency_missing(allocation, currency)
    if link is not None:
        if situation.mirror is None:
            on = waits_for("hubspot-payment", link.hubspot_id or "?")
            return blocked(Side.QUICKBOOKS, allocation.id, on, "its mirror has not been read yet")
        return plan_pair(rules, link, situation.mirror, allocation)
    adopted = [m for m in situation.mirrors if m.fields.get(KEY) == allocation.fields["@key"]]
    if len(adopted) == 1 and "key" in rules.definition.matching:
        return plan_match(rules, adopted[0], allocation, "matched by our key", generation)
    stays_out = _stays_out(situation)
    if stays_out is not None:
        return stays_out
    return plan_creation(
        rules,
        Side.HUBSPOT,
        allocation,
        points=_points(allocation, situation.reachable),
        generation=generation,
        reason="a payment that HubSpot does not have yet",
    )


def _stays_out(situation: AllocationSituation) -> Planned | None:
    """A payment follows its invoice, an unapplied rest its customer (business-rules.md)."""
    allocation = situation.allocation
    invoice_id = next(iter(allocation.references.get(OF_INVOICE, ())), None)
    if invoice_id is None:
        if situation.reachable:
            return None
        message = "what is left of it settles no invoice, and its customer is not in HubSpot"
        customer = next(iter(allocation.references.get("CustomerRef", ())), "")
        until = waits_for(CONTACTS, customer)
        return excluded(Side.QUICKBOOKS, allocation.id, "no_customer", message, until=until)
    link = situation.invoice
    made = link is not None and link.hubspot_id is not None and link.status is LinkStatus.LIVE
    if made or situation.invoice_promised:
        return None
    if situation.invoice_excluded is not None:
        message = f"its invoice {invoice_id} is not in HubSpot: {situation.invoice_excluded}"
        return excluded(
            Side.QUICKBOOKS, allocation.id, "invoice_out_of_scope", message, FOLLOWS_INVOICE
        )
    if link is not None and link.status is LinkStatus.DEAD:
        message = f"its invoice {invoice_id} is not kept any more: {link.reason}"
        return excluded(Side.QUICKBOOKS, allocation.id, "invoice_out_of_scope", message)
    return blocked(
        Side.QUICKBOOKS,
        allocation.id,
        waits_for("invoices", invoice_id),
        f"its invoice {invoice_id} is not in HubSpot yet",
        "It follows as soon as that invoice does; see why it waits with: ledgerbridge status",
    )


def _points(allocation: Record, reachable: frozenset[str]) -> tuple[Pointer, ...]:
    invoices = allocation.references.get(OF_INVOICE, ())
    customers = allocation.references.get("CustomerRef", ())
    named = CONTACTS if CONTACTS in reachable else COMPANIES
    return (
        *(Pointer(object_type="invoices", sync="invoices", partner_id=x) for x in invoices),
        *(
            Pointer(
                object_type=name,
                sync=name,
                partner_id=x,
                required=name == named and not invoices,
            )
            for x in customers
            for name in (CONTACTS, COMPANIES)
        ),
    )


def plan_withdrawn(rules: Rules, link: Link, *, evidence: str, mirror: Record | None) -> Planned:
    """
    A payment bounced, was deleted or re-applied: its mirror is withdrawn, for it is ours.

    With the rule *nothing* the mirror stays and the pair ends.
    """
    reason = WITHDRAWN + evidence
    keeps = rules.definition.deletions is DeletionRule.NOTHING
    if keeps or mirror is None or mirror.state.gone or link.hubspot_id is None:
        return Planned(ended=(Ended(link=link.id, reason=reason),))
    operation = Operation(
        sync=rules.sync,
        link=link.id,
        side=Side.HUBSPOT,
        object_type=rules.hubspot_type,
        kind=WriteKind.ARCHIVE,
        stage=STAGES[Side.HUBSPOT],
        record_id=link.hubspot_id,
        expected=link.base_hubspot,
        reason=reason,
        ends=reason,
    )
    return Planned(operations=(operation,))


def _currency_missing(allocation: Record, currency: str) -> Planned:
    return failing(
        Side.QUICKBOOKS,
        allocation.id,
        "currency_not_enabled",
        f"the payment is in {currency}, which this HubSpot portal does not have",
        f"Add {currency} in HubSpot under Settings > Account Defaults > Currency.",
    )
