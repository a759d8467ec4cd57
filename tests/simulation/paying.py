"""People who pay invoices, and whose payments bounce or are applied otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ledgerbridge.core.model import Side

if TYPE_CHECKING:
    from simulation.people import People


def pays(people: People) -> bool:
    """A customer pays open invoices, wholly, in part, or more than is due."""
    invoices = [i for i in people.company.all("Invoice") if i["Balance"] > 0]
    if not invoices:
        return False
    customer = people.random.choice(invoices)["CustomerRef"]["value"]
    due = [i for i in invoices if i["CustomerRef"]["value"] == customer]
    paid = people.random.sample(due, min(len(due), people.random.randint(1, 2)))
    share = people.random.choice([1, 1, 2])
    rest = people.random.choice([0, 0, 5])
    payment(people, customer, {i["Id"]: Decimal(str(i["Balance"])) / share for i in paid}, rest)
    return True


def payment(people: People, customer: str, settled: Mapping[str, Any], rest: int = 0) -> str:
    """A customer pays these amounts of these invoices, and more that settles none; its id."""
    lines = [_applied(invoice, amount) for invoice, amount in settled.items()]
    body = {
        "CustomerRef": {"value": customer},
        "TotalAmt": round(sum(line["Amount"] for line in lines) + rest, 2),
        "Line": lines,
    }
    payment_id = str(people.company.create("Payment", body)["Id"])
    for invoice, amount in settled.items():
        people.say(f"paid {amount} by payment {payment_id}", (Side.QUICKBOOKS, invoice))
    people.say(f"made it, for {settled}", (Side.QUICKBOOKS, payment_id))
    return payment_id


def _applied(invoice_id: str, amount: Any) -> dict[str, Any]:
    return {
        "Amount": round(float(amount), 2),
        "LinkedTxn": [{"TxnId": invoice_id, "TxnType": "Invoice"}],
    }


def bounces(people: People) -> bool:
    """A payment turns out to be none, and is deleted."""
    payments = people.company.all("Payment")
    if not payments:
        return False
    payment_id = people.random.choice(payments)["Id"]
    people.company.delete("Payment", payment_id)
    people.say("deleted it", (Side.QUICKBOOKS, payment_id))
    return True


def applies_otherwise(people: People) -> bool:
    """A payment is taken off its invoices, or put on another one of its customer."""
    payments = people.company.all("Payment")
    if not payments:
        return False
    payment = people.random.choice(payments)
    customer = payment["CustomerRef"]["value"]
    due = [
        invoice
        for invoice in people.company.all("Invoice")
        if invoice["CustomerRef"]["value"] == customer
        and invoice["Balance"] >= payment["TotalAmt"] > 0
    ]
    chosen = people.random.choice([*due, None])
    lines = [] if chosen is None else [_applied(chosen["Id"], payment["TotalAmt"])]
    people.company.update("Payment", {"Id": payment["Id"], "sparse": True, "Line": lines})
    where = f"invoice {chosen['Id']}" if chosen is not None else "none"
    people.say(f"applied it to {where}", (Side.QUICKBOOKS, payment["Id"]))
    return True
