"""What the books can hold that nobody would wish for: it is told, and the rest goes on."""

from __future__ import annotations

from typing import Any

import pytest

from ledgerbridge.core.plan import Status
from support.pair import Countdown, Pair, to_hubspot


def line(amount: int, item: str, **more: Any) -> dict[str, Any]:
    """A line of an invoice that sells one of something."""
    detail = {"ItemRef": {"value": item}, "Qty": 1, "UnitPrice": amount}
    return {
        "DetailType": "SalesItemLineDetail",
        "Amount": amount,
        "SalesItemLineDetail": detail,
        **more,
    }


async def test_an_invoice_of_750_lines_arrives_whole(pair: Pair) -> None:
    customer, item = pair.customer("Ada Poe", "ada@example.com"), pair.item("Hours")
    await pair.begin()
    pair.invoice(customer, item, Line=[line(1, item) for _ in range(750)])
    await pair.run()

    (mirror,) = pair.mirrors()
    assert len(pair.portal.associations("invoices", mirror["hs_object_id"], "line_items")) == 750
    assert float(mirror["hs_amount_billed"]) == 750
    assert (await pair.run()).writes == 0


async def test_a_name_of_500_characters_travels_as_far_as_it_may(pair: Pair) -> None:
    name = "N" * 500
    pair.customer(name, "ada@example.com", CompanyName="C" * 100)
    pair.customer("Bea Roe", "bea@example.com")
    await pair.begin()
    result = await pair.run()

    assert pair.emails() == ["ada@example.com", "bea@example.com"]
    assert pair.contact_of("ada@example.com")["ledgerbridge_path"] == name
    assert result.failing == 0


async def test_a_payment_of_an_invoice_out_of_scope_is_left_out_and_says_so(pair: Pair) -> None:
    customer, item = pair.customer("Ada Poe", "ada@example.com"), pair.item("Hours")
    old = pair.invoice(customer, item)
    pair.pass_time(2 * 86_400)
    await pair.begin()
    body = {
        "CustomerRef": {"value": customer},
        "TotalAmt": 20,
        "Line": [{"Amount": 20, "LinkedTxn": [{"TxnId": old, "TxnType": "Invoice"}]}],
    }
    pair.company.create("Payment", body)
    await pair.run()

    told = {one.code for one in await pair.outcomes(Status.EXCLUDED)}
    assert "invoice_out_of_scope" in told
    assert pair.portal.all("commerce_payments") == []


async def test_sub_customers_five_levels_deep_belong_to_the_contact_at_the_top(pair: Pair) -> None:
    above = pair.customer("Poe Limited", "poe@example.com")
    ids = [above]
    for level in range(4):
        above = pair.customer(f"Level {level}", ParentRef={"value": above}, Job=True)
        ids.append(above)
    await pair.begin("contacts", "products", "invoices")
    pair.invoice(above, pair.item("Hours"))
    await pair.run()

    (mirror,) = pair.mirrors()
    poe = pair.contact_of("poe@example.com")["hs_object_id"]
    assert pair.portal.associations("invoices", mirror["hs_object_id"], "contacts") == [poe]
    assert await pair.outcomes() == []


async def test_a_deal_deleted_between_plan_and_write_stops_only_its_invoice(pair: Pair) -> None:
    customer, item = pair.customer("Ada Poe", "ada@example.com"), pair.item("Hours")
    contact = pair.contact("ada@example.com")
    day = pair.clock.now().date().isoformat()
    deal = pair.portal.create(
        "deals",
        {
            "dealname": "Deal",
            "dealstage": "closedwon",
            "pipeline": "default",
            "amount": "500",
            "closedate": f"{day}T12:00:00Z",
        },
        [("contacts", contact)],
    )["hs_object_id"]
    await pair.begin()
    pair.invoice(customer, item)
    match = to_hubspot("deals/batch/associate/default")
    pair.transport.on_send = Countdown(match, 1, lambda: pair.portal.archive("deals", deal))
    await pair.run()
    pair.transport.on_send = lambda _: None
    pair.pass_time(90_000)
    await pair.retry()
    result = await pair.run()

    (mirror,) = pair.mirrors()
    assert pair.portal.associations("invoices", mirror["hs_object_id"], "deals") == []
    assert (result.failing, result.in_doubt) == (0, 0)


@pytest.mark.parametrize("currency", ["EUR"])
async def test_payments_in_another_currency_add_up_in_it(pair: Pair, currency: str) -> None:
    pair.portal.change_settings(additional_currencies=(currency,))
    pair.company.set_preferences(
        CurrencyPrefs={"MultiCurrencyEnabled": True, "HomeCurrency": {"value": "USD"}}
    )
    money = {"CurrencyRef": {"value": currency}}
    customer, item = pair.customer("Ada Poe", "ada@example.com", **money), pair.item("Hours")
    await pair.begin()
    invoice = pair.invoice(customer, item, ExchangeRate=2, **money)
    body = {
        "CustomerRef": {"value": customer},
        "TotalAmt": 5,
        "ExchangeRate": 2,
        "Line": [{"Amount": 5, "LinkedTxn": [{"TxnId": invoice, "TxnType": "Invoice"}]}],
        **money,
    }
    pair.company.create("Payment", body)
    await pair.run()

    (mirror,) = pair.mirrors()
    shown = {
        name: mirror.get(f"ledgerbridge_{name}")
        for name in ("total", "balance", "cash_paid", "home_total", "home_balance")
    }
    assert shown == {
        "total": "20",
        "balance": "15",
        "cash_paid": "5",
        "home_total": "40",
        "home_balance": "30",
    }
    (payment,) = pair.portal.all("commerce_payments")
    assert (payment["hs_currency_code"], payment["hs_initial_amount"]) == (currency, "5")
    assert await pair.outcomes(Status.CASE) == []
