"""
Invoices from QuickBooks as native, non-billable HubSpot invoices: an exact mirror of the header,
the lines as line items, on the contact of the customer (business-rules.md, invoices).
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from msgspec import Struct
from msgspec.structs import replace

from ledgerbridge.core.definition import SyncDefinition
from ledgerbridge.core.filters import Condition, Filter
from ledgerbridge.core.mapping import Direction, When
from ledgerbridge.core.model import LineLink, Link, LinkStatus, Record, Side, State, Value
from ledgerbridge.core.order import Stage, waits_for
from ledgerbridge.core.plan import Operation, Planned, Pointer, WriteKind
from ledgerbridge.core.planning import (
    KEY_FIELD,
    Rules,
    blocked,
    excluded,
    failing,
    filtered_out,
    joined,
    plan_creation,
    plan_match,
    plan_pair,
    why_excluded,
)
from ledgerbridge.core.schema import FieldType
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
from ledgerbridge.syncs.lines import LINE_TYPE, plan_lines, plan_new_lines, shown_total

NAME = "invoices"
CUSTOMER = "@customer"
SETTLEMENTS = ("LinkedTxn.Payment", "LinkedTxn.CreditMemo")
INVOICE_PAGE = "https://app.qbo.intuit.com/app/invoice?txnId="

MAPPINGS = (
    KEY,
    shown("number", "hs_number", "DocNumber"),
    shown("date", "hs_invoice_date", "TxnDate"),
    shown("due date", "hs_due_date", "DueDate"),
    shown("currency", "hs_currency", "CurrencyRef"),
    shown("amount billed", "hs_amount_billed", "TotalAmt"),
    shown("balance due", "hs_balance_due", "Balance"),
    shown("status", "hs_invoice_status", "@status"),
    shown("comments", "hs_comments", "CustomerMemo"),
    shown("external id", "hs_external_invoice_id", "@external_id"),
    shown("external create date", "hs_external_createdate", "MetaData.CreateTime"),
    shown("total", "ledgerbridge_total", "TotalAmt"),
    shown("balance", "ledgerbridge_balance", "Balance"),
    shown("payment state", "ledgerbridge_payment_state", "@payment_state"),
    shown("sent", "ledgerbridge_sent", "@sent"),
    shown("tax", "ledgerbridge_tax", "@tax"),
    shown("discount", "ledgerbridge_discount", "@discount"),
    shown("not in lines", "ledgerbridge_not_in_lines", "@not_in_lines"),
    shown("state", "ledgerbridge_state", "@state"),
    shown("customer", "ledgerbridge_customer", "CustomerRef.name"),
    shown("link", "ledgerbridge_link", "@link"),
    shown("origin", "ledgerbridge_origin", "@origin", When.ON_CREATE),
)

KIND = SyncKind(
    name=NAME,
    hubspot_type="invoices",
    quickbooks_type="Invoice",
    defaults=SyncDefinition(
        name=NAME,
        direction=Direction.TO_HUBSPOT,
        to_hubspot=Filter(
            groups=(
                (Condition(field="MetaData.CreateTime", operator="on or after", value="today"),),
            )
        ),
        to_quickbooks=Filter(groups=()),
        mappings=MAPPINGS,
        matching=("key",),
    ),
    matching=("key",),
    own_properties=(
        KEY_PROPERTY,
        STATE_PROPERTY,
        own("total", "QuickBooks total", FieldType.MONEY),
        own("balance", "QuickBooks balance", FieldType.MONEY),
        own("payment_state", "QuickBooks payment state"),
        own("sent", "Sent from QuickBooks", FieldType.BOOL),
        own("tax", "QuickBooks tax", FieldType.MONEY),
        own("discount", "QuickBooks discount", FieldType.MONEY),
        own("not_in_lines", "Amount that the line items do not show", FieldType.MONEY),
        own("customer", "QuickBooks customer"),
        own("link", "Link to the QuickBooks invoice", FieldType.URL),
        own("origin", "Origin of the record"),
    ),
    derived=(
        KEY_DERIVED,
        derived("status", FieldType.ENUM),
        derived("external_id"),
        derived("payment_state"),
        derived("sent", FieldType.BOOL),
        derived("tax", FieldType.MONEY),
        derived("discount", FieldType.MONEY),
        derived("not_in_lines", FieldType.MONEY),
        derived("state"),
        derived("link", FieldType.URL),
        derived("origin"),
    ),
    children=(LINE_TYPE,),
)


class InvoiceSituation(Struct, frozen=True, kw_only=True):
    """
    Everything known around one invoice.

    `reachable` says whether its customer has a contact, or will have one by this plan; `mirrors`
    are HubSpot invoices that carry its key.
    """

    invoice: Record
    link: Link | None
    mirror: Record | None
    lines: dict[str, LineLink]
    mirrors: tuple[Record, ...]
    reachable: bool


def match_keys(side: Side, record: Record) -> tuple[tuple[str, str], ...]:
    """The key of ours, on either side; a number alone is no evidence."""
    key = record.fields.get("@key" if side is Side.QUICKBOOKS else KEY_FIELD)
    return (("key", key),) if key else ()


def money(text: Value) -> Decimal:
    """An amount as QuickBooks wrote it; absent is zero."""
    try:
        return Decimal(text or "0")
    except InvalidOperation:
        return Decimal(0)


def status(invoice: Record) -> str:
    """`hs_invoice_status`: voided, paid where transactions or a zero total say so, else open."""
    if invoice.state is State.VOIDED:
        return "voided"
    total, balance = money(invoice.fields.get("TotalAmt")), money(invoice.fields.get("Balance"))
    settled = any(invoice.references.get(kind) for kind in SETTLEMENTS)
    settled = settled or money(invoice.fields.get("Deposit")) > 0
    return "paid" if balance == 0 and (settled or total == 0) else "open"


def payment_state(invoice: Record) -> str:
    """In words: unpaid, part paid, paid, voided."""
    known = status(invoice)
    if known in ("paid", "voided"):
        return known
    total, balance = money(invoice.fields.get("TotalAmt")), money(invoice.fields.get("Balance"))
    return "unpaid" if balance >= total else "part paid"


def derive(invoice: Record, enabled_at: str) -> Record:
    """The invoice with the figures and states that HubSpot is shown."""
    fields = invoice.fields
    key = fields.get("@key") or ""
    discount = sum(
        (money(line.fields.get("Amount")) for line in invoice.lines if _is_discount(line.fields)),
        Decimal(0),
    )
    computed: dict[str, Value] = {
        "@status": status(invoice),
        "@payment_state": payment_state(invoice),
        "@external_id": key,
        "@sent": "true" if fields.get("EmailStatus") == "EmailSent" else "false",
        "@tax": str(money(fields.get("TxnTaxDetail.TotalTax"))),
        "@discount": str(discount),
        "@not_in_lines": str(money(fields.get("TotalAmt")) - shown_total(invoice)),
        "@state": invoice.state.value,
        "@link": f"{INVOICE_PAGE}{invoice.id}",
        "@origin": "backfill" if invoice.created_at < enabled_at else "live",
    }
    return replace(invoice, fields={**fields, **computed})


def _is_discount(fields: dict[str, Value]) -> bool:
    return fields.get("DetailType") == "DiscountLineDetail"


def plan_invoice(rules: Rules, situation: InvoiceSituation) -> Planned:
    """What one invoice needs: its mirror brought in step, a new mirror, or a reason."""
    invoice = derive(situation.invoice, rules.enabled_at)
    link = situation.link
    if link is not None and link.status is LinkStatus.DEAD:
        return excluded(Side.QUICKBOOKS, invoice.id, "link_ended", link.reason)
    reasons = why_excluded(rules, Side.HUBSPOT, invoice)
    if reasons:
        return filtered_out(Side.QUICKBOOKS, invoice.id, reasons, linked=link is not None)
    currency = invoice.fields.get("CurrencyRef")
    if currency and rules.currencies and currency not in rules.currencies:
        return _currency_missing(invoice, currency)
    if link is not None and link.hubspot_id is not None:
        return _plan_linked(rules, situation, invoice, link)
    adopted = [m for m in situation.mirrors if m.fields.get(KEY_FIELD) == invoice.fields["@key"]]
    if len(adopted) == 1 and "key" in rules.definition.matching:
        return plan_match(rules, adopted[0], invoice, "matched by our key")
    return _plan_new(rules, situation, invoice)


def _plan_linked(rules: Rules, situation: InvoiceSituation, invoice: Record, link: Link) -> Planned:
    mirror = situation.mirror
    if mirror is None:
        on = waits_for("hubspot-invoice", link.hubspot_id or "?")
        return blocked(Side.QUICKBOOKS, invoice.id, on, "its mirror has not been read yet")
    planned = plan_pair(rules, link, mirror, invoice)
    lines: tuple[Operation, ...] = ()
    if invoice.state is not State.VOIDED:
        lines = plan_lines(rules.sync, link, invoice, situation.lines)
    return joined(planned, Planned(operations=(*lines, *_moved_customer(rules, link, invoice))))


def _plan_new(rules: Rules, situation: InvoiceSituation, invoice: Record) -> Planned:
    customer = _customer(invoice)
    if not situation.reachable:
        return blocked(
            Side.QUICKBOOKS,
            invoice.id,
            waits_for("contacts", customer),
            f"its customer {customer} has no contact in HubSpot",
            f"See why with: ledgerbridge status; it follows as soon as customer {customer} does.",
        )
    contact = _contact_of(customer)
    planned = plan_creation(
        rules,
        Side.HUBSPOT,
        invoice,
        extra={"hs_invoice_billable": "false"},
        reason="an invoice that HubSpot does not have yet",
    )
    header = planned.operations[0]
    lines = plan_new_lines(rules.sync, header.link, invoice, situation.lines)
    sources = {**header.sources, CUSTOMER: customer}
    header = replace(header, points=(contact, *lines.made), sources=sources)
    return Planned(operations=(*lines.operations, header), outcomes=planned.outcomes)


def _customer(invoice: Record) -> str:
    return next(iter(invoice.references.get("CustomerRef", ())), "")


def _moved_customer(rules: Rules, link: Link, invoice: Record) -> tuple[Operation, ...]:
    """The invoice belongs to another customer now: our old association goes, people's stay."""
    before, now = link.base_quickbooks.get(CUSTOMER), _customer(invoice)
    if before is None or before == now or link.hubspot_id is None:
        return ()
    old, new = _contact_of(before), _contact_of(now)
    # Nothing is taken away before there is something to put in its place.
    leaves = _association(rules, link, WriteKind.DISASSOCIATE, (old, replace(new, gate=True)))
    arrives = _association(rules, link, WriteKind.ASSOCIATE, (new,))
    return (
        replace(leaves, stage=Stage.HUBSPOT),
        replace(arrives, stage=Stage.LINES_AFTER, sources={CUSTOMER: now}),
    )


def _contact_of(customer: str) -> Pointer:
    return Pointer(object_type="contacts", sync="contacts", partner_id=customer)


def _association(
    rules: Rules, link: Link, kind: WriteKind, points: tuple[Pointer, ...]
) -> Operation:
    return Operation(
        sync=rules.sync,
        link=link.id,
        side=Side.HUBSPOT,
        object_type=rules.hubspot_type,
        kind=kind,
        stage=Stage.HUBSPOT,
        record_id=link.hubspot_id,
        points=points,
        reason="the invoice moved to another customer",
    )


def _currency_missing(invoice: Record, currency: str) -> Planned:
    return failing(
        Side.QUICKBOOKS,
        invoice.id,
        "currency_not_enabled",
        f"the invoice is in {currency}, which this HubSpot portal does not have",
        f"Add {currency} in HubSpot under Settings > Account Defaults > Currency.",
    )


DELETED_MIRROR: dict[str, Value] = {
    "hs_invoice_status": "voided",
    "hs_balance_due": "0",
    "ledgerbridge_balance": "0",
}
