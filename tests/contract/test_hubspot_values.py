"""Values of properties: what is refused with which code, how the rest is kept, what is unique."""

from __future__ import annotations

import pytest

from contract.hubspot_caller import OBJECTS, PROPERTIES, Caller
from contract.test_hubspot_recorded_errors import nested


async def test_numbers_and_truths_come_back_as_text() -> None:
    caller = Caller()
    deal = await caller.create("deals", {"dealname": "D", "amount": 10000})

    assert (await caller.read("deals", deal, "amount"))["amount"] == "10000"


async def test_one_bad_value_refuses_the_whole_record() -> None:
    caller = Caller()
    contact = await caller.create("contacts", {"email": "a@example.com"})

    target = f"{OBJECTS}/contacts/{contact}"
    body = {"properties": {"firstname": "Ann", "numemployees": "many", "nonsense": "x"}}
    status, message = await caller.refused("PATCH", target, body)

    assert status == 400
    assert [one["error"] for one in nested(message)[1]] == [
        "INVALID_INTEGER",
        "PROPERTY_DOESNT_EXIST",
    ]
    assert (await caller.read("contacts", contact))["firstname"] is None


@pytest.mark.parametrize(
    ("type_name", "name", "value", "code"),
    [
        ("contacts", "email", "nobody", "INVALID_EMAIL"),
        ("contacts", "email", "a@b@example.com", "INVALID_EMAIL"),
        ("contacts", "closedate", "soon", "INVALID_LONG"),
        ("contacts", "lifecyclestage", "friend", "INVALID_OPTION"),
        ("contacts", "firstname", "x" * 65_537, "MAX_LENGTH"),
        ("companies", "domain", " ", "INVALID_DOMAIN"),
        ("companies", "is_public", "yes", "INVALID_OPTION"),
        ("products", "price", "-1", "MIN_NUMBER"),
        ("products", "price", "1,5", "INVALID_INTEGER"),
        ("products", "hs_recurring_billing_start_date", "2026-02-30", "INVALID_LONG"),
        ("invoices", "hs_currency", "EUR", "INVALID_OPTION"),
        ("invoices", "hs_unique_id", "x", "READ_ONLY_VALUE"),
    ],
)
async def test_a_value_that_does_not_fit_is_refused_with_its_code(
    type_name: str, name: str, value: str, code: str
) -> None:
    caller = Caller()

    body = {"properties": {name: value}}
    status, message = await caller.refused("POST", f"{OBJECTS}/{type_name}", body)

    assert status == 400
    assert [(one["name"], one["error"]) for one in nested(message)[1]] == [(name, code)]


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("a_date", "2026-12-31", "2026-12-31"),
        ("a_date", "1798675200000", "2026-12-31"),
        ("a_datetime", "2026-12-31", "2026-12-31T00:00:00Z"),
        ("a_datetime", "1773300826615", "2026-03-12T07:33:46.615Z"),
        ("a_datetime", "2026-03-12T09:33:46+02:00", "2026-03-12T07:33:46Z"),
        ("a_bool", "TRUE", "true"),
        ("a_choice", "B;A", "B;A"),
    ],
)
async def test_a_value_is_kept_in_its_usual_form(name: str, value: str, kept: str) -> None:
    caller = Caller()
    for kind in ("date", "datetime", "bool"):
        caller.portal.add_property("companies", f"a_{kind}", kind)
    caller.portal.add_property("companies", "a_choice", "enumeration", options="ABC")
    caller.portal.change_property("companies", "a_choice", field_type="checkbox")

    company = await caller.create("companies", {"name": "A", name: value})

    assert (await caller.read("companies", company, name))[name] == kept


async def test_a_leading_semicolon_appends_a_choice() -> None:
    caller = Caller()
    caller.portal.add_property("companies", "a_choice", "enumeration", options="ABC")
    caller.portal.change_property("companies", "a_choice", field_type="checkbox")
    company = await caller.create("companies", {"name": "A", "a_choice": "A"})

    answered = await caller.update("companies", company, a_choice=";C")

    assert answered["properties"]["a_choice"] == "A;C"


async def test_a_currency_can_be_used_once_it_is_enabled() -> None:
    caller = Caller()
    caller.portal.change_settings(additional_currencies=("EUR",))

    await caller.create("invoices", {"hs_currency": "EUR"})

    names = [one["name"] for one in (await caller.good("GET", f"{PROPERTIES}/products"))["results"]]
    assert {"hs_price_usd", "hs_price_eur"} <= set(names)


async def test_an_email_is_unique_in_any_spelling_and_as_a_further_address() -> None:
    caller = Caller()
    first = await caller.create("contacts", {"email": "a@example.com"})
    caller.portal.add_email(first, "second@example.com")

    for address in ("A@EXAMPLE.com", "Second@example.com"):
        body = {"properties": {"email": address}}
        refused = await caller.refused("POST", f"{OBJECTS}/contacts", body)
        assert refused == (409, f"Contact already exists. Existing ID: {first}")

    found = await caller.good("GET", f"{OBJECTS}/contacts/second@example.com?idProperty=email")
    assert found["id"] == first


async def test_an_email_is_free_again_after_it_changed_or_its_contact_went() -> None:
    caller = Caller()
    first = await caller.create("contacts", {"email": "a@example.com"})
    await caller.update("contacts", first, email="b@example.com")
    second = await caller.create("contacts", {"email": "a@example.com"})
    await caller.good("DELETE", f"{OBJECTS}/contacts/{second}")

    assert await caller.create("contacts", {"email": "a@example.com"}) != second


async def test_company_domains_may_repeat() -> None:
    caller = Caller()

    ids = [await caller.create("companies", {"domain": "example.com"}) for _ in range(2)]

    assert len(set(ids)) == 2
    assert (await caller.read("companies", ids[0], "website"))["website"] == "example.com"


async def test_a_lifecycle_stage_goes_back_only_after_it_was_cleared() -> None:
    caller = Caller()
    contact = await caller.create("contacts", {"email": "a@example.com"})
    await caller.update("contacts", contact, lifecyclestage="customer")

    await caller.update("contacts", contact, lifecyclestage="lead")
    assert (await caller.read("contacts", contact, "lifecyclestage"))[
        "lifecyclestage"
    ] == "customer"

    await caller.update("contacts", contact, lifecyclestage="")
    await caller.update("contacts", contact, lifecyclestage="lead")
    assert (await caller.read("contacts", contact, "lifecyclestage"))["lifecyclestage"] == "lead"


async def test_a_portal_can_differ_in_its_definitions() -> None:
    caller = Caller()
    caller.portal.remove_property("invoices", "hs_comments")
    caller.portal.change_property("invoices", "hs_title", read_only=True)

    body = {"properties": {"hs_currency": "USD", "hs_comments": "x", "hs_title": "x"}}
    _, message = await caller.refused("POST", f"{OBJECTS}/invoices", body)

    assert [one["error"] for one in nested(message)[1]] == [
        "PROPERTY_DOESNT_EXIST",
        "READ_ONLY_VALUE",
    ]


@pytest.mark.parametrize("clears", [True, False])
async def test_null_clears_as_the_switch_says(clears: bool) -> None:
    caller = Caller(null_clears=clears)
    contact = caller.portal.create("contacts", {"city": "Graz"})["hs_object_id"]

    found = caller.portal.update("contacts", contact, {"city": None})

    assert found["city"] == ("" if clears else "Graz")
