"""Search: filters, order, pages and caps, the lag of the index, associations as conditions."""

from __future__ import annotations

from typing import Any

import pytest

from contract.hubspot_caller import OBJECTS, START, Body, Caller
from ledgerbridge.sandbox.hubspot.instants import to_ms

CONTACTS = f"{OBJECTS}/contacts/search"


def condition(name: str, operator: str, value: Any = None, **more: Any) -> Body:
    found: Body = {"propertyName": name, "operator": operator, **more}
    return found if value is None else {**found, "value": value}


async def people(caller: Caller) -> dict[str, str]:
    """Three contacts, a minute apart, by first name."""
    ids = {}
    for name, city, size in (("Ann", "Graz", "9"), ("Bob", "Linz", "10"), ("Cäcilia", "", "")):
        properties = {"email": f"{name[0]}@example.com", "firstname": name, "city": city}
        ids[name] = await caller.create("contacts", {**properties, "numemployees": size})
        caller.pass_time(minutes=1)
    return ids


@pytest.mark.parametrize(
    ("one", "names"),
    [
        (condition("city", "EQ", "graz"), ["Ann"]),
        (condition("city", "NEQ", "Graz"), ["Bob", "Cäcilia"]),
        (condition("city", "HAS_PROPERTY"), ["Ann", "Bob"]),
        (condition("city", "NOT_HAS_PROPERTY"), ["Cäcilia"]),
        (condition("city", "IN", values=["linz", "wien"]), ["Bob"]),
        (condition("city", "NOT_IN", values=["linz"]), ["Ann", "Cäcilia"]),
        (condition("firstname", "CONTAINS_TOKEN", "cä*"), ["Cäcilia"]),
        (condition("firstname", "NOT_CONTAINS_TOKEN", "*n*"), ["Bob", "Cäcilia"]),
        (condition("numemployees", "GT", "9"), ["Bob"]),
        (condition("numemployees", "LTE", "9"), ["Ann"]),
        (condition("numemployees", "BETWEEN", "9", highValue="10"), ["Ann", "Bob"]),
        (condition("email", "EQ", "A@EXAMPLE.COM"), ["Ann"]),
        (condition("createdate", "LT", "2026-03-12T07:34:00Z"), ["Ann"]),
    ],
)
async def test_a_filter_finds_whom_it_says(one: Body, names: list[str]) -> None:
    caller = Caller()
    await people(caller)

    found = await caller.search("contacts", one, properties=["firstname"])

    assert [hit["properties"]["firstname"] for hit in found["results"]] == names
    assert found["total"] == len(names)


@pytest.mark.parametrize(
    ("operator", "names"),
    [
        ("GTE", ["Bob", "Cäcilia"]),
        ("GT", ["Cäcilia"]),
        ("LTE", ["Ann", "Bob"]),
        ("LT", ["Ann"]),
        ("EQ", ["Bob"]),
    ],
)
async def test_changes_since_a_moment_are_found_by_milliseconds_or_by_date(
    operator: str, names: list[str]
) -> None:
    caller = Caller()
    await people(caller)
    moment = to_ms(START) + 60_000

    for value in (str(moment), "2026-03-12T07:34:46.615Z"):
        one = condition("lastmodifieddate", operator, value)
        found = await caller.search("contacts", one, properties=["firstname"])
        assert [hit["properties"]["firstname"] for hit in found["results"]] == names


async def test_groups_are_alternatives_and_their_filters_hold_together() -> None:
    caller = Caller()
    await people(caller)
    groups = [
        {"filters": [condition("city", "EQ", "Graz"), condition("numemployees", "EQ", "10")]},
        {"filters": [condition("city", "EQ", "Linz"), condition("numemployees", "EQ", "10")]},
    ]

    found = await caller.good("POST", CONTACTS, {"filterGroups": groups})

    assert found["total"] == 1


async def test_a_search_sorts_by_one_property_with_the_empty_last() -> None:
    caller = Caller()
    await people(caller)

    sorts = [{"propertyName": "numemployees", "direction": "DESCENDING"}]
    found = await caller.search("contacts", sorts=sorts, properties=["firstname"])

    names = [hit["properties"]["firstname"] for hit in found["results"]]
    assert names == ["Bob", "Ann", "Cäcilia"]


async def test_words_are_looked_for_in_the_usual_properties() -> None:
    caller = Caller()
    await people(caller)

    found = await caller.search("contacts", query="bob")

    assert [hit["properties"]["email"] for hit in found["results"]] == ["b@example.com"]


async def test_pages_of_a_search_are_counted_by_offset() -> None:
    caller = Caller()
    ids = await people(caller)

    first = await caller.search("contacts", limit=2)
    second = await caller.search("contacts", limit=2, after=first["paging"]["next"]["after"])

    assert first["paging"]["next"]["after"] == "2"
    assert first["total"] == second["total"] == 3
    found = [hit["id"] for hit in first["results"] + second["results"]]
    assert found == list(ids.values())
    assert "paging" not in second


async def test_the_end_of_ten_thousand_cannot_be_passed() -> None:
    caller = Caller()

    refused = await caller.refused("POST", CONTACTS, {"after": "9990", "limit": 20})

    assert refused == (400, "There was a problem with the request.")


@pytest.mark.parametrize(
    "body",
    [
        {"limit": 201},
        {"limit": 0},
        {"after": "x"},
        {"filterGroups": [{"filters": [condition("city", "EQ", "x")] * 7}]},
        {"filterGroups": [{"filters": []}] * 6},
        {"filterGroups": [{"filters": [condition("city", "EQ", "x")] * 5}] * 4},
        {"filterGroups": [{"filters": [condition("nonsense", "EQ", "x")]}]},
        {"filterGroups": [{"filters": [condition("city", "LIKE", "x")]}]},
        {"filterGroups": [{"filters": [condition("city", "EQ")]}]},
        {"filterGroups": [{"filters": [condition("city", "BETWEEN", "x")]}]},
        {"filterGroups": [{"filters": [condition("numemployees", "GT", "x")]}]},
        {"filterGroups": [{"filters": [condition("lastmodifieddate", "GT", "soon")]}]},
        {"filterGroups": [{"filters": [condition("associations.thing", "EQ", "1")]}]},
        {"sorts": [{"propertyName": "nonsense"}]},
        {"sorts": [{"propertyName": "city"}, {"propertyName": "email"}]},
        {"query": "x" * 3000},
        {"filterGroups": "x"},
    ],
)
async def test_a_search_beyond_the_rules_is_refused(body: Body) -> None:
    assert (await Caller().refused("POST", CONTACTS, body))[0] == 400


async def test_associated_records_are_a_condition() -> None:
    caller = Caller()
    ids = await people(caller)
    deal = await caller.create("deals", {"dealname": "D"}, (ids["Bob"], 3))

    for one in (
        condition("associations.deal", "EQ", deal),
        condition("associations.deals", "HAS_PROPERTY"),
    ):
        found = await caller.search("contacts", one)
        assert [hit["id"] for hit in found["results"]] == [ids["Bob"]]


async def test_archived_records_are_never_found() -> None:
    caller = Caller()
    ids = await people(caller)

    await caller.good("DELETE", f"{OBJECTS}/contacts/{ids['Ann']}")

    assert (await caller.search("contacts"))["total"] == 2


async def test_with_lag_a_new_record_appears_later() -> None:
    caller = Caller(search_lag_s=5)
    await caller.create("contacts", {"email": "a@example.com"})
    assert (await caller.search("contacts"))["total"] == 0

    caller.pass_time(seconds=5)

    assert (await caller.search("contacts"))["total"] == 1


async def test_with_lag_a_changed_record_shows_its_old_version() -> None:
    caller = Caller(search_lag_s=5)
    contact = await caller.create("contacts", {"email": "a@example.com", "city": "Graz"})
    caller.pass_time(seconds=10)
    await caller.update("contacts", contact, city="Linz")

    in_graz, in_linz = condition("city", "EQ", "Graz"), condition("city", "EQ", "Linz")
    old = await caller.search("contacts", in_graz, properties=["city"])
    assert [hit["properties"]["city"] for hit in old["results"]] == ["Graz"]
    assert (await caller.search("contacts", in_linz))["total"] == 0
    assert (await caller.read("contacts", contact, "city"))["city"] == "Linz"

    caller.pass_time(seconds=5)
    assert (await caller.search("contacts", in_linz))["total"] == 1


async def test_with_lag_a_record_that_was_archived_meanwhile_never_appears() -> None:
    caller = Caller(search_lag_s=5)
    contact = await caller.create("contacts", {"email": "a@example.com"})
    await caller.good("DELETE", f"{OBJECTS}/contacts/{contact}")

    caller.pass_time(seconds=10)

    assert (await caller.search("contacts"))["total"] == 0


async def test_a_reader_of_changes_sees_each_record_once_per_change() -> None:
    caller = Caller()
    ids = await people(caller)
    since = to_ms(caller.now)
    await caller.update("contacts", ids["Ann"], city="Wien")

    one = condition("lastmodifieddate", "GTE", str(since))
    found = await caller.search("contacts", one)

    assert [hit["id"] for hit in found["results"]] == [ids["Ann"]]


@pytest.mark.parametrize(("folded", "found"), [(True, []), (False, ["Ann"])])
async def test_values_of_a_list_have_to_be_in_lower_case_as_the_switch_says(
    folded: bool, found: list[str]
) -> None:
    caller = Caller(search_in_lower_case=folded)
    await people(caller)

    hits = await caller.search("contacts", condition("city", "IN", values=["Graz", "WIEN"]))

    assert [hit["properties"]["firstname"] for hit in hits["results"]] == found
    exact = await caller.search("contacts", condition("city", "EQ", "GRAZ"))
    assert exact["total"] == 1


async def test_a_list_of_values_has_a_length_that_a_switch_names() -> None:
    caller = Caller(search_values_max=2)
    await people(caller)
    body = {"filterGroups": [{"filters": [condition("city", "IN", values=["a", "b", "c"])]}]}

    assert (await caller.refused("POST", CONTACTS, body))[0] == 400
    assert (await caller.search("contacts", condition("city", "IN", values=["a", "graz"])))["total"]


class NotLinear(dict[int, Any]):
    """What search knows, in a form that cannot be gone through from end to end."""

    def __iter__(self) -> Any:
        raise AssertionError("all records are tested")


@pytest.mark.parametrize("lag_s", [0, 5])
@pytest.mark.parametrize(
    "one",
    [
        condition("hs_object_id", "EQ", "@Ann"),
        condition("email", "EQ", "A@example.com"),
        condition("email", "IN", values=["a@example.com", "z@example.com"]),
        condition("associations.company", "EQ", "@company"),
        condition("lastmodifieddate", "LT", "2026-03-12T07:34:00Z"),
    ],
)
async def test_the_common_filters_look_at_few_records(one: Body, lag_s: int) -> None:
    caller = Caller(search_lag_s=lag_s)
    ids = await people(caller)
    ids["company"] = await caller.create("companies", {"name": "C"}, (ids["Ann"], 280))
    caller.pass_time(seconds=lag_s)
    index = caller.portal.shelves["contacts"].index
    index.catch_up()
    index._known = NotLinear(index._known)
    wanted = {**one}
    if str(one.get("value", "")).startswith("@"):
        wanted["value"] = ids[one["value"][1:]]

    found = await caller.search("contacts", wanted)

    assert [hit["id"] for hit in found["results"]] == [ids["Ann"]]


async def test_search_finds_an_address_by_what_it_knew_and_by_nothing_newer() -> None:
    caller = Caller(search_lag_s=5)
    contact = await caller.create("contacts", {"email": "old@example.com"})
    caller.pass_time(seconds=5)
    await caller.update("contacts", contact, email="new@example.com")

    async def found(email: str) -> int:
        hits = await caller.search("contacts", condition("email", "EQ", email))
        return int(hits["total"])

    assert (await found("old@example.com"), await found("new@example.com")) == (1, 0)
    caller.pass_time(seconds=5)
    assert (await found("old@example.com"), await found("new@example.com")) == (0, 1)
