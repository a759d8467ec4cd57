"""`hubspot-sdk` and records, on dated paths, each answer held to the types that it brings."""

from __future__ import annotations

from typing import Any

import hubspot_sdk
import pytest
from hubspot_sdk import HubSpot as Sdk

from clients.test_hubspot_api_client_records import RECORDS
from ledgerbridge.sandbox.hubspot import HubSpot


def contact(dated: Sdk, email: str, **properties: str) -> str:
    made = dated.crm.objects.contacts.create(
        properties={"email": email, **properties}, associations=[]
    )
    return str(made.id)


def company(dated: Sdk, name: str = "Finch") -> str:
    made = dated.crm.objects.companies.create(properties={"name": name}, associations=[])
    return str(made.id)


def problem(error: pytest.ExceptionInfo[hubspot_sdk.APIStatusError]) -> dict[str, Any]:
    """The body of a refusal, as the client's exception carries it."""
    body = error.value.body
    assert isinstance(body, dict)
    return body


@pytest.mark.parametrize("type_name", RECORDS)
def test_a_record_of_any_type_is_made_read_changed_listed_and_archived(
    dated: Sdk, type_name: str
) -> None:
    first, change = RECORDS[type_name]
    api, asked = dated.crm.objects.generic_objects, [*first]

    made = api.create(type_name, properties=first, associations=[])
    read = api.get(made.id, object_type=type_name, properties=asked)
    changed = api.update(made.id, object_type=type_name, properties=change)
    listed = list(api.list(type_name, properties=asked))
    api.delete(made.id, object_type=type_name)

    assert {name: read.properties[name] for name in first} == first
    assert {name: changed.properties[name] for name in change} == change
    assert [one.id for one in listed] == [made.id]
    assert list(api.list(type_name)) == []
    archived = api.list(type_name, archived=True, properties=asked)
    assert [one.id for one in archived] == [made.id]


@pytest.mark.parametrize("type_name", RECORDS)
def test_a_type_with_a_section_of_its_own_is_served_there_too(dated: Sdk, type_name: str) -> None:
    api, first = getattr(dated.crm.objects, type_name), RECORDS[type_name][0]

    made = api.create(properties=first, associations=[])
    read = api.get(made.id, properties=[*first])
    api.delete(made.id)

    assert read.id == made.id
    assert list(api.list()) == []


def test_an_empty_property_is_none_where_the_client_does_not_insist_on_its_types(
    lenient: Sdk, dated: Sdk
) -> None:
    made = contact(lenient, "ada@example.com")
    with pytest.raises(hubspot_sdk.APIResponseValidationError):
        dated.crm.objects.contacts.get(made)

    read = lenient.crm.objects.contacts.get(made)

    assert (read.properties["email"], read.properties["lastname"]) == ("ada@example.com", None)


def test_pages_are_followed_to_the_end(dated: Sdk) -> None:
    made = [contact(dated, f"c{number}@example.com") for number in range(25)]

    everyone = dated.crm.objects.contacts.list(limit=10, properties=["email"])

    assert [one.id for one in everyone] == made


def test_a_search_filters_sorts_and_pages(dated: Sdk) -> None:
    for number, city in enumerate(("Fairview", "Fairview", "Harbor")):
        contact(dated, f"c{number}@example.com", city=city)
    filters = [{"propertyName": "city", "operator": "EQ", "value": "Fairview"}]
    asked: dict[str, Any] = {
        "filter_groups": [{"filters": filters}],
        "sorts": ["-email"],
        "properties": ["email"],
        "limit": 1,
    }

    first = dated.crm.objects.contacts.search(after="", **asked)
    second = dated.crm.objects.contacts.search(after=first.paging.next.after, **asked)

    assert (first.total, second.total) == (2, 2)
    assert [page.results[0].properties["email"] for page in (first, second)] == [
        "c1@example.com",
        "c0@example.com",
    ]


def test_the_history_of_a_property_is_read(dated: Sdk) -> None:
    made = contact(dated, "ada@example.com", city="Fairview")
    dated.crm.objects.contacts.update(made, properties={"city": "Harbor"})

    read = dated.crm.objects.contacts.get(
        made, properties=["city"], properties_with_history=["city"]
    )

    assert [one.value for one in read.properties_with_history["city"]] == ["Harbor", "Fairview"]


def test_batches_create_read_update_and_archive(dated: Sdk) -> None:
    api = dated.crm.objects.companies.batch
    made = api.create(
        inputs=[{"properties": {"name": name}, "associations": []} for name in "AB"]
    ).results
    ids = [one.id for one in made]

    changed = api.update(inputs=[{"id": one, "properties": {"city": "Harbor"}} for one in ids])
    read = api.get(
        inputs=[{"id": one} for one in ids], properties=["city"], properties_with_history=[]
    )
    api.delete(inputs=[{"id": one} for one in ids])

    assert [one.id for one in changed.results] == ids
    assert {one.properties["city"] for one in read.results} == {"Harbor"}
    assert list(dated.crm.objects.companies.list()) == []


def test_an_upsert_says_what_is_new(dated: Sdk) -> None:
    made = contact(dated, "ada@example.com")
    rows = [
        {"id": email, "id_property": "email", "properties": {"city": "Harbor"}}
        for email in ("ada@example.com", "bob@example.com")
    ]

    found = dated.crm.objects.contacts.batch.upsert(inputs=rows).results

    assert {(one.id == made, one.new) for one in found} == {(True, False), (False, True)}


def test_records_that_are_missing_are_rows_of_errors(dated: Sdk) -> None:
    made = contact(dated, "ada@example.com")

    raw = dated.crm.objects.contacts.batch.with_raw_response.get(
        inputs=[{"id": made}, {"id": "99"}], properties=[], properties_with_history=[]
    )

    body = raw.http_response.json()
    assert raw.status_code == 207
    assert [one["id"] for one in body["results"]] == [made]
    assert [(one["category"], one["context"]) for one in body["errors"]] == [
        ("OBJECT_NOT_FOUND", {"ids": ["99"]})
    ]


@pytest.mark.parametrize("type_name", ["contacts", "companies", "deals"])
def test_two_records_become_one(dated: Sdk, type_name: str) -> None:
    api = getattr(dated.crm.objects, type_name)
    name = {"contacts": "email", "companies": "name", "deals": "dealname"}[type_name]
    kept, gone = (
        api.create(properties={name: f"{letter}@example.com"}, associations=[]).id
        for letter in "ab"
    )

    survivor = api.merge(primary_object_id=kept, object_id_to_merge=gone)

    assert [one.id for one in api.list(properties=[name])] == [survivor.id]
    assert api.get(gone, properties=[name]).id == survivor.id


def test_an_erased_contact_is_gone_for_good(dated: Sdk) -> None:
    made = contact(dated, "ada@example.com")

    dated.crm.objects.contacts.gdpr_delete(object_id=made)

    with pytest.raises(hubspot_sdk.NotFoundError):
        dated.crm.objects.contacts.get(made)


def test_a_missing_record_is_not_found(dated: Sdk) -> None:
    with pytest.raises(hubspot_sdk.NotFoundError) as error:
        dated.crm.objects.contacts.get("99")

    assert problem(error)["category"] == "OBJECT_NOT_FOUND"


def test_a_wrong_value_is_a_bad_request_with_its_code(dated: Sdk) -> None:
    with pytest.raises(hubspot_sdk.BadRequestError) as error:
        contact(dated, "ada@example.com", nonsense="x")

    assert problem(error)["category"] == "VALIDATION_ERROR"
    assert "PROPERTY_DOESNT_EXIST" in str(problem(error))


def test_a_taken_address_is_a_conflict(dated: Sdk) -> None:
    made = contact(dated, "ada@example.com")

    with pytest.raises(hubspot_sdk.ConflictError) as error:
        contact(dated, "ada@example.com")

    assert problem(error)["message"] == f"Contact already exists. Existing ID: {made}"


def test_an_unknown_token_and_a_missing_scope_are_told_apart(dated: Sdk, hubspot: HubSpot) -> None:
    unknown = dated.with_options(access_token="pat-na1-nobody")
    other = dated.with_options(access_token=hubspot.issue_token(scopes=["crm.objects.deals.read"]))

    with pytest.raises(hubspot_sdk.AuthenticationError) as error:
        unknown.crm.objects.contacts.list()
    assert problem(error)["category"] == "INVALID_AUTHENTICATION"
    with pytest.raises(hubspot_sdk.PermissionDeniedError) as error:
        other.crm.objects.contacts.list()
    assert problem(error)["category"] == "MISSING_SCOPES"


def test_too_many_requests_are_a_rate_limit_error_with_the_policy(
    dated: Sdk, hubspot: HubSpot
) -> None:
    hubspot.set_switches(rate_limits=True, burst_max=1)
    dated.crm.objects.contacts.list()

    with pytest.raises(hubspot_sdk.RateLimitError) as error:
        dated.crm.objects.contacts.list()

    assert problem(error)["policyName"] == "TEN_SECONDLY_ROLLING"


def test_a_failing_server_is_asked_again(lenient: Sdk, hubspot: HubSpot) -> None:
    hubspot.faults.next("error500", times=2)

    with pytest.raises(hubspot_sdk.InternalServerError):
        lenient.with_options(max_retries=0).crm.objects.contacts.list()

    assert list(lenient.with_options(max_retries=1).crm.objects.contacts.list()) == []
