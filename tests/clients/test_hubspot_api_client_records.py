"""`hubspot-api-client` and records: written, read, searched, merged, erased, on v3 paths."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hubspot import Client
from hubspot.crm.contacts import exceptions as of_contacts

# A first value of each type, and a change of it.
RECORDS: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "contacts": ({"email": "ada@example.com", "firstname": "Ada"}, {"firstname": "Eda"}),
    "companies": ({"name": "Finch", "domain": "finch.example.com"}, {"name": "Finch & Co"}),
    "deals": ({"dealname": "Roof", "amount": "100"}, {"amount": "120.5"}),
    "products": ({"name": "Hour", "price": "80"}, {"price": "85"}),
    "line_items": ({"name": "Hour", "price": "80", "quantity": "2"}, {"quantity": "3"}),
    "discounts": (
        {"hs_label": "Early", "hs_type": "PERCENT", "hs_value": "10"},
        {"hs_value": "15"},
    ),
    "fees": ({"hs_label": "Trip", "hs_type": "FIXED", "hs_value": "10"}, {"hs_value": "15"}),
    "taxes": ({"hs_label": "VAT", "hs_type": "PERCENT", "hs_value": "20"}, {"hs_value": "19"}),
    "invoices": ({"hs_currency": "USD"}, {"hs_comments": "Thank you"}),
    "commerce_payments": (
        {"hs_initial_amount": "50", "hs_initiated_date": "2026-03-12T00:00:00Z"},
        {"hs_latest_status": "succeeded"},
    ),
    "notes": (
        {"hs_note_body": "Called", "hs_timestamp": "2026-03-12T00:00:00Z"},
        {"hs_note_body": "Called twice"},
    ),
}
# What the client calls these types in its own sections; the rest goes through `crm.objects`.
SECTIONS = {
    "contacts": "contacts",
    "companies": "companies",
    "deals": "deals",
    "products": "products",
    "line_items": "line_items",
    "invoices": "commerce.invoices",
    "taxes": "objects.taxes",
    "notes": "objects.notes",
}


def section(client: Client, type_name: str) -> Any:
    found = client.crm
    for part in SECTIONS[type_name].split("."):
        found = getattr(found, part)
    return found


def body(error: Any) -> dict[str, Any]:
    """The body of a refusal, as the client's exception carries it."""
    found: dict[str, Any] = json.loads(error.value.body)
    return found


def contact(client: Client, email: str, **properties: str) -> str:
    made = client.crm.contacts.basic_api.create({"properties": {"email": email, **properties}})
    return str(made.id)


@pytest.mark.parametrize("type_name", RECORDS)
def test_a_record_of_any_type_is_made_read_changed_listed_and_archived(
    strict: Client, type_name: str
) -> None:
    first, change = RECORDS[type_name]
    api = strict.crm.objects.basic_api

    made = api.create(type_name, {"properties": first, "associations": []})
    asked = [*first, *change]
    read = api.get_by_id(type_name, made.id, properties=asked)
    changed = api.update(type_name, made.id, {"properties": change})
    listed = api.get_page(type_name, properties=asked, limit=5)
    api.archive(type_name, made.id)

    assert {name: read.properties[name] for name in first} == first
    assert not read.archived
    assert read.created_at == made.created_at
    assert {name: changed.properties[name] for name in change} == change
    assert [(one.id, one.properties[next(iter(change))]) for one in listed.results] == [
        (made.id, next(iter(change.values())))
    ]
    assert api.get_page(type_name).results == []
    assert [one.id for one in api.get_page(type_name, archived=True).results] == [made.id]


@pytest.mark.parametrize("type_name", SECTIONS)
def test_a_type_with_a_section_of_its_own_is_served_there_too(
    strict: Client, type_name: str
) -> None:
    first, change = RECORDS[type_name]
    api = section(strict, type_name).basic_api

    made = api.create({"properties": first, "associations": []})
    changed = api.update(made.id, {"properties": change})
    read = api.get_by_id(made.id, properties=[*change])
    page = api.get_page(limit=1)
    api.archive(made.id)

    assert changed.id == made.id
    assert {name: read.properties[name] for name in change} == change
    assert [one.id for one in page.results] == [made.id]
    assert api.get_page().results == []


def test_pages_are_followed_to_the_end(old: Client) -> None:
    made = [contact(old, f"c{number}@example.com") for number in range(205)]

    everyone = old.crm.contacts.get_all(properties=["email"])

    assert [one.id for one in everyone] == made
    assert everyone[204].properties["email"] == "c204@example.com"


def test_a_record_is_found_by_a_unique_property(old: Client) -> None:
    made = contact(old, "ada@example.com")
    api = old.crm.contacts.basic_api

    assert api.get_by_id("ada@example.com", id_property="email").id == made
    changed = api.update("ada@example.com", {"properties": {"city": "X"}}, id_property="email")
    assert changed.id == made


def test_the_history_of_a_property_is_read(old: Client) -> None:
    made = contact(old, "ada@example.com", city="Fairview")
    old.crm.contacts.basic_api.update(made, {"properties": {"city": "Harbor"}})

    read = old.crm.contacts.basic_api.get_by_id(made, properties_with_history=["city"])

    history = read.properties_with_history["city"]
    assert [one.value for one in history] == ["Harbor", "Fairview"]
    assert {one.source_type for one in history} == {"INTEGRATION"}


def test_a_record_comes_with_its_associations(old: Client) -> None:
    firm = old.crm.companies.basic_api.create({"properties": {"name": "Finch"}})
    made = old.crm.contacts.basic_api.create(
        {
            "properties": {"email": "ada@example.com"},
            "associations": [
                {
                    "to": {"id": firm.id},
                    "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}],
                }
            ],
        }
    )

    read = old.crm.contacts.basic_api.get_by_id(made.id, associations=["companies"])

    found = read.associations["companies"].results
    assert {one.id for one in found} == {firm.id}
    assert {one.type for one in found} == {
        "contact_to_company",
        "contact_to_company_unlabeled",
    }


def test_an_invoice_is_billed_and_paid(old: Client) -> None:
    api = old.crm.objects.basic_api
    person = contact(old, "ada@example.com")
    line = api.create("line_items", {"properties": {"name": "L", "price": "40", "quantity": "2"}})
    joined = [
        {
            "to": {"id": other},
            "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}],
        }
        for other, type_id in ((person, 177), (line.id, 409))
    ]
    invoice = api.create("invoices", {"properties": {"hs_currency": "USD"}, "associations": joined})
    api.update("invoices", invoice.id, {"properties": {"hs_invoice_status": "open"}})

    payment = {
        "hs_initial_amount": "80",
        "hs_initiated_date": "2026-03-12T00:00:00Z",
        "hs_latest_status": "succeeded",
    }
    of_invoice = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 542}
    api.create(
        "commerce_payments",
        {
            "properties": payment,
            "associations": [{"to": {"id": invoice.id}, "types": [of_invoice]}],
        },
    )

    names = ["hs_invoice_status", "hs_amount_billed", "hs_balance_due"]
    read = old.crm.commerce.invoices.basic_api.get_by_id(invoice.id, properties=names)
    assert [read.properties[name] for name in names] == ["paid", "80", "0"]


def test_a_search_filters_sorts_counts_and_pages(old: Client) -> None:
    for number, city in enumerate(("Fairview", "Fairview", "Harbor")):
        contact(old, f"c{number}@example.com", city=city)
    asked: dict[str, Any] = {
        "filterGroups": [
            {"filters": [{"propertyName": "city", "operator": "EQ", "value": "Fairview"}]}
        ],
        "sorts": ["-email"],
        "properties": ["email"],
        "limit": 1,
    }

    first = old.crm.contacts.search_api.do_search(asked)
    after = first.paging.next.after
    second = old.crm.contacts.search_api.do_search({**asked, "after": after})

    assert (first.total, second.total) == (2, 2)
    emails = [page.results[0].properties["email"] for page in (first, second)]
    assert emails == ["c1@example.com", "c0@example.com"]
    assert second.paging is None


def test_a_search_by_words_finds_what_has_them(old: Client) -> None:
    made = contact(old, "ada@example.com", lastname="Finch")
    contact(old, "bob@example.com", lastname="Wren")

    found = old.crm.contacts.search_api.do_search({"query": "finch", "limit": 5})

    assert [one.id for one in found.results] == [made]


def test_batches_create_read_update_upsert_and_archive(strict: Client) -> None:
    api = strict.crm.objects.batch_api
    rows = [{"properties": {"name": name}, "associations": []} for name in "AB"]

    made = api.create("companies", {"inputs": rows})
    ids = [one.id for one in made.results]
    changes = [{"id": one, "properties": {"city": "Harbor"}} for one in ids]
    changed = api.update("companies", {"inputs": changes})
    asked = {"inputs": [{"id": one} for one in ids], "properties": ["city"]}
    read = api.read("companies", {**asked, "propertiesWithHistory": []})
    api.archive("companies", {"inputs": [{"id": one} for one in ids]})

    assert made.status == "COMPLETE"
    assert [one.id for one in changed.results] == ids
    assert {one.properties["city"] for one in read.results} == {"Harbor"}
    assert strict.crm.companies.basic_api.get_page().results == []


def test_an_upsert_says_what_is_new(strict: Client) -> None:
    made = contact(strict, "ada@example.com")
    rows = [
        {"id": email, "idProperty": "email", "properties": {"city": "Harbor"}}
        for email in ("ada@example.com", "bob@example.com")
    ]

    found = strict.crm.contacts.batch_api.upsert({"inputs": rows}).results

    assert {(one.id == made, one.new) for one in found} == {(True, False), (False, True)}


def test_records_that_are_missing_are_rows_of_errors_beside_those_found(old: Client) -> None:
    made = contact(old, "ada@example.com")
    asked = {"inputs": [{"id": made}, {"id": "99"}], "properties": [], "propertiesWithHistory": []}

    answer = old.crm.contacts.batch_api.read(asked)

    assert [one.id for one in answer.results] == [made]
    assert answer.num_errors == 1
    (row,) = answer.errors
    assert (row.status, row.category) == ("error", "OBJECT_NOT_FOUND")
    assert row.message.startswith("Could not get some CONTACT objects")
    assert row.context == {"ids": ["99"]}


def test_rows_with_traces_fail_alone(old: Client) -> None:
    contact(old, "ada@example.com")
    rows = [
        {"properties": {"email": email}, "objectWriteTraceId": email}
        for email in ("ada@example.com", "bob@example.com")
    ]

    answer = old.crm.contacts.batch_api.create({"inputs": rows})

    assert [one.properties["email"] for one in answer.results] == ["bob@example.com"]
    (row,) = answer.errors
    assert row.category == "CONFLICT"
    assert row.context["objectWriteTraceId"] == ["ada@example.com"]


def test_merged_contacts_are_one_and_both_ids_lead_there(old: Client) -> None:
    kept, gone = contact(old, "ada@example.com"), contact(old, "eda@example.com")
    merge = {"primaryObjectId": kept, "objectIdToMerge": gone}

    survivor = old.crm.contacts.basic_api.merge(merge)

    for record_id in (kept, gone):
        assert old.crm.contacts.basic_api.get_by_id(record_id).id == survivor.id
    assert survivor.properties["hs_additional_emails"] == "eda@example.com"


@pytest.mark.parametrize("type_name", ["companies", "deals"])
def test_companies_and_deals_merge_too(old: Client, type_name: str) -> None:
    api, name = section(old, type_name).basic_api, next(iter(RECORDS[type_name][0]))
    kept, gone = (api.create({"properties": {name: text}}).id for text in "AB")

    survivor = api.merge({"primaryObjectId": kept, "objectIdToMerge": gone})

    assert survivor.properties[name] == "A"
    assert len(api.get_page().results) == 1


def test_an_erased_contact_is_gone_for_good(old: Client) -> None:
    made = contact(old, "ada@example.com")

    old.crm.contacts.basic_api.purge({"objectId": made})

    with pytest.raises(of_contacts.NotFoundException):
        old.crm.contacts.basic_api.get_by_id(made)
    assert old.crm.contacts.basic_api.get_page(archived=True).results == []
