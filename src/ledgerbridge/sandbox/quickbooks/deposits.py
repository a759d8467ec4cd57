"""
Deposits: money received, brought to a bank account.

A line links a payment or receipt that waits in Undeposited Funds, or names an account of its own.
What is deposited cannot be changed until the deposit lets go of it (error 6540).
"""

from __future__ import annotations

from decimal import Decimal

from ledgerbridge.sandbox.quickbooks.books import ZERO, Books
from ledgerbridge.sandbox.quickbooks.faultbodies import Refused, broken_rule, missing
from ledgerbridge.sandbox.quickbooks.lists import home_currency
from ledgerbridge.sandbox.quickbooks.money import cents
from ledgerbridge.sandbox.quickbooks.postings import UNDEPOSITED
from ledgerbridge.sandbox.quickbooks.records import Record
from ledgerbridge.sandbox.quickbooks.sales import check_open_period
from ledgerbridge.sandbox.quickbooks.schema import Body, plain
from ledgerbridge.sandbox.quickbooks.times import today

RECEIVED = {"Payment": 1, "SalesReceipt": 1, "RefundReceipt": -1}
"""What can be deposited, and whether it adds to a deposit or lowers it."""


def prepared(books: Books, body: Body, old: Body | None) -> Body:
    """A deposit as kept. Raises Refused: 620 for what cannot be deposited, 6000 for its amount."""
    body = {
        "TxnDate": today(books.moment).isoformat(),
        "CurrencyRef": {"value": home_currency(books)},
        **body,
    }
    check_open_period(books, body, old)
    held = set(linked(old))
    body["Line"] = [_line(books, line, held, n) for n, line in enumerate(body["Line"], 1)]
    keys = linked(body)
    if len(keys) != len(set(keys)):
        raise Refused("620", "Transaction cannot be linked : It stands twice in the deposit")
    total = sum((Decimal(line["Amount"]) for line in body["Line"]), ZERO)
    if total < 0:
        raise broken_rule("Transaction amount must be 0 or greater")
    body["TotalAmt"] = plain(total)
    return body


def linked(body: Body | None) -> list[tuple[str, str]]:
    """What a deposit holds, by entity and id."""
    return [
        (link["TxnType"], link["TxnId"])
        for line in (body or {}).get("Line", ())
        for link in line.get("LinkedTxn", ())
    ]


def settle(books: Books, deposit_id: str, old: Body | None, new: Body | None) -> None:
    """Tells what was put into a deposit, and what was taken out of it, where it is now."""
    before, after = linked(old), linked(new)
    link = {"TxnId": deposit_id, "TxnType": "Deposit"}
    for key in dict.fromkeys((*before, *after)):
        record = books.find(*key)
        if record is None or (key in before) == (key in after):
            continue
        links = [other for other in record.body.get("LinkedTxn", ()) if other != link]
        body = {**record.body, "LinkedTxn": [*links, link] if key in after else links}
        if record.entity == "Payment" and not body["LinkedTxn"]:
            del body["LinkedTxn"]
        books.change(record, body)


def check_not_deposited(record: Record) -> None:
    """Raises Refused (6540) for what lies in a deposit."""
    if any(link["TxnType"] == "Deposit" for link in record.body.get("LinkedTxn", ())):
        raise Refused(
            "6540",
            "Deposited Transaction cannot be changed : This transaction has been deposited. If you"
            " want to change or delete it, you must first edit the deposit it appears on and"
            " remove it.",
        )


def _line(books: Books, line: Body, held: set[tuple[str, str]], number: int) -> Body:
    amount = cents(Decimal(line.get("Amount", 0)))
    line = {**line, "Id": line.get("Id") or str(number), "LineNum": number}
    links = line.get("LinkedTxn") or []
    if links:
        if len(links) != 1 or "TxnId" not in links[0]:
            raise Refused("620", "Transaction cannot be linked : A line links one transaction")
        key = (str(links[0].get("TxnType", "Payment")), links[0]["TxnId"])
        _check_received(books, key, amount, is_held=key in held)
        line["LinkedTxn"] = [{"TxnId": key[1], "TxnType": key[0], "TxnLineId": "0"}]
    elif "AccountRef" not in line.get("DepositLineDetail", {}):
        raise missing("AccountRef")
    else:
        line.setdefault("DetailType", "DepositLineDetail")
    return {**line, "Amount": plain(amount)}


def _check_received(books: Books, key: tuple[str, str], amount: Decimal, *, is_held: bool) -> None:
    entity, id_ = key
    shown = f"{entity[:40]} {id_[:40]}"
    if entity not in RECEIVED:
        raise Refused("620", f"Transaction cannot be linked : {shown}")
    record = books.find(entity, id_)
    if record is None:
        detail = f"The entity {shown} that you are trying to link does not exist. {shown}"
        raise broken_rule(detail)
    place = record.body.get("DepositToAccountRef", {}).get("value")
    deposited = any(link["TxnType"] == "Deposit" for link in record.body.get("LinkedTxn", ()))
    if place != UNDEPOSITED or (deposited and not is_held):
        raise Refused("620", f"Transaction cannot be linked : {shown} is not undeposited")
    if amount != RECEIVED[entity] * Decimal(record.body["TotalAmt"]):
        raise broken_rule(f"The amount deposited is not the amount of {shown}")
