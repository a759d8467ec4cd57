"""Values that one side does not take: the record says why, the others go on, and it follows."""

from __future__ import annotations

from support.pair import AFTER_A_RUN_S, Pair


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
