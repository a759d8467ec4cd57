"""
The invoice's states and sums, in both modes.

A billable invoice moves along its states and its amounts are computed from its lines. A
non-billable one takes any status and any amount; what nobody wrote is computed all the same. Both
need a contact and a line item to leave draft, unless a switch says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from ledgerbridge.sandbox.hubspot.derived import Values, amount_of, cents, plain
from ledgerbridge.sandbox.hubspot.errors import ValueProblem, invalid
from ledgerbridge.sandbox.hubspot.instants import DAY_MS, iso, parse_ms
from ledgerbridge.sandbox.hubspot.records import Record
from ledgerbridge.sandbox.hubspot.state import PortalState

AMOUNTS = frozenset({"hs_amount_billed", "hs_amount_paid", "hs_balance_due"})
BILLABLE_MOVES: Mapping[str, frozenset[str]] = {
    "draft": frozenset({"draft", "open"}),
    "open": frozenset({"open", "paid", "voided"}),
    "paid": frozenset({"paid"}),
    "voided": frozenset({"voided"}),
}
NEEDS = (
    ("contacts", "INVOICE_TO_CONTACT", "open_invoice_without_contact"),
    ("line_items", "INVOICE_TO_LINE_ITEM", "open_invoice_without_lines"),
)
HELD = frozenset({"paid", "voided"})
PAID_STATES = frozenset({"succeeded", "partially_refunded", "disputed_won"})


def billable(values: Values) -> bool:
    """Whether the invoice is one that HubSpot itself collects."""
    return values.get("hs_invoice_billable", "true") != "false"


def amount_problems(written: Values, result: Values) -> list[ValueProblem]:
    """Why amounts cannot be written: in the billable mode they are computed."""
    if not billable(result):
        return []
    return [
        ValueProblem(
            "READ_ONLY_VALUE", name, f'"{name}" is a calculated property; its value cannot be set.'
        )
        for name in written
        if name in AMOUNTS
    ]


def check_status(state: PortalState, old: Values, result: Values, linked: set[str]) -> None:
    """
    Raises 400 where an invoice may not go from one status to another.

    `linked` names the types of which at least one record is associated. A new invoice comes from
    draft; there the billable mode allows draft and open only.
    """
    before, after = old.get("hs_invoice_status") or "draft", result.get("hs_invoice_status", "")
    if billable(result):
        _check_billable(state, before, after, old, result)
    if before != "draft" or after in {"draft", "voided", ""}:
        return
    for type_name, name, switch in NEEDS:
        if type_name not in linked and not getattr(state.switches, switch):
            raise invalid(
                f"Invoice cannot be moved to {after}: a required association is missing: {name}"
            )


def _check_billable(
    state: PortalState, before: str, after: str, old: Values, result: Values
) -> None:
    allowed = after in BILLABLE_MOVES.get(before, frozenset())
    unpaid = after == "paid" != before and not state.switches.billable_paid_without_payment
    if not allowed or unpaid:
        raise invalid(f"Invoice status cannot be changed from {before} to {after}")
    due, today = result.get("hs_due_date", ""), state.now_ms() // DAY_MS * DAY_MS
    ms = parse_ms(due) if due and due != old.get("hs_due_date") else None
    if ms is not None and ms < today and state.switches.past_due_date_refused:
        raise invalid(f"Due date {due} is in the past")


def check_archive(state: PortalState, values: Values) -> None:
    """Raises 400 where an invoice may not be archived: paid, voided, open unless switched."""
    status = values.get("hs_invoice_status", "draft")
    if status in HELD or (status == "open" and not state.switches.open_invoices_deletable):
        raise invalid(f"Invoice with status {status} cannot be deleted")


def computed(state: PortalState, invoice: Record) -> dict[str, str]:
    """The properties of an invoice that follow from what it is associated with."""
    values, pinned = invoice.values, invoice.pinned if not billable(invoice.values) else frozenset()
    found = {name: plain(amount) for name, amount in _sums(state, invoice).items()}
    billed = values["hs_amount_billed"] if "hs_amount_billed" in pinned else found["billed"]
    paid = values["hs_amount_paid"] if "hs_amount_paid" in pinned else found["paid"]
    status = values.get("hs_invoice_status")
    if status == "paid" and "hs_amount_paid" not in pinned:
        paid = billed
    due = plain(Decimal(billed or 0) - Decimal(paid or 0)) if status not in HELD else "0"
    contact = next(iter(state.linked(invoice, "contacts")), None)
    company = next(iter(state.linked(invoice, "companies")), None)
    result = {
        "hs_amount_billed": billed,
        "hs_amount_paid": paid,
        "hs_balance_due": values["hs_balance_due"] if "hs_balance_due" in pinned else due,
        "hs_total_discount": found["discount"],
        "hs_tax": found["tax"],
        "hs_amount_billed_in_company_currency": plain(
            Decimal(billed or 0) * state.rate_of(values.get("hs_currency", ""))
        ),
    }
    if contact is not None:
        for name in ("email", "firstname", "lastname"):
            result[f"hs_invoice_latest_contact_{name}"] = contact.values.get(name, "")
    if company is not None:
        result["hs_invoice_latest_company_name"] = company.values.get("name", "")
    return result


def _sums(state: PortalState, invoice: Record) -> dict[str, Decimal]:
    """Lines, then discounts, fees and taxes in this order, each in its own sort order."""
    lines = state.linked(invoice, "line_items")
    subtotal = sum((amount_of(line.values, "amount") for line in lines), Decimal(0))
    discount = sum((amount_of(line.values, "hs_total_discount") for line in lines), Decimal(0))
    tax = sum((amount_of(line.values, "hs_tax_amount") for line in lines), Decimal(0))
    total = subtotal
    for type_name, sign in (("discounts", -1), ("fees", 1), ("taxes", 1)):
        base, added = total, Decimal(0)
        for record in _in_order(state.linked(invoice, type_name)):
            value = amount_of(record.values, "hs_value")
            percent = record.values.get("hs_type") == "PERCENT"
            added += cents(base * value / 100) if percent else value
        total += sign * added
        discount += added if type_name == "discounts" else 0
        tax += added if type_name == "taxes" else 0
    line_tax = sum((amount_of(line.values, "hs_tax_amount") for line in lines), Decimal(0))
    paid = sum((received(payment.values) for payment in _payments(state, invoice)), Decimal(0))
    return {"billed": total + line_tax, "discount": discount, "tax": tax, "paid": paid}


def _in_order(records: list[Record]) -> list[Record]:
    return sorted(records, key=lambda record: amount_of(record.values, "hs_sort_order"))


def _payments(state: PortalState, invoice: Record) -> list[Record]:
    return state.linked(invoice, "commerce_payments")


def received(payment: Values) -> Decimal:
    """What a payment brought, nothing unless it succeeded."""
    if payment.get("hs_latest_status") not in PAID_STATES:
        return Decimal(0)
    return amount_of(payment, "hs_initial_amount") - amount_of(payment, "hs_refunds_amount")


def paid_by_payments(state: PortalState, invoice: Record) -> dict[str, str]:
    """What changes on an invoice because of its succeeded payments; nothing where none does."""
    rule, values = state.switches.payment_marks_paid, invoice.values
    paying = [payment for payment in _payments(state, invoice) if received(payment.values) > 0]
    if rule == "never" or not paying or values.get("hs_invoice_status") in {*HELD, "draft"}:
        return {}
    total = sum((received(payment.values) for payment in paying), Decimal(0))
    if rule == "covered" and total < amount_of(values, "hs_amount_billed"):
        return {}
    dates = (payment.values.get("hs_initiated_date", "") for payment in paying)
    return {"hs_invoice_status": "paid", "hs_payment_date": max(dates) or iso(state.now_ms())}
