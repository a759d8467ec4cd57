"""A sync is off for a while, and another one reads the same records meanwhile."""

from __future__ import annotations

from ledgerbridge.core.model import LinkStatus
from ledgerbridge.service import switching
from ledgerbridge.service.switching import stored
from ledgerbridge.store import links
from ledgerbridge.store.transaction import Transaction
from support.pair import Pair


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


async def test_what_changed_while_a_sync_was_off_travels_when_it_is_on_again(pair: Pair) -> None:
    customer = await _begun(pair)
    await pair.store.write(switching.disable, ["contacts"])
    pair.edit_customer(customer, GivenName="Adele")
    await _meanwhile_off(pair)

    assert pair.contact_of("ada@example.com")["firstname"] == "Adele"


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
