"""
An invoice's lines as HubSpot line items: what each of them shows.

HubSpot takes no negative price: discounts and negative lines are adjustments instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from msgspec import Struct

from ledgerbridge.core.model import Line, Record, Value

LINE_TYPE = "line_items"
LINE_KEY = "hs_external_id"
ITEM_REF = "SalesItemLineDetail.ItemRef"
SHIPPING_ITEM = "SHIPPING_ITEM_ID"
TITLE_LENGTH_MAX = 300
CENT = Decimal("0.01")
NO_LINES = Line(id="none", fields={"DetailType": "DescriptionOnly", "Description": "No lines"})
SHOWN = ("SalesItemLineDetail", "DescriptionOnly")


class WantedLine(Struct, frozen=True):
    """
    One line as HubSpot should show it, as a record of that type.

    `item_id` is the QuickBooks item that it sells, if any.
    """

    key: str
    fields: dict[str, Value]
    item_id: str | None = None
    object_type: str = LINE_TYPE


def line_key(invoice: Record, line: Line) -> str:
    """`realm:invoice:id:line`, the unique key of a line item."""
    return f"{invoice.fields['@key']}:{line.id}"


def amount(line: Line) -> Decimal:
    """The line's amount in the invoice's currency, zero where it has none."""
    return number(line.fields.get("Amount")) or Decimal(0)


def wanted_lines(invoice: Record) -> list[WantedLine]:
    """The line items that an invoice should have, in order; at least one."""
    currency = invoice.fields.get("CurrencyRef")
    chosen = [line for line in invoice.lines if _can_be_shown(line)] or [NO_LINES]
    return [
        WantedLine(
            key=line_key(invoice, line),
            fields=_fields(line, position, currency),
            item_id=item_of(line),
        )
        for position, line in enumerate(chosen)
    ]


def lines_total(invoice: Record) -> Decimal:
    """What HubSpot's line items add up to."""
    return sum((_product(wanted.fields) for wanted in wanted_lines(invoice)), Decimal(0))


def _can_be_shown(line: Line) -> bool:
    return line.fields.get("DetailType") in SHOWN and amount(line) >= 0


def item_of(line: Line) -> str | None:
    """The QuickBooks item that a line sells."""
    item = line.fields.get(ITEM_REF)
    return item if item and item != SHIPPING_ITEM else None


def _fields(line: Line, position: int, currency: Value) -> dict[str, Value]:
    quantity, price = _quantity_and_price(line)
    description = line.fields.get("Description")
    shipping = "Shipping" if line.fields.get(ITEM_REF) == SHIPPING_ITEM else None
    title = line.fields.get(f"{ITEM_REF}.name") or shipping or description or "Line"
    return {
        "name": title[:TITLE_LENGTH_MAX],
        "description": description,
        "quantity": str(quantity),
        "price": str(price),
        "hs_position_on_quote": str(position),
        "hs_line_item_currency_code": currency,
    }


def _quantity_and_price(line: Line) -> tuple[Decimal, Decimal]:
    """As QuickBooks says it where that multiplies to the amount, else once the whole amount."""
    quantity = number(line.fields.get("SalesItemLineDetail.Qty"))
    price = number(line.fields.get("SalesItemLineDetail.UnitPrice"))
    whole = amount(line)
    if quantity is None or price is None or quantity < 0 or price < 0:
        return Decimal(1), whole
    exact = _rounded(quantity * price) == _rounded(whole)
    return (quantity, price) if exact else (Decimal(1), whole)


def _product(fields: Mapping[str, Value]) -> Decimal:
    quantity = number(fields.get("quantity")) or Decimal(0)
    price = number(fields.get("price")) or Decimal(0)
    return _rounded(quantity * price)


def _rounded(money: Decimal) -> Decimal:
    """Each line is shown to the cent."""
    return money.quantize(CENT, ROUND_HALF_UP)


def number(text: Value) -> Decimal | None:
    """A number, None where the text is none."""
    if not text:
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None
