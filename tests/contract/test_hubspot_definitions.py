"""The tables of facts against the shared files they were taken from."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from contract.hubspot_caller import OBJECTS, PROPERTIES, Caller
from contract.hubspot_operations import WHY_SKIPPED, reference_folder
from ledgerbridge.sandbox.hubspot.association_types import ROWS, both_directions
from ledgerbridge.sandbox.hubspot.definitions import default_properties
from ledgerbridge.sandbox.hubspot.object_types import BY_NAME, OBJECT_TYPES
from ledgerbridge.sandbox.hubspot.wire import encoded

# Made by one portal, not by HubSpot.
PORTALS_OWN = re.compile(r"blog_.*|hs_email_optout_\d+")
# Where we differ from the dumps, with the reason.
OTHER_TYPE = {"salutation": "the dump's portal made it a list; by default it is text"}
OTHER_OPTIONS = {
    "hs_lead_status": "the dump's portal added its own",
    "hs_persona": "a portal's own",
    "salutation": "see its type",
    "dealtype": "the dump's portal added its own",
}
OTHER_GROUP = {"": "dealinformation"}  # the dump leaves the group of some properties empty
# Association types whose way back the documentation does not print.
ONE_WAY = {369: "discount to deal", 428: "payment to discount"}
GROUPS = {
    "payment": "commerce_payments",
    **{kind.label: kind.name for kind in OBJECT_TYPES if kind.name != "commerce_payments"},
}
WORDS_BEFORE = re.compile(
    r"^(primary|billing|signer|parent|child|upcoming) | \(for e-signatures\)$", re.IGNORECASE
)


def folder() -> Path:
    found = reference_folder()
    if found is None:
        pytest.skip(WHY_SKIPPED)
    return found


def dump(name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = msgspec.json.decode((folder() / name).read_bytes())
    return [row for row in rows if not PORTALS_OWN.fullmatch(row["name"])]


DUMPS = [("contacts", "contact-properties.v1.json"), ("deals", "deal-properties.v1.json")]


@pytest.mark.parametrize(("type_name", "file"), DUMPS)
def test_dumped_properties_have_the_same_type_group_label_and_writability(
    type_name: str, file: str
) -> None:
    ours = default_properties(type_name)

    for row in dump(file):
        found = ours[row["name"]]
        group = OTHER_GROUP.get(row["groupName"], row["groupName"])
        assert found.label == row["label"].strip()
        assert found.type == row["type"] or row["name"] in OTHER_TYPE
        assert (found.group, found.read_only) == (group, row["readOnlyValue"]), row["name"]
        assert (found.calculated, found.hidden) == (row["calculated"], row["hidden"]), row["name"]
        assert (found.external is not None) == bool(row["externalOptions"]), row["name"]
        assert found.unique == row["hasUniqueValue"]


@pytest.mark.parametrize(("type_name", "file"), DUMPS)
def test_dumped_options_are_the_same_and_in_their_order(type_name: str, file: str) -> None:
    ours = default_properties(type_name)

    for row in dump(file):
        if row["name"] in OTHER_OPTIONS or row["type"] == "bool":
            continue
        theirs = [(one["value"], one["label"]) for one in row["options"] if one["value"]]
        assert [(one.value, one.label) for one in ours[row["name"]].options] == theirs


@pytest.mark.parametrize(
    ("type_name", "file"),
    [("invoices", "invoice-property-names.txt"), ("line_items", "line-item-property-names.txt")],
)
def test_every_listed_name_is_defined(type_name: str, file: str) -> None:
    lines = (folder() / file).read_text(encoding="utf-8").splitlines()
    names = {name for line in lines if not line.startswith("#") for name in line.split()}

    assert names - default_properties(type_name).keys() == set()


def test_types_show_only_defined_properties_by_default() -> None:
    for kind in OBJECT_TYPES:
        ours = default_properties(kind.name)

        named = {*kind.defaults, *kind.required, *kind.required_any, *kind.searched, kind.modified}
        assert named - ours.keys() == set()


def test_association_types_are_the_documented_ones() -> None:
    listed = msgspec.json.decode((folder() / "association-types.json").read_bytes())["types"]
    theirs = {}
    for row in listed:
        origin = GROUPS.get(row["fromGroup"])
        end = WORDS_BEFORE.sub("", row["label"].lower().partition(" to ")[2])
        target = GROUPS.get(WORDS_BEFORE.sub("", end))
        if origin is not None and target is not None:
            theirs[row["typeId"]] = (origin, target)

    ours = {found.type_id: (found.from_type, found.to_type) for found in both_directions(ROWS)}

    assert {key: pair for key, pair in theirs.items() if key not in ONE_WAY} == ours


def test_the_way_back_of_an_association_leads_back() -> None:
    types = {found.type_id: found for found in both_directions(ROWS)}

    for found in types.values():
        back = types[found.reverse_id]
        assert (back.from_type, back.to_type) == (found.to_type, found.from_type)
        assert back.reverse_id == found.type_id


def test_a_type_is_known_by_its_names_and_its_id() -> None:
    assert {BY_NAME[name].name for name in ("invoice", "invoices", "0-53")} == {"invoices"}


@pytest.mark.parametrize("type_name", ["contacts", "deals", "invoices", "products"])
async def test_definitions_of_a_portal_can_be_loaded_into_another_one(type_name: str) -> None:
    theirs, ours = Caller(), Caller()
    theirs.portal.add_property(type_name, "tier", "enumeration", options=["gold", "silver"])
    theirs.portal.add_property(type_name, "key", unique=True)
    theirs.portal.remove_property(type_name, "hs_object_source_user_id")
    target = f"{PROPERTIES}/{type_name}"
    answer = await theirs.send("GET", target)

    names = ours.portal.load_properties(type_name, answer.body)

    assert {"tier", "key"} <= set(names)
    assert await ours.good("GET", target) == msgspec.json.decode(answer.body)
    group = ours.portal.properties(type_name)["key"].group
    assert (await ours.good("GET", f"{target}/groups/{group}"))["name"] == group


async def test_loaded_definitions_are_held_to() -> None:
    caller = Caller()
    rows = (await caller.good("GET", f"{PROPERTIES}/contacts"))["results"]
    kept = [row for row in rows if row["name"] not in {"phone", "city"}]
    city = {
        "name": "city",
        "label": "City",
        "type": "enumeration",
        "fieldType": "select",
        "groupName": "contactinformation",
        "options": [{"label": "Graz", "value": "graz"}],
    }
    region = {**city, "name": "region", "options": [], "externalOptions": True}

    caller.portal.load_properties("contacts", encoded({"results": [*kept, city, region]}))

    await caller.create("contacts", {"city": "graz", "region": "whatever"})
    for wrong in ({"city": "Linz"}, {"phone": "1"}, {"hubspot_owner_id": "1"}):
        body = {"properties": wrong}
        assert (await caller.refused("POST", f"{OBJECTS}/contacts", body))[0] == 400


@pytest.mark.parametrize("body", [b"", b"[]", b'{"results":[{"name":"a"}]}', b'{"results":[]}'])
def test_what_is_no_list_of_definitions_is_refused_and_changes_nothing(body: bytes) -> None:
    portal = Caller().portal
    before = portal.properties("contacts")

    with pytest.raises(ValueError):
        portal.load_properties("contacts", body)

    assert portal.properties("contacts") == before


def test_switches_can_be_set_where_a_portal_lacks_an_amount() -> None:
    caller = Caller()
    caller.portal.remove_property("invoices", "hs_amount_paid")

    caller.emulator.set_switches(read_only_invoice_amounts=True)

    assert caller.portal.properties("invoices")["hs_amount_billed"].read_only
