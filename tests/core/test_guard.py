from __future__ import annotations

import pytest
from msgspec.structs import replace
from planning_worlds import rules, text

from ledgerbridge.core.guard import (
    Caps,
    Stop,
    beyond,
    changes,
    emptied,
    fingerprint,
    in_words,
    over_cap,
    too_many_ends,
    too_many_removals,
)
from ledgerbridge.core.mapping import Rule

DEFINITION = rules([text("first")]).definition
ACCOUNTS = ("145000001", "9341450000000001")
CREATE, END = "contacts.hubspot.create", "contacts.hubspot.end"


def stopped(stop: Stop | None) -> str:
    """What a stop says, with a remedy beside it; empty when there is none."""
    assert stop is None or stop.remedy
    return "" if stop is None else stop.reason


def test_the_same_setting_between_the_same_tenants_has_the_same_fingerprint() -> None:
    assert fingerprint(DEFINITION, ACCOUNTS) == fingerprint(replace(DEFINITION), list(ACCOUNTS))


def test_any_change_of_setting_or_tenant_changes_the_fingerprint() -> None:
    mapping = replace(DEFINITION.mappings[0], enforce=True)
    others = {
        fingerprint(DEFINITION, ACCOUNTS),
        fingerprint(replace(DEFINITION, rule=Rule.HUBSPOT), ACCOUNTS),
        fingerprint(replace(DEFINITION, mappings=(mapping,)), ACCOUNTS),
        fingerprint(DEFINITION, ACCOUNTS[::-1]),
        fingerprint(DEFINITION, ("145000001", "9341450000000002")),
    }
    assert len(others) == 5


def test_changes_are_counted_by_sync() -> None:
    counts = {CREATE: 3, "contacts.quickbooks.update": 2, "contacts2.hubspot.create": 7}
    assert changes(counts, "contacts") == 5
    assert changes({}, "contacts") == 0


@pytest.mark.parametrize(
    ("accepted", "planned", "goes_on"),
    [
        (100, 100, True),
        (100, 0, True),
        (100, 105, True),
        (100, 106, False),
        (0, 5, True),
        (0, 6, False),
        (1000, 1050, True),
        (1000, 1051, False),
    ],
)
def test_a_run_may_do_a_little_more_than_was_accepted(
    accepted: int, planned: int, *, goes_on: bool
) -> None:
    found = beyond({CREATE: accepted}, {CREATE: planned})
    assert (found == []) is goes_on


def test_each_kind_of_change_has_to_be_accepted_by_itself() -> None:
    planned = {CREATE: 100, "contacts.quickbooks.update": 100}
    assert beyond({CREATE: 300}, planned) == [
        "100 of update in QuickBooks (contacts) where 0 were accepted"
    ]


def test_a_kind_of_change_is_said_in_words() -> None:
    assert in_words(CREATE) == "create in HubSpot (contacts)"
    assert in_words("products.quickbooks.update") == "update in QuickBooks (products)"


def test_a_run_over_its_cap_stops_and_names_the_sync() -> None:
    caps = Caps(changes_max=10)
    counts = {CREATE: 11, "products.hubspot.create": 10}
    assert "11 records of contacts" in stopped(over_cap(caps, counts, ("products", "contacts")))
    assert stopped(over_cap(caps, counts, ("products",))) == ""
    assert stopped(over_cap(caps, {}, ("contacts",))) == ""


@pytest.mark.parametrize(
    ("ends", "linked", "stops"),
    [
        (26, 100, True),
        (25, 25, False),
        (26, 130, False),
        (27, 130, True),
        (500, 5000, False),
        (30, 0, True),
    ],
)
def test_many_deletions_that_are_also_a_large_share_stop_the_run(
    ends: int, linked: int, *, stops: bool
) -> None:
    found = stopped(too_many_ends(Caps(), {END: ends}, {"contacts": linked}))
    assert bool(found) is stops
    assert not stops or f"{ends} of {linked} linked records of contacts" in found


def test_creations_are_no_deletions() -> None:
    assert too_many_ends(Caps(), {CREATE: 5000}, {"contacts": 1}) is None


def test_deletions_of_one_sync_are_not_hidden_by_another() -> None:
    counts = {"products.hubspot.end": 1, END: 60}
    assert "contacts" in stopped(too_many_ends(Caps(), counts, {"products": 900, "contacts": 100}))


def test_a_full_read_that_finds_nothing_where_much_is_known_is_a_fault() -> None:
    found = stopped(emptied("contacts", 0, 5))
    assert found == "A full read found no contacts at all, though 5 are known."
    assert emptied("contacts", 0, 4) is None
    assert emptied("contacts", 1, 5000) is None


REMOVED = "contacts.quickbooks.archive"


@pytest.mark.parametrize(
    ("removed", "linked", "allowed", "goes_on"),
    [
        (3, 10, 0, True),
        (4, 10, 0, False),
        (4, 10, 4, True),
        (5, 100, 0, True),
        (6, 100, 0, False),
        (6, 100, 5, False),
        (10, 5000, 0, True),
        (11, 5000, 0, False),
        (11, 5000, 11, True),
    ],
)
def test_removals_go_by_the_lower_of_a_count_and_a_share_or_by_their_number(
    removed: int, linked: int, allowed: int, goes_on: bool
) -> None:
    stop = too_many_removals(Caps(), {REMOVED: removed}, {"contacts": linked}, allowed)
    assert (stop is None) is goes_on
    assert goes_on or f"--allow-removals {removed}" in (stop.remedy if stop else "")


def test_mirrors_of_ours_that_are_withdrawn_are_no_removals() -> None:
    counts = {"payments.hubspot.archive": 900, CREATE: 900}
    assert too_many_removals(Caps(), counts, {"payments": 1000}, 0) is None
