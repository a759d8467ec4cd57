"""`hubspot-api-client` and what surrounds records: definitions, pipelines, owners, tokens."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hubspot import Client
from hubspot.crm.pipelines import exceptions as of_pipelines
from hubspot.crm.properties import exceptions as of_properties
from hubspot.oauth import exceptions as of_oauth

from clients.test_hubspot_api_client_records import body, contact
from ledgerbridge.sandbox.hubspot import HubSpot

COLOR: dict[str, Any] = {
    "name": "color",
    "label": "Color",
    "type": "enumeration",
    "fieldType": "select",
    "groupName": "contactinformation",
    "options": [
        {"label": name.title(), "value": name, "displayOrder": order, "hidden": False}
        for order, name in enumerate(("red", "blue"))
    ],
}


def test_a_property_is_made_read_changed_and_archived(strict: Client) -> None:
    api = strict.crm.properties.core_api

    made = api.create("contacts", COLOR)
    changed = api.update("contacts", "color", {"label": "Colour"})
    known = {one.name for one in api.get_all("contacts").results}
    api.archive("contacts", "color")

    assert [one.value for one in made.options] == ["red", "blue"]
    assert (made.type, made.field_type, made.has_unique_value) == ("enumeration", "select", False)
    assert changed.label == "Colour"
    assert {"color", "email", "firstname"} <= known
    with pytest.raises(of_properties.NotFoundException):
        api.get_by_name("contacts", "color")
    assert api.get_by_name("contacts", "color", archived=True).archived


def test_the_definition_of_an_own_property_of_hubspot_is_told(strict: Client) -> None:
    found = strict.crm.properties.core_api.get_by_name("contacts", "createdate")

    assert (found.type, found.hubspot_defined) == ("datetime", True)
    assert found.modification_metadata.read_only_value


def test_a_value_outside_the_options_is_refused_by_name(strict: Client) -> None:
    strict.crm.properties.core_api.create("contacts", COLOR)

    contact(strict, "ada@example.com", color="red")
    with pytest.raises(Exception, match="INVALID_OPTION") as error:
        contact(strict, "bob@example.com", color="green")

    assert error.value.status == 400  # type: ignore[attr-defined]


def test_a_property_that_exists_conflicts(strict: Client) -> None:
    strict.crm.properties.core_api.create("contacts", COLOR)

    with pytest.raises(of_properties.ApiException) as error:
        strict.crm.properties.core_api.create("contacts", COLOR)

    assert error.value.status == 409


def test_an_unknown_property_is_not_found(strict: Client) -> None:
    with pytest.raises(of_properties.NotFoundException) as error:
        strict.crm.properties.core_api.get_by_name("contacts", "nonsense")

    assert body(error)["category"] == "OBJECT_NOT_FOUND"


def test_properties_in_batches(strict: Client) -> None:
    api = strict.crm.properties.batch_api
    text = {**COLOR, "name": "motto", "type": "string", "fieldType": "text", "options": []}

    made = api.create("contacts", {"inputs": [COLOR, text]})
    names: dict[str, Any] = {"inputs": [{"name": "color"}, {"name": "motto"}]}
    read = api.read("contacts", {**names, "archived": False})
    api.archive("contacts", names)

    assert [one.name for one in made.results] == ["color", "motto"]
    assert [one.name for one in read.results] == ["color", "motto"]
    left = {one.name for one in strict.crm.properties.core_api.get_all("contacts").results}
    assert not {"color", "motto"} & left


def test_a_group_is_made_read_changed_and_archived(strict: Client) -> None:
    api = strict.crm.properties.groups_api

    made = api.create("contacts", {"name": "ledger", "label": "Ledger", "displayOrder": 3})
    changed = api.update("contacts", "ledger", {"label": "Books"})
    known = {one.name for one in api.get_all("contacts").results}
    read = api.get_by_name("contacts", "ledger")
    api.archive("contacts", "ledger")

    assert (made.label, changed.label, read.label) == ("Ledger", "Books", "Books")
    assert {"ledger", "contactinformation"} <= known
    assert "ledger" not in {one.name for one in api.get_all("contacts").results}


def test_pipelines_and_stages_are_read(strict: Client) -> None:
    (pipeline,) = strict.crm.pipelines.pipelines_api.get_all("deals").results
    stages = strict.crm.pipelines.pipeline_stages_api.get_all("deals", pipeline.id).results
    stage = strict.crm.pipelines.pipeline_stages_api.get_by_id("deals", pipeline.id, "closedwon")

    assert pipeline.id == "default"
    assert [one.id for one in pipeline.stages] == [one.id for one in stages]
    assert stage.metadata == {"isClosed": "true", "probability": "1.0"}
    with pytest.raises(of_pipelines.NotFoundException):
        strict.crm.pipelines.pipelines_api.get_by_id("deals", "nowhere")


def test_owners_are_listed_found_and_paged(strict: Client, hubspot: HubSpot) -> None:
    wren = hubspot.portal().add_owner("wren@example.com", "Wil", "Wren")
    api = strict.crm.owners.owners_api

    everyone = api.get_page().results
    first = api.get_page(limit=1)
    rest = api.get_page(limit=1, after=first.paging.next.after)
    (found,) = api.get_page(email="wren@example.com").results
    read = api.get_by_id(int(wren))

    assert [one.id for one in (*first.results, *rest.results)] == [one.id for one in everyone]
    assert (found.id, read.email, read.first_name) == (wren, "wren@example.com", "Wil")
    assert api.get_by_id(read.user_id, id_property="userId").id == wren


def test_a_former_owner_is_listed_apart(strict: Client, hubspot: HubSpot) -> None:
    wren = hubspot.portal().add_owner("wren@example.com", "Wil", "Wren")
    hubspot.portal().archive_owner(wren)
    api = strict.crm.owners.owners_api

    assert [one.id for one in api.get_page(archived=True).results] == [wren]
    assert wren not in {one.id for one in api.get_page().results}


@pytest.mark.parametrize(
    ("path", "keys"),
    [
        ("/account-info/v3/details", {"portalId", "timeZone", "companyCurrency", "utcOffset"}),
        ("/account-info/v3/api-usage/daily/private-apps", {"results"}),
        ("/crm/v3/limits/records", {"hubspotDefinedObjectTypes", "customObjectTypes"}),
        ("/crm/v3/limits/custom-properties", {"byObjectType", "overallUsage", "overallLimit"}),
        ("/crm/v3/limits/associations/labels", {"results"}),
        ("/settings/v3/currencies/exchange-rates", {"results"}),
        ("/tax-rates/v1/tax-rates", {"results"}),
    ],
)
def test_what_has_no_section_is_reached_by_its_path(
    old: Client, hubspot: HubSpot, path: str, keys: set[str]
) -> None:
    answer = old.api_request({"path": path})

    assert answer.status_code == 200
    assert keys <= answer.json().keys()


def test_the_account_tells_which_portal_it_is(old: Client, hubspot: HubSpot) -> None:
    details = old.api_request({"path": "/account-info/v3/details"}).json()

    assert details["portalId"] == hubspot.portal_id


def test_an_unknown_path_and_a_wrong_method_are_told_apart(old: Client) -> None:
    assert old.api_request({"path": "/crm/v3/nothing"}).status_code == 404
    wrong = old.api_request({"path": "/crm/v3/owners", "method": "PATCH", "body": {}})
    assert wrong.status_code == 405


def test_a_code_becomes_tokens_that_are_refreshed_told_and_ended(
    strict: Client, hubspot: HubSpot
) -> None:
    client = {"client_id": "app", "client_secret": "secret"}
    api = strict.oauth.tokens_api

    granted = api.create(
        grant_type="authorization_code",
        code=hubspot.issue_code(),
        redirect_uri="https://app.example.com/back",
        **client,
    )
    refreshed = api.create(
        grant_type="refresh_token", refresh_token=granted.refresh_token, **client
    )
    access = strict.oauth.access_tokens_api.get(refreshed.access_token)
    refresh = strict.oauth.refresh_tokens_api.get(granted.refresh_token)
    strict.access_token = refreshed.access_token
    page = strict.crm.contacts.basic_api.get_page()
    strict.oauth.refresh_tokens_api.archive(granted.refresh_token)

    assert (granted.token_type, granted.expires_in) == ("bearer", 1800)
    assert refreshed.refresh_token == granted.refresh_token
    assert refreshed.access_token != granted.access_token
    assert (access.hub_id, access.token_type, access.expires_in) == (
        hubspot.portal_id,
        "access",
        1800,
    )
    assert "crm.objects.contacts.read" in access.scopes
    assert (refresh.hub_id, refresh.token_type) == (hubspot.portal_id, "refresh")
    assert page.results == []
    with pytest.raises(of_oauth.NotFoundException):
        strict.oauth.refresh_tokens_api.get(granted.refresh_token)


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"grant_type": "refresh_token", "refresh_token": "none"}, "BAD_REFRESH_TOKEN"),
        ({"grant_type": "authorization_code", "code": "none"}, "BAD_AUTH_CODE"),
        ({"grant_type": "refresh_token", "client_secret": ""}, "BAD_CLIENT_SECRET"),
    ],
)
def test_a_refused_token_says_why(old: Client, form: dict[str, str], status: str) -> None:
    sent = {"client_id": "app", "client_secret": "secret", **form}

    with pytest.raises(of_oauth.ApiException) as error:
        old.oauth.tokens_api.create(**sent)

    assert error.value.status == 400
    assert body(error)["status"] == status


def test_an_expired_token_says_since_when(old: Client, hubspot: HubSpot) -> None:
    token, _ = hubspot.issue_oauth()
    hubspot.expire(token)
    old.access_token = token

    with pytest.raises(Exception, match="EXPIRED_AUTHENTICATION") as error:
        old.crm.contacts.basic_api.get_page()

    told = json.loads(error.value.body)  # type: ignore[attr-defined]
    assert told["context"] == {"expire time": ["2026-03-12T07:33:46.615Z"]}


def test_the_tokens_of_newer_paths_are_told_and_revoked(old: Client, hubspot: HubSpot) -> None:
    access, refresh = hubspot.issue_oauth()
    client = "client_id=app&client_secret=secret"
    form = {"headers": {"Content-Type": "application/x-www-form-urlencoded"}}
    asked = {"method": "POST", "default_json": False, **form}

    def ask(path: str, sent: str) -> Any:
        body = f"{client}&{sent}"
        return old.api_request({**asked, "path": path, "body": body}).json()

    told = ask("/oauth/v3/token/introspect", f"token={access}")
    ask("/oauth/v3/token/revoke", f"token={refresh}")
    refused = ask("/oauth/v3/token", f"grant_type=refresh_token&refresh_token={refresh}")

    assert (told["active"], told["hub_id"]) == (True, hubspot.portal_id)
    assert ask("/oauth/v3/token/introspect", f"token={refresh}") == {"active": False}
    assert refused["status"] == "BAD_REFRESH_TOKEN"
