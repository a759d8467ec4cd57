"""Invoices that are in HubSpot already are not made a second time."""

from __future__ import annotations

import pytest

from ledgerbridge.core.plan import Status
from ledgerbridge.errors import UsageError
from ledgerbridge.service import matching
from ledgerbridge.service.matching import Match, MatchClass
from support.pair import Pair

DAY_S = 86_400


def shown(pair: Pair, *, source: str = "", contact: str = "", **more: str) -> str:
    """An invoice 1001 of 20 dollars that somebody put into HubSpot; its id."""
    day = pair.clock.now().date().isoformat()
    properties = {
        "hs_currency": "USD",
        "hs_number": "1001",
        "hs_amount_billed": "20.00",
        "hs_invoice_date": f"{day}T12:00:00Z",
        "hs_invoice_billable": "false",
        **more,
    }
    computed = {"hs_invoice_source": source} if source else {}
    if properties["hs_invoice_billable"] == "true":
        computed["hs_amount_billed"] = properties.pop("hs_amount_billed")
    properties = {name: value for name, value in properties.items() if value}
    near = [("contacts", contact)] if contact else []
    made = str(pair.portal.create("invoices", properties, near)["hs_object_id"])
    pair.portal.set_computed("invoices", made, computed)
    line = pair.portal.create("line_items", {"name": "Work", "price": "20", "quantity": "1"})
    pair.portal.associate("line_items", line["hs_object_id"], "invoices", made)
    return made


def invoice(pair: Pair) -> str:
    """Invoice 1001 of 20 dollars, of today; its id."""
    customer = pair.customer("Ada Poe", "ada@example.com")
    day = pair.clock.now().date().isoformat()
    return pair.invoice(customer, pair.item("Hours"), DocNumber="1001", TxnDate=day)


async def matches(pair: Pair) -> list[Match]:
    """The pairs of invoices that are shown."""
    found = (await pair.store.read(matching.report)).matches
    return [one for one in found if one.sync == "invoices"]


async def test_an_invoice_that_another_app_shows_is_a_case_and_made_only_once(pair: Pair) -> None:
    there = shown(pair, source="data_sync")
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


async def test_an_unbilled_invoice_that_agrees_in_everything_becomes_the_mirror_at_first_match(
    pair: Pair,
) -> None:
    ada = pair.contact("ada@example.com")
    there = shown(pair, contact=ada)
    await pair.begin()
    made = invoice(pair)
    await pair.plan()
    (certain,) = await matches(pair)
    assert (certain.match, certain.quickbooks_id, certain.hubspot_id) == (
        MatchClass.CERTAIN,
        made,
        there,
    )
    assert "matched by number, customer, total, currency and date" in certain.evidence
    await pair.run()

    (mirror,) = pair.mirrors()
    assert (mirror["hs_object_id"], mirror["ledgerbridge_balance"]) == (there, "20")
    assert len(pair.portal.all("invoices")) == 1
    assert [one["name"] for one in pair.portal.all("line_items")] == ["Work"]
    pair.pass_time(DAY_S)
    assert (await pair.run()).writes == 0


async def test_a_mirror_that_was_matched_follows_its_invoice_from_then_on(pair: Pair) -> None:
    shown(pair, contact=pair.contact("ada@example.com"))
    await pair.begin()
    made = invoice(pair)
    await pair.run()
    line = {"Amount": 20, "LinkedTxn": [{"TxnId": made, "TxnType": "Invoice"}]}
    body = {"CustomerRef": {"value": "1"}, "TotalAmt": 20, "Line": [line]}
    pair.company.create("Payment", body)
    await pair.run()

    (mirror,) = pair.mirrors()
    assert (mirror["hs_invoice_status"], mirror["ledgerbridge_cash_paid"]) == ("paid", "20")


@pytest.mark.parametrize(
    ("more", "missing"),
    [
        ({"contact": ""}, "customer"),
        ({"hs_amount_billed": "21.00"}, "total"),
        ({"hs_invoice_date": "2020-01-01T12:00:00Z"}, "date"),
        ({"hs_invoice_billable": "true"}, "not billed by HubSpot"),
    ],
)
async def test_what_agrees_only_in_part_waits_for_a_person(
    pair: Pair, more: dict[str, str], missing: str
) -> None:
    there = shown(pair, **{"contact": pair.contact("ada@example.com"), **more})
    await pair.begin()
    made = invoice(pair)
    await pair.run()

    assert pair.mirrors() == []
    (found,) = await matches(pair)
    assert (found.match, found.quickbooks_id, found.hubspot_id) == ("proposed", made, there)
    assert f"but not: {missing}" in found.evidence
    assert [one.code for one in await pair.outcomes(Status.CASE)] == ["match_to_decide"]
    assert (await pair.run()).writes == 0


async def test_a_proposed_invoice_that_a_person_accepts_becomes_the_mirror(pair: Pair) -> None:
    there = shown(pair, contact=pair.contact("ada@example.com"), hs_amount_billed="21.00")
    await pair.begin()
    made = invoice(pair)
    await pair.run()
    await pair.store.write(matching.accept, "invoices", made, pair.clock.now())
    await pair.run()

    (mirror,) = pair.mirrors()
    assert (mirror["hs_object_id"], mirror["ledgerbridge_total"]) == (there, "20")
    assert await pair.outcomes(Status.CASE) == []
    assert (await pair.run()).writes == 0


async def test_a_proposed_invoice_that_a_person_rejects_stays_and_another_one_is_made(
    pair: Pair,
) -> None:
    there = shown(pair, contact=pair.contact("ada@example.com"), hs_amount_billed="21.00")
    await pair.begin()
    made = invoice(pair)
    await pair.run()
    await pair.store.write(matching.reject, "invoices", made, None, pair.clock.now())
    await pair.run()

    (mirror,) = pair.mirrors()
    assert mirror["hs_object_id"] != there
    assert (await pair.run()).writes == 0


async def test_an_invoice_that_hubspot_bills_never_becomes_a_mirror(pair: Pair) -> None:
    shown(pair, contact=pair.contact("ada@example.com"), hs_invoice_billable="true")
    await pair.begin()
    made = invoice(pair)
    await pair.run()

    with pytest.raises(UsageError, match="HubSpot bills its own customer by invoice"):
        await pair.store.write(matching.accept, "invoices", made, pair.clock.now())


async def test_of_two_invoices_alike_a_person_chooses(pair: Pair) -> None:
    ada = pair.contact("ada@example.com")
    first, _ = shown(pair, contact=ada), shown(pair, contact=ada)
    await pair.begin()
    made = invoice(pair)
    await pair.run()
    assert [one.match for one in await matches(pair)] == [MatchClass.AMBIGUOUS] * 2
    now = pair.clock.now()
    await pair.store.write(matching.pair_by_hand, "invoices", made, first, now)
    await pair.run()

    assert [one["hs_object_id"] for one in pair.mirrors()] == [first]


@pytest.mark.parametrize("more", [{"hs_number": "1002"}, {"hs_amount_billed": "21.00"}])
async def test_a_number_and_a_day_prove_nothing(pair: Pair, more: dict[str, str]) -> None:
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
