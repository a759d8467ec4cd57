"""Values that one side does not take: the record says why, the others go on, and it follows."""

from __future__ import annotations

import pytest

from ledgerbridge.core.plan import Status
from ledgerbridge.sandbox.http import Request
from ledgerbridge.sandbox.quickbooks import Switches
from support.pair import AFTER_A_RUN_S, Countdown, Pair, to_quickbooks


def _good_customer(pair: Pair) -> str:
    """Somebody whom nothing is wrong with; the e-mail."""
    pair.customer("Zoe Young", "zoe@example.com")
    return "zoe@example.com"


async def test_a_property_removed_while_syncing_is_named_and_the_others_go_on(pair: Pair) -> None:
    await pair.begin()
    await pair.run()
    definition = pair.portal.properties("contacts")["fax"]
    pair.portal.remove_property("contacts", "fax")
    pair.customer("Ada Moreno", "ada@example.com", Fax={"FreeFormNumber": "555 0101"})
    good = _good_customer(pair)

    await pair.run()

    failing = await pair.failing()
    assert failing.code == "unknown_field"
    assert "fax" in failing.message
    assert "take it out of the mapping" in failing.remedy
    assert pair.emails() == [good]
    pair.portal._shelf("contacts").define(definition)
    await pair.run()
    assert pair.contact_of("ada@example.com")["fax"] == "555 0101"
    assert await pair.outcomes() == []


async def test_a_record_goes_without_a_property_that_stays_away(pair: Pair) -> None:
    await pair.begin()
    await pair.run()
    pair.portal.remove_property("contacts", "fax")
    pair.customer("Ada Moreno", "ada@example.com", Fax={"FreeFormNumber": "555 0101"})
    await pair.run()

    await pair.run()

    assert pair.emails() == ["ada@example.com"]
    assert await pair.outcomes() == []


async def test_an_option_removed_while_syncing_is_named_and_the_record_goes_when_it_is_back(
    pair: Pair,
) -> None:
    await pair.begin()
    await pair.run()
    options = pair.portal.properties("products")["hs_product_type"].options
    left = tuple(option for option in options if option.value != "service")
    pair.portal.change_property("products", "hs_product_type", options=left)
    pair.item("Hours")
    pair.item("Paper", Type="NonInventory")

    await pair.run()

    failing = await pair.failing()
    assert failing.code == "unknown_option"
    assert "hs_product_type" in failing.message
    assert "Add the option" in failing.remedy
    assert [one["name"] for one in pair.portal.all("products")] == ["Paper"]
    pair.portal.change_property("products", "hs_product_type", options=options)
    await pair.run()
    assert sorted(one["name"] for one in pair.portal.all("products")) == ["Hours", "Paper"]
    assert await pair.outcomes() == []


async def test_a_record_goes_without_an_option_that_is_missing_from_the_start(pair: Pair) -> None:
    options = pair.portal.properties("products")["hs_product_type"].options
    left = tuple(option for option in options if option.value != "service")
    pair.portal.change_property("products", "hs_product_type", options=left)
    pair.item("Hours")
    await pair.begin()

    await pair.run()

    (product,) = pair.portal.all("products")
    assert not product.get("hs_product_type")
    failing = await pair.failing()
    assert failing.code == "unknown_option"
    assert "'service' is not among the options of hs_product_type" in failing.message
    pair.portal.change_property("products", "hs_product_type", options=options)
    await pair.run()
    assert pair.portal.all("products")[0]["hs_product_type"] == "service"
    assert await pair.outcomes() == []


async def test_a_text_too_long_for_quickbooks_is_named_and_the_rest_of_the_record_goes(
    pair: Pair,
) -> None:
    await pair.begin()
    long = "The Right Honourable"
    contact = pair.contact(
        "ada@example.com", qualifies=True, firstname="Ada", lastname="Moreno", salutation=long
    )

    await pair.run()

    failing = await pair.failing()
    assert failing.code == "too_long"
    assert "salutation has 20 characters, Title takes at most 16" in failing.message
    assert failing.remedy.startswith("Shorten it")
    (customer,) = pair.company.all("Customer")
    assert (customer["GivenName"], customer.get("Title")) == ("Ada", None)
    pair.portal.update("contacts", contact, {"salutation": "Dr"})
    await pair.run()
    assert pair.company.all("Customer")[0]["Title"] == "Dr"
    assert await pair.outcomes() == []


async def test_a_text_too_long_for_hubspot_is_named_and_the_others_go_on(pair: Pair) -> None:
    pair.portal.change_property("contacts", "company", length_max=20)
    await pair.begin()
    customer = pair.customer("Ada Moreno", "ada@example.com", CompanyName="Moreno and Daughters")
    long = pair.customer("Bo Lind", "bo@example.com", CompanyName="Lind, Lind, Lind and Lind")
    assert customer

    await pair.run()

    failing = await pair.failing()
    assert (failing.record_id, failing.code) == (long, "too_long")
    assert "company" in failing.message
    assert "Shorten it in QuickBooks" in failing.remedy
    assert pair.emails() == ["ada@example.com"]
    pair.edit_customer(long, CompanyName="Lind")
    await pair.run()
    assert pair.contact_of("bo@example.com")["company"] == "Lind"
    assert await pair.outcomes() == []


async def test_an_address_that_hubspot_refuses_is_named_and_the_others_go_on(pair: Pair) -> None:
    await pair.begin()
    customer = pair.customer("Gil Lund", "gil@home.invalid")
    good = _good_customer(pair)

    result = await pair.run()

    assert result.failing == 1
    failing = await pair.failing()
    assert (failing.record_id, failing.code) == (customer, "invalid_email")
    assert "Correct the e-mail address in QuickBooks" in failing.remedy
    assert pair.emails() == [good]
    pair.edit_customer(customer, PrimaryEmailAddr={"Address": "gil@example.com"})
    await pair.run()
    assert pair.emails() == ["gil@example.com", good]
    assert await pair.outcomes() == []


async def test_a_refused_record_is_tried_again_later_and_later(pair: Pair) -> None:
    await pair.begin()
    pair.customer("Gil Lund", "gil@home.invalid")
    await pair.run()
    first = await pair.failing()

    waits = []
    for attempts in range(1, 9):
        failing = await pair.failing()
        assert failing.retry_at is not None
        assert (failing.attempts, failing.since) == (attempts, first.since)
        due_s = (failing.retry_at - pair.clock.now()).total_seconds()
        waits.append(round((due_s + AFTER_A_RUN_S) / 60))
        pair.pass_time(max(due_s, 0.0))
        await pair.run()

    assert waits == [1, 5, 30, 120, 360, 1440, 1440, 1440]


async def test_a_refused_record_is_left_alone_before_its_time(pair: Pair) -> None:
    await pair.begin()
    pair.customer("Gil Lund", "gil@home.invalid")
    for _ in range(3):
        await pair.run()
    asked = pair.hubspot.calls["batch create contacts"]

    await pair.run()

    assert asked == 3
    assert pair.hubspot.calls["batch create contacts"] == asked


async def test_a_look_before_its_time_leaves_the_time_of_the_next_try(pair: Pair) -> None:
    await pair.begin()
    invoice = pair.invoice(_with_euros(pair), pair.item("Hours"), CurrencyRef={"value": "EUR"})
    for _ in range(3):
        await pair.run()
    before = await pair.failing()

    pair.company.update("Invoice", {"Id": invoice, "CustomerMemo": {"value": "Thank you"}})
    await pair.run()

    after = await pair.failing()
    assert (before.attempts, before.retry_at) == (after.attempts, after.retry_at)
    assert before.attempts == 3


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


async def test_an_invoice_with_an_inactive_item_is_mirrored_and_the_product_says_so(
    pair: Pair,
) -> None:
    await pair.begin()
    item = pair.item("Typewriter ribbons")
    pair.invoice(pair.customer("Ada Moreno", "ada@example.com"), item)
    pair.company.update("Item", {"Id": item, "Active": False})

    result = await pair.run()

    (mirror,) = pair.mirrors()
    assert mirror["ledgerbridge_total"] == "20"
    assert len(pair.portal.all("line_items")) == 1
    (product,) = pair.portal.all("products")
    assert product["ledgerbridge_active"] == "false"
    assert result.failing == 0


def _with_euros(pair: Pair) -> str:
    """A customer who pays in euros, and an item."""
    pair.company.set_preferences(CurrencyPrefs={"MultiCurrencyEnabled": True})
    return pair.customer("Ulla Berg", "ulla@example.com", CurrencyRef={"value": "EUR"})


async def test_a_currency_that_the_portal_lacks_is_named_and_the_invoice_follows_once_added(
    pair: Pair,
) -> None:
    await pair.begin()
    item, ulla = pair.item("Hours"), _with_euros(pair)
    invoice = pair.invoice(ulla, item, CurrencyRef={"value": "EUR"})
    pair.invoice(pair.customer("Ada Moreno", "ada@example.com"), item)

    await pair.run()

    failing = await pair.failing()
    assert (failing.record_id, failing.code) == (invoice, "currency_not_enabled")
    assert "the invoice is in EUR, which this HubSpot portal does not have" in failing.message
    assert "Add EUR in HubSpot" in failing.remedy
    assert [one["hs_currency"] for one in pair.mirrors()] == ["USD"]
    pair.portal.change_settings(additional_currencies=("EUR",))
    await pair.run()
    assert sorted(one["hs_currency"] for one in pair.mirrors()) == ["EUR", "USD"]
    assert await pair.outcomes() == []


async def test_a_currency_removed_while_syncing_is_named_and_the_invoice_follows(
    pair: Pair,
) -> None:
    pair.portal.change_settings(additional_currencies=("EUR",))
    await pair.begin()
    item, ulla = pair.item("Hours"), _with_euros(pair)
    pair.portal.change_settings(additional_currencies=())
    pair.invoice(ulla, item, CurrencyRef={"value": "EUR"})
    pair.invoice(pair.customer("Ada Moreno", "ada@example.com"), item)

    await pair.run()

    failing = await pair.failing()
    assert failing.code == "currency_not_enabled"
    assert "EUR" in failing.message
    assert "Add" in failing.remedy
    assert [one["hs_currency"] for one in pair.mirrors()] == ["USD"]
    pair.portal.change_settings(additional_currencies=("EUR",))
    assert await pair.retry() == 1
    await pair.run()
    assert sorted(one["hs_currency"] for one in pair.mirrors()) == ["EUR", "USD"]
    assert len(pair.portal.all("line_items")) == 2
    assert await pair.outcomes(Status.BLOCKED) == []


async def test_a_line_that_hubspot_refuses_keeps_its_invoice_back_with_that_reason(
    pair: Pair,
) -> None:
    pair.portal.change_property("line_items", "name", length_max=10)
    await pair.begin()
    ada = pair.customer("Ada Moreno", "ada@example.com")
    pair.invoice(ada, pair.item("Hours"))
    refused = pair.invoice(ada, pair.item("Typewriter ribbons"))

    await pair.run()

    failing = await pair.failing()
    assert (failing.record_id, failing.code) == (refused, "too_long")
    assert "name" in failing.message
    assert len(pair.mirrors()) == 1
    assert await pair.outcomes(Status.BLOCKED) == []
    pair.portal.change_property("line_items", "name", length_max=100)
    await pair.run()
    assert len(pair.mirrors()) == 2
    assert await pair.outcomes() == []
