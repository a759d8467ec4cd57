"""`hubspot-sdk`: associations, definitions, pipelines, owners, limits, currencies, tokens."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import hubspot_sdk
import pytest
from hubspot_sdk import HubSpot as Sdk

from clients.test_hubspot_sdk_records import company, contact, problem
from ledgerbridge.sandbox.hubspot import HubSpot

APP = {"client_id": "app", "client_secret": "secret"}
PAIR = {"from_object_type": "contacts", "to_object_type": "companies"}


def labels(dated: Sdk, person: str) -> dict[str, set[int]]:
    """The types by which a contact is associated with each of its companies."""
    found = dated.crm.associations.list("companies", object_type="contacts", object_id=person)
    return {one.to_object_id: {kind.type_id for kind in one.association_types} for one in found}


def test_two_records_are_associated_labelled_and_separated(dated: Sdk) -> None:
    person, firm = contact(dated, "ada@example.com"), company(dated)

    made = dated.crm.associations.create(firm, from_object_id=person, **PAIR)
    ends = {"object_type": "contacts", "object_id": person, "to_object_type": "companies"}
    spec = {"association_category": "HUBSPOT_DEFINED", "association_type_id": 931}
    labelled = dated.crm.associations.update_labels(firm, body=[spec], **ends)
    before = labels(dated, person)
    dated.crm.associations.delete(firm, **ends)

    assert {one.association_spec.association_type_id for one in made.results} == {279, 280}
    assert labelled.labels == ["Billing Contact"]
    assert before == {firm: {1, 279, 931}}
    assert labels(dated, person) == {}


def test_batches_associate_read_and_separate(dated: Sdk) -> None:
    people = [contact(dated, f"{name}@example.com") for name in "ab"]
    firm = company(dated)
    api = dated.crm.associations.batch
    ends = [{"from": {"id": person}, "to": {"id": firm}} for person in people]
    spec = {"association_category": "HUBSPOT_DEFINED", "association_type_id": 931}
    typed = [{**row, "types": [spec]} for row in ends]

    default = api.create_default(inputs=ends, **PAIR)
    made = api.create(inputs=typed, **PAIR)
    read = api.get(inputs=[{"id": person} for person in people], **PAIR)
    api.delete_labels(inputs=typed, **PAIR)
    left = labels(dated, people[0])
    api.delete(inputs=[{"from": {"id": one}, "to": [{"id": firm}]} for one in people], **PAIR)

    assert len(default.results) == 4
    assert [one.from_object_id for one in made.results] == people
    assert [one.from_.id for one in read.results] == people
    assert left == {firm: {1, 279}}
    assert labels(dated, people[0]) == {}


def test_a_label_of_ones_own_is_made_renamed_and_removed(dated: Sdk) -> None:
    api = dated.crm.associations_schema.labels

    there, back = api.create_label(
        label="Lawyer", inverse_label="Client", name="lawyer", **PAIR
    ).results
    api.update_label(association_type_id=there.type_id, label="Counsel", **PAIR)
    known = {one.type_id: one.label for one in api.list_labels(**PAIR).results}
    api.delete_label(there.type_id, **PAIR)

    assert (back.label, known[there.type_id]) == ("Client", "Counsel")
    assert there.type_id not in {one.type_id for one in api.list_labels(**PAIR).results}


def test_limits_of_a_pair_are_set_read_and_ended(dated: Sdk) -> None:
    schema = dated.crm.associations_schema
    limit = {"type_id": 279, "category": "HUBSPOT_DEFINED", "max_to_object_ids": 1}

    made = schema.labels.batch_create(inputs=[limit], **PAIR)
    changed = schema.limits.batch_update(inputs=[{**limit, "max_to_object_ids": 2}], **PAIR)
    (read,) = schema.limits.get_by_object_types(**PAIR).results
    listed = schema.limits.list().results
    ended = {"type_id": 279, "category": "HUBSPOT_DEFINED"}
    schema.limits.batch_delete(inputs=[ended], **PAIR)

    assert [one.user_enforced_max_to_object_ids for one in made.results] == [1]
    assert changed.status == "COMPLETE"
    assert read.user_enforced_max_to_object_ids == 2
    assert listed == [read]
    assert schema.limits.list().results == []


def test_a_property_is_made_read_changed_and_archived(dated: Sdk) -> None:
    api = dated.crm.properties
    made = api.create(
        "contacts",
        name="color",
        label="Color",
        type="enumeration",
        field_type="select",
        group_name="contactinformation",
        options=[{"label": "Red", "value": "red", "hidden": False, "display_order": 0}],
    )
    changed = api.update("color", object_type="contacts", label="Colour")
    read = api.get("color", object_type="contacts")
    known = {one.name for one in api.list("contacts").results}
    api.delete("color", object_type="contacts")

    assert [one.value for one in made.options] == ["red"]
    assert (changed.label, read.label) == ("Colour", "Colour")
    assert {"color", "email"} <= known
    with pytest.raises(hubspot_sdk.NotFoundError):
        api.get("color", object_type="contacts")


@pytest.mark.parametrize(
    "type_name",
    [
        "contacts",
        "companies",
        "deals",
        "products",
        "line_items",
        "discounts",
        "invoices",
        "commerce_payments",
        "notes",
    ],
)
def test_every_definition_of_a_type_is_as_the_client_knows_definitions(
    dated: Sdk, type_name: str
) -> None:
    found = dated.crm.properties.list(type_name).results

    assert "hs_object_id" in {one.name for one in found}


def test_properties_in_batches(dated: Sdk) -> None:
    api = dated.crm.properties.batch
    row = {
        "name": "motto",
        "label": "Motto",
        "type": "string",
        "field_type": "text",
        "group_name": "contactinformation",
    }

    made = api.create("contacts", inputs=[row])
    read = api.get(
        "contacts", inputs=[{"name": "motto"}], archived=False, data_sensitivity="non_sensitive"
    )
    api.delete("contacts", inputs=[{"name": "motto"}])

    assert [one.name for one in (*made.results, *read.results)] == ["motto", "motto"]
    assert "motto" not in {one.name for one in dated.crm.properties.list("contacts").results}


def test_a_group_is_made_read_changed_and_archived(dated: Sdk) -> None:
    api = dated.crm.properties.groups

    made = api.create("contacts", name="ledger", label="Ledger")
    changed = api.update("ledger", object_type="contacts", label="Books")
    read = api.get("ledger", object_type="contacts")
    api.delete("ledger", object_type="contacts")

    assert (made.label, changed.label, read.label) == ("Ledger", "Books", "Books")
    assert "ledger" not in {one.name for one in api.list("contacts").results}


def test_pipelines_and_stages_are_read(dated: Sdk) -> None:
    api = dated.crm.pipelines

    (pipeline,) = api.list("deals").results
    stages = api.list_stages(pipeline.id, object_type="deals").results
    stage = api.get_stage("closedwon", object_type="deals", pipeline_id=pipeline.id)

    assert api.get(pipeline.id, object_type="deals") == pipeline
    assert pipeline.stages == stages
    assert stage.metadata == {"isClosed": "true", "probability": "1.0"}


def test_owners_are_listed_and_read(dated: Sdk, hubspot: HubSpot) -> None:
    wren = hubspot.portal().add_owner("wren@example.com", "Wil", "Wren")

    assert len(list(dated.crm.owners.list(limit=1))) == 2
    assert dated.crm.owners.get(int(wren)).email == "wren@example.com"


def test_the_account_tells_about_itself(dated: Sdk, hubspot: HubSpot) -> None:
    details = dated.account.get()
    usage = dated.account.get_daily_private_apps_usage().results

    assert details.portal_id == hubspot.portal_id
    assert details.company_currency == "USD"
    assert len(usage) == 1


def test_how_much_is_used_is_told(dated: Sdk) -> None:
    person, firm = contact(dated, "ada@example.com"), company(dated)
    dated.crm.associations.create(firm, from_object_id=person, **PAIR)
    api = dated.crm.limits

    records = api.get_record_limits()
    loads = api.get_association_records_limits_by_object_type("0-2", from_object_type_id="0-1")

    used = {one.object_type_id: one.usage for one in records.hubspot_defined_object_types}
    assert (used["0-1"], used["0-2"]) == (1, 1)
    assert loads.total_records_at_limit == 0
    assert api.get_association_label_limits().results == []
    assert api.get_association_records_limits_from_objects().results == []
    assert api.get_association_records_limits_to_objects("0-1").results == []
    assert api.get_pipeline_limits().hubspot_defined_object_types[0].usage == 1
    assert api.get_custom_property_limits().overall_usage == 0
    assert api.get_calculated_property_limits().overall_usage == 0
    assert api.get_custom_object_type_limits().usage == 0


def test_currencies_rates_and_taxes_are_read(dated: Sdk, hubspot: HubSpot) -> None:
    portal = hubspot.portal()
    portal.change_settings(additional_currencies=("EUR",))
    rate_id, tax_id = portal.add_exchange_rate("EUR", "1.25"), portal.add_tax_rate("VAT", "20")
    api = dated.settings.currencies

    assert api.get_company_currency().id == "USD"
    assert {"USD", "EUR"} <= {one.currency_code for one in api.list_codes().results}
    assert [one.id for one in api.exchange_rates.list_exchange_rates()] == [rate_id]
    assert [one.id for one in api.exchange_rates.list_current_exchange_rates().results] == [rate_id]
    assert api.exchange_rates.get_exchange_rate_by_id(rate_id).conversion_rate == 1.25
    assert [one.id for one in dated.settings.tax_rates.list()] == [tax_id]
    assert dated.settings.tax_rates.get(tax_id).percentage_rate == 20


def test_the_token_calls_of_this_alpha_send_json_where_a_form_is_asked_for(dated: Sdk) -> None:
    with pytest.raises(hubspot_sdk.APIStatusError) as error:
        dated.auth.oauth.create_token(grant_type="refresh_token", **APP)

    assert error.value.status_code == 415


def test_a_code_becomes_tokens_that_are_refreshed_introspected_and_revoked(
    dated: Sdk, hubspot: HubSpot
) -> None:
    back = "https://app.example.com/back"

    granted = sent(
        dated,
        "token",
        grant_type="authorization_code",
        code=hubspot.issue_code(),
        redirect_uri=back,
    )
    again = {"grant_type": "refresh_token", "refresh_token": granted["refresh_token"]}
    refreshed = sent(dated, "token", **again)
    told = sent(dated, "token/introspect", token=refreshed["access_token"])
    sent(dated, "token/revoke", token=granted["refresh_token"])

    assert (granted["expires_in"], granted["hub_id"]) == (1800, hubspot.portal_id)
    assert (told["active"], told["hub_id"]) == (True, hubspot.portal_id)
    with pytest.raises(hubspot_sdk.BadRequestError) as error:
        sent(dated, "token", **again)
    assert problem(error)["status"] == "BAD_REFRESH_TOKEN"


def sent(dated: Sdk, call: str, **form: str) -> Any:
    """The answer to a form, sent by the client's way to make requests that it has no method for."""
    return dated.post(
        f"/oauth/2026-03/{call}",
        cast_to=object,
        content=urlencode({**APP, **form}).encode(),
        options={"headers": {"Content-Type": "application/x-www-form-urlencoded"}},
    )


def test_an_uninstalled_app_has_no_tokens(dated: Sdk, hubspot: HubSpot) -> None:
    access, _ = hubspot.issue_oauth()
    installed = dated.with_options(access_token=access)

    installed.crm.app_uninstalls.uninstall()

    with pytest.raises(hubspot_sdk.AuthenticationError):
        installed.account.get()
