"""`hubspot-api-client` and refusals: its exceptions carry status, category, message, context."""

from __future__ import annotations

import pytest
from hubspot import Client
from hubspot.crm.contacts import exceptions as of_contacts
from hubspot.crm.objects import exceptions as of_objects

from clients.test_hubspot_api_client_records import body, contact
from ledgerbridge.sandbox.hubspot import HubSpot


def test_a_missing_record_is_not_found_with_the_recorded_body(old: Client) -> None:
    with pytest.raises(of_contacts.NotFoundException) as error:
        old.crm.contacts.basic_api.get_by_id("99")

    assert error.value.status == 404
    assert body(error)["message"] == "Object not found.  objectId are usually numeric."
    assert body(error)["category"] == "OBJECT_NOT_FOUND"


@pytest.mark.parametrize(
    ("type_name", "properties", "code"),
    [
        ("contacts", {"email": "no address"}, "INVALID_EMAIL"),
        ("contacts", {"nonsense": "x"}, "PROPERTY_DOESNT_EXIST"),
        ("deals", {"dealname": "A", "dealstage": "nowhere"}, "INVALID_OPTION"),
        ("deals", {"dealname": "A", "amount": "much"}, "INVALID_INTEGER"),
        ("contacts", {"createdate": "2026-01-01"}, "READ_ONLY_VALUE"),
    ],
)
def test_a_wrong_value_is_refused_with_its_code(
    old: Client, type_name: str, properties: dict[str, str], code: str
) -> None:
    with pytest.raises(of_objects.ApiException) as error:
        old.crm.objects.basic_api.create(type_name, {"properties": properties})

    found = body(error)
    assert (error.value.status, found["category"]) == (400, "VALIDATION_ERROR")
    assert code in error.value.body
    assert found["correlationId"]


def test_a_second_contact_with_an_address_conflicts_and_names_the_first(old: Client) -> None:
    made = contact(old, "ada@example.com")

    with pytest.raises(of_contacts.ApiException) as error:
        contact(old, "ada@example.com")

    assert (error.value.status, body(error)["category"]) == (409, "CONFLICT")
    assert body(error)["message"] == f"Contact already exists. Existing ID: {made}"


def test_an_unknown_token_is_unauthorized(old: Client) -> None:
    old.access_token = "pat-na1-nobody"

    with pytest.raises(of_contacts.UnauthorizedException) as error:
        old.crm.contacts.basic_api.get_page()

    assert body(error)["category"] == "INVALID_AUTHENTICATION"


def test_a_token_without_the_scope_is_forbidden_and_told_which(
    old: Client, hubspot: HubSpot
) -> None:
    old.access_token = hubspot.issue_token(scopes=["crm.objects.deals.read"])

    with pytest.raises(of_contacts.ForbiddenException) as error:
        old.crm.contacts.basic_api.get_page()

    assert body(error)["category"] == "MISSING_SCOPES"
    assert body(error)["errors"][0]["context"] == {
        "requiredGranularScopes": ["crm.objects.contacts.read"]
    }


def test_too_many_requests_are_throttled_with_the_policy(old: Client, hubspot: HubSpot) -> None:
    hubspot.set_switches(rate_limits=True, burst_max=1)
    old.crm.contacts.basic_api.get_page()

    with pytest.raises(of_contacts.ApiException) as error:
        old.crm.contacts.basic_api.get_page()

    assert error.value.status == 429
    assert body(error)["policyName"] == "TEN_SECONDLY_ROLLING"
    assert error.value.headers["X-HubSpot-RateLimit-Max"] == "1"


def test_a_failing_server_is_a_service_exception(old: Client, hubspot: HubSpot) -> None:
    hubspot.faults.next("error500")

    with pytest.raises(of_contacts.ServiceException):
        old.crm.contacts.basic_api.get_page()


def test_rows_of_errors_lack_what_the_models_require_as_recorded_rows_do(strict: Client) -> None:
    asked = {"inputs": [{"id": "99"}], "properties": [], "propertiesWithHistory": []}

    with pytest.raises(ValueError, match="must not be `None`"):
        strict.crm.contacts.batch_api.read(asked)
