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
    other = pair.invoice(customer, item)
    await pair.run()

    (mirror,) = [one for one in pair.mirrors() if not one["ledgerbridge_key"].endswith(other)]
    assert len(pair.mirrors()) == 2
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
    new = pair.invoice(customer, item)
    parts = [
        {"Amount": 20, "LinkedTxn": [{"TxnId": one, "TxnType": "Invoice"}]} for one in (old, new)
    ]
    body = {"CustomerRef": {"value": customer}, "TotalAmt": 40, "Line": parts}
    payment = pair.company.create("Payment", body)["Id"]
    await pair.run()

    (told,) = [one for one in await pair.outcomes(Status.EXCLUDED) if one.sync == "payments.1"]
    assert (told.record_id, told.code) == (f"{payment}:{old}", "invoice_out_of_scope")
    assert told.message == (
        f"its invoice {old} is not in HubSpot: MetaData.CreateTime is before 2026-05-06T07:00:00Z"
    )
    assert "It follows by itself once that invoice comes in" in told.remedy
    paid = [one["hs_external_reference_id"] for one in pair.portal.all("commerce_payments")]
    assert [one.partition(":payment:")[2] for one in paid] == [f"{payment}:{new}"]


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


async def test_a_deal_deleted_between_plan_and_write_is_named_and_the_invoices_go_on(
    pair: Pair,
) -> None:
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
    invoice, other = pair.invoice(customer, item), pair.invoice(customer, item, TotalAmt=20)
    match = to_hubspot("deals/batch/associate/default")
    pair.transport.on_send = Countdown(match, 1, lambda: pair.portal.archive("deals", deal))
    await pair.run()

    told = {one.record_id: one for one in await pair.outcomes()}
    assert set(told) == {f"invoice:{invoice}", f"invoice:{other}"}
    first = told[f"invoice:{invoice}"]
    assert (first.code, first.message) == (
        "missing_reference",
        f"No deal with ID {deal} exists",
    )
    assert "it is looked at again" in first.remedy
    assert len(pair.mirrors()) == 2
    pair.transport.on_send = lambda _: None
    result = await pair.run()
    for mirror in pair.mirrors():
        assert pair.portal.associations("invoices", mirror["hs_object_id"], "deals") == []
    assert (result.failing, result.in_doubt) == (0, 0)


async def test_amounts_that_do_not_add_up_are_a_case_and_nothing_is_guessed(pair: Pair) -> None:
    await pair.begin()
    ada, item = pair.customer("Ada Poe", "ada@example.com"), pair.item("Hours")
    odd, settled, good = (pair.invoice(ada, item) for _ in range(3))
    for invoice, balance in ((odd, 5), (settled, 0)):
        # As a journal entry would leave it: of 20 nothing was paid, and 5 or nothing is open.
        found = pair.company.books.find("Invoice", invoice)
        assert found is not None
        found.body["Balance"] = balance
    await pair.run()

    cases = {one.record_id: one for one in await pair.outcomes(Status.CASE)}
    assert {one.code for one in cases.values()} == {"does_not_add_up"}
    assert cases[odd].message == (
        "of its total 20 USD are paid 0, credited 0, deposited 0 and 5 is open, which leaves 15 "
        "unexplained; it is not shown as paid"
    )
    assert "Look at the transactions of the invoice in QuickBooks" in cases[odd].remedy
    assert set(cases) == {odd, settled}
    shown = {one["ledgerbridge_key"].rpartition(":")[2]: one for one in pair.mirrors()}
    assert {x: shown[x]["hs_invoice_status"] for x in shown} == {
        odd: "open",
        settled: "open",
        good: "open",
    }
    assert shown[settled]["ledgerbridge_balance"] == "0"
    assert await pair.outcomes() == []


async def test_a_contact_whose_name_is_too_long_goes_without_it_and_says_so(pair: Pair) -> None:
    await pair.begin()
    long = pair.contact("long@example.com", qualifies=True, firstname="N" * 500, lastname="Poe")
    pair.contact("bea@example.com", qualifies=True, firstname="Bea", lastname="Roe")
    await pair.run()

    failing = await pair.failing()
    assert failing.message == "firstname has 500 characters, GivenName takes at most 100."
    assert "Shorten it" in failing.remedy
    given = {one["FamilyName"]: one.get("GivenName") for one in pair.company.all("Customer")}
    assert given == {"Poe": None, "Roe": "Bea"}
    pair.portal.update("contacts", long, {"firstname": "Nan"})
    await pair.run()
    assert await pair.outcomes() == []
    assert {one.get("GivenName") for one in pair.company.all("Customer")} == {"Nan", "Bea"}


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
