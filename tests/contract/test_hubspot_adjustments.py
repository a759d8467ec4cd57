"""Discounts and taxes of invoices in the HubSpot emulator, and what their switches decide."""

from __future__ import annotations

import pytest

from contract.hubspot_caller import OBJECTS, Caller


@pytest.mark.parametrize("kind", ["discounts", "taxes"])
async def test_an_account_may_take_none(kind: str) -> None:
    caller = Caller(adjustments_feature=False)
    body = {"properties": {"hs_type": "FIXED", "hs_value": "1"}}

    assert (await caller.refused("POST", f"{OBJECTS}/{kind}", body))[0] == 403


@pytest.mark.parametrize(("kept", "billed"), [(True, "77"), (False, "-3")])
async def test_a_written_amount_stays_when_a_discount_comes_or_does_not(
    kept: bool, billed: str
) -> None:
    portal = Caller(written_amounts_kept=kept).portal
    body = {"hs_currency": "USD", "hs_invoice_billable": "false", "hs_amount_billed": "77"}
    invoice = portal.create("invoices", body)["hs_object_id"]

    portal.create("discounts", {"hs_type": "FIXED", "hs_value": "3"}, [("invoices", invoice)])

    assert (portal.get("invoices", invoice) or {})["hs_amount_billed"] == billed


async def test_what_a_new_line_says_is_empty_is_not_copied_from_its_product() -> None:
    caller = Caller()
    yearly = {"name": "Care", "recurringbillingfrequency": "annually"}
    product = caller.portal.create("products", yearly)["hs_object_id"]
    written = {"hs_product_id": product, "recurringbillingfrequency": ""}

    line = await caller.create("line_items", written)

    shown = caller.portal.get("line_items", line) or {}
    assert (shown["name"], shown.get("recurringbillingfrequency") or "") == ("Care", "")
