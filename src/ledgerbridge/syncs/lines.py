"""
An invoice's lines as HubSpot line items: made before the invoice, kept in step by key.

HubSpot takes no negative price, so discounts and negative lines stay in the invoice's own figures
and the difference is stated there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from msgspec import Struct
from msgspec.structs import replace

from ledgerbridge.core.model import Line, LineLink, Link, Record, Side, Value
from ledgerbridge.core.order import Stage
from ledgerbridge.core.plan import Operation, Pointer, WriteKind

LINE_TYPE = "line_items"
LINE_KEY = "hs_external_id"
PRODUCT_FIELD = "hs_product_id"
ITEM_REF = "SalesItemLineDetail.ItemRef"
SHIPPING_ITEM = "SHIPPING_ITEM_ID"
TITLE_LENGTH_MAX = 300
CENT = Decimal("0.01")
NO_LINES = Line(id="none", fields={"DetailType": "DescriptionOnly", "Description": "No lines"})
SHOWN = ("SalesItemLineDetail", "DescriptionOnly")


class WantedLine(Struct, frozen=True):
    """One line as HubSpot should show it; `item_id` is the QuickBooks item it sells, if any."""

    key: str
    line: Line
    fields: dict[str, Value]
    item_id: str | None


def line_key(invoice: Record, line: Line) -> str:
    """`realm:invoice:id:line`, the unique key of a line item."""
    return f"{invoice.fields['@key']}:{line.id}"


def amount(line: Line) -> Decimal:
    """The line's amount in the invoice's currency, zero where it has none."""
    return _decimal(line.fields.get("Amount")) or Decimal(0)


def wanted_lines(invoice: Record) -> list[WantedLine]:
    """The line items that an invoice should have, in order; at least one."""
    currency = invoice.fields.get("CurrencyRef")
    chosen = [line for line in invoice.lines if _can_be_shown(line)] or [NO_LINES]
    return [
        WantedLine(
            key=line_key(invoice, line),
            line=line,
            fields=_fields(line, position, currency),
            item_id=_item(line),
        )
        for position, line in enumerate(chosen)
    ]


def shown_total(invoice: Record) -> Decimal:
    """What HubSpot's line items add up to."""
    return sum((_product(wanted.fields) for wanted in wanted_lines(invoice)), Decimal(0))


def _can_be_shown(line: Line) -> bool:
    return line.fields.get("DetailType") in SHOWN and amount(line) >= 0


def _item(line: Line) -> str | None:
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
    quantity = _decimal(line.fields.get("SalesItemLineDetail.Qty"))
    price = _decimal(line.fields.get("SalesItemLineDetail.UnitPrice"))
    whole = amount(line)
    if quantity is None or price is None or quantity < 0 or price < 0:
        return Decimal(1), whole
    exact = _rounded(quantity * price) == _rounded(whole)
    return (quantity, price) if exact else (Decimal(1), whole)


def _product(fields: Mapping[str, Value]) -> Decimal:
    quantity = _decimal(fields.get("quantity")) or Decimal(0)
    price = _decimal(fields.get("price")) or Decimal(0)
    return _rounded(quantity * price)


def _rounded(money: Decimal) -> Decimal:
    """Each line is shown to the cent."""
    return money.quantize(CENT, ROUND_HALF_UP)


def _decimal(text: Value) -> Decimal | None:
    if not text:
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


class LinePlan(Struct, frozen=True):
    """The operations on the lines of one invoice; `made` are to be associated by its creation."""

    operations: tuple[Operation, ...]
    made: tuple[Pointer, ...]


def plan_new_lines(
    sync: str,
    link: str,
    invoice: Record,
    known: Mapping[str, LineLink],
    places: Sequence[Pointer] = (),
) -> LinePlan:
    """
    The lines of an invoice that is about to be made: they come first, the invoice names them.

    `known` are lines that an earlier, interrupted attempt has made already. Lines are made only
    once the records are there on which the invoice is put: its `places`.
    """
    gates = tuple(replace(one, gate=True) for one in places if one.required)
    lines = wanted_lines(invoice)
    operations = [
        _create(invoice, wanted, (sync, link), gates, Stage.LINES)
        for wanted in lines
        if wanted.key not in known
    ]
    operations += _updates(sync, link, lines, known, stage=Stage.LINES)
    made = tuple(
        Pointer(object_type=LINE_TYPE, sync="invoices", line=wanted.key) for wanted in lines
    )
    return LinePlan(operations=tuple(operations), made=made)


def plan_lines(
    sync: str, link: Link, invoice: Record, known: Mapping[str, LineLink]
) -> tuple[Operation, ...]:
    """What the lines of an existing invoice need: creations, changed fields, withdrawals."""
    wanted = {line.key: line for line in wanted_lines(invoice)}
    header = (Pointer(object_type="invoices", sync="invoices", partner_id=invoice.id),)
    operations = [
        _create(invoice, line, (sync, link.id), header, Stage.LINES_AFTER)
        for key, line in wanted.items()
        if key not in known
    ]
    operations += _updates(sync, link.id, wanted.values(), known, stage=Stage.LINES_AFTER)
    operations += [
        _withdraw(sync, link, line_link) for key, line_link in known.items() if key not in wanted
    ]
    return tuple(operations)


def plan_withdrawal(sync: str, link: Link, known: Mapping[str, LineLink]) -> tuple[Operation, ...]:
    """The invoice went before its mirror was made: lines that were made for it are withdrawn."""
    return tuple(_withdraw(sync, link, line_link) for line_link in known.values())


def _create(
    invoice: Record,
    wanted: WantedLine,
    link: tuple[str, str],
    near: tuple[Pointer, ...],
    stage: Stage,
) -> Operation:
    """A line that comes after its invoice points at it; one that comes before is named by it."""
    fields = {name: value for name, value in wanted.fields.items() if value is not None}
    return Operation(
        sync=link[0],
        link=link[1],
        line=wanted.key,
        side=Side.HUBSPOT,
        object_type=LINE_TYPE,
        kind=WriteKind.CREATE,
        stage=stage,
        fields={**fields, LINE_KEY: wanted.key},
        covers=tuple(wanted.fields),
        sources=source_of(wanted),
        points=(*near, *_product_pointer(wanted)),
        partner=invoice.id,
        key_field=LINE_KEY,
        reason="a line of the invoice",
    )


def _product_pointer(wanted: WantedLine) -> tuple[Pointer, ...]:
    """The line's product, where it has one in HubSpot."""
    if wanted.item_id is None:
        return ()
    product = Pointer(
        object_type="products",
        sync="products",
        partner_id=wanted.item_id,
        into=PRODUCT_FIELD,
        required=False,
    )
    return (product,)


def _updates(
    sync: str,
    link: str,
    wanted: Iterable[WantedLine],
    known: Mapping[str, LineLink],
    *,
    stage: Stage,
) -> list[Operation]:
    operations = []
    for line in wanted:
        line_link = known.get(line.key)
        if line_link is None:
            continue
        changed = _changed(line, line_link.base_quickbooks)
        if changed:
            operations.append(_update(sync, link, line, line_link, changed, stage=stage))
    return operations


def _changed(wanted: WantedLine, before: Mapping[str, Value]) -> dict[str, Value]:
    """The fields to send. A new name alone is a renamed item, which old documents need not show."""
    same_item = wanted.item_id is not None and before.get("@item") == wanted.item_id
    return {
        name: value
        for name, value in wanted.fields.items()
        if before.get(name) != value and not (same_item and name == "name")
    }


def _update(
    sync: str,
    link: str,
    wanted: WantedLine,
    line_link: LineLink,
    changed: dict[str, Value],
    *,
    stage: Stage,
) -> Operation:
    fields = dict(changed)
    points: tuple[Pointer, ...] = ()
    if line_link.base_quickbooks.get("@item") != wanted.item_id:
        fields[PRODUCT_FIELD] = None
        points = _product_pointer(wanted)
    return Operation(
        sync=sync,
        link=link,
        line=wanted.key,
        side=Side.HUBSPOT,
        object_type=LINE_TYPE,
        kind=WriteKind.UPDATE,
        stage=stage,
        record_id=line_link.hubspot_id,
        points=points,
        fields=fields,
        expected={name: line_link.base_hubspot.get(name) for name in changed},
        covers=tuple(changed),
        sources=source_of(wanted),
        reason="the line changed in QuickBooks",
    )


def _withdraw(sync: str, link: Link, line_link: LineLink) -> Operation:
    return Operation(
        sync=sync,
        link=link.id,
        line=line_link.key,
        side=Side.HUBSPOT,
        object_type=LINE_TYPE,
        kind=WriteKind.ARCHIVE,
        stage=Stage.LINES_AFTER,
        record_id=line_link.hubspot_id,
        expected=line_link.base_hubspot,
        reason="the line is no longer on the invoice",
    )


def source_of(wanted: WantedLine) -> dict[str, Value]:
    """A line's base on the QuickBooks side: what it asked HubSpot to show, and which item it is."""
    return {**wanted.fields, "@item": wanted.item_id}
