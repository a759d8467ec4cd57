"""Every recorded error body that touches what is built: provoked, compared in shape and text."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from contract.hubspot_caller import ASSOCIATIONS, OBJECTS, PROPERTIES, Body, Caller
from contract.hubspot_operations import WHY_SKIPPED, reference_folder
from ledgerbridge.sandbox.hubspot.errors import SECONDLY, rate_limited_plainly

Answered = tuple[int, Any]
Provoke = Callable[[Caller, Body], Awaitable[Answered]]

# Values that differ from run to run, and are replaced before the comparison.
VOLATILE = ("correlationId", "startedAt", "completedAt", "groupName", "portalId")
# Ids in texts, and the column of a filter in the body that was sent.
IDS = re.compile(r"\b\d{5,}\b|(?<=column )\d+")
# What our answers have and older recordings lack (the reference, section 6: newer bodies).
NEWER = {"errors", "localizedErrorMessage", "portalId", "requestId"}
# Recorded bodies that cannot be the same here, with the reason.
NOT_THE_SAME = {
    "_note": "is no body",
    "400-invalid-pipeline-stage-and-owner": "a ticket's stages; tickets are not emulated, the "
    "texts are compared in test_stage_and_owner_of_a_deal_are_refused_with_the_recorded_texts",
    "207-association-batch-create-bad-type": "a custom object; they are not emulated, the text is "
    "compared in test_a_wrong_type_name_is_a_row_with_the_recorded_text",
}


# Recorded bodies whose fields stand in another order here, with the reason.
OTHER_ORDER = {
    "207-association-batch-read-none": "written down by a client that does not keep the order",
    "404-association-to-missing": "the same: its fields are in the order of the alphabet",
}


def recorded() -> dict[str, Any]:
    """The recorded bodies by name; empty without the reference folder."""
    folder = reference_folder()
    if folder is None:
        return {}
    bodies: dict[str, Any] = msgspec.json.decode((folder / "error-bodies.json").read_bytes())
    return bodies


def nested(message: str) -> tuple[str, list[Body]]:
    """The text before the problems nested in a message, and the problems."""
    text, _, problems = message.partition("Property values were not valid: ")
    return (text, msgspec.json.decode(problems)) if problems else (message, [])


def plain(value: Any) -> Any:
    """A body without what is volatile: ids in texts become `#`."""
    if isinstance(value, dict):
        kept = {name: plain(part) for name, part in value.items() if name not in VOLATILE}
        if isinstance(value.get("message"), str):
            kept["message"] = [plain(part) for part in nested(value["message"])]
        return kept
    if isinstance(value, list):
        return [plain(part) for part in value]
    return IDS.sub("#", value) if isinstance(value, str) else value


def without_newer(ours: Any, theirs: Any) -> Any:
    """Our body without the newer fields that the recording lacks."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return {
            name: without_newer(part, theirs.get(name))
            for name, part in ours.items()
            if name in theirs or name not in NEWER
        }
    if isinstance(ours, list | tuple) and isinstance(theirs, list | tuple):
        pairs = zip(ours, theirs, strict=False)
        return type(ours)([*(without_newer(*pair) for pair in pairs), *ours[len(theirs) :]])
    return ours


def refused_value(body: Body) -> Body:
    """The first problem nested in a recorded message."""
    problem: Body = nested(body["message"])[1][0]
    return problem


async def write(caller: Caller, type_name: str, properties: Body) -> Answered:
    return await caller.call("POST", f"{OBJECTS}/{type_name}", {"properties": properties})


async def expired(caller: Caller, body: Body) -> Answered:
    caller.now = datetime(2023, 10, 30, 14, 45, 4, 7000, tzinfo=UTC)
    caller.token, _ = caller.emulator.issue_oauth()
    caller.pass_time(minutes=30)
    return await caller.call("GET", f"{OBJECTS}/contacts")


async def garbage_token(caller: Caller, body: Body) -> Answered:
    caller.now, caller.token = datetime(2024, 5, 24, tzinfo=UTC), "access-token"
    return await caller.call("GET", f"{OBJECTS}/contacts")


async def no_credentials(caller: Caller, body: Body) -> Answered:
    caller.token = ""
    return await caller.call("GET", f"{OBJECTS}/contacts")


async def missing_scopes(caller: Caller, body: Body) -> Answered:
    caller.token = caller.emulator.issue_token(scopes=["oauth"])
    return await caller.call("GET", f"{PROPERTIES}/contacts")


async def unknown_object(caller: Caller, body: Body) -> Answered:
    return await caller.call("GET", f"{OBJECTS}/contacts/{body['context']['id'][0]}")


async def unknown_email(caller: Caller, body: Body) -> Answered:
    given = body["context"]["id"][0]
    return await caller.call("GET", f"{OBJECTS}/contacts/{given}?idProperty=email")


async def unknown_type(caller: Caller, body: Body) -> Answered:
    return await caller.call("GET", f"{OBJECTS}/{body['message'].rpartition(' ')[2]}")


async def unknown_property(caller: Caller, body: Body) -> Answered:
    return await write(caller, "companies", {"name": "A", refused_value(body)["name"]: "x"})


async def read_only(caller: Caller, body: Body) -> Answered:
    name = refused_value(body)["name"]
    caller.portal.add_property("contacts", name)
    caller.portal.change_property("contacts", name, read_only=True)
    return await write(caller, "contacts", {name: "x"})


async def calculated(caller: Caller, body: Body) -> Answered:
    return await write(caller, "contacts", {refused_value(body)["name"]: "x"})


async def invalid_option(caller: Caller, body: Body) -> Answered:
    name = refused_value(body)["name"]
    options = ["king", "queen"]
    caller.portal.add_property("contacts", name, "enumeration", options=options)
    return await write(caller, "contacts", {name: "king,queen"})


async def invalid_email(caller: Caller, body: Body) -> Answered:
    address = refused_value(body)["message"].split()[2]
    return await write(caller, "contacts", {"email": address})


async def invalid_date(caller: Caller, body: Body) -> Answered:
    problem = refused_value(body)
    caller.portal.add_property("contacts", problem["name"], "date")
    return await write(caller, "contacts", {problem["name"]: problem["message"].split()[0]})


async def max_length(caller: Caller, body: Body) -> Answered:
    name = refused_value(body)["name"]
    caller.portal.add_property("contacts", name)
    caller.portal.change_property("contacts", name, length_max=50)
    return await write(caller, "contacts", {name: "x" * 51})


async def required(caller: Caller, body: Body) -> Answered:
    return await write(caller, "notes", {"hs_note_body": "x"})


async def unique_conflict(caller: Caller, body: Body) -> Answered:
    for _ in range(2):
        answered = await write(caller, "products", {"name": "A", "hs_sku": "20000020"})
    return answered


async def unique_lock(caller: Caller, body: Body) -> Answered:
    value = "81cff2a8-61f6-ed11-8848-0022480492a2"
    caller.portal.add_property("companies", "merlin_id", unique=True)
    caller.portal.hold_lock("companies", "merlin_id", value)
    status, answered = await write(caller, "companies", {"name": "A", "merlin_id": value})
    # A custom object's type is spelled by its two numbers; a company's by its name.
    spelled = answered["message"].replace(
        "ObjectTypeId{legacyObjectType=COMPANY}", "ObjectTypeId{metaTypeId=2, innerId=2765282}"
    )
    return status, {**answered, "message": spelled}


async def contact_exists(caller: Caller, body: Body) -> Answered:
    for _ in range(2):
        answered = await write(caller, "contacts", {"email": "twice@example.com"})
    return answered


async def property_exists(caller: Caller, body: Body) -> Answered:
    definition = {
        "name": "<name>",
        "label": "L",
        "type": "string",
        "fieldType": "text",
        "groupName": "contactinformation",
    }
    caller.portal.add_property("contacts", "<name>")
    status, answered = await caller.call("POST", f"{PROPERTIES}/contacts", definition)
    del answered["correlationId"]
    return status, answered


async def one_to_one(caller: Caller, body: Body) -> Answered:
    deals = [await caller.create("deals", {"dealname": name}) for name in "AB"]
    line = await caller.create("line_items", {"name": "L"})
    inputs = [
        {"from": {"id": line}, "to": {"id": deal}, "types": [{"associationTypeId": 20}]}
        for deal in deals
    ]
    target = f"{ASSOCIATIONS}/line_items/deals/batch/create"
    return await caller.call("POST", target, {"inputs": inputs})


async def wrong_filter(caller: Caller, body: Body) -> Answered:
    filters = [{"propertyName": "email", "operator": "IN"}]
    target = f"{OBJECTS}/contacts/search"
    return await caller.call("POST", target, {"filterGroups": [{"filters": filters}]})


async def too_many_in_ten_seconds(caller: Caller, body: Body) -> Answered:
    caller.emulator.set_switches(rate_limits=True, burst_max=1)
    for _ in range(2):
        answered = await caller.call("GET", f"{OBJECTS}/contacts")
    return answered


async def too_many_searches(caller: Caller, body: Body) -> Answered:
    caller.emulator.set_switches(rate_limits=True, search_per_second_max=1)
    for _ in range(2):
        answered = await caller.call("POST", f"{OBJECTS}/contacts/search", {})
    assert answered[1]["groupName"].startswith(SECONDLY.group or "-")
    return answered


async def other_429(caller: Caller, body: Body) -> Answered:
    response = rate_limited_plainly().response()
    return response.status, msgspec.json.decode(response.body)


async def missing_in_batch(caller: Caller, body: Body) -> Answered:
    return await caller.call("POST", f"{OBJECTS}/contacts/batch/read", {"inputs": [{"id": "1051"}]})


async def nothing_associated(caller: Caller, body: Body) -> Answered:
    company = await caller.create("companies", {"name": "A"})
    target = f"{ASSOCIATIONS}/companies/contacts/batch/read"
    status, answered = await caller.call("POST", target, {"inputs": [{"id": company}]})
    return status, answered


async def missing_options(caller: Caller, body: Body) -> Answered:
    definition = {
        "name": body["context"]["property"][0],
        "label": "L",
        "type": "enumeration",
        "fieldType": "select",
        "groupName": "contactinformation",
    }
    return await caller.call("POST", f"{PROPERTIES}/contacts", definition)


async def associated_with_missing(caller: Caller, body: Body) -> Answered:
    company = await caller.create("companies", {"name": "A"})
    target = f"{OBJECTS}/companies/{company}/associations/default/contacts/157001"
    return await caller.call("PUT", target)


async def oauth(caller: Caller, version: str, form: str) -> Answered:
    sent = f"client_id=a&client_secret=b&{form}".encode()
    answer = await caller.send("POST", f"/oauth/{version}/token", sent)
    return answer.status, msgspec.json.decode(answer.body)


async def old_bad_refresh(caller: Caller, body: Body) -> Answered:
    return await oauth(caller, "v1", "grant_type=refresh_token&refresh_token=x")


async def old_bad_grant(caller: Caller, body: Body) -> Answered:
    return await oauth(caller, "v1", "grant_type=nonsense")


async def bad_refresh(caller: Caller, body: Body) -> Answered:
    return await oauth(caller, "2026-09", "grant_type=refresh_token&refresh_token=x")


PROVOKED: dict[str, Provoke] = {
    "401-expired": expired,
    "401-garbage-token": garbage_token,
    "401-no-credentials": no_credentials,
    "403-missing-scopes": missing_scopes,
    "404-object": unknown_object,
    "404-object-by-email": unknown_email,
    "400-unknown-object-type": unknown_type,
    "400-property-doesnt-exist": unknown_property,
    "400-read-only": read_only,
    "400-calculated": calculated,
    "400-invalid-option": invalid_option,
    "400-invalid-email": invalid_email,
    "400-invalid-date": invalid_date,
    "400-max-length": max_length,
    "400-required-property": required,
    "400-unique-conflict-custom": unique_conflict,
    "423-unique-lock": unique_lock,
    "409-contact-exists": contact_exists,
    "409-property-exists": property_exists,
    "400-one-to-one-association": one_to_one,
    "400-json": wrong_filter,
    "429-ten-secondly": too_many_in_ten_seconds,
    "429-secondly-search": too_many_searches,
    "429-secondly-alt": other_429,
    "207-batch-read-missing": missing_in_batch,
    "207-association-batch-read-none": nothing_associated,
    "400-property-missing-options": missing_options,
    "404-association-to-missing": associated_with_missing,
    "400-oauth-bad-refresh-token-v1": old_bad_refresh,
    "400-oauth-bad-grant-type-v1": old_bad_grant,
    "400-oauth-bad-refresh-token-2026": bad_refresh,
}


def test_every_recorded_body_is_provoked_or_excused() -> None:
    bodies = recorded()
    if not bodies:
        pytest.skip(WHY_SKIPPED)

    assert bodies.keys() == PROVOKED.keys() | NOT_THE_SAME.keys()


@pytest.mark.parametrize("name", PROVOKED)
async def test_an_error_is_answered_as_recorded(name: str) -> None:
    bodies = recorded()
    if not bodies:
        pytest.skip(WHY_SKIPPED)
    body, status = bodies[name]["body"], bodies[name]["httpStatus"]

    answered_status, answered = await PROVOKED[name](Caller(), body)

    assert answered_status == (status or 404)
    theirs = plain(body)
    assert without_newer(plain(answered), theirs) == theirs
    assert ("correlationId" in answered) == ("correlationId" in body)
    if name not in OTHER_ORDER:
        assert [one for one in answered if one in body] == list(body)


async def test_stage_and_owner_of_a_deal_are_refused_with_the_recorded_texts() -> None:
    caller = Caller()

    status, answered = await write(
        caller, "deals", {"dealname": "A", "hubspot_owner_id": "910901", "dealstage": "open"}
    )

    problems = nested(answered["message"])[1]
    assert status == 400
    assert [(one["error"], one["name"]) for one in problems] == [
        ("INVALID_OWNER_ID", "hubspot_owner_id"),
        ("INVALID_OPTION", "dealstage"),
    ]
    assert problems[0]["message"] == "910901 was not a valid owner ID"
    assert problems[1]["message"].startswith(
        "open is not a valid pipeline stage ID. Valid options are: pipelineId=default : ["
    )


async def test_a_wrong_type_name_is_a_row_with_the_recorded_text() -> None:
    caller = Caller()
    company = await caller.create("companies", {"name": "A"})
    contact = await caller.create("contacts", {"email": "a@example.com"})
    row = {"from": {"id": company}, "to": {"id": contact}, "type": "thing_to_contact"}

    target = "/crm/v3/associations/companies/contacts/batch/create"
    status, answered = await caller.call("POST", target, {"inputs": [row]})

    assert status == 207
    assert answered["numErrors"] == 1
    assert answered["errors"][0] == {
        "status": "error",
        "category": "VALIDATION_ERROR",
        "subCategory": "crm.associations.INVALID_ASSOCIATION_TYPE",
        "message": "thing_to_contact is not a valid association type between companies and "
        "contacts",
        "context": {
            "type": ["thing_to_contact"],
            "fromObjectType": ["companies"],
            "toObjectType": ["contacts"],
        },
    }
