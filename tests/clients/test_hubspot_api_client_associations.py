"""`hubspot-api-client` and associations: v4 and v3, one by one and in batches, labels, limits."""

from __future__ import annotations

from typing import Any

import pytest
from hubspot import Client
from hubspot.crm.associations.v4 import exceptions as of_v4

from clients.test_hubspot_api_client_records import body, contact


def company(client: Client, name: str = "Finch") -> str:
    return str(client.crm.companies.basic_api.create({"properties": {"name": name}}).id)


def spec(type_id: int, category: str = "HUBSPOT_DEFINED") -> dict[str, Any]:
    return {"associationCategory": category, "associationTypeId": type_id}


def row(from_id: str, to_id: str, *specs: dict[str, Any]) -> dict[str, Any]:
    return {"_from": {"id": from_id}, "from": {"id": from_id}, "to": {"id": to_id}, "types": specs}


def labels(client: Client, person: str) -> dict[str, set[int]]:
    """The types by which a contact is associated with each of its companies."""
    page = client.crm.associations.v4.basic_api.get_page("contacts", person, "companies")
    return {
        one.to_object_id: {found.type_id for found in one.association_types} for one in page.results
    }


def test_two_records_are_associated_by_default_and_separated(strict: Client) -> None:
    person, firm = contact(strict, "ada@example.com"), company(strict)
    api = strict.crm.associations.v4.basic_api

    answer = api.create_default("contacts", person, "companies", firm)
    before = labels(strict, person)
    api.archive("contacts", person, "companies", firm)

    assert {one.association_spec.association_type_id for one in answer.results} == {279, 280}
    assert before == {firm: {1, 279}}
    assert labels(strict, person) == {}


def test_a_label_is_set_between_two_records(strict: Client) -> None:
    person, firm = contact(strict, "ada@example.com"), company(strict)

    made = strict.crm.associations.v4.basic_api.create(
        "contacts", person, "companies", firm, [spec(931)]
    )

    assert (made.from_object_type_id, made.to_object_type_id) == ("0-1", "0-2")
    assert (made.from_object_id, made.to_object_id) == (person, firm)
    assert made.labels == ["Billing Contact"]
    assert 931 in labels(strict, person)[firm]


def test_associated_records_come_in_pages(strict: Client) -> None:
    person = contact(strict, "ada@example.com")
    firms = [company(strict, name) for name in "ABC"]
    api = strict.crm.associations.v4.basic_api
    for firm in firms:
        api.create_default("contacts", person, "companies", firm)

    first = api.get_page("contacts", person, "companies", limit=2)
    rest = api.get_page("contacts", person, "companies", limit=2, after=first.paging.next.after)

    assert [one.to_object_id for one in (*first.results, *rest.results)] == firms
    assert rest.paging is None


def test_batches_associate_read_and_separate(strict: Client) -> None:
    people = [contact(strict, f"{name}@example.com") for name in "ab"]
    firm = company(strict)
    api = strict.crm.associations.v4.batch_api
    rows = [row(person, firm, spec(931)) for person in people]

    made = api.create("contacts", "companies", {"inputs": rows})
    asked = {"inputs": [{"id": person} for person in people]}
    read = api.get_page("contacts", "companies", asked)
    api.archive_labels("contacts", "companies", {"inputs": rows})
    unlabelled = api.get_page("contacts", "companies", asked)
    gone = [{"from": {"id": person}, "to": [{"id": firm}]} for person in people]
    nothing = api.archive("contacts", "companies", {"inputs": gone})

    assert [one.from_object_id for one in made.results] == people
    assert [one._from.id for one in read.results] == people
    assert [end.to_object_id for one in read.results for end in one.to] == [firm, firm]
    assert {
        found.type_id for one in unlabelled.results for found in one.to[0].association_types
    } == {1, 279}
    assert nothing is None
    assert labels(strict, people[0]) == {}


def test_a_batch_associates_by_default(strict: Client) -> None:
    person, firm = contact(strict, "ada@example.com"), company(strict)
    inputs = {"inputs": [{"from": {"id": person}, "to": {"id": firm}}]}

    answer = strict.crm.associations.v4.batch_api.create_default("contacts", "companies", inputs)

    assert answer.status == "COMPLETE"
    assert set(labels(strict, person)) == {firm}


def test_a_record_without_associations_is_a_row_of_errors(old: Client) -> None:
    person = contact(old, "ada@example.com")

    answer = old.crm.associations.v4.batch_api.get_page(
        "contacts", "companies", {"inputs": [{"id": person}]}
    )

    (found,) = answer.errors
    assert found.sub_category == "crm.associations.NO_ASSOCIATIONS_FOUND"
    assert found.message == f"No company is associated with contact {person}."
    assert found.context["fromObjectId"] == [person]


def test_rows_of_a_batch_fail_alone(old: Client) -> None:
    person, firm = contact(old, "ada@example.com"), company(old)
    rows = [row(person, firm, spec(279)), row(person, "99", spec(279))]

    answer = old.crm.associations.v4.batch_api.create("contacts", "companies", {"inputs": rows})

    assert [one.to_object_id for one in answer.results] == [firm]
    assert [one.category for one in answer.errors] == ["OBJECT_NOT_FOUND"]


def test_a_missing_end_is_not_found(old: Client) -> None:
    person = contact(old, "ada@example.com")

    with pytest.raises(of_v4.NotFoundException) as error:
        old.crm.associations.v4.basic_api.create_default("contacts", person, "companies", "99")

    assert body(error)["message"] == "No company with ID 99 exists"
    assert body(error)["context"] == {"id": ["99"], "objectType": ["company"]}


def test_a_type_of_another_pair_is_refused(old: Client) -> None:
    person, firm = contact(old, "ada@example.com"), company(old)

    with pytest.raises(of_v4.ApiException) as error:
        old.crm.associations.v4.basic_api.create("contacts", person, "companies", firm, [spec(19)])

    assert error.value.status == 400
    assert body(error)["subCategory"] == "crm.associations.INVALID_ASSOCIATION_TYPE"


def test_a_label_of_ones_own_is_made_renamed_used_and_removed(strict: Client) -> None:
    api = strict.crm.associations.v4.schema.definitions_api
    person, firm = contact(strict, "ada@example.com"), company(strict)
    new = {"label": "Lawyer", "inverseLabel": "Client", "name": "lawyer"}

    there, back = api.create("contacts", "companies", new).results
    renamed = {"associationTypeId": there.type_id, "label": "Counsel"}
    api.update("contacts", "companies", renamed)
    own = spec(there.type_id, "USER_DEFINED")
    made = strict.crm.associations.v4.basic_api.create("contacts", person, "companies", firm, [own])
    known = {one.type_id: one.label for one in api.get_all("contacts", "companies").results}
    api.remove("contacts", "companies", there.type_id)

    assert (there.label, back.label) == ("Lawyer", "Client")
    assert made.labels == ["Counsel"]
    assert (known[279], known[1], known[there.type_id]) == (None, "Primary", "Counsel")
    left = api.get_all("contacts", "companies").results
    assert there.type_id not in {one.type_id for one in left}


def test_limits_of_a_pair_are_set_read_and_ended(strict: Client) -> None:
    api = strict.crm.associations.v4.schema.definition_configurations_api
    limit = {"typeId": 279, "category": "HUBSPOT_DEFINED", "maxToObjectIds": 1}
    firms = [company(strict, name) for name in "AB"]
    person = contact(strict, "ada@example.com")

    api.batch_create("contacts", "companies", {"inputs": [limit]})
    (read,) = api.get_all_between_two_object_types("contacts", "companies").results
    strict.crm.associations.v4.basic_api.create_default("contacts", person, "companies", firms[0])
    with pytest.raises(of_v4.ApiException) as error:
        strict.crm.associations.v4.basic_api.create_default(
            "contacts", person, "companies", firms[1]
        )
    api.batch_update("contacts", "companies", {"inputs": [{**limit, "maxToObjectIds": 2}]})
    (changed,) = api.get_all().results
    ended = {"typeId": 279, "category": "HUBSPOT_DEFINED"}
    api.batch_remove("contacts", "companies", {"inputs": [ended]})

    assert read.user_enforced_max_to_object_ids == 1
    assert error.value.status == 400
    assert changed.user_enforced_max_to_object_ids == 2
    assert api.get_all().results == []


def test_v3_names_types_and_associates_both_ways(strict: Client) -> None:
    person, firm = contact(strict, "ada@example.com"), company(strict)
    api = strict.crm.associations.batch_api
    pair = {"from": {"id": person}, "to": {"id": firm}, "type": "contact_to_company"}

    types = strict.crm.associations.schema.types_api.get_all("contacts", "companies").results
    made = api.create("contacts", "companies", {"inputs": [pair]})
    read = api.read("contacts", "companies", {"inputs": [{"id": person}]})
    nothing = api.archive(
        "contacts", "companies", {"inputs": [{**pair, "type": "contact_to_company_unlabeled"}]}
    )

    assert ("1", "contact_to_company") in {(one.id, one.name) for one in types}
    assert [(one._from.id, one.to.id, one.type) for one in made.results] == [
        (person, firm, "contact_to_company"),
        (firm, person, "company_to_contact"),
    ]
    (found,) = read.results
    assert {(one.id, one.type) for one in found.to} == {
        (firm, "contact_to_company"),
        (firm, "contact_to_company_unlabeled"),
    }
    assert nothing is None
    assert labels(strict, person) == {}


def test_v3_takes_a_label_and_leaves_the_rest(strict: Client) -> None:
    person, firm = contact(strict, "ada@example.com"), company(strict)
    strict.crm.associations.v4.basic_api.create_default("contacts", person, "companies", firm)
    pair = {"from": {"id": person}, "to": {"id": firm}, "type": "contact_to_company"}

    strict.crm.associations.batch_api.archive("contacts", "companies", {"inputs": [pair]})

    assert labels(strict, person) == {firm: {279}}


def test_v3_tells_what_has_no_associations(old: Client) -> None:
    person = contact(old, "ada@example.com")
    asked = {"inputs": [{"id": person}]}

    answer = old.crm.associations.batch_api.read("contacts", "companies", asked)

    assert [one.category for one in answer.errors] == ["OBJECT_NOT_FOUND"]
