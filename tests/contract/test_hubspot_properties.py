"""Property definitions: making, changing, archiving, groups, and what is refused."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from contract.hubspot_caller import OBJECTS, PROPERTIES, Body, Caller

CONTACTS = f"{PROPERTIES}/contacts"


def definition(name: str, kind: str = "string", field_type: str = "text", **more: Any) -> Body:
    return {
        "name": name,
        "label": name.title(),
        "type": kind,
        "fieldType": field_type,
        "groupName": "contactinformation",
        **more,
    }


async def test_a_new_property_is_shown_whole_and_can_be_written() -> None:
    caller = Caller()

    made = await caller.good("POST", CONTACTS, definition("qbo_id", hasUniqueValue=True))

    assert made["hasUniqueValue"] is True
    assert made["archived"] is False
    assert made["modificationMetadata"] == {
        "archivable": True,
        "readOnlyDefinition": False,
        "readOnlyValue": False,
    }
    contact = await caller.create("contacts", {"qbo_id": "7"})
    assert (await caller.good("GET", f"{OBJECTS}/contacts/7?idProperty=qbo_id"))["id"] == contact
    assert await caller.good("GET", f"{CONTACTS}/qbo_id") == made


async def test_properties_of_hubspot_say_so() -> None:
    caller = Caller()

    found = {one["name"]: one for one in (await caller.good("GET", CONTACTS))["results"]}

    assert found["email"]["hubspotDefined"] is True
    assert found["createdate"]["modificationMetadata"]["readOnlyValue"] is True
    assert found["hs_email_domain"]["calculated"] is True
    assert found["lifecyclestage"]["options"][0]["value"] == "subscriber"
    assert found["hubspot_owner_id"]["externalOptions"] is True


@pytest.mark.parametrize(
    "body",
    [
        definition("Big Name"),
        definition("x", "string", "date"),
        definition("x", "object_coordinates", "text"),
        definition("x", groupName="nonsense"),
        definition("x", "enumeration", "select"),
    ],
)
async def test_an_invalid_definition_is_refused(body: Body) -> None:
    assert (await Caller().refused("POST", CONTACTS, body))[0] == 400


async def test_at_most_ten_properties_are_unique() -> None:
    caller = Caller()
    for number in range(10):
        await caller.good("POST", CONTACTS, definition(f"u{number}", hasUniqueValue=True))

    body = definition("u10", hasUniqueValue=True)
    assert (await caller.refused("POST", CONTACTS, body))[0] == 400


async def test_an_archived_name_comes_back_to_life() -> None:
    caller = Caller()
    await caller.good("POST", CONTACTS, definition("note"))
    assert await caller.call("DELETE", f"{CONTACTS}/note") == (204, None)
    assert (await caller.refused("GET", f"{CONTACTS}/note"))[0] == 404
    archived = await caller.good("GET", f"{CONTACTS}?archived=true")
    assert [one["name"] for one in archived["results"]] == ["note"]
    body = {"properties": {"note": "x"}}
    assert (await caller.refused("POST", f"{OBJECTS}/contacts", body))[0] == 400

    await caller.good("POST", CONTACTS, definition("note"))

    await caller.create("contacts", {"note": "x"})


async def test_options_are_replaced_as_a_whole_or_kept() -> None:
    caller = Caller()
    options = [{"value": one, "label": one, "hidden": False, "displayOrder": 0} for one in "ab"]
    body = definition("pick", "enumeration", "select", options=options)
    await caller.good("POST", CONTACTS, body)

    kept = await caller.good("PATCH", f"{CONTACTS}/pick", {"label": "Choice"})
    assert (kept["label"], len(kept["options"])) == ("Choice", 2)
    changed = await caller.good("PATCH", f"{CONTACTS}/pick", {"options": options[:1]})
    assert [one["value"] for one in changed["options"]] == ["a"]
    assert (await caller.refused("PATCH", f"{CONTACTS}/pick", {"options": []}))[0] == 400


async def test_definitions_of_hubspot_can_be_neither_archived_nor_relabelled() -> None:
    caller = Caller()

    assert (await caller.refused("DELETE", f"{CONTACTS}/email"))[0] == 400
    assert (await caller.refused("PATCH", f"{CONTACTS}/email", {"label": "Mail"}))[0] == 400


async def test_batches_of_definitions_fail_row_by_row() -> None:
    caller = Caller()
    body = {"inputs": [definition("one"), definition("email")]}

    status, answered = await caller.call("POST", f"{CONTACTS}/batch/create", body)

    assert (status, len(answered["results"]), answered["numErrors"]) == (207, 1, 1)
    names = {"inputs": [{"name": "one"}, {"name": "nonsense"}], "archived": False}
    target = f"{CONTACTS}/batch/read"
    status, answered = await caller.call(
        "POST", target, {**names, "dataSensitivity": "non_sensitive"}
    )
    assert [one["name"] for one in answered["results"]] == ["one"]
    archive = {"inputs": [{"name": "one"}, {"name": "nonsense"}]}
    assert await caller.call("POST", f"{CONTACTS}/batch/archive", archive) == (204, None)


async def test_a_group_is_made_used_and_removed_when_empty() -> None:
    caller = Caller()
    group = {"name": "ledger", "label": "Ledger"}
    await caller.good("POST", f"{CONTACTS}/groups", group)
    assert (await caller.refused("POST", f"{CONTACTS}/groups", group))[0] == 409
    await caller.good("POST", CONTACTS, definition("note", groupName="ledger"))

    assert (await caller.refused("DELETE", f"{CONTACTS}/groups/ledger"))[0] == 400
    changed = await caller.good("PATCH", f"{CONTACTS}/groups/ledger", {"label": "Books"})
    assert changed["label"] == "Books"
    await caller.good("DELETE", f"{CONTACTS}/note")
    assert await caller.call("DELETE", f"{CONTACTS}/groups/ledger") == (204, None)
    names = [one["name"] for one in (await caller.good("GET", f"{CONTACTS}/groups"))["results"]]
    assert "ledger" not in names


@pytest.mark.parametrize(
    ("returns", "label", "unique"), [("as it was", "Mine", True), ("as asked", "Anew", False)]
)
async def test_what_an_archived_name_brings_back_is_a_switch(
    returns: str, label: str, unique: bool
) -> None:
    caller = Caller(archived_property_returns=returns)
    await caller.good("POST", CONTACTS, definition("mine", hasUniqueValue=True))
    contact = await caller.create("contacts", {"mine": "7"})
    assert (await caller.call("DELETE", f"{CONTACTS}/mine"))[0] == 204
    assert (await caller.read("contacts", contact, "mine")).get("mine") is None

    await caller.good("POST", CONTACTS, {**definition("mine"), "label": "Anew"})

    found = await caller.good("GET", f"{CONTACTS}/mine")
    assert (found["label"], found["hasUniqueValue"]) == (label, unique)
    assert (await caller.read("contacts", contact, "mine"))["mine"] == "7"


async def test_an_archived_definition_is_shown_only_where_it_is_asked_for() -> None:
    caller = Caller()
    await caller.good("POST", CONTACTS, definition("mine"))
    await caller.call("DELETE", f"{CONTACTS}/mine")

    assert (await caller.refused("GET", f"{CONTACTS}/mine"))[0] == 404
    found = await caller.good("GET", f"{CONTACTS}/mine?archived=true")
    assert (found["archived"], found["archivedAt"]) == (True, "2026-03-12T07:33:46.615Z")
    listed = (await caller.good("GET", f"{CONTACTS}?archived=true"))["results"]
    assert [one["name"] for one in listed] == ["mine"]
    body = {"inputs": [{"name": "mine"}], "archived": True}
    assert len((await caller.good("POST", f"{CONTACTS}/batch/read", body))["results"]) == 1
    assert (await caller.refused("PATCH", f"{CONTACTS}/mine", {"label": "L"}))[0] == 404


async def test_a_property_that_a_formula_uses_cannot_be_archived() -> None:
    caller = Caller()
    await caller.good("POST", CONTACTS, definition("hours", "number", "number"))
    formula = definition("double", "number", "calculation_equation", calculationFormula="hours * 2")
    await caller.good("POST", CONTACTS, formula)

    status, answered = await caller.call("DELETE", f"{CONTACTS}/hours")

    assert status == 400
    assert answered["subCategory"] == "PropertyValidationError.CANNOT_DELETE_PROPERTY_IN_USE"
    assert (await caller.call("DELETE", f"{CONTACTS}/double"))[0] == 204
    assert (await caller.call("DELETE", f"{CONTACTS}/hours"))[0] == 204


async def test_a_group_in_use_is_refused_with_an_error_inside_the_message() -> None:
    caller = Caller()

    status, answered = await caller.call("DELETE", f"{CONTACTS}/groups/contactinformation")

    inner = msgspec.json.decode(answered["message"])
    assert (status, answered["category"]) == (400, "VALIDATION_ERROR")
    assert inner["subCategory"] == "PropertyGroupError.GROUP_WITH_ACTIVE_PROPERTIES"
    assert "email" in inner["context"]["properties"]


@pytest.mark.parametrize(
    ("options", "value", "taken"),
    [
        ([("a", True), ("b", False)], "a", True),
        ([("b", False)], "a", False),
        ([("a", False), ("b", False), ("c", False)], "c", True),
    ],
)
async def test_a_removed_option_is_refused_and_a_hidden_one_is_not(
    options: list[tuple[str, bool]], value: str, taken: bool
) -> None:
    caller = Caller()
    first = [{"label": one, "value": one, "hidden": False, "displayOrder": 0} for one in "ab"]
    await caller.good("POST", CONTACTS, definition("tier", "enumeration", "select", options=first))
    contact = await caller.create("contacts", {"tier": "a"})
    changed = [
        {"label": one, "value": one, "hidden": hidden, "displayOrder": 0} for one, hidden in options
    ]

    await caller.good("PATCH", f"{CONTACTS}/tier", {"options": changed})

    assert (await caller.read("contacts", contact, "tier"))["tier"] == "a"
    body = {"properties": {"tier": value}}
    status, answered = await caller.call("POST", f"{OBJECTS}/contacts", body)
    assert (status == 201) is taken, answered


async def test_new_records_lack_nothing_that_their_portal_requires() -> None:
    caller = Caller()
    caller.portal.require("companies", "phone", "city")
    body = {"properties": {"name": "A", "city": "Graz"}}

    status, answered = await caller.call("POST", f"{OBJECTS}/companies", body)

    assert (status, answered["category"]) == (400, "VALIDATION_ERROR")
    (problem,) = answered["errors"]
    assert problem["code"] == "MISSING_REQUIRED_PROPERTY"
    assert problem["context"] == {"propertyName": ["phone"]}
    caller.portal.require("companies")
    company = await caller.create("companies", body["properties"])
    caller.portal.require("companies", "phone")
    await caller.update("companies", company, city="Linz")  # a rule for creators only


async def test_a_value_requires_its_companion_in_every_write_that_touches_either() -> None:
    caller = Caller()
    caller.portal.require_when("deals", "dealstage", "closedlost", "closed_lost_reason")
    lost = {"dealname": "A", "dealstage": "closedlost"}
    reason = {"closed_lost_reason": "price"}

    status, answered = await caller.call("POST", f"{OBJECTS}/deals", {"properties": lost})
    assert (status, answered["errors"][0]["code"]) == (
        400,
        "MISSING_CONDITIONAL_REQUIRED_PROPERTY",
    )
    deal = await caller.create("deals", {**lost, **reason})
    await caller.update("deals", deal, dealname="B")
    body = {"properties": {"closed_lost_reason": ""}}
    assert (await caller.refused("PATCH", f"{OBJECTS}/deals/{deal}", body))[0] == 400
    rows = {"inputs": [{"id": deal, "objectWriteTraceId": "t", **body}]}
    answered = await caller.good("POST", f"{OBJECTS}/deals/batch/update", rows)
    assert answered["numErrors"] == 1
