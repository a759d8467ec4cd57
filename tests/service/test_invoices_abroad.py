"""Invoices in another currency, and tax of several kinds: what HubSpot shows, to the cent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ledgerbridge.sandbox.quickbooks.schema import Body
from ledgerbridge.service.opening import open_world
from ledgerbridge.service.reconciling import reconcile
from support.pair import Pair

EURO: dict[str, Any] = {"CurrencyRef": {"value": "EUR"}}


def with_euros(pair: Pair) -> str:
    """Both sides deal in euros; the customer who pays in them."""
    pair.portal.change_settings(additional_currencies=("EUR",))
    pair.company.set_preferences(CurrencyPrefs={"MultiCurrencyEnabled": True})
    return pair.customer("Ulla Berg", "ulla@example.com", **EURO)


def sale(item: str, amount: str, code: str = "NON") -> Body:
    """A line that sells an item, of a tax code."""
    detail = {"ItemRef": {"value": item}, "TaxCodeRef": {"value": code}}
    return {
        "DetailType": "SalesItemLineDetail",
        "Amount": Decimal(amount),
        "SalesItemLineDetail": detail,
    }


def discount(percent: int) -> Body:
    """A discount on the whole invoice, in percent."""
    detail = {"PercentBased": True, "DiscountPercent": percent}
    return {"DetailType": "DiscountLineDetail", "DiscountLineDetail": detail}


def held(pair: Pair, object_type: str, name: str) -> list[Decimal]:
    """A value of the one mirror's children of a type."""
    (mirror,) = pair.mirrors()
    ids = pair.portal.associations("invoices", mirror["hs_object_id"], object_type)
    return sorted(Decimal((pair.portal.get(object_type, one) or {})[name]) for one in ids)


def figures(pair: Pair, *names: str) -> list[Decimal]:
    """Figures of the one mirror."""
    (mirror,) = pair.mirrors()
    return [Decimal(mirror[name]) for name in names]


async def test_a_discount_in_euros_stands_in_euros_and_home_amounts_beside_it(pair: Pair) -> None:
    ulla, item = with_euros(pair), pair.item("Hours")
    await pair.begin()
    lines = [sale(item, "100"), sale(item, "50"), discount(10)]
    pair.invoice(ulla, item, Line=lines, ExchangeRate=Decimal("1.25"), **EURO)

    await pair.run()

    (mirror,) = pair.mirrors()
    assert mirror["hs_currency"] == "EUR"
    assert held(pair, "line_items", "amount") == [50, 100]
    assert held(pair, "discounts", "hs_value") == [15]
    totals = ("hs_amount_billed", "hs_balance_due", "ledgerbridge_discount")
    assert figures(pair, *totals) == [135, 135, 15]
    home = ("ledgerbridge_home_total", "ledgerbridge_home_balance", "ledgerbridge_exchange_rate")
    assert figures(pair, *home) == [Decimal("168.75"), Decimal("168.75"), Decimal("1.25")]
    assert figures(pair, "ledgerbridge_not_in_lines") == [0]
    assert (await pair.run()).writes == 0


async def test_a_discount_in_euros_that_changes_once_it_is_partly_paid_agrees_in_both_currencies(
    pair: Pair,
) -> None:
    ulla, item = with_euros(pair), pair.item("Hours")
    await pair.begin()
    lines = [sale(item, "100"), discount(10)]
    invoice = pair.invoice(ulla, item, Line=lines, ExchangeRate=Decimal("1.25"), **EURO)
    linked = [{"TxnId": invoice, "TxnType": "Invoice"}]
    paid = {"TotalAmt": 30, "ExchangeRate": Decimal("1.3"), **EURO}
    body = {"CustomerRef": {"value": ulla}, "Line": [{"Amount": 30, "LinkedTxn": linked}]}
    pair.company.create("Payment", {**body, **paid})
    await pair.run()

    pair.company.update("Invoice", {"Id": invoice, "Line": [sale(item, "100"), discount(20)]})
    await pair.run()

    assert held(pair, "discounts", "hs_value") == [20]
    assert figures(pair, "hs_amount_billed", "hs_balance_due") == [80, 50]
    assert figures(pair, "ledgerbridge_home_balance") == [Decimal("62.50")]
    (payment,) = pair.portal.all("commerce_payments")
    assert (payment["hs_currency_code"], payment["hs_initial_amount"]) == ("EUR", "30")
    report = await reconcile(await open_world(pair.shop()))
    (euros,), (dollars,) = report.compared.totals, report.compared.home
    assert euros.quickbooks == euros.hubspot == 50
    assert dollars.quickbooks == dollars.hubspot == Decimal("62.50")
    assert report.unexplained == 0


def tax_code(pair: Pair, name: str, **rates: str) -> str:
    """A tax code with a rate for each name given; its id."""
    details = [
        {"TaxRateName": rate, "RateValue": Decimal(percent), "TaxAgencyId": "1"}
        for rate, percent in rates.items()
    ]
    made = pair.company.create_tax_code({"TaxCode": name, "TaxRateDetails": details})
    return str(made["TaxCodeId"])


async def test_tax_of_two_rates_beside_an_exempt_line_is_one_tax_and_adds_up(pair: Pair) -> None:
    await pair.begin()
    ada, item = pair.customer("Ada Poe", "ada@example.com"), pair.item("Hours")
    code = tax_code(pair, "City and county", City="1.25", County="6")
    lines = [sale(item, "99.99", "TAX"), sale(item, "40")]
    pair.invoice(ada, item, Line=lines, TxnTaxDetail={"TxnTaxCodeRef": {"value": code}})

    await pair.run()

    assert held(pair, "taxes", "hs_value") == [Decimal("7.25")]
    names = ("hs_amount_billed", "ledgerbridge_tax", "ledgerbridge_not_in_lines")
    assert figures(pair, *names) == [Decimal("147.24"), Decimal("7.25"), 0]
    assert (await pair.run()).writes == 0


async def test_amounts_that_include_tax_are_shown_without_it_and_the_tax_beside_them(
    pair: Pair,
) -> None:
    await pair.begin()
    pair.company.set_company_info(Country="GB")
    ada, item = pair.customer("Ada Poe", "ada@example.com"), pair.item("Hours")
    full, less = tax_code(pair, "20.0% S", VAT20="20"), tax_code(pair, "5.0% R", VAT5="5")
    none = tax_code(pair, "Exempt", Exempt="0")
    lines = [sale(item, "120", full), sale(item, "105", less), sale(item, "50", none)]
    pair.invoice(ada, item, Line=lines, GlobalTaxCalculation="TaxInclusive")

    await pair.run()

    assert held(pair, "line_items", "amount") == [50, 100, 100]
    assert held(pair, "taxes", "hs_value") == [25]
    assert figures(pair, "hs_amount_billed", "ledgerbridge_not_in_lines") == [275, 0]
    assert (await pair.run()).writes == 0
