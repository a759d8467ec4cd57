"""Invoices that move to another customer, or whose contact is gone."""

from __future__ import annotations

from ledgerbridge.core.model import Side
from ledgerbridge.core.plan import Status
from ledgerbridge.service import keeping
from support.pair import Pair

A_DAY_S = 90_000


async def test_an_invoice_that_moves_leaves_its_contact_only_for_another_one(pair: Pair) -> None:
    first, second = pair.customer("Ada Poe", "ada@example.com"), pair.customer("Bea Roe")
    invoice = pair.invoice(first, pair.item("Hours"))
    await pair.begin("contacts", "products", "invoices")
    await pair.run()
    (mirror,) = pair.mirrors()
    ada = pair.contact_of("ada@example.com")["hs_object_id"]
    pair.company.update("Invoice", {"Id": invoice, "CustomerRef": {"value": second}})
    await pair.run()
    held = pair.portal.associations("invoices", mirror["hs_object_id"], "contacts")
    assert held == [ada]
    assert (await pair.run()).writes == 0

    pair.edit_customer(second, PrimaryEmailAddr={"Address": "bea@example.com"})
    await pair.run()

    bea = pair.contact_of("bea@example.com")["hs_object_id"]
    assert pair.portal.associations("invoices", mirror["hs_object_id"], "contacts") == [bea]


def _contacts(pair: Pair) -> list[str]:
    """The contacts on which the only mirror is."""
    (mirror,) = pair.mirrors()
    return pair.portal.associations("invoices", mirror["hs_object_id"], "contacts")


async def test_an_invoice_that_moves_to_a_customer_whose_contact_is_gone_stays_where_it_is(
    pair: Pair,
) -> None:
    first = pair.customer("Ada Poe", "ada@example.com")
    second = pair.customer("Bea Roe", "bea@example.com")
    invoice = pair.invoice(first, pair.item("Hours"))
    await pair.begin("contacts", "products", "invoices")
    await pair.run()
    ada, bea = (pair.contact_of(f"{x}@example.com")["hs_object_id"] for x in ("ada", "bea"))
    pair.portal.archive("contacts", bea)
    pair.pass_time(A_DAY_S)
    await pair.run()
    pair.company.update("Invoice", {"Id": invoice, "CustomerRef": {"value": second}})

    await pair.run()

    assert _contacts(pair) == [ada]
    assert [one.code for one in await pair.outcomes(Status.BLOCKED)] == ["waits_for_parent"]
    assert (await pair.run()).writes == 0
    pair.portal.restore("contacts", bea)
    pair.pass_time(A_DAY_S)
    await pair.run()
    assert _contacts(pair) == [bea]
    assert await pair.outcomes(Status.BLOCKED) == []


async def _met_without_a_contact(pair: Pair) -> tuple[str, str]:
    """Two customers were merged, and the contact of the one that stayed was archived."""
    first = pair.customer("Ada Poe", "ada@example.com")
    second = pair.customer("Bea Roe", "bea@example.com")
    pair.invoice(first, pair.item("Hours"))
    await pair.begin("contacts", "products", "invoices")
    await pair.run()
    ada, bea = (pair.contact_of(f"{x}@example.com")["hs_object_id"] for x in ("ada", "bea"))
    pair.portal.archive("contacts", bea)
    pair.company.merge("Customer", second, first)
    pair.pass_time(A_DAY_S)
    return ada, bea


async def test_an_invoice_of_merged_customers_stays_on_the_contact_that_is_still_there(
    pair: Pair,
) -> None:
    ada, _ = await _met_without_a_contact(pair)

    await pair.run()

    assert len(await pair.outcomes(Status.CASE)) == 2
    assert _contacts(pair) == [ada]
    assert (await pair.run()).writes == 0
    await pair.store.write(keeping.keep, "contacts", (Side.HUBSPOT, ada), pair.clock.now())
    await pair.run()
    assert _contacts(pair) == [ada]
    assert await pair.outcomes(Status.BLOCKED) == []
    assert (await pair.run()).writes == 0


async def test_an_invoice_of_merged_customers_follows_a_contact_that_is_restored(
    pair: Pair,
) -> None:
    _, bea = await _met_without_a_contact(pair)
    await pair.run()
    pair.portal.restore("contacts", bea)
    pair.pass_time(A_DAY_S)

    await pair.run()

    assert _contacts(pair) == [bea]
    assert await pair.outcomes(Status.BLOCKED) == []
    assert len(await pair.outcomes(Status.CASE)) == 2


async def test_a_new_invoice_of_an_archived_contact_waits_and_makes_no_lines(pair: Pair) -> None:
    customer, item = pair.customer("Ada Poe", "ada@example.com"), pair.item("Hours")
    await pair.begin()
    await pair.run()
    pair.portal.archive("contacts", pair.contact_of("ada@example.com")["hs_object_id"])
    pair.pass_time(A_DAY_S)
    await pair.run()
    pair.invoice(customer, item)

    result = await pair.run()

    assert result.failing == 0
    assert pair.portal.all("line_items") == []
    assert [one.code for one in await pair.outcomes(Status.BLOCKED)] == ["waits_for_parent"]
