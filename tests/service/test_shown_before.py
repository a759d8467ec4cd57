"""Invoices that another app has put into HubSpot already are not made a second time."""

from __future__ import annotations

import pytest

from ledgerbridge.core.plan import Status
from support.pair import Pair


def shown(pair: Pair, **more: str) -> str:
    """Another app's mirror of invoice 1001 of 20 dollars; its id."""
    day = pair.clock.now().date().isoformat()
    properties = {
        "hs_currency": "USD",
        "hs_number": "1001",
        "hs_amount_billed": "20.00",
        "hs_invoice_date": f"{day}T12:00:00Z",
        "hs_invoice_billable": "false",
        **more,
    }
    properties = {name: value for name, value in properties.items() if value}
    return str(pair.portal.create("invoices", properties)["hs_object_id"])


def invoice(pair: Pair) -> str:
    """Invoice 1001 of 20 dollars, of today; its id."""
    customer = pair.customer("Ada Poe", "ada@example.com")
    day = pair.clock.now().date().isoformat()
    return pair.invoice(customer, pair.item("Hours"), DocNumber="1001", TxnDate=day)


async def test_an_invoice_that_another_app_shows_is_a_case_and_made_only_once(pair: Pair) -> None:
    there = shown(pair)
    await pair.begin()
    made = invoice(pair)
    await pair.run()

    assert pair.mirrors() == []
    (case,) = await pair.outcomes(Status.CASE)
    assert (case.record_id, case.code) == (made, "shown_by_another_app")
    assert f"HubSpot invoice {there}" in case.message
    pair.portal.archive("invoices", there)
    pair.company.update("Invoice", {"Id": made, "CustomerMemo": {"value": "Thanks"}})
    pair.pass_time(90_000)
    await pair.run()
    assert len(pair.mirrors()) == 1


@pytest.mark.parametrize(
    "more",
    [
        {"hs_number": "1002"},
        {"hs_amount_billed": "21.00"},
        {"hs_invoice_date": "2020-01-01T12:00:00Z"},
        {"hs_invoice_billable": "true", "hs_amount_billed": ""},
    ],
)
async def test_less_than_all_of_it_proves_nothing(pair: Pair, more: dict[str, str]) -> None:
    shown(pair, **more)
    await pair.begin()
    invoice(pair)
    await pair.run()
    assert len(pair.mirrors()) == 1


async def test_a_purchase_order_number_arrives_in_hubspots_own_property(pair: Pair) -> None:
    name = {"Name": "SalesFormsPrefs.SalesCustomName1", "StringValue": "P.O. Number"}
    forms = {"CustomField": [{"CustomField": [{**name, "Type": "StringType"}]}]}
    pair.company.set_preferences(SalesFormsPrefs=forms)
    await pair.begin()
    customer = pair.customer("Ada Poe", "ada@example.com")
    field = {"DefinitionId": "1", "Name": "P.O. Number", "Type": "StringType", "StringValue": "A-7"}
    pair.invoice(customer, pair.item("Hours"), CustomField=[field])
    await pair.run()

    (mirror,) = pair.mirrors()
    assert mirror.get("hs_purchase_order_number") == "A-7"
