"""What a bookkeeper does to transactions that are in the books already, one kind after another."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Protocol

from ledgerbridge.sandbox.company.draw import Draw, cents
from ledgerbridge.sandbox.company.edits import Edit, Step
from ledgerbridge.sandbox.company.story import Body

SHIPPING_ITEM = "SHIPPING_ITEM_ID"
RENUMBERED = "-R"


class Desk(Protocol):
    """What both sides hold, and a way to speak for a record."""

    draw: Draw
    customers: list[Body]
    invoices: list[Body]
    payments: list[Body]

    def take(self, type_: str, records: list[Body], fits: Callable[[Body], bool]) -> Body | None:
        """One of the records that fit and that no edit has yet, or None."""

    def take_invoice(self, fits: Callable[[Body], bool]) -> Body | None:
        """An invoice that fits, together with its customer."""


def void(desk: Desk) -> Edit | None:
    """An invoice that nothing settles is voided."""
    invoice = desk.take_invoice(lambda each: _is_mailed(each) and is_untouched(each))
    if invoice is None:
        return None
    said = f"Invoice {invoice['DocNumber']} ({invoice['TotalAmt']}) is voided in QuickBooks"
    return Edit(said, (Step("quickbooks", "Invoice", {}, invoice["Id"], deed="void"),))


def deletion(desk: Desk) -> Edit | None:
    """An invoice that nothing settles is deleted."""
    invoice = desk.take_invoice(lambda each: _is_mailed(each) and is_untouched(each))
    if invoice is None:
        return None
    said = f"Invoice {invoice['DocNumber']} ({invoice['TotalAmt']}) is deleted in QuickBooks"
    return Edit(said, (Step("quickbooks", "Invoice", {}, invoice["Id"], deed="delete"),))


def new_number(desk: Desk) -> Edit | None:
    """An invoice gets another number."""
    invoice = desk.take_invoice(
        lambda each: _is_mailed(each) and not each["DocNumber"].endswith(RENUMBERED)
    )
    if invoice is None:
        return None
    number = f"{invoice['DocNumber']}{RENUMBERED}"
    said = f"Invoice {invoice['DocNumber']} has the number {number} in QuickBooks"
    return Edit(said, (Step("quickbooks", "Invoice", {"DocNumber": number}, invoice["Id"]),))


def another_customer(desk: Desk) -> Edit | None:
    """An invoice was written to the wrong customer."""
    invoice = desk.take_invoice(lambda each: _is_mailed(each) and is_simple(each))
    if invoice is None:
        return None
    owner = invoice["CustomerRef"]["value"]
    currency = invoice["CurrencyRef"]["value"]
    other = desk.take("Customer", desk.customers, lambda each: _may_get(each, owner, currency))
    if other is None:
        return None
    said = (
        f"Invoice {invoice['DocNumber']} was for {other['DisplayName']}, not for "
        f"{invoice['CustomerRef']['name']}: corrected in QuickBooks"
    )
    change = {"CustomerRef": {"value": other["Id"]}}
    return Edit(said, (Step("quickbooks", "Invoice", change, invoice["Id"]),))


def shipping_and_allowance(desk: Desk) -> Edit | None:
    """Shipping is charged, and a line takes something off."""
    invoice = desk.take_invoice(lambda each: _is_mailed(each) and is_simple(each))
    if invoice is None:
        return None
    lines = [line for line in invoice["Line"] if line["DetailType"] == "SalesItemLineDetail"]
    first = lines[0]["SalesItemLineDetail"]["ItemRef"]
    shipping, off = Decimal("12.50"), -cents(Decimal(invoice["TotalAmt"]) / 20)
    allowance = {"ItemRef": first, "Qty": 1, "UnitPrice": off}
    added = [
        _sold({"ItemRef": {"value": SHIPPING_ITEM}}, shipping),
        {**_sold(allowance, off), "Description": "Allowance"},
    ]
    said = (
        f"Invoice {invoice['DocNumber']} in QuickBooks now has shipping of {shipping} and an "
        f"allowance of {-off}"
    )
    return Edit(said, (Step("quickbooks", "Invoice", {"Line": [*lines, *added]}, invoice["Id"]),))


def part_payment(desk: Desk) -> Edit | None:
    """Half of an invoice is paid."""
    invoice = desk.take_invoice(lambda each: _is_mailed(each) and each["Balance"] > 1)
    if invoice is None:
        return None
    amount = cents(Decimal(invoice["Balance"]) / 2)
    linked = {"TxnId": invoice["Id"], "TxnType": "Invoice"}
    body = {
        "CustomerRef": {"value": invoice["CustomerRef"]["value"]},
        "TotalAmt": amount,
        "Line": [{"Amount": amount, "LinkedTxn": [linked]}],
    }
    said = f"{invoice['CustomerRef']['name']} pays a half of invoice {invoice['DocNumber']}"
    return Edit(f"{said} ({amount})", (Step("quickbooks", "Payment", body),))


def bounced_payment(desk: Desk) -> Edit | None:
    """A check bounces: the bookkeeper deletes the payment, and its invoice is open again."""
    paid_by = {_invoices_of(each)[0]: each for each in desk.payments if _settles_one(each)}
    invoice = desk.take_invoice(lambda each: _is_mailed(each) and each["Id"] in paid_by)
    if invoice is None:
        return None
    payment = paid_by[invoice["Id"]]
    said = (
        f"The payment of {payment['TotalAmt']} for invoice {invoice['DocNumber']} bounces and is "
        "deleted in QuickBooks"
    )
    body = {"Line": payment["Line"]}
    return Edit(said, (Step("quickbooks", "Payment", body, payment["Id"], deed="delete"),))


def moved_payment(desk: Desk) -> Edit | None:
    """A payment was put on the wrong invoice of its customer: it is applied to another one."""
    open_ones = {each["CustomerRef"]["value"]: each for each in desk.invoices if is_untouched(each)}
    paid_by = {
        _invoices_of(each)[0]: each
        for each in desk.payments
        if _settles_one(each) and each["CustomerRef"]["value"] in open_ones
    }
    invoice = desk.take_invoice(lambda each: _is_mailed(each) and each["Id"] in paid_by)
    if invoice is None:
        return None
    payment, other = paid_by[invoice["Id"]], open_ones[invoice["CustomerRef"]["value"]]
    (line,) = payment["Line"]
    amount = min(line["Amount"], other["Balance"])
    linked = {"TxnId": other["Id"], "TxnType": "Invoice"}
    moved = {"TotalAmt": payment["TotalAmt"], "Line": [{"Amount": amount, "LinkedTxn": [linked]}]}
    said = (
        f"The payment of {payment['TotalAmt']} was for invoice {other['DocNumber']}, not for "
        f"{invoice['DocNumber']}: applied anew in QuickBooks"
    )
    body = {**moved, "CustomerRef": {"value": payment["CustomerRef"]["value"]}}
    return Edit(said, (Step("quickbooks", "Payment", body, payment["Id"]),))


def is_untouched(invoice: Body) -> bool:
    """Whether the invoice is open and nothing has settled any of it."""
    return bool(invoice["Balance"] == invoice["TotalAmt"] > 0) and "Deposit" not in invoice


def _is_mailed(invoice: Body) -> bool:
    """Whether its customer has one e-mail address."""
    return "BillEmail" in invoice


def is_simple(invoice: Body) -> bool:
    """Whether the invoice is open, in the home currency, and holds but untaxed lines of items."""
    kinds = {line["DetailType"] for line in invoice["Line"]}
    untaxed = not invoice.get("TxnTaxDetail", {}).get("TotalTax")
    plain = kinds == {"SalesItemLineDetail", "SubTotalLineDetail"}
    is_home = invoice.get("ExchangeRate", 1) == 1
    return is_untouched(invoice) and untaxed and plain and is_home


def _may_get(customer: Body, owner: str, currency: str) -> bool:
    active_top = customer["Active"] and "ParentRef" not in customer
    active_top = active_top and customer["CurrencyRef"]["value"] == currency
    address = customer.get("PrimaryEmailAddr", {}).get("Address", "")
    return bool(active_top and customer["Id"] != owner and address.endswith("example.com"))


def _settles_one(payment: Body) -> bool:
    return payment["TotalAmt"] > 0 and len(payment["Line"]) == 1 == len(_invoices_of(payment))


def _invoices_of(payment: Body) -> list[str]:
    linked = [one for line in payment["Line"] for one in line["LinkedTxn"]]
    return [one["TxnId"] for one in linked if one["TxnType"] == "Invoice"]


def _sold(detail: Body, amount: Decimal) -> Body:
    return {
        "DetailType": "SalesItemLineDetail",
        "Amount": amount,
        "SalesItemLineDetail": detail,
    }
