"""Payments and credits: how the invoices of the story come to the end that they were drawn for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from ledgerbridge.sandbox.company.currency import currency_fields
from ledgerbridge.sandbox.company.draw import Draw, cents
from ledgerbridge.sandbox.company.invoices import Invoice
from ledgerbridge.sandbox.company.story import Body, Entry, existing, ref

METHODS = ["Check", "Cash", "Visa"]
REST_SHARE = 0.03


@dataclass
class CreditMemo:
    """A credit memo being drawn; its number comes later."""

    key: str
    customer: Entry
    day: date
    at: datetime
    body: Body
    is_applied: bool = False
    number: str = ""

    def entry(self) -> Entry:
        """The credit memo as it is entered."""
        return Entry(self.key, "CreditMemo", self.number, self.body, self.at)


@dataclass
class Settlements:
    """What was received and credited."""

    draw: Draw
    payments: list[Entry] = field(default_factory=list)
    credit_memos: list[CreditMemo] = field(default_factory=list)

    def pay(self, invoices: list[Invoice], amounts: list[Decimal], rest: Decimal) -> None:
        """One payment over these invoices, with a rest that is not applied."""
        draw = self.draw
        last = max(invoice.day for invoice in invoices)
        day = draw.day_between(last + timedelta(days=1), min(last + timedelta(days=45), self._end))
        number = f"{10000 + len(self.payments)}"
        body: Body = {
            "CustomerRef": {"value": ref(invoices[0].customer.key)},
            "TotalAmt": sum(amounts, Decimal(0)) + rest,
            "TxnDate": day.isoformat(),
            **currency_fields(invoices[0].customer, day),
            "PaymentMethodRef": {"value": existing("PaymentMethod", draw.pick(METHODS))},
            "PaymentRefNum": number,
            "Line": [
                _applied(amount, "Invoice", invoice.key)
                for invoice, amount in zip(invoices, amounts, strict=True)
            ],
        }
        for invoice, amount in zip(invoices, amounts, strict=True):
            invoice.settled += amount
        self._enter_payment(body, number, day, max(invoice.at for invoice in invoices))

    def credit(self, customer: Entry, item: Entry, amount: Decimal, day: date) -> CreditMemo:
        """A credit memo of one line."""
        detail = {
            "ItemRef": {"value": ref(item.key)},
            "Qty": 1,
            "UnitPrice": amount,
            "TaxCodeRef": {"value": "NON"},
        }
        line = {
            "DetailType": "SalesItemLineDetail",
            "Amount": amount,
            "SalesItemLineDetail": detail,
        }
        body = {
            "CustomerRef": {"value": ref(customer.key)},
            "TxnDate": day.isoformat(),
            **currency_fields(customer, day),
            "Line": [line],
        }
        key = f"credit:{len(self.credit_memos) + 1}"
        at = self.draw.moment(day) + timedelta(hours=1)
        memo = CreditMemo(key, customer, day, at, body)
        self.credit_memos.append(memo)
        return memo

    def apply(self, memo: CreditMemo, invoice: Invoice, amount: Decimal) -> None:
        """Applies a credit memo to an invoice: a payment of total 0, on the day of the memo."""
        body: Body = {
            "CustomerRef": {"value": ref(invoice.customer.key)},
            "TotalAmt": Decimal(0),
            "TxnDate": memo.day.isoformat(),
            **currency_fields(memo.customer, memo.day),
            "Line": [
                _applied(amount, "Invoice", invoice.key),
                _applied(amount, "CreditMemo", memo.key),
            ],
        }
        memo.is_applied = True
        invoice.settled += amount
        name = f"credit for {invoice.customer.name}"
        self._enter_payment(body, name, memo.day, max(memo.at, invoice.at))

    @property
    def _end(self) -> date:
        return self.draw.today - timedelta(days=2)

    def _enter_payment(self, body: Body, name: str, day: date, after: datetime) -> None:
        key = f"payment:{len(self.payments) + 1}"
        at = max(self.draw.moment(day), after) + timedelta(minutes=5)
        self.payments.append(Entry(key, "Payment", name, body, at))


def draw_settlements(draw: Draw, invoices: list[Invoice], sold: list[Entry]) -> Settlements:
    """Settles the invoices as their fates say; what is left of each is its balance."""
    settlements = Settlements(draw)
    for invoice in invoices:
        if invoice.fate == "credited":
            _credit_a_part(draw, settlements, invoice, sold)
        elif invoice.fate == "partly_paid":
            part = cents(invoice.balance * draw.pick([20, 25, 50, 60]) / 100)
            settlements.pay([invoice], [part], Decimal(0))
    for index, together in enumerate(_paid_together(draw, invoices)):
        has_rest = index == 0 or draw.chance(REST_SHARE)
        rest = Decimal(draw.rng.randint(10, 200)) if has_rest else Decimal(0)
        _pay_in_full(draw, settlements, together, rest)
    for _ in range(max(1, len(invoices) // 80)):
        invoice = draw.pick([each for each in invoices if each.fate == "paid"])
        amount = Decimal(draw.rng.randint(1000, 9000)) / 100
        settlements.credit(invoice.customer, draw.pick(sold), amount, invoice.day)
    return settlements


def _credit_a_part(
    draw: Draw, settlements: Settlements, invoice: Invoice, sold: list[Entry]
) -> None:
    """A part is credited, the rest is paid."""
    amount = cents(invoice.balance * draw.pick([10, 25, 40]) / 100)
    memo = settlements.credit(
        invoice.customer, draw.pick(sold), amount, invoice.day + timedelta(days=2)
    )
    settlements.apply(memo, invoice, amount)
    settlements.pay([invoice], [invoice.balance], Decimal(0))


def _pay_in_full(
    draw: Draw, settlements: Settlements, together: list[Invoice], rest: Decimal
) -> None:
    """One payment over all, or two instalments where it is but one invoice of some size."""
    if len(together) == 1 and not rest and together[0].balance > 500 and draw.chance(0.2):
        settlements.pay(together, [cents(together[0].balance / 2)], Decimal(0))
    settlements.pay(together, [invoice.balance for invoice in together], rest)


def _paid_together(draw: Draw, invoices: Iterable[Invoice]) -> list[list[Invoice]]:
    """The paid invoices in groups that one payment settles; the first group has two at least."""
    of_customer: defaultdict[str, list[Invoice]] = defaultdict(list)
    for invoice in invoices:
        if invoice.fate == "paid" and invoice.balance > 0:
            of_customer[invoice.customer.key].append(invoice)
    groups: list[list[Invoice]] = []
    for owed in sorted(of_customer.values(), key=len, reverse=True):
        while owed:
            size = draw.pick([1, 1, 1, 2, 3]) if groups else 2
            groups.append(owed[:size])
            del owed[:size]
    return groups


def _applied(amount: Decimal, type_: str, key: str) -> Body:
    return {"Amount": amount, "LinkedTxn": [{"TxnId": ref(key), "TxnType": type_}]}
