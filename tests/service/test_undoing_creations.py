"""What we made goes again with an undo, where nobody has put anything on it (promise 12)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ledgerbridge.core.model import Side
from ledgerbridge.service.undo_subjects import Target
from support.pair import Countdown, Pair, to_hubspot
from support.undoing import NOTE, differing, in_step, planned, state, undo


async def test_a_first_run_is_undone_and_stays_undone(pair: Pair) -> None:
    pair.customer("Zelda Moreno", "zelda@example.com")
    pair.customer("Stone Ltd", "office@stone.example", CompanyName="Stone Ltd")
    pair.item("Rope")
    esme = pair.contact("esme@example.com", qualifies=True, firstname="Esme")
    await pair.begin("contacts", "companies", "products")
    before = state(pair)
    run = (await pair.run()).run
    assert len(state(pair)) == len(before) + 5  # two contacts, a company, a product, a customer

    report = await undo(pair, Target(run=run))

    (customer,) = [key for key in state(pair) if key[1] == "Customer" and key not in before]
    inactive = (f"quickbooks:{customer[2]}", "Customer")
    listed = {(one.record, one.object_type): set(one.fields) for one in report.left}
    assert set(listed) == {(f"hubspot:{esme}", "contacts")}
    assert all(x.startswith("ledgerbridge_") for names in listed.values() for x in names)
    assert state(pair)[customer]["Active"] is False
    after = {key: shown for key, shown in state(pair).items() if key != customer}
    assert differing(before, after) == listed
    assert [one.fields for one in report.steps if (one.record, one.object_type) == inactive] == [
        ("Active",)
    ]
    assert (await pair.run()).writes == 0


async def test_what_was_made_stays_once_a_person_has_used_it(pair: Pair) -> None:
    _, contact = await in_step(pair)
    pair.portal.update("contacts", contact, {"phone": "+1 212 555 0101"})

    report = await planned(pair, Target(record=(Side.HUBSPOT, contact)))

    assert report.steps == ()
    assert ("phone",) in [one.fields for one in report.left]


async def test_what_was_made_stays_where_somebody_edits_it_when_the_undo_has_begun(
    pair: Pair,
) -> None:
    _, contact = await in_step(pair)
    pair.transport.on_send = Countdown(
        to_hubspot("contacts/batch/read"),
        1,
        lambda: pair.portal.update("contacts", contact, {"phone": "+1 212 555 0101"}),
    )

    report = await undo(pair, Target(record=(Side.HUBSPOT, contact)))

    assert (pair.portal.get("contacts", contact) or {})["phone"] == "+1 212 555 0101"
    assert ("phone",) in [one.fields for one in report.left]


async def test_a_company_that_we_made_goes_with_what_we_put_on_it(pair: Pair) -> None:
    pair.customer("Stone Ltd", "office@stone.example", CompanyName="Stone Ltd")
    await pair.begin("contacts", "companies")
    before = state(pair)
    run = (await pair.run()).run
    assert len(pair.portal.all("companies")) == 1

    report = await undo(pair, Target(run=run))

    assert report.left == ()
    assert differing(before, state(pair)) == {}
    assert (await pair.run()).writes == 0


async def test_a_product_that_we_made_goes_and_a_changed_one_gets_its_name_back(
    pair: Pair,
) -> None:
    item = pair.item("Rope")
    await pair.begin("products")
    made = (await pair.run()).run
    pair.company.update("Item", {"Id": item, "Description": "Twelve strands"})
    before = state(pair)
    run = (await pair.run()).run
    assert differing(before, state(pair)) != {}

    report = await undo(pair, Target(run=run))

    assert report.left == ()
    assert differing(before, state(pair)) == {}
    await undo(pair, Target(run=made))
    assert pair.portal.all("products") == []
    assert (await pair.run()).writes == 0


@pytest.mark.parametrize("paid", [True, False])
async def test_an_invoice_stays_with_its_contact_where_hubspot_lets_nobody_delete_it(
    pair: Pair, paid: bool
) -> None:
    customer = pair.customer("Zelda Moreno", "zelda@example.com")
    invoice = pair.invoice(customer, pair.item("Rope"))
    if paid:
        line = {"Amount": 20, "LinkedTxn": [{"TxnId": invoice, "TxnType": "Invoice"}]}
        payment = {"CustomerRef": {"value": customer}, "TotalAmt": 20, "Line": [line]}
        pair.company.create("Payment", payment)
    await pair.begin()
    run = (await pair.run()).run
    (mirror,) = pair.mirrors()
    contact = pair.contact_of("zelda@example.com")["hs_object_id"]
    before = state(pair)

    report = await undo(pair, Target(run=run))

    shown, found = f"hubspot:{mirror['hs_object_id']}", {x.record: x for x in report.left}
    assert set(found) == {shown, f"hubspot:{contact}"}
    why = "lets nobody delete a paid invoice" if paid else "it was not done; see why with"
    assert why in found[shown].reason
    assert found[shown].for_good is paid
    assert f"{shown} (invoices)" in found[f"hubspot:{contact}"].reason
    went = {kind for _, kind in differing(before, state(pair))}
    assert went == {"products"}  # and neither the invoice, nor its lines, nor what was paid
    assert pair.mirrors()[0]["hs_object_id"] == mirror["hs_object_id"]


async def test_an_open_invoice_goes_with_its_lines_where_the_account_allows_it(
    pair: Pair,
) -> None:
    pair.portal.use_switches(replace(pair.portal.switches, open_invoices_deletable=True))
    customer = pair.customer("Zelda Moreno", "zelda@example.com")
    pair.invoice(customer, pair.item("Rope"))
    await pair.begin()
    before = state(pair)
    run = (await pair.run()).run
    assert len(pair.mirrors()) == 1

    report = await undo(pair, Target(run=run))

    assert report.left == ()
    assert differing(before, state(pair)) == {}
    assert (await pair.run()).writes == 0


async def test_a_contact_stays_while_an_invoice_hangs_on_it(pair: Pair) -> None:
    customer = pair.customer("Zelda Moreno", "zelda@example.com")
    pair.invoice(customer, pair.item("Rope"))
    await pair.begin()
    await pair.run()
    contact = pair.contact_of("zelda@example.com")["hs_object_id"]

    report = await planned(pair, Target(record=(Side.HUBSPOT, contact)))

    assert report.steps == ()
    assert "hang on it" in report.left[0].reason


@pytest.mark.parametrize("kind", ["companies", "deals", "notes"])
async def test_a_contact_stays_while_a_person_has_put_something_on_it(
    pair: Pair, kind: str
) -> None:
    _, contact = await in_step(pair)
    body = {"companies": {"name": "Quist Ltd"}, "deals": {"dealname": "Rope"}, "notes": NOTE}[kind]
    other = pair.portal.create(kind, body, [("contacts", contact)])["hs_object_id"]

    report = await undo(pair, Target(record=(Side.HUBSPOT, contact)))

    assert (report.steps, report.writes) == ((), 0)
    (left,) = report.left
    assert left.record == f"hubspot:{contact}"
    assert f"hubspot:{other} ({kind})" in left.reason
    assert pair.contact_of("zelda@example.com")


async def test_a_company_goes_with_its_contact_but_not_with_one_that_a_person_put_on_it(
    pair: Pair,
) -> None:
    pair.customer("Stone Ltd", "office@stone.example", CompanyName="Stone Ltd")
    await pair.begin("contacts", "companies")
    run = (await pair.run()).run
    (company,) = [one["hs_object_id"] for one in pair.portal.all("companies")]
    assert {one.object_type for one in (await planned(pair, Target(run=run))).steps} == {
        "contacts",
        "companies",
    }
    esme = pair.contact("esme@example.com")
    pair.portal.associate("contacts", esme, "companies", company)

    report = await undo(pair, Target(run=run))

    (left,) = report.left
    assert left.record == f"hubspot:{company}"
    assert f"hubspot:{esme} (contacts)" in left.reason
    assert pair.emails() == ["esme@example.com"]
