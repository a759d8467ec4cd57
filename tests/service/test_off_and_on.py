"""A sync is off for a while, and another one reads the same records meanwhile."""

from __future__ import annotations

from ledgerbridge.core.model import LinkStatus, Record
from ledgerbridge.service import switching
from ledgerbridge.service.switching import stored
from ledgerbridge.store import links, records
from ledgerbridge.store.transaction import Transaction
from support.pair import Pair, to_hubspot

NAMES = ("email", "firstname", "company")


async def _begun(pair: Pair) -> str:
    customer = pair.customer("Ada Poe", "ada@example.com", GivenName="Ada", CompanyName="Poe Ltd")
    await pair.begin("contacts", "companies")
    await pair.run()
    return customer


async def _meanwhile_off(pair: Pair) -> None:
    """Companies read the customers, and contacts are off."""
    await pair.run()
    await pair.run()
    await pair.store.write(switching.enable, ["contacts"], pair.clock.now())
    await pair.run()


def _living(tx: Transaction) -> int:
    return links.counts(tx, stored(tx, "contacts").id)[LinkStatus.LIVE]


def _contacts(tx: Transaction) -> dict[str, Record]:
    connection = stored(tx, "contacts").hubspot_connection
    return records.get_many(
        tx, connection, "contacts", records.newest(tx, connection, "contacts", 5)
    )


async def test_what_changed_while_a_sync_was_off_travels_when_it_is_on_again(pair: Pair) -> None:
    customer = await _begun(pair)
    await pair.store.write(switching.disable, ["contacts"])
    pair.edit_customer(customer, GivenName="Adele")
    await _meanwhile_off(pair)

    assert pair.contact_of("ada@example.com")["firstname"] == "Adele"


async def test_what_a_doubt_looks_up_while_a_sync_is_off_is_not_taken_for_the_whole_record(
    pair: Pair,
) -> None:
    customer = await _begun(pair)
    pair.hubspot.faults.next("drop_before", to_hubspot("contacts/batch/update"))
    pair.hubspot.faults.next("error500", to_hubspot("contacts/batch/read"), 1000)
    pair.edit_customer(customer, GivenName="Adele")
    assert (await pair.run()).in_doubt == 1
    pair.hubspot.faults.clear()
    await pair.store.write(switching.disable, ["contacts"])
    await _meanwhile_off(pair)

    (remembered,) = (await pair.store.read(_contacts)).values()
    shown = pair.contact_of("ada@example.com")
    assert {x: remembered.fields.get(x) for x in NAMES} == {x: shown.get(x) for x in NAMES}


async def test_a_merge_while_a_sync_was_off_is_followed_when_it_is_on_again(pair: Pair) -> None:
    customer = await _begun(pair)
    survivor = pair.customer("Bob Ray", "bob@example.com")
    await pair.run()
    await pair.store.write(switching.disable, ["contacts"])
    pair.company.merge("Customer", survivor, customer)
    await _meanwhile_off(pair)

    assert await pair.store.read(_living) == 1


async def test_a_deal_learns_of_an_invoice_that_went_while_invoices_were_off(pair: Pair) -> None:
    customer = pair.customer("Ada Poe", "ada@example.com")
    invoice = pair.invoice(customer, pair.item("Hours"))
    await pair.begin()
    await pair.run()
    contact = pair.contact_of("ada@example.com")["hs_object_id"]
    body = {"dealname": "Roof", "amount": "20", "dealstage": "qualifiedtobuy"}
    mirror = ("invoices", pair.mirrors()[0]["hs_object_id"])
    deal = pair.portal.create("deals", body, [("contacts", contact), mirror])["hs_object_id"]
    pair.pass_time(90_000)
    await pair.run()
    assert (pair.portal.get("deals", deal) or {})["ledgerbridge_invoiced"] == "20"

    await pair.store.write(switching.disable, ["invoices"])
    pair.company.delete("Invoice", invoice)
    await pair.run()
    await pair.store.write(switching.enable, ["invoices"], pair.clock.now())
    await pair.run()

    assert (pair.portal.get("deals", deal) or {})["ledgerbridge_invoiced"] == "0"
