"""Invoices find their deals by rule, and the deals show what was billed and paid."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ledgerbridge.core.plan import Status
from ledgerbridge.errors import UsageError
from ledgerbridge.sandbox.http import Request
from ledgerbridge.service.cases import decide
from support.pair import Pair

DAY_S = 86_400


class Shop:
    """One customer with a contact, and the deals that a salesperson makes of her."""

    def __init__(self, pair: Pair) -> None:
        self.pair = pair
        self.item = pair.item("Hours")
        self.customer = pair.customer("Ada Moreno", "ada@example.com")
        self.contact = pair.contact("ada@example.com")

    def deal(self, amount: str, stage: str = "closedwon", **more: str) -> str:
        """A deal of hers; its id."""
        today = self.pair.clock.now().date().isoformat()
        properties = {
            "dealname": "Deal",
            "dealstage": stage,
            "pipeline": "default",
            "amount": amount,
            "closedate": f"{today}T12:00:00Z",
            **more,
        }
        made = self.pair.portal.create("deals", properties, [("contacts", self.contact)])
        return str(made["hs_object_id"])

    def invoice(self, **more: Any) -> str:
        """An invoice of 20; its id."""
        return self.pair.invoice(self.customer, self.item, **more)

    def shown(self, deal: str) -> dict[str, str]:
        """What a deal shows."""
        found = self.pair.portal.get("deals", deal)
        assert found is not None
        return found

    def deals_of(self, invoice: str) -> list[str]:
        """The deals that the mirror of an invoice is on."""
        (mirror,) = [
            m for m in self.pair.mirrors() if m["ledgerbridge_key"].endswith(f":{invoice}")
        ]
        found = self.pair.portal.associations("invoices", mirror["hs_object_id"], "deals")
        return [str(x) for x in found]

    def pays(self, invoice: str, amount: int) -> str:
        """A payment of an invoice; its id."""
        body = {
            "CustomerRef": {"value": self.customer},
            "TotalAmt": amount,
            "Line": [{"Amount": amount, "LinkedTxn": [{"TxnId": invoice, "TxnType": "Invoice"}]}],
        }
        return str(self.pair.company.create("Payment", body)["Id"])


def sales_form(pair: Pair, name: str) -> None:
    """The company has a custom field on its invoices."""
    named = {"Name": "SalesFormsPrefs.SalesCustomName1", "StringValue": name}
    group = {"CustomField": [{**named, "Type": "StringType"}]}
    pair.company.set_preferences(SalesFormsPrefs={"CustomField": [group]})


def custom_field(name: str, value: str) -> dict[str, str]:
    """That field, filled in."""
    return {"DefinitionId": "1", "Name": name, "Type": "StringType", "StringValue": value}


@pytest.fixture
def shop(pair: Pair) -> Shop:
    return Shop(pair)


async def test_the_only_won_deal_that_covers_it_gets_the_invoice_and_its_figures(
    pair: Pair, shop: Shop
) -> None:
    deal = shop.deal("500")
    await pair.begin()
    invoice = shop.invoice()
    shop.pays(invoice, 5)

    await pair.run()

    assert shop.deals_of(invoice) == [deal]
    shown = shop.shown(deal)
    assert (shown["ledgerbridge_invoices"], shown["ledgerbridge_invoiced"]) == ("1", "20")
    assert (shown["ledgerbridge_paid"], shown["ledgerbridge_open"]) == ("5", "15")
    assert (shown["amount"], shown["dealstage"]) == ("500", "closedwon")
    assert await pair.plan() == {}


async def test_an_open_deal_never_gets_an_invoice_by_itself(pair: Pair, shop: Shop) -> None:
    shop.deal("500", "appointmentscheduled")
    await pair.begin()
    invoice = shop.invoice()

    await pair.run()

    assert shop.deals_of(invoice) == []
    assert await pair.outcomes(Status.CASE) == []


async def test_a_deal_that_does_not_cover_the_total_does_not_get_it(pair: Pair, shop: Shop) -> None:
    shop.deal("30")
    await pair.begin()
    first = shop.invoice()
    await pair.run()
    second = shop.invoice()

    await pair.run()

    assert len(shop.deals_of(first)) == 1
    assert shop.deals_of(second) == []


async def test_a_deal_in_another_currency_does_not_get_it(pair: Pair, shop: Shop) -> None:
    pair.portal.change_settings(additional_currencies=("EUR",))
    shop.deal("500", deal_currency_code="EUR")
    await pair.begin()
    invoice = shop.invoice()

    await pair.run()

    assert shop.deals_of(invoice) == []


async def test_two_won_deals_are_a_case_until_a_person_associates_one(
    pair: Pair, shop: Shop
) -> None:
    first, second = shop.deal("500"), shop.deal("500")
    await pair.begin()
    invoice = shop.invoice()
    await pair.run()
    (case,) = await pair.outcomes(Status.CASE)
    assert case.code == "which_deal"
    assert first in case.message
    assert second in case.message

    (mirror,) = pair.mirrors()
    pair.portal.associate("invoices", mirror["hs_object_id"], "deals", second)
    pair.pass_time(2 * DAY_S)
    await pair.run()

    assert await pair.outcomes(Status.CASE) == []
    assert shop.deals_of(invoice) == [second]
    assert shop.shown(second)["ledgerbridge_invoiced"] == "20"


async def test_what_a_person_decides_of_a_case_is_done_and_kept(pair: Pair, shop: Shop) -> None:
    _, second = shop.deal("500"), shop.deal("500")
    await pair.begin()
    first_invoice, other = shop.invoice(), shop.invoice()
    await pair.run()

    await pair.store.write(decide, f"invoice:{first_invoice}", second, pair.clock.now())
    await pair.store.write(decide, other, None, pair.clock.now())
    await pair.run()

    assert shop.deals_of(first_invoice) == [second]
    assert shop.deals_of(other) == []
    assert await pair.outcomes(Status.CASE) == []
    assert await pair.plan() == {}


async def test_a_decision_about_what_is_no_case_or_no_deal_is_refused(
    pair: Pair, shop: Shop
) -> None:
    shop.deal("500")
    shop.deal("500")
    await pair.begin()
    invoice = shop.invoice()
    await pair.run()

    with pytest.raises(UsageError, match="no open case"):
        await pair.store.write(decide, "invoice:99", None, pair.clock.now())
    with pytest.raises(UsageError, match="no deal 12345"):
        await pair.store.write(decide, invoice, "12345", pair.clock.now())


async def test_a_po_number_finds_its_deal_though_others_would_fit(pair: Pair, shop: Shop) -> None:
    await pair.begin()
    shop.deal("500")
    wanted = shop.deal("500", "appointmentscheduled", ledgerbridge_po_number="PO-77")
    sales_form(pair, "PO Number")
    field = custom_field("PO Number", "PO-77")
    invoice = shop.invoice(CustomField=[field])

    await pair.run()

    assert shop.deals_of(invoice) == [wanted]


async def test_a_deal_whose_id_is_in_a_custom_field_gets_the_invoice(
    pair: Pair, shop: Shop
) -> None:
    shop.deal("500")
    wanted = shop.deal("500", "appointmentscheduled")
    sales_form(pair, "Deal")
    await pair.begin()
    invoice = shop.invoice(CustomField=[custom_field("Deal", wanted)])

    await pair.run()

    assert shop.deals_of(invoice) == [wanted]


async def test_the_deal_of_its_estimate_gets_the_invoice(pair: Pair, shop: Shop) -> None:
    line = {
        "DetailType": "SalesItemLineDetail",
        "Amount": 20,
        "SalesItemLineDetail": {"ItemRef": {"value": shop.item}},
    }
    body = {"CustomerRef": {"value": shop.customer}, "Line": [line]}
    estimate = pair.company.create("Estimate", body)["Id"]
    await pair.begin()
    shop.deal("500")
    wanted = shop.deal("500", "appointmentscheduled", ledgerbridge_estimate=estimate)
    invoice = shop.invoice(LinkedTxn=[{"TxnId": estimate, "TxnType": "Estimate"}])

    await pair.run()

    assert shop.deals_of(invoice) == [wanted]


async def test_amount_and_stage_of_a_deal_are_never_written(pair: Pair, shop: Shop) -> None:
    asked: list[Request] = []
    pair.transport.on_send = asked.append
    deal = shop.deal("500")
    await pair.begin()
    invoice = shop.invoice()
    await pair.run()
    shop.pays(invoice, 20)
    await pair.run()
    pair.company.void("Invoice", invoice)
    await pair.run()

    written = [one for one in asked if one.path.endswith("/deals/batch/update")]
    rows = [row for one in written for row in json.loads(one.body)["inputs"]]
    assert {row["id"] for row in rows} == {deal}
    names = {name for row in rows for name in row["properties"]}
    assert "ledgerbridge_invoiced" in names
    assert all(name.startswith("ledgerbridge_") for name in names)


async def test_when_one_of_two_deals_is_taken_the_other_invoice_goes_on_the_other_at_once(
    pair: Pair, shop: Shop
) -> None:
    await pair.begin()
    taken = shop.deal("20", ledgerbridge_po_number="PO-77")
    left = shop.deal("20")
    sales_form(pair, "PO Number")
    field = custom_field("PO Number", "PO-77")
    either, named_one = shop.invoice(), shop.invoice(CustomField=[field])

    await pair.run()

    assert (shop.deals_of(either), shop.deals_of(named_one)) == ([left], [taken])
    assert await pair.outcomes(Status.CASE) == []
    assert (await pair.run()).writes == 0


async def test_what_a_person_took_off_a_deal_is_not_put_back(pair: Pair, shop: Shop) -> None:
    deal = shop.deal("500")
    await pair.begin()
    invoice = shop.invoice()
    await pair.run()
    (mirror,) = pair.mirrors()

    pair.pass_time(2 * DAY_S)
    await pair.run()
    pair.portal.disassociate("invoices", mirror["hs_object_id"], "deals", deal)
    pair.pass_time(2 * DAY_S)
    await pair.run()
    shop.pays(invoice, 20)
    await pair.run()

    assert shop.deals_of(invoice) == []
    assert shop.shown(deal)["ledgerbridge_invoiced"] == "0"


async def test_a_voided_invoice_leaves_the_totals(pair: Pair, shop: Shop) -> None:
    deal = shop.deal("500")
    await pair.begin()
    invoice, other = shop.invoice(), shop.invoice()
    await pair.run()
    assert shop.shown(deal)["ledgerbridge_invoiced"] == "40"

    pair.company.void("Invoice", invoice)
    await pair.run()

    assert shop.shown(deal)["ledgerbridge_invoiced"] == "20"
    assert shop.shown(deal)["ledgerbridge_invoices"] == "1"
    assert shop.deals_of(other) == [deal]


async def test_a_deal_won_later_gets_the_invoice_then(pair: Pair, shop: Shop) -> None:
    deal = shop.deal("500", "appointmentscheduled")
    await pair.begin()
    invoice = shop.invoice()
    await pair.run()

    pair.portal.update("deals", deal, {"dealstage": "closedwon"})
    await pair.run()

    assert shop.deals_of(invoice) == [deal]
    assert await pair.plan() == {}


def _notes(pair: Pair) -> list[str]:
    return sorted(note["hs_note_body"] for note in pair.portal.all("notes"))


async def test_a_payment_is_one_note_on_its_deal_changed_and_withdrawn_with_it(
    pair: Pair, shop: Shop
) -> None:
    deal = shop.deal("500")
    await pair.begin()
    invoice = shop.invoice(DocNumber="A-7")
    await pair.run()
    payment = shop.pays(invoice, 5)
    await pair.run()

    assert _notes(pair) == ["Payment of 5.00 USD for invoice A-7, recorded in QuickBooks."]
    (note,) = pair.portal.all("notes")
    assert pair.portal.associations("notes", note["hs_object_id"], "deals") == [deal]

    line = {"Amount": 8, "LinkedTxn": [{"TxnId": invoice, "TxnType": "Invoice"}]}
    pair.company.update("Payment", {"Id": payment, "TotalAmt": 8, "Line": [line]})
    await pair.run()
    assert _notes(pair) == ["Payment of 8.00 USD for invoice A-7, recorded in QuickBooks."]

    pair.company.delete("Payment", payment)
    await pair.run()
    assert _notes(pair) == []
    assert await pair.plan() == {}


async def test_a_backfill_writes_no_notes(pair: Pair, shop: Shop) -> None:
    shop.deal("500")
    invoice = shop.invoice()
    shop.pays(invoice, 5)
    pair.pass_time(60)
    await pair.begin()

    await pair.run()

    assert _notes(pair) == []


async def test_a_payment_without_a_deal_gets_its_note_when_there_is_one(
    pair: Pair, shop: Shop
) -> None:
    await pair.begin()
    invoice = shop.invoice()
    shop.pays(invoice, 5)
    await pair.run()
    assert _notes(pair) == []

    shop.deal("500")
    await pair.run()

    assert len(_notes(pair)) == 1


async def test_an_invoice_deleted_in_quickbooks_leaves_the_totals_of_its_deal(
    pair: Pair, shop: Shop
) -> None:
    deal = shop.deal("500")
    await pair.begin()
    invoice = shop.invoice()
    await pair.run()
    assert shop.shown(deal)["ledgerbridge_invoiced"] == "20"

    pair.company.delete("Invoice", invoice)
    await pair.run()

    assert shop.shown(deal)["ledgerbridge_invoiced"] == "0"
