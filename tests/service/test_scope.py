"""Pairs that leave the filters of their sync and come back."""

from __future__ import annotations

import pytest

from ledgerbridge.core.conditions import Operator
from ledgerbridge.core.definition import LeavingScope
from ledgerbridge.core.filters import Condition, Filter
from ledgerbridge.core.plan import Status
from ledgerbridge.errors import NotAccepted
from ledgerbridge.service.cycle import run_once
from ledgerbridge.service.opening import open_world
from support.pair import Pair

ONLY_ACTIVE = Filter(groups=((Condition(field="Active", operator="is", value="true"),),))
VIP = Filter(groups=((Condition(field="Title", operator="is", value="VIP"),),))


async def _begun(pair: Pair, leaving: LeavingScope) -> str:
    customer = pair.customer("Ada Poe", "ada@example.com", GivenName="Ada", Title="VIP")
    await pair.begin("contacts")
    await pair.set_up("contacts", to_hubspot=VIP, leaving_scope=leaving)
    await pair.run()
    return customer


@pytest.mark.parametrize("leaving", [LeavingScope.FREEZE, LeavingScope.MARK])
async def test_a_pair_that_leaves_the_filter_rests_and_comes_back_as_if_it_never_left(
    pair: Pair, leaving: LeavingScope
) -> None:
    customer = await _begun(pair, leaving)
    pair.edit_customer(customer, Title="Ms", GivenName="Adelaide")
    await pair.run()
    contact = pair.contact_of("ada@example.com")
    assert contact["firstname"] == "Ada"
    marked = contact.get("ledgerbridge_state")
    assert marked == ("out of scope" if leaving is LeavingScope.MARK else None)
    assert [one.code for one in await pair.outcomes(Status.EXCLUDED)] == ["left_scope"]
    assert (await pair.run()).writes == 0
    pair.portal.update("contacts", contact["hs_object_id"], {"lastname": "Poe"})

    pair.edit_customer(customer, Title="VIP")
    await pair.run()

    contact = pair.contact_of("ada@example.com")
    assert (contact["firstname"], contact["lastname"]) == ("Adelaide", "Poe")
    assert (pair.company.get("Customer", customer) or {})["FamilyName"] == "Poe"
    assert not contact.get("ledgerbridge_state")
    assert len(pair.portal.all("contacts")) == 1
    assert (await pair.run()).writes == 0


async def test_a_pair_may_keep_syncing_though_it_left_the_filter(pair: Pair) -> None:
    customer = await _begun(pair, LeavingScope.KEEP_SYNCING)
    pair.edit_customer(customer, Title="Ms", GivenName="Adelaide")

    await pair.run()

    assert pair.contact_of("ada@example.com")["firstname"] == "Adelaide"
    assert await pair.outcomes(Status.EXCLUDED) == []


async def test_a_person_whom_no_filter_lets_through_is_told_of_on_both_sides(pair: Pair) -> None:
    customer = pair.customer("Ada Poe", "ada@example.com", GivenName="Ada", Title="Ms")
    contact = pair.contact("ada@example.com")
    await pair.begin("contacts")
    await pair.set_up("contacts", to_hubspot=VIP)
    await pair.run()

    told = {one.record_id: one.message for one in await pair.outcomes(Status.EXCLUDED)}
    assert told.keys() == {customer, contact}
    assert "Title" in told[customer]
    assert "invoices" in told[contact]

    pair.edit_customer(customer, Title="VIP")
    await pair.run()

    assert pair.contact_of("ada@example.com")["firstname"] == "Ada"
    assert await pair.outcomes(Status.EXCLUDED) == []


async def test_a_changed_filter_shows_its_plan_first(pair: Pair) -> None:
    await _begun(pair, LeavingScope.FREEZE)
    await pair.set_up("contacts", to_hubspot=ONLY_ACTIVE)
    pair.customer("Bea Roe", "bea@example.com")

    with pytest.raises(NotAccepted, match="its configuration changed"):
        await run_once(await open_world(pair.shop()))

    assert pair.emails() == ["ada@example.com"]
    await pair.run()
    assert pair.emails() == ["ada@example.com", "bea@example.com"]


@pytest.mark.parametrize("operator", ["is", "is not"])
async def test_a_filter_whose_field_is_gone_lets_nothing_pass_and_the_others_go_on(
    pair: Pair, operator: Operator
) -> None:
    pair.portal.add_property("contacts", "tier")
    await pair.begin("contacts", "products")
    tier = Condition(field="tier", operator=operator, value="gold")
    await pair.set_up("contacts", to_quickbooks=Filter(groups=((tier,),)))
    await pair.run()
    pair.portal.remove_property("contacts", "tier")
    pair.pass_time(90_000)
    pair.contact("bea@example.com", firstname="Bea")
    pair.item("Hours")
    result = await pair.run()

    assert pair.names() == []
    assert "contacts has no field 'tier'" in result.unavailable["contacts"]
    assert "nothing of it was written" in result.unavailable["contacts"]
    assert [one["name"] for one in pair.portal.all("products")] == ["Hours"]
    pair.portal.add_property("contacts", "tier")
    result = await pair.run()
    assert dict(result.unavailable) == {}
    assert pair.names() == (["Bea"] if operator == "is not" else [])


async def test_a_match_that_was_planned_and_is_none_any_more_says_so_of_the_contact(
    pair: Pair,
) -> None:
    customer = pair.customer("Ada Poe", "ada@example.com", Title="VIP")
    contact = pair.contact("ada@example.com")
    await pair.begin("contacts")
    await pair.set_up("contacts", to_hubspot=VIP)
    with pytest.raises(NotAccepted):
        await run_once(await open_world(pair.shop()), lambda counts: False)

    pair.edit_customer(customer, PrimaryEmailAddr={"Address": "bea@example.com"})
    await pair.run()

    told = {one.record_id: one.code for one in await pair.outcomes(Status.EXCLUDED)}
    assert told == {contact: "filtered_out"}


async def test_a_mark_that_was_planned_and_refused_is_never_written(pair: Pair) -> None:
    await _begun(pair, LeavingScope.MARK)
    nobody = Filter(groups=((Condition(field="Title", operator="is", value="Nobody"),),))
    await pair.set_up("contacts", to_hubspot=nobody)
    with pytest.raises(NotAccepted):
        await run_once(await open_world(pair.shop()), lambda counts: False)

    await pair.set_up("contacts", to_hubspot=VIP)
    result = await pair.run()

    assert result.writes == 0
    assert not pair.contact_of("ada@example.com").get("ledgerbridge_state")
