"""Merges that people make, followed on both sides; two pairs that meet wait for a person."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ledgerbridge.core.definition import DeletionRule
from ledgerbridge.core.model import LinkStatus, Side
from ledgerbridge.core.plan import Status
from ledgerbridge.errors import UsageError
from ledgerbridge.service import keeping
from ledgerbridge.store import links
from ledgerbridge.store.transaction import Transaction
from support.pair import Pair

A_DAY_S = 90_000
BOTH = pytest.mark.parametrize("new_id", [True, False])


def _hubspot_numbers_anew(pair: Pair, *, new_id: bool) -> None:
    pair.portal.switches = replace(pair.portal.switches, merge_new_id=new_id)


async def _living(pair: Pair, sync: str = "contacts.1") -> set[tuple[str | None, str | None]]:
    def read(tx: Transaction) -> set[tuple[str | None, str | None]]:
        found = links.page(tx, sync, "", 100)
        return {(x.hubspot_id, x.quickbooks_id) for x in found if x.status is LinkStatus.LIVE}

    return await pair.store.read(read)


@BOTH
async def test_the_pair_of_a_merged_contact_goes_on_with_the_survivor(
    pair: Pair, new_id: bool
) -> None:
    _hubspot_numbers_anew(pair, new_id=new_id)
    ada = pair.customer("Ada Poe", "ada@example.com", GivenName="Ada")
    stranger = pair.contact("old.ada@example.com", firstname="Old Ada")
    await pair.begin("contacts")
    await pair.run()
    merged = pair.contact_of("ada@example.com")["hs_object_id"]
    survivor = pair.portal.merge("contacts", stranger, merged)["hs_object_id"]

    await pair.run()

    assert await _living(pair) == {(survivor, ada)}
    shown = pair.portal.get("contacts", survivor) or {}
    assert shown["ledgerbridge_key"].endswith(f":customer:{ada}")
    assert (pair.company.get("Customer", ada) or {})["GivenName"] == shown["firstname"]
    assert len(pair.portal.all("contacts")) == 1
    assert len(pair.company.all("Customer")) == 1
    assert (await pair.run()).writes == 0


def _merge_contacts(pair: Pair) -> str:
    """Somebody merges Bea's contact into Ada's; the id that is left."""
    both = (pair.contact_of(f"{name}@example.com")["hs_object_id"] for name in ("ada", "bea"))
    return str(pair.portal.merge("contacts", *both)["hs_object_id"])


@BOTH
async def test_two_pairs_that_meet_in_a_contact_are_a_case_and_nobody_is_written_over(
    pair: Pair, new_id: bool
) -> None:
    _hubspot_numbers_anew(pair, new_id=new_id)
    ada = pair.customer("Ada Poe", "ada@example.com", GivenName="Ada")
    bea = pair.customer("Bea Roe", "bea@example.com", GivenName="Bea", FamilyName="Roe")
    await pair.begin("contacts")
    await pair.run()
    survivor = _merge_contacts(pair)
    pair.edit_customer(bea, GivenName="Beatrix")

    await pair.run()

    told = {one.record_id: one.message for one in await pair.outcomes(Status.CASE)}
    assert set(told) == {ada, bea}
    assert f"{ada} and {bea}" in told[ada]
    assert (pair.portal.get("contacts", survivor) or {})["firstname"] == "Ada"
    assert "FamilyName" not in (pair.company.get("Customer", ada) or {})
    assert len(await _living(pair)) == 2
    assert (await pair.run()).writes == 0


async def test_a_customer_that_was_merged_since_is_named_by_both_ids_and_kept_by_either(
    pair: Pair,
) -> None:
    _quickbooks_shows(pair, in_cdc=True, touches=True)
    ada = pair.customer("Ada Poe", "ada@example.com", GivenName="Ada")
    bea = pair.customer("Bea Roe", "bea@example.com", GivenName="Bea")
    pair.invoice(ada, pair.item("Hours"))
    await pair.begin("contacts", "products", "invoices")
    await pair.run()
    survivor = _merge_contacts(pair)
    cleo = pair.customer("Cleo Doe")
    pair.company.merge("Customer", cleo, ada)
    await pair.run()

    told = {one.record_id: one.message for one in await pair.outcomes(Status.CASE)}
    assert f"QuickBooks records {ada} (now {cleo}) and {bea} since a merge" in told[bea]
    await _keep(pair, Side.QUICKBOOKS, cleo)
    await pair.run()

    assert await _living(pair) == {(survivor, cleo)}
    assert await pair.outcomes(Status.CASE) == []


async def _keep(pair: Pair, side: Side, record_id: str) -> keeping.Kept:
    now = pair.clock.now()
    return await pair.store.write(keeping.keep, "contacts", (side, record_id), now)


@BOTH
async def test_a_person_says_which_customer_a_merged_contact_is_and_the_other_leans_on_it(
    pair: Pair, new_id: bool
) -> None:
    _hubspot_numbers_anew(pair, new_id=new_id)
    ada = pair.customer("Ada Poe", "ada@example.com", GivenName="Ada")
    bea = pair.customer("Bea Roe", "bea@example.com", GivenName="Bea")
    item = pair.item("Hours")
    await pair.begin("contacts", "products", "invoices")
    await pair.run()
    survivor = _merge_contacts(pair)
    await pair.run()

    kept = await _keep(pair, Side.QUICKBOOKS, bea)
    pair.invoice(ada, item)
    await pair.run()

    assert kept.ended == (f"quickbooks:{ada}",)
    assert await _living(pair) == {(survivor, bea)}
    (mirror,) = pair.mirrors()
    assert pair.portal.associations("invoices", mirror["hs_object_id"], "contacts") == [survivor]
    shown = pair.portal.get("contacts", survivor) or {}
    assert shown["ledgerbridge_key"].endswith(f":customer:{bea}")
    assert (pair.company.get("Customer", ada) or {})["GivenName"] == "Ada"
    assert len(pair.portal.all("contacts")) == 1
    assert await pair.outcomes(Status.CASE) == []
    assert (await pair.run()).writes == 0


QUICKBOOKS_SHOWS = pytest.mark.parametrize(
    ("in_cdc", "touches"), [(True, True), (True, False), (False, True)]
)


def _quickbooks_shows(pair: Pair, *, in_cdc: bool, touches: bool) -> None:
    books = pair.company.books
    books.switches = replace(
        books.switches, merged_in_cdc=in_cdc, merge_touches_transactions=touches
    )


@QUICKBOOKS_SHOWS
async def test_the_pair_of_a_merged_customer_goes_on_with_the_one_it_became(
    pair: Pair, in_cdc: bool, touches: bool
) -> None:
    _quickbooks_shows(pair, in_cdc=in_cdc, touches=touches)
    ada = pair.customer("Ada Poe", "ada@example.com", GivenName="Ada")
    newer = pair.customer("Ada Poe again", GivenName="Ada")
    item = pair.item("Hours")
    pair.invoice(ada, item)
    await pair.begin("contacts", "products", "invoices")
    await pair.run()
    pair.company.merge("Customer", newer, ada)

    await pair.run()

    (contact,) = pair.portal.all("contacts")
    assert await _living(pair) == {(contact["hs_object_id"], newer)}
    assert contact["ledgerbridge_key"].endswith(f":customer:{newer}")
    assert contact.get("ledgerbridge_state") != "deleted"
    (mirror,) = pair.mirrors()
    held = pair.portal.associations("invoices", mirror["hs_object_id"], "contacts")
    assert held == [contact["hs_object_id"]]
    assert mirror["hs_invoice_status"] == "open"
    assert (await pair.run()).writes == 0
    pair.invoice(newer, item)
    await pair.run()
    assert len(pair.mirrors()) == 2


@pytest.mark.parametrize("stays", ["ada", "bea"])
@QUICKBOOKS_SHOWS
async def test_two_pairs_that_meet_in_a_customer_wait_and_invoices_follow_the_decision(
    pair: Pair, in_cdc: bool, touches: bool, stays: str
) -> None:
    _quickbooks_shows(pair, in_cdc=in_cdc, touches=touches)
    ada = pair.customer("Ada Poe", "ada@example.com", GivenName="Ada")
    bea = pair.customer("Bea Roe", "bea@example.com", GivenName="Bea")
    item = pair.item("Hours")
    for customer in (ada, bea):
        pair.invoice(customer, item)
    await pair.begin("contacts", "products", "invoices")
    await pair.run()
    pair.company.merge("Customer", ada, bea)
    await pair.run()

    told = {one.record_id for one in await pair.outcomes(Status.CASE)}
    assert told == {ada, bea}
    assert sorted(one["firstname"] for one in pair.portal.all("contacts")) == ["Ada", "Bea"]
    assert (await pair.run()).writes == 0
    chosen = pair.contact_of(f"{stays}@example.com")["hs_object_id"]
    await _keep(pair, Side.HUBSPOT, chosen)
    await pair.run()
    await pair.run()

    assert await _living(pair) == {(chosen, ada)}
    for mirror in pair.mirrors():
        held = pair.portal.associations("invoices", mirror["hs_object_id"], "contacts")
        assert held == [chosen]
        assert mirror["hs_invoice_status"] == "open"
    if stays == "bea":
        # The address of the customer is still the other contact's, and unique in HubSpot.
        assert (await pair.failing()).code == "already_exists"
        pair.portal.archive("contacts", pair.contact_of("ada@example.com")["hs_object_id"])
        await pair.retry()
        await pair.run()
    assert (pair.portal.get("contacts", chosen) or {})["ledgerbridge_key"].endswith(f":{ada}")
    assert await pair.outcomes() == []
    assert (await pair.run()).writes == 0


async def test_pairs_that_were_merged_on_both_sides_are_one_pair(pair: Pair) -> None:
    ada = pair.customer("Ada Poe", "ada@example.com", GivenName="Ada")
    bea = pair.customer("Bea Roe", "bea@example.com", GivenName="Bea")
    pair.invoice(bea, pair.item("Hours"))
    await pair.begin("contacts", "products", "invoices")
    await pair.run()
    survivor = _merge_contacts(pair)
    await pair.run()
    assert len(await pair.outcomes(Status.CASE)) == 2
    pair.company.merge("Customer", ada, bea)

    await pair.run()

    assert await _living(pair) == {(survivor, ada)}
    assert await pair.outcomes(Status.CASE) == []
    (mirror,) = pair.mirrors()
    held = pair.portal.associations("invoices", mirror["hs_object_id"], "contacts")
    assert held == [survivor]
    assert (await pair.run()).writes == 0


@pytest.mark.parametrize("rule", [DeletionRule.MARK, DeletionRule.ARCHIVE])
@pytest.mark.parametrize("known", [True, False])
async def test_pairs_that_met_are_no_case_once_all_their_contacts_are_gone(
    pair: Pair, rule: DeletionRule, known: bool
) -> None:
    ada = pair.customer("Ada Poe", "ada@example.com", GivenName="Ada")
    bea = pair.customer("Bea Roe", "bea@example.com", GivenName="Bea")
    pair.invoice(bea, pair.item("Hours"))
    await pair.begin("contacts", "products", "invoices")
    await pair.set_up("contacts", deletions=rule)
    await pair.run()
    pair.company.merge("Customer", ada, bea)
    for contact in [one["hs_object_id"] for one in pair.portal.all("contacts")]:
        if known:
            await pair.run()
            assert len(await pair.outcomes(Status.CASE)) == 2
        pair.portal.archive("contacts", contact)
        pair.pass_time(A_DAY_S)

    await pair.run()

    assert await _living(pair) == set()
    assert await pair.outcomes(Status.CASE) == []
    told = {one.record_id: one.code for one in await pair.outcomes(Status.EXCLUDED)}
    assert told[ada] == "link_ended"
    # The invoice of the other customer moved its balance, which counts as an edit.
    assert (pair.company.get("Customer", ada) or {})["Active"] is True
    assert (await pair.run()).writes == 0


async def test_the_pair_of_a_merged_item_goes_on_and_its_lines_stay(pair: Pair) -> None:
    customer = pair.customer("Ada Poe", "ada@example.com")
    old = pair.item("Hours")
    pair.invoice(customer, old)
    await pair.begin("contacts", "products", "invoices")
    await pair.run()
    newer = pair.item("Working hours", Active=True)
    pair.company.merge("Item", newer, old)

    await pair.run()

    assert len(pair.mirrors()) == 1
    assert len(pair.portal.all("line_items")) == 1
    assert {x for _, x in await _living(pair, "products.1")} == {newer}
    assert len(pair.portal.all("products")) == 1
    assert (await pair.run()).writes == 0


async def test_a_record_that_met_nobody_cannot_be_kept(pair: Pair) -> None:
    ada = pair.customer("Ada Poe", "ada@example.com")
    await pair.begin("contacts")
    await pair.run()

    with pytest.raises(UsageError, match="no open case of merged pairs"):
        await _keep(pair, Side.QUICKBOOKS, ada)
    with pytest.raises(UsageError, match="There is no sync 'people'"):
        await pair.store.write(keeping.keep, "people", (Side.QUICKBOOKS, ada), pair.clock.now())


@BOTH
async def test_two_companies_that_are_merged_wait_for_a_person_too(
    pair: Pair, new_id: bool
) -> None:
    _hubspot_numbers_anew(pair, new_id=new_id)
    poe = pair.customer("Poe Ltd", CompanyName="Poe Ltd")
    roe = pair.customer("Roe Ltd", "roe@example.com", CompanyName="Roe Ltd")
    pair.invoice(roe, pair.item("Hours"))
    await pair.begin("contacts", "companies", "products", "invoices")
    await pair.run()
    ids = {one["name"]: one["hs_object_id"] for one in pair.portal.all("companies")}
    survivor = pair.portal.merge("companies", ids["Poe Ltd"], ids["Roe Ltd"])["hs_object_id"]
    before = pair.portal.get("companies", survivor) or {}
    pair.company.update("Customer", {"Id": roe, "Active": False})
    await pair.run()
    assert (pair.portal.get("companies", survivor) or {})["ledgerbridge_active"] == "true"
    assert before["ledgerbridge_active"] == "true"
    assert {one.record_id for one in await pair.outcomes(Status.CASE)} == {poe, roe}

    now = pair.clock.now()
    await pair.store.write(keeping.keep, "companies", (Side.QUICKBOOKS, poe), now)
    await pair.run()

    assert await _living(pair, "companies.1") == {(survivor, poe)}
    (mirror,) = pair.mirrors()
    held = pair.portal.associations("invoices", mirror["hs_object_id"], "companies")
    assert held == [survivor]
    assert await pair.outcomes(Status.CASE) == []
    assert await pair.outcomes() == []
    assert (await pair.run()).writes == 0


@BOTH
async def test_the_invoices_of_a_merged_deal_are_on_the_one_it_became(
    pair: Pair, new_id: bool
) -> None:
    _hubspot_numbers_anew(pair, new_id=new_id)
    customer, item = pair.customer("Ada Poe", "ada@example.com"), pair.item("Hours")
    await pair.begin()
    await pair.run()
    contact = pair.contact_of("ada@example.com")["hs_object_id"]
    today = pair.clock.now().date().isoformat()
    won, other = (
        pair.portal.create(
            "deals",
            {"dealname": name, "pipeline": "default", "dealstage": stage, "amount": "500"}
            | {"closedate": f"{today}T12:00:00Z"},
            [("contacts", contact)],
        )["hs_object_id"]
        for name, stage in (("Won", "closedwon"), ("Other", "appointmentscheduled"))
    )
    pair.invoice(customer, item)
    await pair.run()
    assert (pair.portal.get("deals", won) or {})["ledgerbridge_invoiced"] == "20"
    survivor = pair.portal.merge("deals", other, won)["hs_object_id"]
    pair.pass_time(90_000)

    await pair.run()
    pair.invoice(customer, item)
    (first, *_) = pair.mirrors()
    pair.portal.associate("invoices", first["hs_object_id"], "deals", survivor)
    await pair.run()
    pair.pass_time(90_000)
    await pair.run()

    shown = pair.portal.get("deals", survivor) or {}
    held = pair.portal.associations("deals", survivor, "invoices")
    assert shown["ledgerbridge_invoiced"] == str(20 * len(held))
    assert (await pair.run()).writes == 0


async def test_who_leant_on_a_merged_customer_for_its_e_mail_alone_stands_for_itself_again(
    pair: Pair,
) -> None:
    ada = pair.customer("Ada Poe", "ada@example.com")
    pair.invoice(ada, pair.item("Hours"))
    await pair.begin("contacts", "products", "invoices")
    await pair.run()
    other = pair.customer("Ada Poe, the other one", "ada@example.com")
    await pair.run()
    contact = pair.contact_of("ada@example.com")["hs_object_id"]

    bo = pair.customer("Bo Lind", "bo@example.com")
    pair.company.merge("Customer", bo, ada)
    await pair.run()

    anew = pair.contact_of("ada@example.com")["hs_object_id"]
    assert await _living(pair) == {(contact, bo), (anew, other)}
    assert (await pair.run()).writes == 0
