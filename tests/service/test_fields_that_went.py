"""A field that a mapping reads is archived: what it held is gone there, and was not emptied."""

from __future__ import annotations

from ledgerbridge.core.mapping import Mapping
from ledgerbridge.syncs.catalogue import KINDS
from support.pair import Pair

NICKNAME = Mapping(name="nickname", hubspot=("nickname",), quickbooks=("MiddleName",))


async def _named_dot(pair: Pair) -> tuple[str, str]:
    """A customer and its contact, whose nickname has travelled to the middle name."""
    pair.portal.add_property("contacts", "nickname")
    customer = pair.customer("Ada Poe", "ada@example.com", GivenName="Ada")
    await pair.begin("contacts")
    mappings = (*KINDS["contacts"].defaults.mappings, NICKNAME)
    await pair.set_up("contacts", mappings=mappings)
    await pair.run()
    contact = pair.contact_of("ada@example.com")["hs_object_id"]
    pair.portal.update("contacts", contact, {"nickname": "Dot"})
    await pair.run()
    assert _names(pair, customer) == (None, "Dot")
    return customer, contact


def _names(pair: Pair, customer: str) -> tuple[str | None, str | None]:
    shown = pair.company.get("Customer", customer) or {}
    return shown.get("FamilyName"), shown.get("MiddleName")


async def test_nobody_is_emptied_of_what_an_archived_property_held(pair: Pair) -> None:
    customer, contact = await _named_dot(pair)
    pair.portal.remove_property("contacts", "nickname")
    pair.portal.update("contacts", contact, {"lastname": "Poe"})

    await pair.run()

    assert _names(pair, customer) == ("Poe", "Dot")
    assert (await pair.run()).writes == 0


async def test_a_type_that_lost_a_field_is_read_whole_also_when_that_is_back_before_the_next_run(
    pair: Pair,
) -> None:
    _, contact = await _named_dot(pair)
    pair.portal.remove_property("contacts", "nickname")
    pair.portal.update("contacts", contact, {"lastname": "Poe"})
    await pair.run()
    pair.portal.add_property("contacts", "nickname")
    await pair.connect_hubspot()  # it says at once what it has
    asked: list[str] = []
    pair.transport.on_send = lambda request: asked.append(request.path)

    await pair.run()

    assert any(path.endswith("/contacts") for path in asked)
    assert not any(path.endswith("/contacts/search") for path in asked)


async def test_what_somebody_empties_in_a_property_that_is_there_is_emptied_as_ever(
    pair: Pair,
) -> None:
    customer, contact = await _named_dot(pair)
    pair.portal.update("contacts", contact, {"nickname": ""})

    await pair.run()

    assert _names(pair, customer) == (None, None)
