"""
A QuickBooks payment as its allocations: what of its cash settled which invoice, and what is left.

An allocation is the QuickBooks record of the sync payments (engine.md, link). It is derived from
its payment, so it needs no reading of its own: it comes, changes and goes with the payment.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from msgspec import Struct

from ledgerbridge.core.model import Line, Record, State, Value

PAYMENT, ALLOCATION = "Payment", "Allocation"
INVOICE = "Invoice"
UNAPPLIED = "unapplied"
OF_PAYMENT, OF_INVOICE = "Payment", "Invoice"
CARRIED = (
    "TxnDate",
    "CurrencyRef",
    "PaymentRefNum",
    "PaymentMethodRef",
    "PaymentMethodRef.name",
    "MetaData.CreateTime",
)


class Part(Struct, frozen=True):
    """What one payment settles of one invoice: cash, and credit that it applies."""

    invoice_id: str
    cash: Decimal
    credit: Decimal


def money(text: Value) -> Decimal:
    """An amount as QuickBooks wrote it; absent or unreadable is zero."""
    try:
        return Decimal(text or "0")
    except InvalidOperation:
        return Decimal(0)


def parts(payment: Record) -> tuple[Part, ...]:
    """
    What a payment settles, invoice by invoice, in the order of its lines.

    Credits that it applies are no cash. They cover its invoices in that order, and its cash
    covers the rest, so that the cash of all parts and the unapplied rest are its total.
    """
    due: dict[str, Decimal] = {}
    credit = Decimal(0)
    for line in payment.lines:
        kind, other = linked(line)
        if kind == INVOICE and other:
            due[other] = due.get(other, Decimal(0)) + money(line.fields.get("Amount"))
        elif kind == "CreditMemo":
            credit += money(line.fields.get("Amount"))
    found = []
    for invoice_id, amount in due.items():
        covered = min(amount, credit)
        credit -= covered
        found.append(Part(invoice_id, amount - covered, covered))
    return tuple(found)


def linked(line: Line) -> tuple[str, str]:
    """The type and id of the transaction that a payment's line is about; empty without one."""
    return line.fields.get("LinkedTxn.TxnType") or "", line.fields.get("LinkedTxn.TxnId") or ""


def unapplied(payment: Record) -> Decimal:
    """The cash of a payment that settles nothing yet."""
    told = payment.fields.get("UnappliedAmt")
    if told is not None:
        return min(money(told), money(payment.fields.get("TotalAmt")))
    spent = sum((part.cash for part in parts(payment)), Decimal(0))
    return max(money(payment.fields.get("TotalAmt")) - spent, Decimal(0))


def allocations(payment: Record) -> tuple[Record, ...]:
    """
    The allocations of a payment, with ids `payment:invoice` and `payment:unapplied`.

    A payment of total 0 moves no cash and has none; neither has one that is voided or gone.
    """
    if payment.state is not State.LIVE:
        return ()
    found = [
        _allocation(payment, part.invoice_id, part.cash) for part in parts(payment) if part.cash > 0
    ]
    rest = unapplied(payment)
    if rest > 0:
        found.append(_allocation(payment, UNAPPLIED, rest))
    return tuple(found)


def _allocation(payment: Record, to: str, amount: Decimal) -> Record:
    references: dict[str, tuple[str, ...]] = {OF_PAYMENT: (payment.id,)}
    if customer := payment.references.get("CustomerRef"):
        references["CustomerRef"] = customer
    if to != UNAPPLIED:
        references[OF_INVOICE] = (to,)
    fields: dict[str, Value] = {name: payment.fields.get(name) for name in CARRIED}
    fields |= {
        "@key": f"{payment.fields['@key']}:{to}",
        "@amount": str(amount),
        "CustomerRef": next(iter(customer or ()), None),
    }
    return Record(
        object_type=ALLOCATION,
        id=f"{payment.id}:{to}",
        version=payment.version,
        fields={name: value for name, value in fields.items() if value is not None},
        references=references,
        created_at=payment.created_at,
        modified_at=payment.modified_at,
    )


def invoices_of(payment: Record) -> tuple[str, ...]:
    """The invoices that a payment has to do with, by cash or by credit."""
    return tuple(part.invoice_id for part in parts(payment))


class Settlement(Struct, frozen=True, kw_only=True):
    """
    How an invoice came to its balance, read from the transactions (business-rules.md).

    `difference` is what the transactions leave unexplained of it: zero when it adds up.
    """

    cash: Decimal
    credited: Decimal
    deposited: Decimal
    open: Decimal
    difference: Decimal

    @property
    def adds_up(self) -> bool:
        """Whether cash, credits and deposit account for what is no longer open."""
        return self.difference == 0


def settlement(invoice: Record, payments: Sequence[Record]) -> Settlement:
    """What settled an invoice, of the payments that have to do with it."""
    mine = [
        part
        for payment in payments
        if payment.state is State.LIVE
        for part in parts(payment)
        if part.invoice_id == invoice.id
    ]
    cash = sum((part.cash for part in mine), Decimal(0))
    credited = sum((part.credit for part in mine), Decimal(0))
    deposited = money(invoice.fields.get("Deposit"))
    left = money(invoice.fields.get("Balance"))
    total = money(invoice.fields.get("TotalAmt"))
    return Settlement(
        cash=cash,
        credited=credited,
        deposited=deposited,
        open=left,
        difference=total - cash - credited - deposited - left,
    )
