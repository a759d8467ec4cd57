"""Invoices that cannot go as they are: inactive items, refused lines, missing currencies."""

from __future__ import annotations

from ledgerbridge.core.plan import Status
from support.pair import Pair


async def test_an_invoice_with_an_inactive_item_is_mirrored_and_the_product_says_so(
    pair: Pair,
) -> None:
    await pair.begin()
    item = pair.item("Typewriter ribbons")
    pair.invoice(pair.customer("Ada Moreno", "ada@example.com"), item)
    pair.company.update("Item", {"Id": item, "Active": False})

    result = await pair.run()

    (mirror,) = pair.mirrors()
    assert mirror["ledgerbridge_total"] == "20"
    assert len(pair.portal.all("line_items")) == 1
    (product,) = pair.portal.all("products")
    assert product["ledgerbridge_active"] == "false"
    assert result.failing == 0


def _with_euros(pair: Pair) -> str:
    """A customer who pays in euros, and an item."""
    pair.company.set_preferences(CurrencyPrefs={"MultiCurrencyEnabled": True})
    return pair.customer("Ulla Berg", "ulla@example.com", CurrencyRef={"value": "EUR"})


async def test_a_currency_that_the_portal_lacks_is_named_and_the_invoice_follows_once_added(
    pair: Pair,
) -> None:
    await pair.begin()
    item, ulla = pair.item("Hours"), _with_euros(pair)
    invoice = pair.invoice(ulla, item, CurrencyRef={"value": "EUR"})
    pair.invoice(pair.customer("Ada Moreno", "ada@example.com"), item)

    await pair.run()

    failing = await pair.failing()
    assert (failing.record_id, failing.code) == (invoice, "currency_not_enabled")
    assert "the invoice is in EUR, which this HubSpot portal does not have" in failing.message
    assert "Add EUR in HubSpot" in failing.remedy
    assert [one["hs_currency"] for one in pair.mirrors()] == ["USD"]
    pair.portal.change_settings(additional_currencies=("EUR",))
    await pair.run()
    assert sorted(one["hs_currency"] for one in pair.mirrors()) == ["EUR", "USD"]
    assert await pair.outcomes() == []


async def test_a_currency_removed_while_syncing_is_named_and_the_invoice_follows(
    pair: Pair,
) -> None:
    pair.portal.change_settings(additional_currencies=("EUR",))
    await pair.begin()
    item, ulla = pair.item("Hours"), _with_euros(pair)
    pair.portal.change_settings(additional_currencies=())
    pair.invoice(ulla, item, CurrencyRef={"value": "EUR"})
    pair.invoice(pair.customer("Ada Moreno", "ada@example.com"), item)

    await pair.run()

    failing = await pair.failing()
    assert failing.code == "currency_not_enabled"
    assert "EUR" in failing.message
    assert "Add" in failing.remedy
    assert [one["hs_currency"] for one in pair.mirrors()] == ["USD"]
    pair.portal.change_settings(additional_currencies=("EUR",))
    assert await pair.retry() == 1
    await pair.run()
    assert sorted(one["hs_currency"] for one in pair.mirrors()) == ["EUR", "USD"]
    assert len(pair.portal.all("line_items")) == 2
    assert await pair.outcomes(Status.BLOCKED) == []


async def test_a_line_that_hubspot_refuses_keeps_its_invoice_back_with_that_reason(
    pair: Pair,
) -> None:
    pair.portal.change_property("line_items", "name", length_max=10)
    await pair.begin()
    ada = pair.customer("Ada Moreno", "ada@example.com")
    pair.invoice(ada, pair.item("Hours"))
    refused = pair.invoice(ada, pair.item("Typewriter ribbons"))

    await pair.run()

    failing = await pair.failing()
    assert (failing.record_id, failing.code) == (refused, "too_long")
    assert "name" in failing.message
    assert len(pair.mirrors()) == 1
    assert await pair.outcomes(Status.BLOCKED) == []
    pair.portal.change_property("line_items", "name", length_max=100)
    await pair.run()
    assert len(pair.mirrors()) == 2
    assert await pair.outcomes() == []


async def test_a_look_before_its_time_leaves_the_time_of_the_next_try(pair: Pair) -> None:
    await pair.begin()
    invoice = pair.invoice(_with_euros(pair), pair.item("Hours"), CurrencyRef={"value": "EUR"})
    for _ in range(3):
        await pair.run()
    before = await pair.failing()

    pair.company.update("Invoice", {"Id": invoice, "CustomerMemo": {"value": "Thank you"}})
    await pair.run()

    after = await pair.failing()
    assert (before.attempts, before.retry_at) == (after.attempts, after.retry_at)
    assert before.attempts == 3


async def test_a_payment_in_a_currency_that_was_removed_is_named_and_follows(pair: Pair) -> None:
    pair.portal.change_settings(additional_currencies=("EUR",))
    await pair.begin()
    item, ulla = pair.item("Hours"), _with_euros(pair)
    ada = pair.customer("Ada Moreno", "ada@example.com")
    euros, dollars = pair.invoice(ulla, item, CurrencyRef={"value": "EUR"}), pair.invoice(ada, item)
    await pair.run()
    pair.portal.change_settings(additional_currencies=())
    for customer, invoice, currency in ((ulla, euros, "EUR"), (ada, dollars, "USD")):
        part = {"Amount": 20, "LinkedTxn": [{"TxnId": invoice, "TxnType": "Invoice"}]}
        body = {"CustomerRef": {"value": customer}, "TotalAmt": 20, "Line": [part]}
        pair.company.create("Payment", {**body, "CurrencyRef": {"value": currency}})
    for _ in range(2):
        await pair.run()

    failing = await pair.failing()
    assert (failing.sync, failing.code) == ("payments.1", "currency_not_enabled")
    assert failing.message == "the payment is in EUR, which this HubSpot portal does not have"
    assert "Add EUR in HubSpot" in failing.remedy
    shown = [one["hs_currency_code"] for one in pair.portal.all("commerce_payments")]
    assert shown == ["USD"]
    pair.portal.change_settings(additional_currencies=("EUR",))
    await pair.retry()
    await pair.run()
    assert len(pair.portal.all("commerce_payments")) == 2
    assert await pair.outcomes() == []
