"""
What takes off an invoice's lines or adds to them, as discounts and taxes of the HubSpot invoice.

Each is a FIXED amount, copied and never computed anew. HubSpot lets them carry no key of ours, so
their place in the order (`hs_sort_order`) is one that no other record of any invoice has: by it
ours are known again, and told apart from those of people.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from zlib import crc32

from ledgerbridge.core.model import Line, LineLink, Record, Value
from ledgerbridge.syncs.lines import (
    CENT,
    ITEM_REF,
    LINE_TYPE,
    TITLE_LENGTH_MAX,
    WantedLine,
    amount,
    line_key,
    lines_total,
    number,
)

DISCOUNT_TYPE, TAX_TYPE = "discounts", "taxes"
ADJUSTMENT_TYPES = frozenset({DISCOUNT_TYPE, TAX_TYPE})
PLACE, AMOUNT = "hs_sort_order", "hs_value"
REFUSED = "@refused"
PLACES_OF_AN_INVOICE = 10_000
WHOLE_INVOICE = 0
_ENDINGS = {f":{name}": name for name in (DISCOUNT_TYPE, TAX_TYPE)}


def type_of(key: str) -> str:
    """The HubSpot type of what was made under a key: the end of the key says it."""
    return next((name for end, name in _ENDINGS.items() if key.endswith(end)), LINE_TYPE)


def wanted_adjustments(invoice: Record) -> list[WantedLine]:
    """The discounts and the tax that an invoice should have in HubSpot; none of amount 0."""
    return [*_discounts(invoice), *_tax(invoice)]


def key_at(invoice: Record, object_type: str, place: Decimal | None) -> str | None:
    """The key of what stands at a place in HubSpot's order; None where that is no place of ours."""
    if place is None or place // PLACES_OF_AN_INVOICE != _whole(invoice.id):
        return None
    for one in wanted_adjustments(invoice):
        if one.object_type == object_type and one.fields[PLACE] == str(int(place)):
            return one.key
    within = int(place % PLACES_OF_AN_INVOICE)
    start = (
        invoice.fields["@key"] if within == WHOLE_INVOICE else f"{invoice.fields['@key']}:{within}"
    )
    return f"{start}:{object_type}"


def shown_total(invoice: Record, refused: Collection[str] = ()) -> Decimal:
    """What HubSpot's records of the invoice add up to, but for those that it `refused`, by key."""
    total = lines_total(invoice)
    for one in wanted_adjustments(invoice):
        if one.key not in refused:
            value = number(one.fields[AMOUNT]) or Decimal(0)
            total += value if one.object_type == TAX_TYPE else -value
    return total


def refused_of(invoice: Record, known: Mapping[str, LineLink]) -> dict[str, str]:
    """Why HubSpot refused adjustments as they are still wanted, by key."""
    return {
        one.key: known[one.key].base_hubspot.get(REFUSED) or ""
        for one in wanted_adjustments(invoice)
        if one.key in known and was_refused(known[one.key]) and not news(one, known[one.key])
    }


def was_refused(line_link: LineLink) -> bool:
    """Whether this remembers a refusal, not a record: a refused record has no id."""
    return not line_link.hubspot_id


def news(wanted: WantedLine, line_link: LineLink) -> bool:
    """Whether something else is wanted than what was refused."""
    before = line_link.base_quickbooks
    return any(before.get(name) != value for name, value in wanted.fields.items())


def _discounts(invoice: Record) -> Iterator[WantedLine]:
    lines = invoice.lines
    whole = sum((amount(x) for x in lines if _kind(x) == "DiscountLineDetail"), Decimal(0))
    if whole > 0:
        yield _wanted(invoice, DISCOUNT_TYPE, "Discount", whole)
    for line in lines:
        if _kind(line) == "SalesItemLineDetail" and amount(line) < 0:
            words = line.fields.get("Description") or line.fields.get(f"{ITEM_REF}.name")
            yield _wanted(invoice, DISCOUNT_TYPE, words or "Discount", -amount(line), line)


def _tax(invoice: Record) -> Iterator[WantedLine]:
    tax = number(invoice.fields.get("TxnTaxDetail.TotalTax")) or Decimal(0)
    if tax > 0:
        yield _wanted(invoice, TAX_TYPE, "Tax", tax)


def _kind(line: Line) -> Value:
    return line.fields.get("DetailType")


def _wanted(
    invoice: Record, object_type: str, label: str, value: Decimal, line: Line | None = None
) -> WantedLine:
    start = invoice.fields["@key"] if line is None else line_key(invoice, line)
    return WantedLine(
        key=f"{start}:{object_type}",
        object_type=object_type,
        fields={
            "hs_label": label[:TITLE_LENGTH_MAX],
            "hs_type": "FIXED",
            AMOUNT: str(value.quantize(CENT)),
            PLACE: str(_place(invoice, line)),
        },
    )


def _place(invoice: Record, line: Line | None) -> int:
    within = WHOLE_INVOICE if line is None else _whole(line.id) % PLACES_OF_AN_INVOICE
    return _whole(invoice.id) * PLACES_OF_AN_INVOICE + within


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() else crc32(text.encode())
