"""The owner opens a direction that was closed when two records were paired."""

from __future__ import annotations

import pytest

from ledgerbridge.core.mapping import Direction, Rule
from ledgerbridge.core.plan import Status
from ledgerbridge.service import conflicts
from support.pair import Pair


async def _paired(pair: Pair, direction: Direction, rule: Rule) -> str:
    """Ada on both sides, each with a first name and a phone or website of its own; her customer."""
    phone = {"FreeFormNumber": "+14155550132"}
    customer = pair.customer("Ada Poe", "ada@example.com", GivenName="Ada", PrimaryPhone=phone)
    site = "https://ada.example.com"
    pair.contact("ada@example.com", qualifies=True, firstname="Adele", website=site)
    await pair.begin("contacts")
    await pair.set_up("contacts", direction=direction, rule=rule)
    await pair.run()
    assert _shown(pair, customer)["first name"] == ("Adele", "Ada")
    return customer


def _shown(pair: Pair, customer: str) -> dict[str, tuple[object, object]]:
    """What both sides show, HubSpot first."""
    contact = pair.contact_of("ada@example.com")
    record = pair.company.get("Customer", customer) or {}
    phone, website = record.get("PrimaryPhone", {}), record.get("WebAddr", {})
    return {
        "first name": (contact.get("firstname"), record.get("GivenName")),
        "phone": (contact.get("phone"), phone.get("FreeFormNumber")),
        "website": (contact.get("website"), website.get("URI")),
    }


@pytest.mark.parametrize(
    ("closed", "rule", "name"),
    [
        (Direction.TO_QUICKBOOKS, Rule.QUICKBOOKS, "Ada"),
        (Direction.TO_HUBSPOT, Rule.HUBSPOT, "Adele"),
    ],
)
async def test_a_first_match_is_decided_when_its_direction_opens(
    pair: Pair, closed: Direction, rule: Rule, name: str
) -> None:
    customer = await _paired(pair, closed, rule)

    await pair.set_up("contacts", direction=Direction.BOTH)
    await pair.run()

    shown = _shown(pair, customer)
    assert shown["first name"] == (name, name)
    assert all(ours == theirs for ours, theirs in shown.values()), shown
    assert (await pair.run()).writes == 0


async def test_an_edit_travels_while_the_other_direction_is_closed(pair: Pair) -> None:
    customer = await _paired(pair, Direction.TO_QUICKBOOKS, Rule.QUICKBOOKS)
    pair.portal.update(
        "contacts", pair.contact_of("ada@example.com")["hs_object_id"], {"firstname": "Adelaide"}
    )
    await pair.run()
    assert _shown(pair, customer)["first name"] == ("Adelaide", "Adelaide")

    await pair.set_up("contacts", direction=Direction.BOTH)
    await pair.run()

    assert _shown(pair, customer)["first name"] == ("Adelaide", "Adelaide")


async def test_a_pair_that_never_was_in_step_is_asked_about_when_its_direction_opens(
    pair: Pair,
) -> None:
    customer = await _paired(pair, Direction.TO_QUICKBOOKS, Rule.QUICKBOOKS)

    await pair.set_up("contacts", direction=Direction.BOTH, rule=Rule.ASK)
    await pair.run()

    (waiting,) = (await pair.store.read(conflicts.report)).conflicts
    assert waiting.field == "first name"
    assert _shown(pair, customer)["first name"] == ("Adele", "Ada")


async def test_a_name_that_an_app_wrote_before_the_match_is_still_for_a_person_to_judge(
    pair: Pair,
) -> None:
    customer = pair.customer("Ada Poe", "ada@example.com", GivenName="Ada")
    contact = pair.contact("ada@example.com", qualifies=True)
    pair.pass_time(60)
    pair.portal.update("contacts", contact, {"firstname": "Adele"}, source="INTEGRATION")
    await pair.begin("contacts")
    await pair.set_up("contacts", direction=Direction.TO_QUICKBOOKS, rule=Rule.QUICKBOOKS)
    assert (await pair.run()).writes == 0

    await pair.set_up("contacts", direction=Direction.BOTH, rule=Rule.NEWEST)
    await pair.run()

    assert [one.code for one in await pair.outcomes(Status.CASE)] == ["both_changed"]
    assert _shown(pair, customer)["first name"] == ("Adele", "Ada")
