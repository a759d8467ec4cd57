"""A field that a mapping reads is archived: what it held is gone there, and was not emptied."""

from __future__ import annotations

from ledgerbridge.core.mapping import Mapping
from ledgerbridge.syncs.catalogue import KINDS
from support.pair import Pair

NICKNAME = Mapping(name="nickname", hubspot=("nickname",), quickbooks=("MiddleName",))


async def test_nobody_is_emptied_of_what_an_archived_property_held(pair: Pair) -> None:
    pair.portal.add_property("contacts", "nickname")
    customer = pair.customer("Ada Poe", "ada@example.com", GivenName="Ada")
    await pair.begin("contacts")
    mappings = (*KINDS["contacts"].defaults.mappings, NICKNAME)
    await pair.set_up("contacts", mappings=mappings)
    await pair.run()
    contact = pair.contact_of("ada@example.com")["hs_object_id"]
    pair.portal.update("contacts", contact, {"nickname": "Dot"})
    await pair.run()
    assert (pair.company.get("Customer", customer) or {})["MiddleName"] == "Dot"

    pair.portal.remove_property("contacts", "nickname")
    pair.portal.update("contacts", contact, {"lastname": "Poe"})
    await pair.run()

    shown = pair.company.get("Customer", customer) or {}
    assert (shown["FamilyName"], shown.get("MiddleName")) == ("Poe", "Dot")
