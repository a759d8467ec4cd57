"""
What QuickBooks applies by itself where the preferences say so.

`AutoApplyCredit`: open credit memos pay open invoices, by payments of nothing.
`AutoApplyPayments`: what a payment leaves unapplied pays open invoices, those due first.
"""

from __future__ import annotations

from decimal import Decimal

from ledgerbridge.sandbox.quickbooks.books import Books
from ledgerbridge.sandbox.quickbooks.payments import prepared, settle
from ledgerbridge.sandbox.quickbooks.records import Record
from ledgerbridge.sandbox.quickbooks.schema import Body, plain


def follow(books: Books, record: Record) -> None:
    """Applies what a new invoice, credit memo or payment makes possible."""
    preferences = books.one("Preferences")["SalesFormsPrefs"]
    credits_too = preferences.get("AutoApplyCredit")
    payments_too = preferences.get("AutoApplyPayments")
    if record.entity == "Invoice":
        for credit in _open(books, "CreditMemo", record) if credits_too else ():
            _apply_credit(books, credit, record)
        for payment in _open(books, "Payment", record) if payments_too else ():
            _apply_payment(books, payment, record)
    elif record.entity == "CreditMemo" and credits_too:
        for invoice in _open(books, "Invoice", record):
            _apply_credit(books, record, invoice)
    elif record.entity == "Payment" and payments_too:
        for invoice in _open(books, "Invoice", record):
            _apply_payment(books, record, invoice)


def _open(books: Books, entity: str, like: Record) -> list[Record]:
    """What the same customer has open, that of the earliest day first."""
    field = "UnappliedAmt" if entity == "Payment" else "Balance"
    day = "DueDate" if entity == "Invoice" else "TxnDate"
    found = [
        record
        for record in books.records(entity)
        if record.body["CustomerRef"]["value"] == like.body["CustomerRef"]["value"]
        and record.body[field] > 0
        and not _is_deposited(record)
    ]
    return sorted(found, key=lambda record: (record.body.get(day, ""), record.number))


def _is_deposited(record: Record) -> bool:
    return any(link["TxnType"] == "Deposit" for link in record.body.get("LinkedTxn", ()))


def _apply_credit(books: Books, credit: Record, invoice: Record) -> None:
    amount = min(Decimal(credit.body["Balance"]), Decimal(invoice.body["Balance"]))
    if amount > 0:
        lines = [_line(amount, invoice), _line(amount, credit)]
        sent = {"CustomerRef": invoice.body["CustomerRef"], "TotalAmt": 0, "Line": lines}
        payment = books.add("Payment", prepared(books, sent, None))
        settle(books, payment.id, None, payment.body)


def _apply_payment(books: Books, payment: Record, invoice: Record) -> None:
    amount = min(Decimal(payment.body["UnappliedAmt"]), Decimal(invoice.body["Balance"]))
    if amount > 0:
        old = payment.body
        new = prepared(books, {**old, "Line": [*old["Line"], _line(amount, invoice)]}, old)
        books.change(payment, new)
        settle(books, payment.id, old, new)


def _line(amount: Decimal, form: Record) -> Body:
    link = {"TxnId": form.id, "TxnType": form.entity}
    return {"Amount": plain(amount), "LinkedTxn": [link]}
