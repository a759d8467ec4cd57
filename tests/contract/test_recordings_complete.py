"""Every recording and every table of HubSpot's in the reference folder has a judge."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from contract import hubspot_operations, test_hubspot_webhooks

ASSOCIATIONS = "test_hubspot_definitions.test_association_types_are_the_documented_ones"
PROPERTIES = (
    "test_hubspot_definitions.test_dumped_properties_have_the_same_type_group_label_and_writability"
)
WEBHOOKS = "test_hubspot_webhooks.test_events_have_the_keys_and_types_of_those_recorded"

# The file or folder below `hubspot/`, and the test that holds the emulator to it.
JUDGES = {
    "association-types.json": ASSOCIATIONS,
    "contact-properties.v1.json": PROPERTIES,
    "deal-properties.v1.json": PROPERTIES,
    "error-bodies.json": "test_hubspot_recorded_errors.test_an_error_is_answered_as_recorded",
    "invoice-property-names.txt": "test_hubspot_definitions.test_every_listed_name_is_defined",
    "line-item-property-names.txt": "test_hubspot_definitions.test_every_listed_name_is_defined",
    "operations.json": "hubspot_operations.checked",
    "webhook-bodies": WEBHOOKS,
}


def folder() -> Path:
    found = hubspot_operations.reference_folder()
    if found is None:
        pytest.skip(hubspot_operations.WHY_SKIPPED)
    return found


def test_every_file_of_hubspot_is_judged() -> None:
    assert {one.name for one in folder().iterdir()} == JUDGES.keys()


def test_every_recorded_webhook_is_judged() -> None:
    bodies = {one.stem for one in (folder() / "webhook-bodies").iterdir()}

    assert bodies == {*test_hubspot_webhooks.BODIES, "request-headers"}


@pytest.mark.parametrize("judge", sorted(set(JUDGES.values())))
def test_every_judge_exists(judge: str) -> None:
    module, _, name = judge.partition(".")

    assert callable(getattr(import_module(f"contract.{module}"), name))
