"""Records as users of `python-quickbooks` make them."""

from __future__ import annotations

from typing import Any

from quickbooks.client import QuickBooks as Books
from quickbooks.objects import (
    Account,
    Customer,
    EmailAddress,
    Invoice,
    Item,
    Payment,
    PaymentLine,
    SalesItemLine,
    SalesItemLineDetail,
)


def customer(books: Books, name: str = "Finch", email: str | None = None) -> Any:
    """A customer, saved."""
    made = Customer()
    made.DisplayName = name
    if email is not None:
        made.PrimaryEmailAddr = EmailAddress()
        made.PrimaryEmailAddr.Address = email
    return made.save(qb=books)


def item(books: Books, name: str = "Hours", price: float = 40) -> Any:
    """A service, saved."""
    made = Item()
    made.Name, made.Type, made.UnitPrice = name, "Service", price
    made.IncomeAccountRef = Account.get(1, qb=books).to_ref()
    return made.save(qb=books)


def line(books: Books, sold: Any, quantity: float = 2) -> Any:
    """A line of a sales form."""
    made = SalesItemLine()
    made.Amount, made.Description = quantity * sold.UnitPrice, "Work"
    made.SalesItemLineDetail = SalesItemLineDetail()
    made.SalesItemLineDetail.ItemRef = sold.to_ref()
    made.SalesItemLineDetail.Qty, made.SalesItemLineDetail.UnitPrice = quantity, sold.UnitPrice
    return made


def form(books: Books, kind: Any, who: Any = None, quantity: float = 2) -> Any:
    """A sales form of one line, saved: an invoice, an estimate, a sales receipt, a credit memo."""
    made = kind()
    made.CustomerRef = (who or customer(books)).to_ref()
    known = Item.filter(Name="Hours", qb=books)
    made.Line.append(line(books, known[0] if known else item(books), quantity))
    return made.save(qb=books)


def payment(books: Books, who: Any, amount: float, paid: Any = None) -> Any:
    """A payment, saved; of an invoice or of nothing yet."""
    made = Payment()
    made.TotalAmt, made.CustomerRef = amount, who.to_ref()
    if paid is not None:
        row = PaymentLine()
        row.Amount = amount
        row.LinkedTxn.append(paid.to_linked_txn())
        made.Line.append(row)
    return made.save(qb=books)


def balance(books: Books, who: Any) -> float:
    """What a customer owes."""
    return float(Customer.get(who.Id, qb=books).Balance)


__all__ = ["Invoice", "balance", "customer", "form", "item", "line", "payment"]
