"""Bundles on invoices: QuickBooks numbers the lines within them anew (business-rules.md)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from support.pair import Pair


def with_bundle(pair: Pair) -> str:
    """The company sells a set of hours; its id. Bundles can be read, not made by the API."""
    times = {"CreateTime": "2026-05-04T08:00:00Z", "LastUpdatedTime": "2026-05-04T08:00:00Z"}
    bundle = {"Id": "900", "Name": "Set", "FullyQualifiedName": "Set", "Type": "Group"}
    pair.company.load("Item", [{**bundle, "Active": True, "SyncToken": "0", "MetaData": times}])
    return "900"


def sale(item: str, hours: int) -> dict[str, Any]:
    """A line that sells hours at 10."""
    detail = {"ItemRef": {"value": item}, "Qty": hours, "UnitPrice": 10}
    return {
        "DetailType": "SalesItemLineDetail",
        "Amount": 10 * hours,
        "SalesItemLineDetail": detail,
    }


def bundled(bundle: str, *lines: dict[str, Any]) -> dict[str, Any]:
    """A line that is a bundle of these."""
    detail = {"GroupItemRef": {"value": bundle}, "Quantity": 1, "Line": list(lines)}
    return {"DetailType": "GroupLineDetail", "GroupLineDetail": detail}


def shown(pair: Pair) -> list[Decimal]:
    """What the line items of HubSpot come to, line by line."""
    lines = pair.portal.all("line_items")
    return sorted(Decimal(one["quantity"]) * Decimal(one["price"]) for one in lines)


async def test_every_line_within_a_bundle_is_shown_beside_those_without(pair: Pair) -> None:
    await pair.begin()
    bundle, item = with_bundle(pair), pair.item("Hours")
    lines = [
        bundled(bundle, sale(item, 2), sale(item, 3)),
        sale(item, 5),
        bundled(bundle, sale(item, 1)),
    ]
    pair.invoice(pair.customer("Ada Poe", "ada@example.com"), item, Line=lines)
    await pair.run()

    assert shown(pair) == [10, 20, 30, 50]
    (mirror,) = pair.mirrors()
    assert mirror["hs_amount_billed"] == "110"
    assert Decimal(mirror["ledgerbridge_not_in_lines"]) == 0
    assert (await pair.run()).writes == 0


async def test_a_line_that_leaves_its_bundle_is_withdrawn_and_the_others_stay(pair: Pair) -> None:
    await pair.begin()
    bundle, item = with_bundle(pair), pair.item("Hours")
    ada = pair.customer("Ada Poe", "ada@example.com")
    lines = [bundled(bundle, sale(item, 2), sale(item, 3)), sale(item, 5)]
    invoice = pair.invoice(ada, item, Line=lines)
    await pair.run()
    rest = [bundled(bundle, sale(item, 2)), sale(item, 5)]
    pair.company.update("Invoice", {"Id": invoice, "Line": rest})
    await pair.run()

    assert shown(pair) == [20, 50]
    assert pair.mirrors()[0]["hs_amount_billed"] == "70"
