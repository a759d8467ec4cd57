"""Invoices that move to another customer, or whose contact is gone."""

from __future__ import annotations

from ledgerbridge.core.plan import Status
from support.pair import Pair


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


async def test_a_new_invoice_of_an_archived_contact_waits_and_makes_no_lines(pair: Pair) -> None:
    customer, item = pair.customer("Ada Poe", "ada@example.com"), pair.item("Hours")
    await pair.begin()
    await pair.run()
    pair.portal.archive("contacts", pair.contact_of("ada@example.com")["hs_object_id"])
    pair.pass_time(90_000)
    await pair.run()
    pair.invoice(customer, item)

    result = await pair.run()

    assert result.failing == 0
    assert pair.portal.all("line_items") == []
    assert [one.code for one in await pair.outcomes(Status.BLOCKED)] == ["waits_for_parent"]
