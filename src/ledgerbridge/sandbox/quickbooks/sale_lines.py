"""The lines of sales forms: what each says, their subtotal, discounts and shipping."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ledgerbridge.sandbox.quickbooks.books import ZERO, Books
from ledgerbridge.sandbox.quickbooks.entities import SHIPPING
from ledgerbridge.sandbox.quickbooks.faultbodies import Refused, broken_rule, missing
from ledgerbridge.sandbox.quickbooks.money import cents
from ledgerbridge.sandbox.quickbooks.records import Record
from ledgerbridge.sandbox.quickbooks.schema import Body, plain

LINES_MAX = 750


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines as kept, their subtotal, and what stands below it: discount and shipping."""

    kept: list[Body]
    subtotal: Decimal
    discount: Decimal
    shipping: Decimal


def lines_of(books: Books, body: Body, old: Body | None) -> Lines:
    """The lines in the order of the API. Raises Refused (2020, 2500, 6000, 6070, 6100)."""
    if len(body["Line"]) > LINES_MAX:
        raise broken_rule(f"No more than {LINES_MAX} lines are allowed")
    numbers = _Numbers(_ids_of((old or {}).get("Line", ())))
    kept: list[Body] = []
    discounts: list[Body] = []
    shipped: list[Body] = []
    subtotal = ZERO
    for line in body["Line"]:
        kind = line.get("DetailType")
        if kind is None:
            raise missing("Line.DetailType")
        if kind == "SubTotalLineDetail":
            continue
        if kind == "DiscountLineDetail":
            discounts.append(line)
            continue
        if _is_shipping(line):
            shipped.append(_shipping_line(books, line))
            continue
        ready = _LINES.get(kind, _unsupported_line)(books, line)
        subtotal += Decimal(ready.get("Amount", 0))
        kept.append(_numbered(ready, numbers, apart=books.switches.bundle_lines_apart))
    if not kept and not discounts and not shipped:
        raise missing("Line")
    kept.append(
        {
            "Amount": plain(subtotal),
            "DetailType": "SubTotalLineDetail",
            "SubTotalLineDetail": {},
        }
    )
    discount = ZERO
    for line in discounts:
        ready = _discount_line(books, line, subtotal)
        discount += Decimal(ready["Amount"])
        kept.append(ready)
    kept += shipped
    shipping = sum((Decimal(line["Amount"]) for line in shipped), ZERO)
    return Lines([_line_in_order(line) for line in kept], subtotal, discount, shipping)


class _Numbers:
    """The ids and numbers of lines: an id that was `held` stays, else the next one is given."""

    def __init__(self, held: set[str]) -> None:
        self._held = held
        self._last_id = max((int(id_) for id_ in held if id_.isdecimal()), default=0)
        self._last = 0

    def give(self, line: Body) -> Body:
        """The line with its id and number."""
        if line.get("Id") not in self._held:
            self._last_id += 1
            line = {**line, "Id": str(self._last_id)}
        self._last += 1
        return {**line, "LineNum": self._last}


def _ids_of(lines: Iterable[Body]) -> set[str]:
    """The ids of these lines and of those within bundles."""
    found = {line["Id"] for line in lines if "Id" in line}
    for line in lines:
        found |= _ids_of(line.get("GroupLineDetail", {}).get("Line", ()))
    return found


def _numbered(line: Body, numbers: _Numbers, *, apart: bool) -> Body:
    """A line numbered, then those within it: with the others, or apart, from 1 again."""
    line = numbers.give(line)
    detail = line.get("GroupLineDetail")
    if detail is None:
        return line
    within = _Numbers(_ids_of(detail["Line"])) if apart else numbers
    inner = [_line_in_order(within.give(part)) for part in detail["Line"]]
    return {**line, "GroupLineDetail": {**detail, "Line": inner}}


LINE_ORDER = (
    "Id",
    "LineNum",
    "Description",
    "Amount",
    "LinkedTxn",
    "DetailType",
    "DiscountLineDetail",
    "SalesItemLineDetail",
    "DescriptionLineDetail",
    "GroupLineDetail",
    "SubTotalLineDetail",
    "CustomExtensions",
)


def _line_in_order(line: Body) -> Body:
    return {name: line[name] for name in LINE_ORDER if name in line}


def _check_product(detail: Body, amount: Decimal) -> None:
    """Raises Refused (6070) where an amount is no product; two zeros are as if not given."""
    if "Qty" not in detail or "UnitPrice" not in detail:
        return
    quantity, price = (Decimal(detail[name] or 0) for name in ("Qty", "UnitPrice"))
    told = Decimal(detail.get("TaxInclusiveAmt") or amount)
    if (quantity or price) and cents(told) != cents(quantity * price):
        detailed = f"Amount is not equal to Qty * UnitPrice. Supplied value:{plain(amount)}"
        raise Refused("6070", detailed)


def _item_line(books: Books, line: Body) -> Body:
    detail = dict(line.get("SalesItemLineDetail") or {})
    if "Amount" not in line:
        raise missing("Line.Amount")
    amount = Decimal(line["Amount"])
    _check_product(detail, amount)
    item = _item(books, detail)
    if item is not None:
        account = item.body.get("IncomeAccountRef")
        if account:
            detail["ItemAccountRef"] = {"value": account["value"]}
        taxable = bool(item.body.get("Taxable"))
        detail.setdefault("TaxCodeRef", {"value": "TAX" if taxable else "NON"})
    detail.setdefault("TaxCodeRef", {"value": "NON"})
    _check_tax_code(books, detail["TaxCodeRef"]["value"])
    ordered = ("ServiceDate", "ItemRef", "ClassRef", "UnitPrice", "MarkupInfo", "Qty")
    rest = [name for name in detail if name not in ordered]
    detail = {name: detail[name] for name in (*ordered, *rest) if name in detail}
    return {
        **line,
        "Amount": plain(cents(amount)),
        "SalesItemLineDetail": detail,
        "CustomExtensions": [],
    }


def _item(books: Books, detail: Body) -> Record | None:
    reference = detail.get("ItemRef")
    if reference is None:
        return None
    found = books.find("Item", reference["value"])
    if found is not None and found.body.get("Type") == "Category":
        raise broken_rule("A category cannot be used in a transaction")
    return found


def _check_tax_code(books: Books, code: str) -> None:
    country = books.one("CompanyInfo").get("Country", "US")
    if country == "US" and code not in {"TAX", "NON"}:
        raise Refused("6100", "Invalid Line TaxCode : Line tax codes are TAX or NON")
    if books.find("TaxCode", code) is None:
        shown = f"TaxCodes element id {code[:40]} not found"
        raise Refused("2500", f"Invalid Reference Id : {shown}")


def _is_shipping(line: Body) -> bool:
    reference = line.get("SalesItemLineDetail", {}).get("ItemRef", {})
    return bool(reference.get("value") == SHIPPING)


def _shipping_line(books: Books, line: Body) -> Body:
    """What is charged for shipping; it stands below the subtotal and has no number."""
    if not books.one("Preferences")["SalesFormsPrefs"].get("AllowShipping"):
        raise broken_rule("Shipping is not enabled in the preferences of the company")
    if "Amount" not in line:
        raise missing("Line.Amount")
    code = line["SalesItemLineDetail"].get("TaxCodeRef", {"value": "NON"})
    _check_tax_code(books, code["value"])
    return {
        "Amount": plain(cents(Decimal(line["Amount"]))),
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {"ItemRef": {"value": SHIPPING}, "TaxCodeRef": code},
    }


def _description_line(books: Books, line: Body) -> Body:
    line = {**line, "DescriptionLineDetail": line.get("DescriptionLineDetail") or {}}
    line.pop("Amount", None)
    return line


def _group_line(books: Books, line: Body) -> Body:
    detail = line.get("GroupLineDetail") or {}
    inner = [_item_line(books, part) for part in detail.get("Line", ())]
    amount = sum((Decimal(part["Amount"]) for part in inner), ZERO)
    return {**line, "Amount": plain(amount), "GroupLineDetail": {**detail, "Line": inner}}


def _unsupported_line(books: Books, line: Body) -> Body:
    raise broken_rule(f"A line of type {line['DetailType']} does not belong on this transaction")


_LINES: dict[str, Any] = {
    "SalesItemLineDetail": _item_line,
    "DescriptionOnly": _description_line,
    "GroupLineDetail": _group_line,
}


def _discount_line(books: Books, line: Body, subtotal: Decimal) -> Body:
    detail = dict(line.get("DiscountLineDetail") or {})
    if detail.get("PercentBased"):
        if "DiscountPercent" not in detail:
            raise missing("DiscountPercent")
        amount = cents(subtotal * Decimal(detail["DiscountPercent"]) / 100)
    elif "Amount" in line:
        amount = cents(Decimal(line["Amount"]))
    else:
        raise missing("Line.Amount")
    if amount < 0:
        raise broken_rule("A discount must be 0 or greater")
    if "DiscountAccountRef" not in detail:
        default = books.one("Preferences")["SalesFormsPrefs"].get("DefaultDiscountAccount")
        detail["DiscountAccountRef"] = {"value": default or "86"}
    detail.setdefault("PercentBased", False)
    order = ("PercentBased", "DiscountPercent", "DiscountAccountRef")
    kept = {name: detail[name] for name in order if name in detail}
    return {
        **{name: value for name, value in line.items() if name not in {"Id", "LineNum"}},
        "Amount": plain(amount),
        "DiscountLineDetail": kept,
    }
