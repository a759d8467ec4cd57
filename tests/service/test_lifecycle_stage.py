"""The lifecycle stage of a contact that we make: set once, then the portal's own."""

from __future__ import annotations

from ledgerbridge.syncs import contacts
from support.pair import Pair


def stage(pair: Pair, email: str) -> str | None:
    """The stage that the contact of that address is in."""
    found: str | None = pair.contact_of(email).get("lifecyclestage")
    return found


async def test_a_contact_made_for_an_invoiced_customer_is_a_customer_and_others_are_not(
    pair: Pair,
) -> None:
    item = pair.item("Hours")
    pair.invoice(pair.customer("Ada Poe", "ada@poe.example"), item)
    pair.customer("Bea Roe", "bea@roe.example")
    pair.customer("Cy Doe", "cy@doe.example")
    pair.invoice(pair.customer("Cy Doe, second", "cy@doe.example"), item)
    await pair.begin()
    await pair.run()

    assert stage(pair, "ada@poe.example") == "customer"
    assert stage(pair, "bea@roe.example") != "customer"
    assert stage(pair, "cy@doe.example") == "customer"


async def test_a_stage_is_never_changed_after_the_contact_was_made(pair: Pair) -> None:
    item = pair.item("Hours")
    ada = pair.customer("Ada Poe", "ada@poe.example")
    bea = pair.customer("Bea Roe", "bea@roe.example")
    pair.invoice(ada, item)
    await pair.begin()
    await pair.run()
    made = pair.contact_of("ada@poe.example")["hs_object_id"]
    before = stage(pair, "bea@roe.example")
    pair.portal.update("contacts", made, {"lifecyclestage": "evangelist"})
    pair.edit_customer(ada, GivenName="Ada")
    pair.edit_customer(bea, GivenName="Bea")
    pair.invoice(bea, item)
    await pair.run()
    await pair.run()

    assert pair.contact_of("ada@poe.example")["firstname"] == "Ada"
    assert pair.contact_of("bea@roe.example")["firstname"] == "Bea"
    assert stage(pair, "ada@poe.example") == "evangelist"
    assert stage(pair, "bea@roe.example") == before
    assert (await pair.run()).writes == 0


async def test_a_contact_that_was_there_keeps_its_stage(pair: Pair) -> None:
    pair.contact("ada@poe.example", lifecyclestage="lead")
    pair.invoice(pair.customer("Ada Poe", "ada@poe.example"), pair.item("Hours"))
    await pair.begin()
    await pair.run()

    found = pair.contact_of("ada@poe.example")
    assert found["ledgerbridge_key"]
    assert found["lifecyclestage"] == "lead"


async def test_who_wants_no_stage_set_leaves_the_mapping_out(pair: Pair) -> None:
    pair.invoice(pair.customer("Ada Poe", "ada@poe.example"), pair.item("Hours"))
    await pair.begin()
    kept = tuple(one for one in contacts.MAPPINGS if one.name != "lifecycle stage")
    await pair.set_up("contacts", mappings=kept)
    await pair.run()

    assert stage(pair, "ada@poe.example") != "customer"


async def test_a_voided_invoice_makes_nobody_a_customer(pair: Pair) -> None:
    invoice = pair.invoice(pair.customer("Ada Poe", "ada@poe.example"), pair.item("Hours"))
    pair.company.void("Invoice", invoice)
    await pair.begin()
    await pair.run()

    assert stage(pair, "ada@poe.example") != "customer"
