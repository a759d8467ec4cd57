"""
Payments: what they are applied to, and how that moves the forms they pay.

A line applies an amount to an invoice, or takes it from a credit memo. Applying, changing and
taking back bump the invoice: balance, links, SyncToken, time.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from ledgerbridge.sandbox.quickbooks.books import ZERO, Books
from ledgerbridge.sandbox.quickbooks.faultbodies import Refused, broken_rule
from ledgerbridge.sandbox.quickbooks.money import cents
from ledgerbridge.sandbox.quickbooks.postings import UNDEPOSITED
from ledgerbridge.sandbox.quickbooks.records import Record
from ledgerbridge.sandbox.quickbooks.sales import (
    check_open_period,
    currency_fields,
    home_amounts,
)
from ledgerbridge.sandbox.quickbooks.schema import Body, plain
from ledgerbridge.sandbox.quickbooks.times import today

Applied = Mapping[tuple[str, str], Decimal]

SIGNS = {"Invoice": 1, "CreditMemo": -1}


def applied(body: Body | None) -> dict[tuple[str, str], Decimal]:
    """The amounts a payment's lines apply, by entity and id of the form."""
    amounts: dict[tuple[str, str], Decimal] = {}
    for line in (body or {}).get("Line", ()):
        link = line["LinkedTxn"][0]
        key = (link["TxnType"], link["TxnId"])
        amounts[key] = amounts.get(key, ZERO) + Decimal(line["Amount"])
    return amounts


def unapplied(total: Decimal, amounts: Applied) -> Decimal:
    """What is left of a payment when invoices took their parts and credits gave theirs."""
    return total - sum((SIGNS[entity] * part for (entity, _), part in amounts.items()), ZERO)


def prepared(books: Books, body: Body, old: Body | None) -> Body:
    """A payment as kept. Raises Refused: 620 for a wrong link, 6000 for a wrong amount."""
    customer = books.find("Customer", body["CustomerRef"]["value"])
    body = {"ProcessPayment": False, "TxnDate": today(books.moment).isoformat(), **body}
    check_open_period(books, body, old)
    total = cents(Decimal(body["TotalAmt"]))
    if total < 0:
        raise broken_rule("Transaction amount must be 0 or greater")
    body["TotalAmt"] = plain(total)
    body["Line"] = [_line(line) for line in body.get("Line", ()) if line.get("LinkedTxn")]
    before, after = applied(old), applied(body)
    for key, amount in after.items():
        _check_link(books, body, key, amount, before.get(key, ZERO))
    left = unapplied(total, after)
    if left < 0:
        raise broken_rule("The amount applied is more than the amount of the payment")
    body["UnappliedAmt"] = plain(left)
    body |= currency_fields(books, body, customer)
    if total:
        body.setdefault("DepositToAccountRef", {"value": UNDEPOSITED})
    else:
        body.pop("DepositToAccountRef", None)
    return body


def settle(books: Books, payment_id: str, old: Body | None, new: Body | None) -> None:
    """Moves every form whose applied amount differs between two states of a payment."""
    before, after = applied(old), applied(new)
    for key in (*before, *(key for key in after if key not in before)):
        was, becomes = before.get(key, ZERO), after.get(key, ZERO)
        form = books.find(*key)
        if form is None or was == becomes:
            continue
        links = [link for link in form.body.get("LinkedTxn", ()) if link["TxnId"] != payment_id]
        if becomes:
            links.append({"TxnId": payment_id, "TxnType": "Payment"})
        books.change(form, {**with_less(books, form.body, becomes - was), "LinkedTxn": links})


def with_less(books: Books, form: Body, amount: Decimal) -> Body:
    """A form whose open amount is so much smaller."""
    balance = plain(Decimal(form["Balance"]) - amount)
    form = {**form, "Balance": balance}
    if "RemainingCredit" in form:
        form["RemainingCredit"] = balance
    return {**form, **home_amounts(books, form)}


def received(books: Books, entity: str, form_id: str, form: Body) -> Decimal:
    """What payments have applied to a form."""
    return sum(
        (
            applied(payment.body)[entity, form_id]
            for payment in paying(books, entity, form_id, form)
        ),
        ZERO,
    )


def paying(books: Books, entity: str, form_id: str, form: Body) -> list[Record]:
    """The payments with a line for that form, oldest first."""
    found = (
        books.find("Payment", link["TxnId"])
        for link in form.get("LinkedTxn", ())
        if link["TxnType"] == "Payment"
    )
    return [record for record in found if record and (entity, form_id) in applied(record.body)]


def take_back(books: Books, form: Record, amount: Decimal | None = None) -> None:
    """
    Takes an amount (None: all) of a form's payments back, newest first.

    What a payment can no longer apply stays on it as unapplied; a credit that pays nothing any
    more is open again.
    """
    key = (form.entity, form.id)
    for payment in reversed(paying(books, *key, form.body)):
        amounts = applied(payment.body)
        part = amounts[key] if amount is None else min(amount, amounts[key])
        if amount is not None:
            amount -= part
        amounts[key] -= part
        _rewrite(books, payment, amounts)
        if amount == 0:
            return


def _rewrite(books: Books, payment: Record, amounts: dict[tuple[str, str], Decimal]) -> None:
    old = payment.body
    total = Decimal(old["TotalAmt"])
    _balance(total, amounts)
    lines = [
        {"Amount": plain(part), "LinkedTxn": [{"TxnId": id_, "TxnType": entity}]}
        for (entity, id_), part in amounts.items()
        if part
    ]
    new = {**old, "Line": lines, "UnappliedAmt": plain(unapplied(total, amounts))}
    books.change(payment, new)
    settle(books, payment.id, old, new)


def _balance(total: Decimal, amounts: dict[tuple[str, str], Decimal]) -> None:
    """Shrinks credits that pay nothing, then invoices that nothing pays."""
    for entity, sign in (("CreditMemo", 1), ("Invoice", -1)):
        limit = total if entity == "CreditMemo" else ZERO
        excess = (unapplied(total, amounts) - limit) * sign
        for key in [key for key in amounts if key[0] == entity]:
            part = min(max(excess, ZERO), amounts[key])
            amounts[key] -= part
            excess -= part


def _line(line: Body) -> Body:
    links = line["LinkedTxn"]
    if len(links) != 1 or "TxnId" not in links[0]:
        raise Refused("620", "Transaction cannot be linked : A line links one transaction")
    link = {"TxnId": links[0]["TxnId"], "TxnType": links[0].get("TxnType", "Invoice")}
    return {"Amount": plain(cents(Decimal(line.get("Amount", 0)))), "LinkedTxn": [link]}


def _check_link(
    books: Books, payment: Body, key: tuple[str, str], amount: Decimal, before: Decimal
) -> None:
    entity, id_ = key
    if entity not in SIGNS:
        raise Refused("620", f"Transaction cannot be linked : {entity[:40]} {id_[:40]}")
    form = books.find(entity, id_)
    if form is None:
        name = f"{entity} {id_[:40]}"
        raise broken_rule(f"The entity {name} that you are trying to link does not exist. {name}")
    payer, owner = payment["CustomerRef"]["value"], form.body["CustomerRef"]["value"]
    family = {owner, *(record.id for record in books.ancestors("Customer", owner))}
    if payer not in family:
        raise Refused("620", f"Transaction cannot be linked : {entity} {id_} of another customer")
    if amount <= 0:
        raise broken_rule("An amount applied must be greater than 0")
    if amount > Decimal(form.body["Balance"]) + before:
        raise Refused("620", f"Transaction cannot be linked : {entity} {id_} has less open")
