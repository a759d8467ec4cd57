"""Drawing the whole story from a seed."""

from __future__ import annotations

from datetime import date
from random import Random

from ledgerbridge.sandbox.company.commerce import draw_native_sales, draw_products
from ledgerbridge.sandbox.company.customers import CUSTOMERS_MIN, CustomerBook, draw_customers
from ledgerbridge.sandbox.company.deals import draw_deals
from ledgerbridge.sandbox.company.draw import Draw
from ledgerbridge.sandbox.company.invoices import (
    CREW_FIELD,
    DEAL_FIELD,
    PO_FIELD,
    Invoice,
    draw_invoices,
)
from ledgerbridge.sandbox.company.items import draw_items
from ledgerbridge.sandbox.company.portal import draw_contacts
from ledgerbridge.sandbox.company.settlements import CreditMemo, Settlements, draw_settlements
from ledgerbridge.sandbox.company.story import Entry, Story

FIRST_NUMBER = 1001

# How many of each there are for a hundred customers.
PERCENT = {"items": 30, "invoices": 225, "contacts": 87.5, "deals": 20}


def generate(seed: int, customers: int = 400, *, today: date) -> Story:
    """
    The story of a company with that many customers, up to `today`: the same for the same arguments.

    Raises ValueError for fewer customers than it takes to show every situation.
    """
    if customers < CUSTOMERS_MIN:
        raise ValueError(f"a story needs at least {CUSTOMERS_MIN} customers, not {customers}")
    draw = Draw(Random(seed), today)
    count = {name: round(customers * share / 100) for name, share in PERCENT.items()}
    book = draw_customers(draw, customers)
    items = draw_items(draw, count["items"])
    invoices = draw_invoices(draw, count["invoices"], book, items)
    settlements = draw_settlements(draw, invoices, items.sold)
    _number(invoices, settlements.credit_memos)
    portal = draw_contacts(draw, count["contacts"], book)
    deals = draw_deals(draw, count["deals"], portal, invoices)
    for invoice in invoices:
        _note(draw, invoice)
    _note_settlements(draw, settlements)
    hubspot = [
        *portal.companies,
        *portal.contacts,
        *draw_products(draw, items.items),
        *deals.deals,
        *draw_native_sales(draw, portal),
    ]
    return Story(
        seed=seed,
        today=today,
        quickbooks=tuple(_in_order(book, items.items, deals.estimates, invoices, settlements)),
        hubspot=tuple(hubspot),
        voided=tuple(invoice.key for invoice in invoices if invoice.fate == "voided"),
        deactivated=(*book.deactivated, *items.deactivated),
        pairs=tuple(portal.contact_of.items()),
        situations=draw.situations.as_dict(),
    )


def _number(invoices: list[Invoice], credit_memos: list[CreditMemo]) -> None:
    """Numbers invoices and credit memos from one counter, as they were entered."""
    together: list[Invoice | CreditMemo] = [*invoices, *credit_memos]
    together.sort(key=lambda document: document.at)
    for number, document in enumerate(together, FIRST_NUMBER):
        document.number = str(number)
        document.body["DocNumber"] = document.number


def _in_order(
    book: CustomerBook,
    items: list[Entry],
    estimates: list[Entry],
    invoices: list[Invoice],
    settlements: Settlements,
) -> list[Entry]:
    """What is referred to before what refers to it, and each kind in the order of its entry."""
    payments = sorted(settlements.payments, key=lambda entry: entry.at)
    credit_memos = sorted(settlements.credit_memos, key=lambda memo: memo.at)
    return [
        *book.vendors,
        *book.customers,
        *items,
        *estimates,
        *(invoice.entry() for invoice in invoices),
        *(memo.entry() for memo in credit_memos),
        *payments,
    ]


def _note(draw: Draw, invoice: Invoice) -> None:
    """Files an invoice under every situation that it shows."""
    body = invoice.body
    lines = [line for line in body["Line"] if line["DetailType"] == "SalesItemLineDetail"]
    types = {line["DetailType"] for line in body["Line"]}
    is_open = invoice.balance > 0
    has_tax = "TxnTaxDetail" in body
    codes = {line["SalesItemLineDetail"]["TaxCodeRef"]["value"] for line in lines}
    is_abroad = "CurrencyRef" in body
    linked = {link["TxnType"] for link in body.get("LinkedTxn", ())}
    shown = {
        "several_lines": len(lines) > 1,
        "discounts": "DiscountLineDetail" in types,
        "tax": has_tax,
        "without_tax": not has_tax,
        "several_tax_rates": has_tax and len(body["TxnTaxDetail"]["TaxLine"]) > 1,
        "untaxed_beside_taxed": codes == {"TAX", "NON"},
        "bundle_lines": "GroupLineDetail" in types,
        "description_only_lines": "DescriptionOnly" in types,
        "paid": invoice.fate == "paid",
        "partly_paid": invoice.fate == "partly_paid",
        "overdue": is_open and invoice.due < draw.today,
        "due_in_future": is_open and invoice.due > draw.today,
        "zero_total": invoice.fate == "zero_total",
        "with_memo": "CustomerMemo" in body,
        "with_purchase_order": bool(invoice.written(PO_FIELD)),
        "with_crew": bool(invoice.written(CREW_FIELD)),
        "with_deposit": "Deposit" in body,
        "sent": body.get("EmailStatus") == "EmailSent",
        "unsent": "EmailStatus" not in body,
        "invoices_of_sub_customers": "ParentRef" in invoice.customer.body,
        "invoices_without_email": not {"ParentRef", "PrimaryEmailAddr"}
        & set(invoice.customer.body),
        "in_another_currency": is_abroad,
        "discounts_in_another_currency": is_abroad and "DiscountLineDetail" in types,
        "invoices_of_an_estimate": "Estimate" in linked,
        "invoices_that_name_a_deal": bool(invoice.written(DEAL_FIELD)),
        "credits_applied": invoice.fate == "credited",
    }
    if invoice.fate == "voided":
        # Voiding clears the amounts, so nothing that is said of amounts holds any more.
        shown = {"voided": True}
    for situation, holds in shown.items():
        if holds:
            draw.situations.add(situation, invoice.number)


def _note_settlements(draw: Draw, settlements: Settlements) -> None:
    """Files payments and credit memos under the situations that they show."""
    for payment in settlements.payments:
        applied = sum(line["Amount"] for line in payment.body["Line"])
        settled = [line["LinkedTxn"][0]["TxnType"] for line in payment.body["Line"]]
        if settled.count("Invoice") > 1:
            draw.situations.add("payments_over_several_invoices", payment.name)
        if payment.body["TotalAmt"] > applied:
            draw.situations.add("payments_with_a_rest", payment.name)
        if "CurrencyRef" in payment.body and payment.body["TotalAmt"] > 0:
            draw.situations.add("payments_in_another_currency", payment.name)
    for memo in settlements.credit_memos:
        if not memo.is_applied:
            draw.situations.add("credit_memos", memo.number)
