"""Which accounts a transaction moves: receivables, and where money received waits or lies."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from ledgerbridge.sandbox.quickbooks.money import cents
from ledgerbridge.sandbox.quickbooks.schema import Body

RECEIVABLE = "84"
UNDEPOSITED = "4"
DEBTS = {"Invoice": ("Balance", 1), "Payment": ("UnappliedAmt", -1), "CreditMemo": ("Balance", -1)}
RECEIPTS = {"Payment": 1, "SalesReceipt": 1, "RefundReceipt": -1, "Deposit": 1}


def debt(entity: str, body: Body) -> Decimal:
    """What its customer owes by a transaction, in the transaction's currency."""
    if entity not in DEBTS:
        return Decimal(0)
    field, sign = DEBTS[entity]
    return Decimal(body[field]) * sign


def postings(entity: str, body: Body) -> Iterator[tuple[str, Decimal]]:
    """Pairs of an account's id and an amount in home currency."""
    rate = Decimal(body.get("ExchangeRate") or 1)

    def home(amount: Decimal) -> Decimal:
        return cents(amount * rate)

    if entity in DEBTS:
        yield body.get("ARAccountRef", {}).get("value", RECEIVABLE), home(debt(entity, body))
    account = body.get("DepositToAccountRef", {}).get("value")
    if entity in RECEIPTS and account:
        yield account, home(Decimal(body["TotalAmt"]) * RECEIPTS[entity])
    if entity == "Invoice" and body.get("Deposit"):
        yield account or UNDEPOSITED, home(Decimal(body["Deposit"]))
    if entity == "Deposit":
        for line in body["Line"]:
            if line.get("LinkedTxn"):
                yield UNDEPOSITED, -home(Decimal(line["Amount"]))
