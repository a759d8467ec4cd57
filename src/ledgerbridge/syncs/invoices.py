"""
Invoices from QuickBooks as native, non-billable HubSpot invoices: an exact mirror of the header,
the lines as line items, on the contact of the customer (business-rules.md, invoices).
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from ledgerbridge.core.definition import SyncDefinition
from ledgerbridge.core.endings import back_in_scope, out_of_scope
from ledgerbridge.core.filters import Condition, Filter
from ledgerbridge.core.mapping import Direction
from ledgerbridge.core.model import Link, LinkStatus, Record, Side, State, Value
from ledgerbridge.core.order import waits_for
from ledgerbridge.core.plan import Moved, Operation, Outcome, Planned, Status
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
from ledgerbridge.core.values import text_key
from ledgerbridge.syncs.adjustments import ADJUSTMENT_TYPES, refused_of
from ledgerbridge.syncs.children import plan_children, plan_new_children, told_refused
from ledgerbridge.syncs.companies import ASSOCIATED
from ledgerbridge.syncs.contacts import AMBIGUOUS, PAIRED_BY_HAND, PROPOSED
from ledgerbridge.syncs.contacts import NAME as CONTACTS
from ledgerbridge.syncs.invoice_figures import Around, derive, settled
from ledgerbridge.syncs.invoice_likeness import Likeness, by_another_app, shown_by_another_app
from ledgerbridge.syncs.invoice_places import (
    CUSTOMER,
    ON_CONTACT,
    InvoiceSituation,
    customer_of,
    places_of,
    plan_places,
)
from ledgerbridge.syncs.kind import (
    KEY,
    KEY_DERIVED,
    KEY_PROPERTY,
    ORIGIN_DERIVED,
    ORIGIN_MAPPING,
    ORIGIN_PROPERTY,
    STATE_PROPERTY,
    SyncKind,
    derived,
    own,
    shown,
)
from ledgerbridge.syncs.lines import LINE_TYPE

NAME = "invoices"
BILLABLE = "hs_invoice_billable"
NUMBER = "number"
DUE = "due"
BY_NUMBER = "matched by number, customer, total, currency and date; HubSpot does not bill it"
LINES, KEPT = "@lines", "kept"
"""The mark in a link's base of an invoice that was there before, whose line items are its own."""

MAPPINGS = (
    KEY,
    shown("number", "hs_number", "DocNumber"),
    shown("date", "hs_invoice_date", "TxnDate"),
    shown("due date", "hs_due_date", "DueDate"),
    shown("currency", "hs_currency", "CurrencyRef"),
    replace(shown("amount billed", "hs_amount_billed", "TotalAmt"), enforce=True),
    replace(shown("balance due", "hs_balance_due", "Balance"), enforce=True),
    replace(shown("status", "hs_invoice_status", "@status"), enforce=True),
    shown("comments", "hs_comments", "CustomerMemo"),
    shown("purchase order", "hs_purchase_order_number", "@po_number"),
    shown("external id", "hs_external_invoice_id", "@external_id"),
    shown("external create date", "hs_external_createdate", "MetaData.CreateTime"),
    shown("total", "ledgerbridge_total", "TotalAmt"),
    shown("balance", "ledgerbridge_balance", "Balance"),
    shown("original total", "ledgerbridge_original_total", "@original_total"),
    shown("payment state", "ledgerbridge_payment_state", "@payment_state"),
    shown("part paid", "ledgerbridge_part_paid", "@part_paid"),
    shown("overdue", "ledgerbridge_overdue", "@overdue"),
    shown("sent", "ledgerbridge_sent", "@sent"),
    shown("cash paid", "ledgerbridge_cash_paid", "@cash_paid"),
    shown("credits applied", "ledgerbridge_credits_applied", "@credits_applied"),
    shown("deposit", "ledgerbridge_deposit", "@deposit"),
    shown("home total", "ledgerbridge_home_total", "HomeTotalAmt"),
    shown("home balance", "ledgerbridge_home_balance", "HomeBalance"),
    shown("exchange rate", "ledgerbridge_exchange_rate", "ExchangeRate"),
    shown("estimate", "ledgerbridge_estimate", "@estimate"),
    shown("tax", "ledgerbridge_tax", "@tax"),
    shown("discount", "ledgerbridge_discount", "@discount"),
    shown("not in lines", "ledgerbridge_not_in_lines", "@not_in_lines"),
    shown("state", "ledgerbridge_state", "@state"),
    shown("customer", "ledgerbridge_customer", "@path"),
    shown("link", "ledgerbridge_link", "@link"),
    ORIGIN_MAPPING,
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
        matching=("key", "number"),
    ),
    matching=("key", "number"),
    own_properties=(
        KEY_PROPERTY,
        STATE_PROPERTY,
        own("total", "QuickBooks total", FieldType.MONEY),
        own("balance", "QuickBooks balance", FieldType.MONEY),
        own("original_total", "QuickBooks total before a void", FieldType.MONEY),
        own("payment_state", "QuickBooks payment state"),
        own("part_paid", "Paid in part", FieldType.BOOL),
        own("overdue", "Overdue", FieldType.BOOL),
        own("cash_paid", "Cash paid", FieldType.MONEY),
        own("credits_applied", "Credits applied", FieldType.MONEY),
        own("deposit", "Deposit", FieldType.MONEY),
        own("home_total", "QuickBooks total in home currency", FieldType.MONEY),
        own("home_balance", "QuickBooks balance in home currency", FieldType.MONEY),
        own("exchange_rate", "Exchange rate", FieldType.NUMBER),
        own("estimate", "QuickBooks estimate"),
        own("sent", "Sent from QuickBooks", FieldType.BOOL),
        own("tax", "QuickBooks tax", FieldType.MONEY),
        own("discount", "QuickBooks discount", FieldType.MONEY),
        own("not_in_lines", "Amount that the line items do not show", FieldType.MONEY),
        own("customer", "QuickBooks customer"),
        own("link", "Link to the QuickBooks invoice", FieldType.URL),
        ORIGIN_PROPERTY,
    ),
    derived=(
        KEY_DERIVED,
        derived("status", FieldType.ENUM),
        derived("external_id"),
        derived("po_number"),
        derived("original_total", FieldType.MONEY),
        derived("payment_state"),
        derived("part_paid", FieldType.BOOL),
        derived("overdue", FieldType.BOOL),
        derived("cash_paid", FieldType.MONEY),
        derived("credits_applied", FieldType.MONEY),
        derived("deposit", FieldType.MONEY),
        derived("estimate"),
        derived("sent", FieldType.BOOL),
        derived("tax", FieldType.MONEY),
        derived("discount", FieldType.MONEY),
        derived("not_in_lines", FieldType.MONEY),
        derived("state"),
        derived("path"),
        derived("link", FieldType.URL),
        ORIGIN_DERIVED,
    ),
    children=(LINE_TYPE, *sorted(ADJUSTMENT_TYPES)),
    never_written={BILLABLE: "a mirror that HubSpot bills would bill its customer twice"},
)


def match_keys(side: Side, record: Record) -> tuple[tuple[str, str], ...]:
    """The key of ours, on either side; the number of others' invoices; the day it is due."""
    if side is Side.HUBSPOT:
        key = record.fields.get(KEY_FIELD)
        number = text_key(record.fields.get("hs_number") or "")
        found = ("key", key) if key else (NUMBER, number)
        return ((found[0], found[1]),) if found[1] else ()
    keys = (("key", record.fields.get("@key")), (DUE, record.fields.get("DueDate")))
    return tuple((name, value) for name, value in keys if value)


def plan_invoice(rules: Rules, situation: InvoiceSituation) -> Planned:
    """What one invoice needs: its mirror brought in step, a new mirror, or a reason."""
    link = situation.link
    if situation.chosen is not None:
        return _plan_adopted(rules, situation.invoice, situation.chosen, PAIRED_BY_HAND, link)
    refused = refused_of(situation.invoice, situation.lines)
    around = Around(
        enabled_at=rules.enabled_at,
        as_of=rules.as_of,
        payments=situation.payments,
        before=link.base_quickbooks if link is not None else None,
        refused=frozenset(refused),
        path=situation.path,
    )
    invoice = derive(situation.invoice, around)
    if link is not None and link.status is LinkStatus.DEAD:
        return excluded(Side.QUICKBOOKS, invoice.id, "link_ended", link.reason)
    reasons = why_excluded(rules, Side.HUBSPOT, invoice)
    made = link if link is not None and link.hubspot_id is not None else None
    left = out_of_scope(rules, made, situation.mirror, reasons) if made and reasons else None
    if left is not None:
        return left
    if reasons and made is None:
        return filtered_out(Side.QUICKBOOKS, invoice.id, reasons, linked=link is not None)
    currency = invoice.fields.get("CurrencyRef")
    if currency and rules.currencies and currency not in rules.currencies:
        return _currency_missing(invoice, currency)
    case = joined(told_refused(invoice, refused), _does_not_add_up(situation.invoice, around))
    if made is not None:
        return joined(_plan_linked(rules, situation, invoice, made), case)
    adopted = [m for m in situation.mirrors if m.fields.get(KEY_FIELD) == invoice.fields["@key"]]
    if len(adopted) == 1 and "key" in rules.definition.matching:
        return plan_match(rules, adopted[0], invoice, "matched by our key")
    before = shown_by_another_app(situation.alike)
    if before:
        return _shown_before(invoice, before)
    near = [x for x in situation.alike if x.proposes and not by_another_app(x.mirror)]
    if near and "number" in rules.definition.matching:
        if len(near) == 1 and near[0].certain:
            return joined(_plan_adopted(rules, invoice, near[0].mirror, BY_NUMBER), case)
        return _proposal(invoice, near)
    return joined(_plan_new(rules, situation, invoice), case)


def _plan_adopted(
    rules: Rules, invoice: Record, mirror: Record, reason: str, ended: Link | None = None
) -> Planned:
    """An invoice of others becomes the mirror; the line items that it has are left as they are."""
    generation = 1 if ended is None else ended.generation + 1
    planned = plan_match(rules, mirror, invoice, reason, generation)
    kept: dict[str, Value] = {LINES: KEPT}
    if reason == BY_NUMBER:
        kept |= {CUSTOMER: customer_of(invoice), ON_CONTACT: ASSOCIATED}
    moved = Moved(link=planned.links[0].link, hubspot={}, quickbooks=kept)
    return joined(planned, Planned(moved=(moved,)))


def _proposal(invoice: Record, near: Sequence[Likeness]) -> Planned:
    """What is there may be the invoice: nothing is made until a person has said so."""
    several = len(near) > 1
    outcome = Outcome(
        side=Side.QUICKBOOKS,
        record_id=invoice.id,
        status=Status.CASE,
        code=AMBIGUOUS if several else PROPOSED,
        message="; ".join(one.told() for one in near),
        remedy="See it with: ledgerbridge matches list; then accept, reject or pair.",
    )
    return Planned(outcomes=(outcome,))


def _shown_before(invoice: Record, before: Sequence[Record]) -> Planned:
    """Another app has shown it already: that one is left alone, and no second one is made."""
    ids = ", ".join(one.id for one in before)
    outcome = Outcome(
        side=Side.QUICKBOOKS,
        record_id=invoice.id,
        status=Status.CASE,
        code="shown_by_another_app",
        message=f"HubSpot invoice {ids} shows it already, with the same number, total, currency "
        "and date; another app made it, and a second one would count it twice",
        remedy="Leave it to that app; or switch the app off and archive its invoice in HubSpot, "
        "then: ledgerbridge run",
    )
    return Planned(outcomes=(outcome,))


def _does_not_add_up(invoice: Record, around: Around) -> Planned:
    """Paid, credited and deposited do not account for what is open: shown, never guessed."""
    found = settled(invoice, around)
    if found is None or found.adds_up:
        return Planned()
    currency = invoice.fields.get("CurrencyRef") or ""
    told = f"paid {found.cash}, credited {found.credited}, deposited {found.deposited}"
    message = (
        f"of its total {invoice.fields.get('TotalAmt')} {currency} are {told} and {found.open} is "
        f"open, which leaves {found.difference} unexplained; it is not shown as paid"
    )
    outcome = Outcome(
        side=Side.QUICKBOOKS,
        record_id=invoice.id,
        status=Status.CASE,
        code="does_not_add_up",
        message=message,
        remedy="Look at the transactions of the invoice in QuickBooks: what settles it may be of "
        "a type that is not read, such as a journal entry.",
    )
    return Planned(outcomes=(outcome,))


def _plan_linked(rules: Rules, situation: InvoiceSituation, invoice: Record, link: Link) -> Planned:
    mirror = situation.mirror
    if mirror is None:
        on = waits_for("hubspot-invoice", link.hubspot_id or "?")
        return blocked(Side.QUICKBOOKS, invoice.id, on, "its mirror has not been read yet")
    planned = back_in_scope(rules, link, mirror, plan_pair(rules, link, mirror, invoice))
    lines: tuple[Operation, ...] = ()
    if invoice.state is not State.VOIDED and link.base_quickbooks.get(LINES) != KEPT:
        lines = plan_children(rules.sync, link, invoice, situation.lines)
    return joined(planned, Planned(operations=lines), plan_places(rules, link, invoice, situation))


def _plan_new(rules: Rules, situation: InvoiceSituation, invoice: Record) -> Planned:
    customer = customer_of(invoice)
    if not situation.reachable:
        return blocked(
            Side.QUICKBOOKS,
            invoice.id,
            waits_for("contacts", customer),
            f"its customer {customer} has neither a contact nor a company in HubSpot",
            f"See why with: ledgerbridge status; it follows as soon as customer {customer} does.",
        )
    planned = plan_creation(
        rules,
        Side.HUBSPOT,
        invoice,
        extra={BILLABLE: "false"},
        reason="an invoice that HubSpot does not have yet",
    )
    header = planned.operations[0]
    places = places_of(customer, situation.reachable)
    lines = plan_new_children(rules.sync, header.link, invoice, situation.lines, places)
    on_contact = ASSOCIATED if CONTACTS in situation.reachable else None
    sources = {**header.sources, CUSTOMER: customer, ON_CONTACT: on_contact}
    header = replace(header, points=(*places, *lines.made), sources=sources)
    return Planned(operations=(*lines.operations, header), outcomes=planned.outcomes)


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
