"""What was open at the end of a day: the forms of that day or before, less what had paid them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from ledgerbridge.sandbox.quickbooks.books import ZERO, Books
from ledgerbridge.sandbox.quickbooks.money import cents
from ledgerbridge.sandbox.quickbooks.payments import SIGNS, applied
from ledgerbridge.sandbox.quickbooks.schema import Body

TYPES = {"Invoice": "Invoice", "CreditMemo": "Credit Memo", "Payment": "Payment"}
"""What reports call them."""


@dataclass(frozen=True, slots=True)
class OpenItem:
    """One form with something open. Amounts are in home currency; credits are negative."""

    entity: str
    id: str
    customer_id: str
    number: str
    date: str
    due: str
    amount: Decimal
    open: Decimal


def open_items(books: Books, day: str) -> list[OpenItem]:
    """All of them, the earliest first. The sum of a customer's is what it owes on that day."""
    taken: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    items = []
    for payment in books.records("Payment"):
        body = payment.body
        if body["TxnDate"] > day:
            continue
        left = Decimal(body["TotalAmt"])
        for key, amount in applied(body).items():
            form = books.find(*key)
            if form is not None and form.body["TxnDate"] <= day:
                taken[key] += amount
                left -= SIGNS[key[0]] * amount
        items.append(_item("Payment", body, -Decimal(body["TotalAmt"]), -left))
    for entity, sign in SIGNS.items():
        for record in books.records(entity):
            body = record.body
            if body["TxnDate"] <= day:
                total = Decimal(body["TotalAmt"])
                paid = taken[entity, record.id] + Decimal(body.get("Deposit", 0))
                items.append(_item(entity, body, sign * total, sign * (total - paid)))
    found = [item for item in items if item.open]
    return sorted(found, key=lambda item: (item.date, int(item.id) if item.id.isdecimal() else 0))


def owed(books: Books, day: str) -> dict[str, Decimal]:
    """What each customer owes at the end of a day, in home currency, its jobs left out."""
    sums: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for item in open_items(books, day):
        sums[item.customer_id] += item.open
    return dict(sums)


def _item(entity: str, body: Body, amount: Decimal, left: Decimal) -> OpenItem:
    rate = Decimal(body.get("ExchangeRate") or 1)
    return OpenItem(
        entity,
        body["Id"],
        body["CustomerRef"]["value"],
        str(body.get("DocNumber") or body.get("PaymentRefNum") or ""),
        body["TxnDate"],
        str(body.get("DueDate") or body["TxnDate"]),
        cents(amount * rate),
        cents(left * rate),
    )
