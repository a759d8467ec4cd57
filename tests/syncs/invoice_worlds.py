"""Invoices of a company, their mirrors, and the situations that they are planned in."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace
from sync_worlds import key, pair, rules_of

from ledgerbridge.core.filters import Condition, Filter
from ledgerbridge.core.model import Line, LineLink, Link, Record, Value
from ledgerbridge.core.plan import Operation, Planned
from ledgerbridge.core.planning import Rules
from ledgerbridge.syncs.adjustments import wanted_adjustments
from ledgerbridge.syncs.invoice_figures import Around, derive
from ledgerbridge.syncs.invoice_places import CUSTOMER, InvoiceSituation
from ledgerbridge.syncs.invoices import plan_invoice
from ledgerbridge.syncs.lines import wanted_lines

ENABLED_AT = "2026-01-01T08:00:00+00:00"
SINCE_ENABLED = Filter(
    groups=(
        (
            Condition(
                field="MetaData.CreateTime", operator="on or after", value="2026-01-01T08:00:00Z"
            ),
        ),
    )
)
CREATED_AT = "2026-05-05T09:02:05Z"


def invoice_rules(**changes: Any) -> Rules:
    """The sync of invoices, enabled at the turn of the year."""
    return rules_of(
        "invoices", **{"to_hubspot": SINCE_ENABLED, "enabled_at": ENABLED_AT, **changes}
    )


RULES = invoice_rules()


def sale(
    line_id: str, amount: str, quantity: Value = None, price: Value = None, **fields: Value
) -> Line:
    """A line that sells an item; other fields by their dotted names."""
    shown: dict[str, Value] = {
        "DetailType": "SalesItemLineDetail",
        "Amount": amount,
        "SalesItemLineDetail.Qty": quantity,
        "SalesItemLineDetail.UnitPrice": price,
        "SalesItemLineDetail.ItemRef": "5",
        "SalesItemLineDetail.ItemRef.name": "Rock Fountain",
        **fields,
    }
    return Line(id=line_id, fields=shown)


def text_line(line_id: str, description: str) -> Line:
    """A line that only says something."""
    return Line(id=line_id, fields={"DetailType": "DescriptionOnly", "Description": description})


def discount(line_id: str, amount: str) -> Line:
    """A discount on the whole invoice."""
    return Line(id=line_id, fields={"DetailType": "DiscountLineDetail", "Amount": amount})


ONE_LINE = (sale("1", "275", "1", "275"),)


def invoice(
    *lines: Line, total: str = "275", balance: str | None = None, **fields: Value
) -> Record:
    """Invoice 130 of customer 12, not paid unless it says so."""
    shown: dict[str, Value] = {
        "@key": key("invoice", "130"),
        "DocNumber": "1037",
        "TxnDate": "2026-05-05",
        "DueDate": "2026-06-04",
        "CurrencyRef": "USD",
        "CustomerRef.name": "Jane Doe",
        "TotalAmt": total,
        "Balance": total if balance is None else balance,
        "MetaData.CreateTime": CREATED_AT,
        **fields,
    }
    references: dict[str, tuple[str, ...]] = {"CustomerRef": ("12",)}
    return Record(
        "Invoice", "130", "0", shown, references, lines=lines or ONE_LINE, created_at=CREATED_AT
    )


def of_customer(record: Record, customer_id: str) -> Record:
    """The same invoice, billed to another customer."""
    return replace(record, references={**record.references, "CustomerRef": (customer_id,)})


def with_transaction(record: Record, kind: str) -> Record:
    """The same invoice with a transaction of that kind linked to it."""
    linked = {"LinkedTxn": ("200",), f"LinkedTxn.{kind}": ("200",)}
    return replace(record, references={**record.references, **linked})


def mirror(record: Record) -> Record:
    """The HubSpot invoice that shows exactly what this one shows."""
    shown = derive(record, Around(enabled_at=ENABLED_AT)).fields
    fields = {
        mapping.hubspot[0]: shown.get(mapping.quickbooks[0])
        for mapping in RULES.definition.mappings
    }
    return Record("invoices", "900", "v1", fields)


def linked(record: Record) -> tuple[Link, Record]:
    """A link in step and its mirror."""
    ours = mirror(record)
    link = pair("invoices", ours, derive(record, Around(enabled_at=ENABLED_AT)))
    customer_id = record.references["CustomerRef"][0]
    return replace(link, base_quickbooks={**link.base_quickbooks, CUSTOMER: customer_id}), ours


def known_lines(record: Record) -> dict[str, LineLink]:
    """What was made of an invoice's lines, discounts and tax, by key."""
    return {
        wanted.key: LineLink(
            key=wanted.key,
            hubspot_id=f"7{position}",
            base_hubspot=dict(wanted.fields),
            base_quickbooks={**wanted.fields, "@item": wanted.item_id},
        )
        for position, wanted in enumerate([*wanted_lines(record), *wanted_adjustments(record)])
    }


def plan(record: Record, **options: Any) -> Planned:
    """The plan for one invoice whose customer has a contact."""
    rules = options.pop("rules", RULES)
    around: dict[str, Any] = {
        "invoice": record,
        "link": None,
        "mirror": None,
        "lines": {},
        "mirrors": (),
        "reachable": frozenset({"contacts"}),
        **options,
    }
    return plan_invoice(rules, InvoiceSituation(**around))


def plan_changed(before: Record, after: Record, **options: Any) -> Planned:
    """The plan for an invoice that was in step as it was before."""
    link, ours = linked(before)
    around = {"link": link, "mirror": ours, "lines": known_lines(before), **options}
    return plan(after, **around)


def header_of(planned: Planned) -> Operation:
    """The operation on the invoice itself."""
    (only,) = [each for each in planned.operations if each.line is None]
    return only


def lines_of(planned: Planned) -> list[Operation]:
    """The operations on its lines."""
    return [each for each in planned.operations if each.line is not None]
