"""Labels of people's own, limits of a pair of types, and associations that fill pages."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from contract.hubspot_caller import ASSOCIATIONS, OBJECTS, Body, Caller
from contract.hubspot_operations import ON_PURPOSE

LABELS = f"{ASSOCIATIONS}/contacts/companies/labels"
LIMITS = f"{ASSOCIATIONS}/definitions/configurations"
EXCEEDED = "crm.associations.ASSOCIATION_LIMIT_EXCEEDED"


async def company_with_contacts(caller: Caller, count: int) -> tuple[str, list[str]]:
    """A company, and the contacts that are associated with it."""
    company = await caller.create("companies", {"name": "C"})
    contacts = [
        await caller.create("contacts", {"email": f"p{number}@example.com"}, (company, 279))
        for number in range(count)
    ]
    return company, contacts


def rows(*pairs: tuple[str, str], **spec: Any) -> Body:
    """The body of a batch of associations."""
    return {
        "inputs": [
            {"from": {"id": one}, "to": {"id": other}, **({"types": [spec]} if spec else {})}
            for one, other in pairs
        ]
    }


async def test_a_label_of_ones_own_never_shares_a_number_with_hubspots() -> None:
    caller = Caller()

    made = await caller.good("POST", LABELS, {"label": "Bookkeeper", "name": "bookkeeper"})

    listed = (await caller.good("GET", LABELS))["results"]
    ids = [one["typeId"] for one in listed]
    assert len(ids) == len(set(ids))
    assert made["results"][0]["typeId"] not in {1, 279, 931}
    assert {one["label"] for one in listed} == {None, "Primary", "Billing Contact", "Bookkeeper"}


async def test_the_way_back_of_a_label_has_its_own_text_and_is_renamed_with_it() -> None:
    caller = Caller()
    body = {"label": "Employs", "inverseLabel": "Works for", "name": "employment"}
    back = f"{ASSOCIATIONS}/companies/contacts/labels"

    async def texts(target: str) -> set[str | None]:
        return {one["label"] for one in (await caller.good("GET", target))["results"]}

    type_id = (await caller.good("POST", LABELS, body))["results"][0]["typeId"]
    assert "Employs" in await texts(LABELS)
    assert "Works for" in await texts(back)

    change = {"associationTypeId": type_id, "label": "Hires", "inverseLabel": "Hired by"}
    assert (await caller.call("PUT", LABELS, change))[0] == 204
    assert "Hires" in await texts(LABELS)
    assert "Hired by" in await texts(back)


@pytest.mark.parametrize("label", ["Bookkeeper", "Primary", " "])
async def test_a_label_that_is_there_or_says_nothing_is_refused(label: str) -> None:
    caller = Caller()
    await caller.good("POST", LABELS, {"label": "Bookkeeper", "name": "bookkeeper"})

    status, _ = await caller.refused("POST", LABELS, {"label": label, "name": "again"})

    assert status == 400


async def test_a_pair_of_types_has_so_many_labels_as_the_switch_says() -> None:
    caller = Caller(association_labels_max=1)
    await caller.good("POST", LABELS, {"label": "A", "name": "a"})

    status, message = await caller.refused("POST", LABELS, {"label": "B", "name": "b"})

    assert (status, message) == (400, "contacts and companies can have at most 1 labels")


async def test_types_that_cannot_be_associated_have_no_labels() -> None:
    target = f"{ASSOCIATIONS}/products/contacts/labels"

    assert (await Caller().refused("POST", target, {"label": "A", "name": "a"}))[0] == 400


@pytest.mark.parametrize("own", [True, False])
async def test_a_type_has_to_be_named_under_its_category(own: bool) -> None:
    caller = Caller()
    made = await caller.good("POST", LABELS, {"label": "Bookkeeper", "name": "bookkeeper"})
    type_id = made["results"][0]["typeId"] if own else 279
    category = "HUBSPOT_DEFINED" if own else "USER_DEFINED"
    company = await caller.create("companies", {"name": "C"})
    contact = await caller.create("contacts", {"email": "a@example.com"})
    spec = {"associationCategory": category, "associationTypeId": type_id}

    put = f"{OBJECTS}/contacts/{contact}/associations/companies/{company}"
    assert (await caller.refused("PUT", put, [spec]))[0] == 400
    new = {"properties": {}, "associations": [{"to": {"id": company}, "types": [spec]}]}
    assert (await caller.refused("POST", f"{OBJECTS}/contacts", new))[0] == 400
    batch = rows((contact, company), **spec)
    answered = await caller.good("POST", f"{ASSOCIATIONS}/contacts/companies/batch/create", batch)
    assert answered["errors"][0]["subCategory"] == "crm.associations.INVALID_ASSOCIATION_TYPE"
    assert caller.portal.associations("contacts", contact, "companies") == []


async def test_a_limit_refuses_one_associate_too_many_and_leaves_the_rest() -> None:
    caller = Caller()
    company, (first, second) = await company_with_contacts(caller, 2)
    third = await caller.create("contacts", {"email": "x@example.com"})
    caller.portal.limit_associations("companies", "contacts", 2)

    answered = await caller.good(
        "POST",
        f"{ASSOCIATIONS}/companies/contacts/batch/associate/default",
        rows((company, first), (company, third)),
    )

    assert [one["subCategory"] for one in answered["errors"]] == [EXCEEDED]
    assert caller.portal.associations("companies", company, "contacts") == [first, second]
    put = f"{OBJECTS}/contacts/{third}/associations/default/companies/{company}"
    assert (await caller.refused("PUT", put))[0] == 400


async def test_a_limit_holds_for_a_record_that_is_made_with_its_associations() -> None:
    caller = Caller()
    companies = [await caller.create("companies", {"name": name}) for name in "ab"]
    caller.portal.limit_associations("contacts", "companies", 1)
    new = {
        "properties": {"email": "a@example.com"},
        "associations": [
            {
                "to": {"id": company},
                "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}],
            }
            for company in companies
        ],
    }

    assert (await caller.refused("POST", f"{OBJECTS}/contacts", new))[0] == 400

    assert caller.portal.all("contacts") == []


async def test_people_set_change_and_end_a_limit() -> None:
    caller = Caller()
    pair = f"{LIMITS}/contacts/companies"
    limit = {"typeId": 279, "category": "HUBSPOT_DEFINED"}

    await caller.good("POST", f"{pair}/batch/create", {"inputs": [{**limit, "maxToObjectIds": 1}]})
    await caller.good("POST", f"{pair}/batch/update", {"inputs": [{**limit, "maxToObjectIds": 5}]})

    (shown,) = (await caller.good("GET", f"{LIMITS}/all"))["results"]
    assert (shown["userEnforcedMaxToObjectIds"], shown["toObjectTypeId"]) == (5, "0-2")
    assert (await caller.good("GET", pair))["results"] == [shown]
    assert (await caller.call("POST", f"{pair}/batch/purge", {"inputs": [limit]}))[0] == 204
    assert (await caller.good("GET", pair))["results"] == []


@pytest.mark.parametrize(
    "row", [{"typeId": 5, "maxToObjectIds": 1}, {"typeId": 279, "maxToObjectIds": 0}]
)
async def test_a_limit_that_makes_no_sense_is_refused(row: Body) -> None:
    body = {"inputs": [{"category": "HUBSPOT_DEFINED", **row}]}

    target = f"{LIMITS}/contacts/companies/batch/create"
    assert (await Caller().refused("POST", target, body))[0] == 400


@pytest.mark.parametrize("cursor", ["next id", "opaque"])
async def test_a_batch_read_pages_the_associates_of_each_record(cursor: str) -> None:
    caller = Caller(associations_page_max=2, cursor=cursor)
    company, contacts = await company_with_contacts(caller, 5)
    found, after = [], None

    for _ in range(3):
        one = {"id": company} if after is None else {"id": company, "after": after}
        target = f"{ASSOCIATIONS}/companies/contacts/batch/read"
        (row,) = (await caller.good("POST", target, {"inputs": [one]}))["results"]
        found += [end["toObjectId"] for end in row["to"]]
        after = row.get("paging", {}).get("next", {}).get("after")

    assert found == contacts
    assert after is None


async def test_a_read_shows_the_first_associates_and_where_to_go_on() -> None:
    caller = Caller(associations_page_max=2)
    company, contacts = await company_with_contacts(caller, 3)

    target = f"{OBJECTS}/companies/{company}?associations=contacts"
    shown = (await caller.good("GET", target))["associations"]["contacts"]

    assert {one["id"] for one in shown["results"]} == set(contacts[:2])
    assert shown["paging"]["next"]["after"] == contacts[2]


async def test_a_cursor_that_is_none_is_refused_in_a_batch_read() -> None:
    caller = Caller()
    body = {"inputs": [{"id": "1", "after": "nonsense!"}]}

    answer = await caller.send(
        "POST",
        f"{ASSOCIATIONS}/companies/contacts/batch/read",
        msgspec.json.encode(body),
        {ON_PURPOSE: "yes"},
    )

    assert answer.status == 400


@pytest.mark.parametrize(("form", "kind"), [("text", str), ("number", int)])
async def test_the_ids_of_associations_are_what_the_switch_says(form: str, kind: type) -> None:
    caller = Caller(association_ids=form)
    company, (contact,) = await company_with_contacts(caller, 1)

    target = f"{OBJECTS}/companies/{company}/associations/contacts"
    (listed,) = (await caller.good("GET", target))["results"]
    body = {"inputs": [{"id": company}]}
    read = await caller.good("POST", f"{ASSOCIATIONS}/companies/contacts/batch/read", body)

    assert listed["toObjectId"] == read["results"][0]["to"][0]["toObjectId"] == kind(contact)
