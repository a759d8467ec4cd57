"""A type is read whole again: what was there and is not in any list any more has gone."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from ledgerbridge.service import observe
from ledgerbridge.syncs.catalogue import KINDS
from support.pair import Pair

LONGER_THAN_CHANGES_ARE_KEPT_S = 40 * 86_400.0
LONGER_THAN_OVERLAP_S = 3_600.0


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


async def test_a_look_at_fewer_fields_that_was_cut_short_empties_nobody(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = {"Line1": "1 Elm Street", "City": "Boston"}
    customer = pair.customer("Ada Poe", "ada@example.com", BillAddr=home)
    await pair.begin("contacts")
    await pair.run()
    mappings = KINDS["contacts"].defaults.mappings
    without = [replace(one, enabled=one.name != "address") for one in mappings]
    pair.pass_time(LONGER_THAN_OVERLAP_S)
    await pair.run()  # from now on nothing asks for what we wrote above
    pair.pass_time(LONGER_THAN_OVERLAP_S)
    await pair.set_up("contacts", mappings=tuple(without))
    with monkeypatch.context() as cut_short:
        cut_short.setattr(observe, "_confirm_unseen", _dies)
        with pytest.raises(ProcessLookupError):
            await pair.run()
    pair.edit_customer(customer, FamilyName="Poe")
    await pair.set_up("contacts", mappings=mappings)

    await pair.run()

    assert (pair.company.get("Customer", customer) or {})["BillAddr"].items() >= home.items()
    contact = pair.contact_of("ada@example.com")
    assert (contact["address"], contact["lastname"]) == ("1 Elm Street", "Poe")


async def _dies(*_: object) -> None:
    raise ProcessLookupError


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
