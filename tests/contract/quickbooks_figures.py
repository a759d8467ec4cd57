"""Forms as people word them, and what they come to, reckoned by hand."""

from __future__ import annotations

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal

from hypothesis import strategies as st

from contract.quickbooks_caller import Body

CENT = Decimal("0.01")
AMOUNTS = st.integers(1, 20000).map(lambda cents: Decimal(cents) / 100)
PERCENTS = st.sampled_from([Decimal(0), Decimal(10), Decimal("12.5"), Decimal(100)])
CLOSED = "2026-10-31"


def cents(amount: Decimal) -> Decimal:
    """Half up, as the API rounds."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def applied_amounts(payments: list[Body]) -> dict[tuple[str, str], Decimal]:
    """What all payments apply to each form, by entity and id; 0 to the others."""
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for payment in payments:
        for line in payment["Line"]:
            link = line["LinkedTxn"][0]
            sums[link["TxnType"], link["TxnId"]] += Decimal(line["Amount"])
    return sums


@st.composite
def sales(draw: st.DrawFn) -> Body:
    """What is said of a form: lines, perhaps a discount, shipping, a deposit."""
    amounts = draw(st.lists(st.tuples(AMOUNTS, st.booleans()), min_size=1, max_size=3))
    lines = [_line(amount, taxed) for amount, taxed in amounts]
    percent = draw(PERCENTS)
    if percent:
        lines.append(_discount(percent))
    if draw(st.booleans()):
        lines.append(_shipping(Decimal("7.5")))
    body: Body = {
        "Line": lines,
        "ApplyTaxAfterDiscount": draw(st.booleans()),
        "TxnTaxDetail": {"TxnTaxCodeRef": {"value": "2"}},
        "TxnDate": draw(st.sampled_from(["2026-11-01", "2026-11-01", "2026-11-02", CLOSED])),
    }
    if draw(st.booleans()):
        body["Deposit"] = Decimal("0.01")
    return body


def _line(amount: Decimal, taxed: bool) -> Body:
    detail = {"TaxCodeRef": {"value": "TAX" if taxed else "NON"}}
    return {
        "DetailType": "SalesItemLineDetail",
        "Amount": amount,
        "SalesItemLineDetail": detail,
    }


def _discount(percent: Decimal) -> Body:
    detail = {"PercentBased": True, "DiscountPercent": percent}
    return {"DetailType": "DiscountLineDetail", "DiscountLineDetail": detail}


def _shipping(amount: Decimal) -> Body:
    detail = {"ItemRef": {"value": "SHIPPING_ITEM_ID"}}
    return {
        "DetailType": "SalesItemLineDetail",
        "Amount": amount,
        "SalesItemLineDetail": detail,
    }


def total_and_tax(sent: Body) -> tuple[Decimal, Decimal]:
    """The total and the tax of what was sent, by hand: 8 percent on what is taxed."""
    subtotal = taxable = shipping = percent = Decimal(0)
    for line in sent["Line"]:
        if line["DetailType"] == "DiscountLineDetail":
            percent = line["DiscountLineDetail"]["DiscountPercent"]
        elif line["SalesItemLineDetail"].get("ItemRef"):
            shipping += line["Amount"]
        else:
            subtotal += line["Amount"]
            is_taxed = line["SalesItemLineDetail"]["TaxCodeRef"]["value"] == "TAX"
            taxable += line["Amount"] if is_taxed else 0
    discount = cents(subtotal * percent / 100)
    if sent["ApplyTaxAfterDiscount"] and subtotal:
        taxable -= cents(discount * taxable / subtotal)
    tax = cents(taxable * 8 / 100)
    return subtotal - discount + shipping + tax, tax


FLOORS = {
    "Invoice": 100,
    "CreditMemo": 100,
    "edit": 40,
    "pay": 30,
    "unapplied": 10,
    "void Invoice": 1,
    "void CreditMemo": 1,
    "void Payment": 1,
    "delete Invoice": 1,
    "delete CreditMemo": 1,
    "delete Payment": 1,
    "deposit": 1,
    "delete Deposit": 1,
    "move job": 10,
    "hide": 1,
    "610": 1,
    "620": 10,
    "6000": 1,
    "6210": 1,
    "6540": 1,
}
"""How often each deed and each refusal must at least have happened."""
