"""
Tax on sales forms.

In the US a form has one code and its lines say TAX or NON. Elsewhere each line has its own code,
and `GlobalTaxCalculation` says whether the amounts sent are without tax, with it, or know none.
"""

from __future__ import annotations

from decimal import Decimal

from ledgerbridge.sandbox.quickbooks.books import ZERO, Books
from ledgerbridge.sandbox.quickbooks.money import cents
from ledgerbridge.sandbox.quickbooks.records import Record
from ledgerbridge.sandbox.quickbooks.sale_lines import Lines
from ledgerbridge.sandbox.quickbooks.schema import Body, plain

US = "US"
INCLUSIVE, NONE = "TaxInclusive", "NotApplicable"


def tax_of(books: Books, body: Body, old: Body | None, lines: Lines) -> Body:
    """The tax as sent (an override), or computed by the rates of the codes, or none."""
    detail = body.get("TxnTaxDetail") or {}
    code = detail.get("TxnTaxCodeRef")
    by_line = is_global(books)
    if by_line and body.get("GlobalTaxCalculation") == NONE:
        return {"TotalTax": 0}
    repeated = old is not None and detail == old.get("TxnTaxDetail")
    same_base = repeated and old is not None and old.get("Line") == body["Line"]
    if "TotalTax" in detail and (not repeated or same_base or (code is None and not by_line)):
        return {**detail, "TotalTax": plain(cents(Decimal(detail["TotalTax"])))}
    if by_line:
        bases = _bases(body["Line"])
    elif code is None:
        return {"TotalTax": 0}
    else:
        bases = {code["value"]: _bases(body["Line"]).get("TAX", ZERO)}
    after_discount = body["ApplyTaxAfterDiscount"] and lines.subtotal
    kept = []
    for code_id, amount in bases.items():
        base = amount
        if after_discount:
            base -= cents(lines.discount * amount / lines.subtotal)
        kept += [_tax_line(rate, base) for rate in _rates(books, code_id)]
    total = sum((Decimal(line["Amount"]) for line in kept), ZERO)
    told = {} if by_line else {"TxnTaxCodeRef": code}
    return {**told, "TotalTax": plain(total), "TaxLine": kept}


def is_global(books: Books) -> bool:
    """Whether tax goes by the line, as everywhere outside the US."""
    return bool(books.one("CompanyInfo").get("Country", US) != US)


def without_tax(books: Books, body: Body) -> list[Body]:
    """The lines sent, their amounts without tax; with tax they stay as TaxInclusiveAmt."""
    lines: list[Body] = body["Line"]
    if not is_global(books) or body.get("GlobalTaxCalculation") != INCLUSIVE:
        return lines
    return [_net(books, line) for line in lines]


def _net(books: Books, line: Body) -> Body:
    detail = line.get("SalesItemLineDetail")
    if not detail or "Amount" not in line:
        return line
    gross = cents(Decimal(detail.get("TaxInclusiveAmt", line["Amount"])))
    code_id = detail.get("TaxCodeRef", {}).get("value", "NON")
    percent = sum((Decimal(rate.body["RateValue"]) for rate in _rates(books, code_id)), ZERO)
    net = cents(gross * 100 / (100 + percent))
    detail = {**detail, "TaxInclusiveAmt": plain(gross)}
    return {**line, "Amount": plain(net), "SalesItemLineDetail": detail}


def _bases(lines: list[Body]) -> dict[str, Decimal]:
    """What the lines of each tax code come to."""
    inner = [part for line in lines for part in line.get("GroupLineDetail", {}).get("Line", ())]
    sums: dict[str, Decimal] = {}
    for line in (*lines, *inner):
        code = line.get("SalesItemLineDetail", {}).get("TaxCodeRef", {}).get("value")
        if code and code != "NON":
            sums[code] = sums.get(code, ZERO) + Decimal(line["Amount"])
    return sums


def _rates(books: Books, code_id: str) -> list[Record]:
    code = books.find("TaxCode", code_id)
    details = code.body.get("SalesTaxRateList", {}).get("TaxRateDetail", ()) if code else ()
    found = (books.find("TaxRate", detail["TaxRateRef"]["value"]) for detail in details)
    return [record for record in found if record is not None]


def _tax_line(rate: Record, taxable: Decimal) -> Body:
    percent = rate.body["RateValue"]
    return {
        "Amount": plain(cents(taxable * Decimal(percent) / 100)),
        "DetailType": "TaxLineDetail",
        "TaxLineDetail": {
            "TaxRateRef": {"value": rate.id},
            "PercentBased": True,
            "TaxPercent": percent,
            "NetAmountTaxable": plain(taxable),
        },
    }
