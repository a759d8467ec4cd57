"""A type is read whole again: what was there and is not in any list any more has gone."""

from __future__ import annotations

from msgspec.structs import replace

from ledgerbridge.syncs.catalogue import KINDS
from support.pair import Pair

LONGER_THAN_CHANGES_ARE_KEPT_S = 40 * 86_400.0


async def test_a_contact_that_was_archived_while_a_mapping_was_off_empties_no_customer(
    pair: Pair,
) -> None:
    customer = pair.customer("Ada Poe", "ada@example.com", GivenName="Ada")
    await pair.begin("contacts")
    await pair.run()
    mappings = KINDS["contacts"].defaults.mappings
    without = [replace(one, enabled=one.name != "first name") for one in mappings]
    await pair.set_up("contacts", mappings=tuple(without))
    await pair.run()
    pair.portal.archive("contacts", pair.contact_of("ada@example.com")["hs_object_id"])
    pair.edit_customer(customer, FamilyName="Poe")
    await pair.set_up("contacts", mappings=mappings)

    await pair.run()

    assert (pair.company.get("Customer", customer) or {})["GivenName"] == "Ada"


async def test_an_invoice_that_was_deleted_longer_ago_than_quickbooks_remembers_is_missed(
    pair: Pair,
) -> None:
    invoice = pair.invoice(pair.customer("Ada Poe", "ada@example.com"), pair.item("Hours"))
    await pair.begin("contacts", "products", "invoices")
    await pair.run()
    pair.company.delete("Invoice", invoice)
    pair.pass_time(LONGER_THAN_CHANGES_ARE_KEPT_S)

    await pair.run()

    (mirror,) = pair.mirrors()
    assert mirror["ledgerbridge_state"] == "deleted"
    assert (await pair.run()).writes == 0
