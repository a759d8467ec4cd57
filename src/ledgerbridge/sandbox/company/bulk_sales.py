"""Plain invoices of three lines, and payments of most of them, in any number, for measurements."""

from __future__ import annotations

from datetime import datetime, timedelta

from ledgerbridge.sandbox.company.bulk import FIRST_AT
from ledgerbridge.sandbox.quickbooks import Company

ITEMS = 20
LINES = 3
SOLD_AFTER = timedelta(days=60)


def load_bulk_sales(company: Company, invoices: int, payments: int) -> None:
    """
    Enters items, invoices over the customers there are, in turn, and a full payment of each of
    the first `payments` ones; each a second after the one before.

    Raises ValueError for more payments than invoices, or without a customer.
    """
    customers = [customer["Id"] for customer in company.all("Customer")]
    if payments > invoices or (invoices and not customers):
        raise ValueError(f"{payments} payments of {invoices} invoices to {len(customers)}")
    at = FIRST_AT + SOLD_AFTER
    items = [_item(company, number, at) for number in range(ITEMS)]
    for index in range(invoices):
        at += timedelta(seconds=1)
        customer = {"value": customers[index % len(customers)]}
        invoice = company.create("Invoice", _invoice(index, customer, items, at), at=at)
        if index < payments:
            company.create("Payment", _payment(invoice["Id"], invoice["TotalAmt"], customer), at=at)


def _item(company: Company, number: int, at: datetime) -> str:
    account = next(one for one in company.all("Account") if one["AccountType"] == "Income")
    item = company.create(
        "Item",
        {
            "Name": f"Part {number + 1}",
            "Sku": f"P-{number + 1:03}",
            "Type": "NonInventory",
            "UnitPrice": 10 + number,
            "IncomeAccountRef": {"value": account["Id"]},
        },
        at=at,
    )
    return str(item["Id"])


def _invoice(
    index: int, customer: dict[str, str], items: list[str], at: datetime
) -> dict[str, object]:
    lines = [
        {
            "DetailType": "SalesItemLineDetail",
            "Description": f"Delivery {index + 1}, part {line + 1}",
            "Amount": (line + 1) * (10 + (index + line) % ITEMS),
            "SalesItemLineDetail": {
                "ItemRef": {"value": items[(index + line) % ITEMS]},
                "Qty": line + 1,
                "UnitPrice": 10 + (index + line) % ITEMS,
            },
        }
        for line in range(LINES)
    ]
    return {"CustomerRef": customer, "TxnDate": at.date().isoformat(), "Line": lines}


def _payment(invoice_id: str, total: object, customer: dict[str, str]) -> dict[str, object]:
    linked = [{"TxnId": invoice_id, "TxnType": "Invoice"}]
    return {
        "CustomerRef": customer,
        "TotalAmt": total,
        "Line": [{"Amount": total, "LinkedTxn": linked}],
    }
