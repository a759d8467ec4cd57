"""Invoices with bundles: what is within them is on the invoice in HubSpot, and follows."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ledgerbridge.sandbox.quickbooks import Switches
from support.pair import Pair


def sale(item: str, amount: str) -> dict[str, Any]:
    """A line that sells an item once."""
    detail = {"ItemRef": {"value": item}, "TaxCodeRef": {"value": "NON"}}
    return {
        "DetailType": "SalesItemLineDetail",
        "Amount": Decimal(amount),
        "SalesItemLineDetail": detail,
    }


def bundle(*lines: dict[str, Any]) -> dict[str, Any]:
    """A bundle of these lines."""
    detail = {"Quantity": 1, "Line": list(lines)}
    return {"DetailType": "GroupLineDetail", "GroupLineDetail": detail}


def amounts(pair: Pair) -> list[Decimal]:
    """The amounts of the one mirror's lines, in their order."""
    (mirror,) = pair.mirrors()
    ids = pair.portal.associations("invoices", mirror["hs_object_id"], "line_items")
    lines = [pair.portal.get("line_items", one) or {} for one in ids]
    lines.sort(key=lambda line: int(line["hs_position_on_quote"]))
    return [Decimal(line["amount"]) for line in lines]


@pytest.fixture(params=[False, True], ids=["numbered with the others", "numbered apart"])
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> Pair:
    """Books that number the lines within a bundle in one of the two ways."""
    return Pair(tmp_path, Switches(bundle_lines_apart=request.param))


async def test_the_lines_within_a_bundle_are_lines_of_the_invoice_and_add_up(pair: Pair) -> None:
    customer, item = pair.customer("Ada Poe", "ada@example.com"), pair.item("Hours")
    await pair.begin()
    parts = bundle(sale(item, "10"), sale(item, "20"))
    pair.invoice(customer, item, Line=[sale(item, "5"), parts, sale(item, "40")])

    await pair.run()

    assert amounts(pair) == [5, 10, 20, 40]
    (mirror,) = pair.mirrors()
    assert Decimal(mirror["hs_amount_billed"]) == 75
    assert Decimal(mirror["ledgerbridge_not_in_lines"]) == 0
    assert (await pair.run()).writes == 0


async def test_a_negative_line_within_a_bundle_becomes_a_discount(pair: Pair) -> None:
    customer, item = pair.customer("Ada Poe", "ada@example.com"), pair.item("Hours")
    await pair.begin()
    pair.invoice(customer, item, Line=[bundle(sale(item, "30"), sale(item, "-4"))])

    await pair.run()

    assert amounts(pair) == [30]
    assert [Decimal(one["hs_value"]) for one in pair.portal.all("discounts")] == [4]
    assert Decimal(pair.mirrors()[0]["ledgerbridge_not_in_lines"]) == 0
    assert (await pair.run()).writes == 0


async def test_lines_that_go_from_around_a_bundle_and_within_it_go_in_hubspot(pair: Pair) -> None:
    customer, item = pair.customer("Ada Poe", "ada@example.com"), pair.item("Hours")
    await pair.begin()
    parts = bundle(sale(item, "10"), sale(item, "20"))
    invoice = pair.invoice(customer, item, Line=[sale(item, "5"), parts, sale(item, "40")])
    await pair.run()
    first, group, last, *_ = (pair.company.get("Invoice", invoice) or {})["Line"]
    kept = group["GroupLineDetail"]["Line"][1]

    without = {**group, "GroupLineDetail": {"Quantity": 1, "Line": [kept]}}
    pair.company.update("Invoice", {"Id": invoice, "Line": [without, last]})
    await pair.run()
    assert amounts(pair) == [20, 40]
    assert len(pair.portal.all("line_items")) == 2

    pair.company.update("Invoice", {"Id": invoice, "Line": [first, without]})
    await pair.run()
    assert amounts(pair) == [5, 20]
    assert (await pair.run()).writes == 0


async def test_a_voided_invoice_with_a_bundle_is_voided_in_hubspot(pair: Pair) -> None:
    customer, item = pair.customer("Ada Poe", "ada@example.com"), pair.item("Hours")
    await pair.begin()
    invoice = pair.invoice(customer, item, Line=[bundle(sale(item, "10"))])
    await pair.run()

    pair.company.void("Invoice", invoice)
    await pair.run()

    (mirror,) = pair.mirrors()
    assert (mirror["hs_invoice_status"], mirror["ledgerbridge_state"]) == ("voided", "voided")
