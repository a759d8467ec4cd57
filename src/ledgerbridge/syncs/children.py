"""
The children of an invoice in HubSpot: its line items, made before it, and its discounts and taxes,
made after it. All are kept in step by their keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from ledgerbridge.core.model import LineLink, Link, Record, Side, Value
from ledgerbridge.core.order import Stage
from ledgerbridge.core.plan import Operation, Outcome, Planned, Pointer, Status, WriteKind
from ledgerbridge.syncs.adjustments import (
    ADJUSTMENT_TYPES,
    PLACE,
    news,
    type_of,
    wanted_adjustments,
    was_refused,
)
from ledgerbridge.syncs.lines import LINE_KEY, LINE_TYPE, WantedLine, wanted_lines

CHILD_TYPES = ADJUSTMENT_TYPES | {LINE_TYPE}
ADJUSTMENTS_REFUSED = "adjustments_refused"
PRODUCT_FIELD = "hs_product_id"
RECURRING = (
    "recurringbillingfrequency",
    "hs_recurring_billing_period",
    "hs_recurring_billing_start_date",
)
"""What HubSpot copies of a product that is sold by subscription; an invoice's line is none."""


class ChildrenPlan(Struct, frozen=True):
    """The operations on the children of an invoice; its creation names those `made` before it."""

    operations: tuple[Operation, ...]
    made: tuple[Pointer, ...]


def plan_new_children(
    sync: str,
    link: str,
    invoice: Record,
    known: Mapping[str, LineLink],
    places: Sequence[Pointer] = (),
) -> ChildrenPlan:
    """
    The children of an invoice that is about to be made: lines come first, and the invoice names
    them; adjustments come after it, and name the invoice.

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
    operations += [
        _create(invoice, wanted, (sync, link), _header(invoice), Stage.LINES_AFTER)
        for wanted in wanted_adjustments(invoice)
        if _is_missing(wanted, known)
    ]
    made = tuple(
        Pointer(object_type=LINE_TYPE, sync="invoices", line=wanted.key) for wanted in lines
    )
    return ChildrenPlan(operations=tuple(operations), made=made)


def plan_children(
    sync: str, link: Link, invoice: Record, known: Mapping[str, LineLink]
) -> tuple[Operation, ...]:
    """What the children of an existing invoice need: creations, changed fields, withdrawals."""
    children = [*wanted_lines(invoice), *wanted_adjustments(invoice)]
    wanted = {child.key: child for child in children}
    operations = [
        _create(invoice, child, (sync, link.id), _header(invoice), Stage.LINES_AFTER)
        for child in children
        if _is_missing(child, known)
    ]
    operations += _updates(sync, link.id, children, known, stage=Stage.LINES_AFTER)
    operations += [
        _withdraw(sync, link, line_link)
        for key, line_link in known.items()
        if key not in wanted and not was_refused(line_link)
    ]
    return tuple(operations)


def _header(invoice: Record) -> tuple[Pointer, ...]:
    return (Pointer(object_type="invoices", sync="invoices", partner_id=invoice.id),)


def _is_missing(wanted: WantedLine, known: Mapping[str, LineLink]) -> bool:
    """Not made yet; one that HubSpot refused is tried again only once it changed."""
    line_link = known.get(wanted.key)
    return line_link is None or (was_refused(line_link) and news(wanted, line_link))


def plan_withdrawal(sync: str, link: Link, known: Mapping[str, LineLink]) -> tuple[Operation, ...]:
    """The invoice went before its mirror was made: lines that were made for it are withdrawn."""
    return tuple(
        _withdraw(sync, link, line_link)
        for line_link in known.values()
        if not was_refused(line_link)
    )


def told_refused(invoice: Record, refused: Mapping[str, str]) -> Planned:
    """HubSpot refused discounts or taxes of the invoice: that is said, and nothing else waits."""
    if not refused:
        return Planned()
    types = " and ".join(sorted({type_of(key) for key in refused}))
    outcome = Outcome(
        side=Side.QUICKBOOKS,
        record_id=invoice.id,
        status=Status.CASE,
        code=ADJUSTMENTS_REFUSED,
        message=f"HubSpot takes no {types} for the invoice: {next(iter(refused.values()))}",
        remedy="The amount stands in ledgerbridge_not_in_lines. Where a permission is missing, "
        "grant it; then: ledgerbridge retry",
    )
    return Planned(outcomes=(outcome,))


def _create(
    invoice: Record,
    wanted: WantedLine,
    link: tuple[str, str],
    near: tuple[Pointer, ...],
    stage: Stage,
) -> Operation:
    """A child that comes after its invoice points at it; one that comes before is named by it."""
    fields: dict[str, Value] = {n: v for n, v in wanted.fields.items() if v is not None}
    key_field = PLACE
    if wanted.object_type == LINE_TYPE:
        key_field, fields[LINE_KEY] = LINE_KEY, wanted.key
    if wanted.item_id is not None:
        fields |= dict.fromkeys(RECURRING, "")
    return Operation(
        sync=link[0],
        link=link[1],
        line=wanted.key,
        side=Side.HUBSPOT,
        object_type=wanted.object_type,
        kind=WriteKind.CREATE,
        stage=stage,
        fields=fields,
        covers=tuple(wanted.fields),
        sources=source_of(wanted),
        points=(*near, *_product_pointer(wanted)),
        partner=invoice.id,
        key_field=key_field,
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
        if line_link is None or was_refused(line_link):
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
        object_type=wanted.object_type,
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
        object_type=type_of(line_link.key),
        kind=WriteKind.ARCHIVE,
        stage=Stage.LINES_AFTER,
        record_id=line_link.hubspot_id,
        expected=line_link.base_hubspot,
        reason="the line is no longer on the invoice",
    )


def source_of(wanted: WantedLine) -> dict[str, Value]:
    """A line's base on the QuickBooks side: what it asked HubSpot to show, and which item it is."""
    return {**wanted.fields, "@item": wanted.item_id}
