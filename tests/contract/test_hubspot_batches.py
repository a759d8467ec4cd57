"""Batches: all or nothing, rows that fail alone, ids that are missing, upserts."""

from __future__ import annotations

from typing import Any

import pytest

from contract.hubspot_caller import OBJECTS, PROPERTIES, Body, Caller

CONTACTS = f"{OBJECTS}/contacts/batch"


def inputs(*emails: str, traced: bool = False) -> Body:
    rows: list[Body] = [{"properties": {"email": email}} for email in emails]
    for number, row in enumerate(rows if traced else ()):
        row["objectWriteTraceId"] = f"t{number}"
    return {"inputs": rows}


async def test_a_batch_of_creations_makes_all_in_order() -> None:
    caller = Caller()

    made = await caller.good("POST", f"{CONTACTS}/create", inputs("a@example.com", "b@example.com"))

    emails = [one["properties"]["email"] for one in made["results"]]
    assert emails == ["a@example.com", "b@example.com"]
    assert made["status"] == "COMPLETE"
    assert "numErrors" not in made


@pytest.mark.parametrize(
    ("emails", "status"),
    [(("a@example.com", "nobody"), 400), (("a@example.com", "A@example.com"), 409)],
)
async def test_without_trace_ids_one_bad_row_refuses_the_whole_batch(
    emails: tuple[str, str], status: int
) -> None:
    caller = Caller()

    answered = await caller.refused("POST", f"{CONTACTS}/create", inputs(*emails))

    assert answered[0] == status
    assert caller.portal.all("contacts") == []


async def test_with_trace_ids_rows_fail_alone_and_say_which() -> None:
    caller = Caller()
    first = await caller.create("contacts", {"email": "a@example.com"})

    body = inputs("a@example.com", "b@example.com", "nobody", traced=True)
    status, answered = await caller.call("POST", f"{CONTACTS}/create", body)

    assert status == 207
    assert [one["properties"]["email"] for one in answered["results"]] == ["b@example.com"]
    assert answered["numErrors"] == 2
    taken, invalid = answered["errors"]
    assert taken["message"] == f"Contact already exists. Existing ID: {first}"
    assert (taken["status"], taken["category"]) == ("error", "CONFLICT")
    assert taken["context"] == {"objectWriteTraceId": ["t0"]}
    assert invalid["context"] == {"objectWriteTraceId": ["t2"]}
    assert "INVALID_EMAIL" in invalid["message"]


async def test_one_row_without_a_trace_id_makes_the_batch_all_or_nothing() -> None:
    caller = Caller()
    body = inputs("a@example.com", "nobody", traced=True)
    del body["inputs"][0]["objectWriteTraceId"]

    assert (await caller.refused("POST", f"{CONTACTS}/create", body))[0] == 400
    assert caller.portal.all("contacts") == []


@pytest.mark.parametrize("echoed", [True, False])
async def test_a_trace_id_is_echoed_as_the_switch_says(echoed: bool) -> None:
    caller = Caller(trace_id_echoed=echoed)

    made = await caller.good("POST", f"{CONTACTS}/create", inputs("a@example.com", traced=True))

    assert [one.get("objectWriteTraceId") for one in made["results"]] == ["t0" if echoed else None]


async def test_two_invoices_of_one_batch_cannot_share_a_line() -> None:
    caller = Caller()
    line = await caller.create("line_items", {"name": "L"})
    link = {"to": {"id": line}, "types": [{"associationTypeId": 409}]}
    row: Body = {"properties": {"hs_currency": "USD"}, "associations": [link]}

    target = f"{OBJECTS}/invoices/batch/create"
    status, message = await caller.refused("POST", target, {"inputs": [row, row]})

    assert status == 400
    assert message.startswith("cannot pass multiple to object ids")
    assert caller.portal.all("invoices") == []


async def test_a_batch_read_returns_what_exists_and_names_what_does_not() -> None:
    caller = Caller()
    contact = await caller.create("contacts", {"email": "a@example.com"})

    body = {"inputs": [{"id": contact}, {"id": "1"}, {"id": "2"}], "properties": ["email"]}
    status, answered = await caller.call("POST", f"{CONTACTS}/read", body)

    assert status == 207
    assert [one["id"] for one in answered["results"]] == [contact]
    assert answered["errors"][0]["context"] == {"ids": ["1", "2"]}


async def test_a_batch_read_by_email_finds_further_addresses_too() -> None:
    caller = Caller()
    contact = await caller.create("contacts", {"email": "a@example.com"})
    caller.portal.add_email(contact, "b@example.com")

    body = {"idProperty": "email", "inputs": [{"id": "B@example.com"}], "properties": ["email"]}
    found = await caller.good("POST", f"{CONTACTS}/read", body)

    assert [one["id"] for one in found["results"]] == [contact]


async def test_the_status_of_a_read_with_missing_ids_is_a_switch() -> None:
    caller = Caller(batch_read_missing_status=200)

    status, answered = await caller.call("POST", f"{CONTACTS}/read", {"inputs": [{"id": "1"}]})

    assert (status, answered["numErrors"]) == (200, 1)


async def test_a_batch_update_changes_what_exists_and_names_what_does_not() -> None:
    caller = Caller()
    contact = await caller.create("contacts", {"email": "a@example.com"})

    rows = [{"id": one, "properties": {"city": "Graz"}} for one in (contact, "1")]
    status, answered = await caller.call("POST", f"{CONTACTS}/update", {"inputs": rows})

    assert status == 207
    assert [one["id"] for one in answered["results"]] == [contact]
    assert answered["errors"][0]["context"] == {"ids": ["1"]}


async def test_contacts_are_not_updated_by_email_in_a_batch() -> None:
    caller = Caller()
    await caller.create("contacts", {"email": "a@example.com"})

    row = {"id": "a@example.com", "idProperty": "email", "properties": {"city": "Graz"}}
    status, answered = await caller.call("POST", f"{CONTACTS}/update", {"inputs": [row]})

    assert status == 207
    assert "Could not get some CONTACT objects" in answered["errors"][0]["message"]


async def test_duplicate_ids_in_a_batch_are_refused() -> None:
    caller = Caller()
    contact = await caller.create("contacts", {"email": "a@example.com"})
    row = {"id": contact, "properties": {"city": "Graz"}}

    refused = await caller.refused("POST", f"{CONTACTS}/update", {"inputs": [row, row]})

    assert refused == (400, "duplicate ids found in batch input")


async def test_an_upsert_creates_or_updates_by_a_unique_property() -> None:
    caller = Caller()
    await caller.create("contacts", {"email": "a@example.com"})

    def row(email: str) -> Body:
        return {"id": email, "idProperty": "email", "properties": {"city": "Graz"}}

    body = {"inputs": [row("a@example.com"), row("b@example.com")]}
    answered = await caller.good("POST", f"{CONTACTS}/upsert", body)

    assert [one["new"] for one in answered["results"]] == [False, True]
    assert [one["city"] for one in caller.portal.all("contacts")] == ["Graz", "Graz"]


@pytest.mark.parametrize(
    ("type_name", "name", "works"),
    [
        ("products", "hs_sku", True),
        ("line_items", "hs_external_id", True),
        ("commerce_payments", "hs_external_reference_id", True),
        ("companies", "domain", False),
        ("deals", "dealname", False),
    ],
)
async def test_upserts_need_a_unique_property(type_name: str, name: str, works: bool) -> None:
    caller = Caller()
    properties = {
        "products": {"name": "P"},
        "commerce_payments": {"hs_initial_amount": "1", "hs_initiated_date": "2026-03-12"},
    }.get(type_name, {})
    row = {"id": "x", "idProperty": name, "properties": properties}

    status, _ = await caller.call("POST", f"{OBJECTS}/{type_name}/batch/upsert", {"inputs": [row]})

    assert status == (200 if works else 400)


async def test_a_custom_property_can_be_the_key_of_upserts() -> None:
    caller = Caller()
    definition = {
        "name": "qbo_id",
        "label": "QuickBooks id",
        "type": "string",
        "fieldType": "text",
        "groupName": "companyinformation",
        "hasUniqueValue": True,
    }
    await caller.good("POST", f"{PROPERTIES}/companies", definition)
    row = {"id": "7", "idProperty": "qbo_id", "properties": {"name": "A"}}

    for new in (True, False):
        target = f"{OBJECTS}/companies/batch/upsert"
        answered = await caller.good("POST", target, {"inputs": [row]})
        assert [one["new"] for one in answered["results"]] == [new]


async def test_a_batch_archive_succeeds_whatever_the_ids_are() -> None:
    caller = Caller()
    company = await caller.create("companies", {"name": "A"})

    body = {"inputs": [{"id": company}, {"id": "1"}, {"id": company}]}
    answered = await caller.call("POST", f"{OBJECTS}/companies/batch/archive", body)

    assert answered == (204, None)
    assert caller.portal.all("companies") == []


@pytest.mark.parametrize("verb", ["create", "update", "read", "archive", "upsert"])
async def test_more_than_a_hundred_inputs_are_refused(verb: str) -> None:
    rows: list[Any] = [{"id": str(number), "properties": {}} for number in range(101)]

    refused = await Caller().refused("POST", f"{CONTACTS}/{verb}", {"inputs": rows})

    assert refused[0] == 400


async def test_a_taken_unique_value_is_a_row_or_the_status_of_the_switch() -> None:
    caller = Caller(unique_violation_status=409)
    await caller.create("products", {"name": "A", "hs_sku": "1"})
    row: Body = {"properties": {"name": "B", "hs_sku": "1"}}
    target = f"{OBJECTS}/products/batch/create"

    assert (await caller.refused("POST", target, {"inputs": [row]}))[0] == 409

    row["objectWriteTraceId"] = "t"
    status, answered = await caller.call("POST", target, {"inputs": [row]})
    assert status == 207
    assert "already has that value" in answered["errors"][0]["message"]


async def test_a_held_lock_answers_423_until_it_is_released() -> None:
    caller = Caller()
    caller.portal.hold_lock("products", "hs_sku", "1")
    body = {"properties": {"name": "A", "hs_sku": "1"}}
    assert (await caller.refused("POST", f"{OBJECTS}/products", body))[0] == 423

    caller.portal.release_lock("products", "hs_sku", "1")
    await caller.good("POST", f"{OBJECTS}/products", body)


@pytest.mark.parametrize(("order", "emails"), [("as sent", "ab"), ("reversed", "ba")])
async def test_results_come_in_the_order_that_the_switch_says(order: str, emails: str) -> None:
    caller = Caller(batch_order=order)
    inputs = [{"properties": {"email": f"{letter}@example.com"}} for letter in "ab"]

    made = await caller.good("POST", f"{OBJECTS}/contacts/batch/create", {"inputs": inputs})

    assert "".join(row["properties"]["email"][0] for row in made["results"]) == emails


@pytest.mark.parametrize(("shapes", "status"), [("beta", 207), ("first", 201)])
async def test_the_status_of_a_batch_with_bad_rows_is_what_the_shapes_say(
    shapes: str, status: int
) -> None:
    caller = Caller(shapes_of_2026_09=shapes)
    body = inputs("a@example.com", "nobody", traced=True)

    found, answered = await caller.call("POST", f"{CONTACTS}/create", body)

    assert (found, answered["numErrors"], len(answered["results"])) == (status, 1, 1)
    beta = f"{CONTACTS}/create".replace("2026-09", "2026-09-beta")
    other = inputs("b@example.com", "nobody", traced=True)
    assert (await caller.call("POST", beta, other))[0] == 207


async def test_the_first_shapes_have_no_list_of_associations() -> None:
    caller = Caller(shapes_of_2026_09="first")
    company = await caller.create("companies", {"name": "A"})
    target = f"{OBJECTS}/companies/{company}/associations/contacts"

    assert (await caller.refused("GET", target))[0] == 404
    await caller.good("GET", target.replace("2026-09", "2026-03"))


@pytest.mark.parametrize("most", [50, 2])
async def test_a_batch_shows_the_history_of_so_many_records(most: int) -> None:
    caller = Caller(history_rows_max=most)
    rows = [{"id": str(number)} for number in range(most + 1)]
    body = {"inputs": rows, "propertiesWithHistory": ["email"]}

    assert (await caller.refused("POST", f"{CONTACTS}/read", body))[0] == 400
    assert (await caller.call("POST", f"{CONTACTS}/read", {"inputs": rows}))[0] == 207
    target = f"{OBJECTS}/contacts?propertiesWithHistory=email&limit={most + 1}"
    assert (await caller.refused("GET", target))[0] == 400


@pytest.mark.parametrize(
    ("rule", "status", "made"), [("all or nothing", 400, 0), ("rows fail alone", 207, 1)]
)
async def test_upserts_by_email_fail_together_or_alone_as_the_switch_says(
    rule: str, status: int, made: int
) -> None:
    caller = Caller(upsert_by_email=rule)
    rows = [
        {"id": "a@example.com", "properties": {"city": "Graz"}},
        {"id": "b@example.com", "properties": {"nonsense": "x"}},
    ]
    body = {
        "inputs": [
            {**row, "idProperty": "email", "objectWriteTraceId": str(number)}
            for number, row in enumerate(rows)
        ]
    }

    assert (await caller.call("POST", f"{CONTACTS}/upsert", body))[0] == status
    assert len(caller.portal.all("contacts")) == made
