"""Display names that somebody has already: customers, vendors, employees, the inactive too."""

from __future__ import annotations

import pytest

from ledgerbridge.core.mapping import Direction, Mapping, When
from ledgerbridge.sandbox.http import Request
from ledgerbridge.sandbox.quickbooks import Switches
from ledgerbridge.syncs.contacts import MAPPINGS
from support.pair import Countdown, Pair, to_quickbooks


@pytest.mark.parametrize(
    ("entity", "active", "name"),
    [
        ("Customer", True, "Jane Doe (2)"),
        ("Vendor", True, "Jane Doe (2)"),
        ("Employee", True, "Jane Doe (2)"),
        ("Customer", False, "Jane Doe (2)"),
        # QuickBooks marks them " (deleted)", so that their own name is free.
        ("Vendor", False, "Jane Doe"),
        ("Employee", False, "Jane Doe"),
    ],
)
async def test_a_new_customer_gets_a_name_that_is_free(
    entity: str, active: bool, name: str, pair: Pair
) -> None:
    _jane(pair, entity, active=active)
    await pair.begin()
    pair.contact("jane@example.com", qualifies=True, firstname="Jane", lastname="Doe")

    result = await pair.run()

    assert result.failing == 0
    assert _name_of(pair, "jane@example.com") == name


@pytest.mark.parametrize("entity", ["Customer", "Vendor", "Employee"])
async def test_where_the_inactive_hold_their_names_a_new_customer_gets_another(
    entity: str, pair: Pair
) -> None:
    pair.company.books.switches = Switches(inactive_names_block=True)
    _jane(pair, entity, active=False)
    await pair.begin()
    pair.contact("jane@example.com", qualifies=True, firstname="Jane", lastname="Doe")

    result = await pair.run()

    assert result.failing == 0
    assert _name_of(pair, "jane@example.com") == "Jane Doe (2)"


def _jane(pair: Pair, entity: str, *, active: bool) -> None:
    """Somebody else has the name already."""
    made = pair.company.create(
        entity, {"DisplayName": "Jane Doe", "GivenName": "Jane", "FamilyName": "Doe"}
    )
    if not active:
        pair.company.update(entity, {"Id": made["Id"], "Active": False})


def _name_of(pair: Pair, email: str) -> str:
    """The display name of the one customer with that address."""
    wanted = {"Address": email}
    (found,) = [c for c in pair.company.all("Customer") if c.get("PrimaryEmailAddr") == wanted]
    return str(found["DisplayName"])


async def test_a_name_taken_at_the_last_moment_is_looked_up_and_given_otherwise(
    pair: Pair,
) -> None:
    await pair.begin()
    pair.contact(
        "jane@example.com", qualifies=True, firstname="Jane", lastname="Doe", company="Acme"
    )
    pair.contact("zoe@example.com", qualifies=True, firstname="Zoe", lastname="Young")
    pair.transport.on_send = Countdown(
        to_quickbooks("/batch"),
        1,
        lambda: pair.company.create("Vendor", {"DisplayName": "Jane Doe"}),
    )

    result = await pair.run()

    assert result.failing == 0
    assert pair.names() == ["Acme – Jane Doe", "Zoe Young"]


async def test_a_template_of_ones_own_names_new_customers_and_gives_way_where_it_is_taken(
    pair: Pair,
) -> None:
    template = Mapping(
        name="display name",
        hubspot=("lastname", "firstname"),
        quickbooks=("DisplayName",),
        direction=Direction.TO_QUICKBOOKS,
        when=When.ON_CREATE,
        template="{lastname}, {firstname}",
    )
    pair.company.create("Vendor", {"DisplayName": "Doe, Jane"})
    await pair.begin("contacts")
    await pair.set_up("contacts", mappings=(*MAPPINGS, template))
    for first, last in (("Jane", "Doe"), ("Zoe", "Young")):
        email = f"{first.lower()}@example.com"
        pair.contact(email, qualifies=True, firstname=first, lastname=last)

    result = await pair.run()

    assert result.failing == 0
    assert pair.names() == ["Doe, Jane (2)", "Young, Zoe"]
    assert (await pair.run()).writes == 0


async def test_a_customer_of_that_name_and_email_made_at_the_last_moment_is_the_one(
    pair: Pair,
) -> None:
    await pair.begin()
    contact = pair.contact("jane@example.com", qualifies=True, firstname="Jane", lastname="Doe")
    made: list[str] = []
    pair.transport.on_send = Countdown(
        to_quickbooks("/batch"),
        1,
        lambda: made.append(pair.customer("Jane Doe", "jane@example.com")),
    )

    result = await pair.run()

    assert result.failing == 0
    assert pair.names() == ["Jane Doe"]
    key = (pair.portal.get("contacts", contact) or {})["ledgerbridge_key"]
    assert key.endswith(f":customer:{made[0]}")


async def test_a_name_that_nobody_can_find_is_told_and_is_tried_again_later(pair: Pair) -> None:
    await pair.begin()
    pair.contact("jane@example.com", qualifies=True, firstname="Jane", lastname="Doe")
    pair.contact("zoe@example.com", qualifies=True, firstname="Zoe", lastname="Young")
    vendors: list[str] = []

    def taken_for_a_moment(request: Request) -> None:
        if to_quickbooks("/batch")(request) and not vendors:
            vendors.append(pair.company.create("Vendor", {"DisplayName": "Jane Doe"})["Id"])
        elif to_quickbooks("/query")(request) and vendors:
            pair.company.update("Vendor", {"Id": vendors[0], "DisplayName": "Janet Dough"})

    pair.transport.on_send = taken_for_a_moment

    await pair.run()

    failing = await pair.failing()
    assert failing.code == "duplicate_name"
    assert "Another customer, vendor or employee has that name" in failing.message
    assert "Choose another name" in failing.remedy
    assert pair.names() == ["Zoe Young"]
    await pair.run()
    assert pair.names() == ["Jane Doe", "Zoe Young"]
    assert await pair.outcomes() == []
