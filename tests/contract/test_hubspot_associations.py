"""Associations: both directions, labels and primaries, single parents, the shapes of reads."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.hubspot_caller import ASSOCIATIONS, OBJECTS, Body, Caller

PRIMARY, COMPANY, BILLING = 1, 279, 931


async def pair(caller: Caller) -> tuple[str, str]:
    """A contact and a company."""
    contact = await caller.create("contacts", {"email": "a@example.com"})
    return contact, await caller.create("companies", {"name": "A"})


async def types_between(caller: Caller, contact: str, company: str) -> list[int]:
    """The association type ids from a contact to a company."""
    target = f"{OBJECTS}/contacts/{contact}/associations/companies"
    found = (await caller.good("GET", target))["results"]
    return [
        one["typeId"]
        for end in found
        if end["toObjectId"] == company
        for one in end["associationTypes"]
    ]


async def test_a_default_association_is_answered_and_kept_in_both_directions() -> None:
    caller = Caller()
    contact, company = await pair(caller)

    target = f"{OBJECTS}/contacts/{contact}/associations/default/companies/{company}"
    made = await caller.good("PUT", target)

    assert [(one["from"]["id"], one["to"]["id"]) for one in made["results"]] == [
        (contact, company),
        (company, contact),
    ]
    specs = [one["associationSpec"]["associationTypeId"] for one in made["results"]]
    assert specs == [279, 280]
    assert caller.portal.associations("companies", company, "contacts") == [contact]


@pytest.mark.parametrize("primary", [True, False])
async def test_the_first_company_becomes_primary_as_the_switch_says(primary: bool) -> None:
    caller = Caller(first_company_is_primary=primary)
    contact, company = await pair(caller)

    await caller.good(
        "PUT", f"{OBJECTS}/contacts/{contact}/associations/default/companies/{company}"
    )

    assert await types_between(caller, contact, company) == [PRIMARY, COMPANY][not primary :]


async def test_there_is_one_primary_company_at_a_time() -> None:
    caller = Caller()
    contact, first = await pair(caller)
    second = await caller.create("companies", {"name": "B"})
    caller.portal.associate("contacts", contact, "companies", first)
    body = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": PRIMARY}]

    target = f"{OBJECTS}/contacts/{contact}/associations/companies/{second}"
    made = await caller.good("PUT", target, body)

    assert made["labels"] == ["Primary"]
    assert await types_between(caller, contact, first) == [COMPANY]
    assert await types_between(caller, contact, second) == [PRIMARY, COMPANY]


async def test_labels_replace_each_other_and_the_unlabelled_type_stays() -> None:
    caller = Caller(first_company_is_primary=False)
    contact, company = await pair(caller)
    target = f"{OBJECTS}/contacts/{contact}/associations/companies/{company}"

    for type_id in (BILLING, PRIMARY):
        body = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}]
        await caller.good("PUT", target, body)
        assert await types_between(caller, contact, company) == sorted([type_id, COMPANY])

    row = {"from": {"id": contact}, "to": {"id": company}, "types": body}
    await caller.good(
        "POST", f"{ASSOCIATIONS}/contacts/companies/batch/labels/archive", {"inputs": [row]}
    )
    assert await types_between(caller, contact, company) == [COMPANY]


async def test_separating_removes_all_types_in_both_directions() -> None:
    caller = Caller()
    contact, company = await pair(caller)
    caller.portal.associate("contacts", contact, "companies", company)

    target = f"{OBJECTS}/contacts/{contact}/associations/companies/{company}"
    assert await caller.call("DELETE", target) == (204, None)

    assert caller.portal.associations("companies", company, "contacts") == []


async def test_a_read_shows_associations_with_a_spaced_key_and_every_type() -> None:
    caller = Caller()
    contact, company = await pair(caller)
    caller.portal.associate("contacts", contact, "companies", company)
    line = await caller.create("line_items", {"name": "L"})
    deal = await caller.create("deals", {"dealname": "D"}, (line, 19), (contact, 3))

    target = f"{OBJECTS}/deals/{deal}?associations=line_items,contacts,companies"
    found = (await caller.good("GET", target))["associations"]
    assert found == {
        "line items": {"results": [{"id": line, "type": "deal_to_line_item"}]},
        "contacts": {"results": [{"id": contact, "type": "deal_to_contact"}]},
    }

    page = await caller.good("GET", f"{OBJECTS}/contacts?associations=companies")
    assert page["results"][0]["associations"]["companies"]["results"] == [
        {"id": company, "type": "contact_to_company"},
        {"id": company, "type": "contact_to_company_unlabeled"},
    ]


async def test_archived_records_are_not_shown_as_associated_until_restored() -> None:
    caller = Caller()
    contact, company = await pair(caller)
    caller.portal.associate("contacts", contact, "companies", company)

    caller.portal.archive("companies", company)
    assert caller.portal.associations("contacts", contact, "companies") == []

    caller.portal.restore("companies", company)
    assert caller.portal.associations("contacts", contact, "companies") == [company]


async def test_a_batch_read_lists_ends_and_names_who_has_none() -> None:
    caller = Caller()
    contact, company = await pair(caller)
    caller.portal.associate("contacts", contact, "companies", company)

    body = {"inputs": [{"id": contact}, {"id": "1"}]}
    target = f"{ASSOCIATIONS}/contacts/companies/batch/read"
    status, answered = await caller.call("POST", target, body)

    assert status == 207
    assert answered["results"][0]["from"] == {"id": contact}
    assert [end["toObjectId"] for end in answered["results"][0]["to"]] == [company]
    assert answered["errors"][0]["message"] == "No company is associated with contact 1."


async def test_a_batch_of_associations_fails_row_by_row() -> None:
    caller = Caller()
    contact, company = await pair(caller)

    def row(to: str, type_id: int) -> Body:
        spec = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}
        return {"from": {"id": contact}, "to": {"id": to}, "types": [spec]}

    rows = [row(company, 279), row("1", 279), row(company, 3)]
    target = f"{ASSOCIATIONS}/contacts/companies/batch/create"
    status, answered = await caller.call("POST", target, {"inputs": rows})

    assert status == 207
    assert [one["toObjectId"] for one in answered["results"]] == [company]
    assert [one["subCategory"] for one in answered["errors"]] == [
        "crm.associations.TO_OBJECT_NOT_FOUND",
        "crm.associations.INVALID_ASSOCIATION_TYPE",
    ]


async def test_default_associations_and_separations_come_in_batches_too() -> None:
    caller = Caller()
    contact, company = await pair(caller)
    both = {"inputs": [{"from": {"id": contact}, "to": {"id": company}}]}
    base = f"{ASSOCIATIONS}/contacts/companies/batch"

    await caller.good("POST", f"{base}/associate/default", both)
    assert caller.portal.associations("contacts", contact, "companies") == [company]

    apart = {"inputs": [{"from": {"id": contact}, "to": [{"id": company}]}]}
    status, _ = await caller.call("POST", f"{base}/archive", apart)
    assert status == 200
    assert caller.portal.associations("contacts", contact, "companies") == []


async def test_old_paths_answer_with_numbers_and_without_a_body() -> None:
    caller = Caller()
    contact, company = await pair(caller)
    caller.portal.associate("contacts", contact, "companies", company)

    target = f"/crm/v4/objects/contacts/{contact}/associations/companies"
    found = await caller.good("GET", target)
    assert found["results"][0]["toObjectId"] == int(company)

    apart = {"inputs": [{"from": {"id": contact}, "to": [{"id": company}]}]}
    old = "/crm/v4/associations/contacts/companies/batch/archive"
    assert await caller.call("POST", old, apart) == (204, None)


async def test_the_oldest_batch_takes_type_names_and_answers_both_directions() -> None:
    caller = Caller()
    contact, company = await pair(caller)
    row = {"from": {"id": contact}, "to": {"id": company}, "type": "contact_to_company"}

    target = "/crm/v3/associations/contacts/companies/batch/create"
    made = await caller.good("POST", target, {"inputs": [row]})

    assert [one["type"] for one in made["results"]] == [
        "contact_to_company",
        "company_to_contact",
    ]


async def test_a_line_item_has_one_parent() -> None:
    caller = Caller()
    line = await caller.create("line_items", {"name": "L"})
    deal = await caller.create("deals", {"dealname": "D"}, (line, 19))
    other = await caller.create("deals", {"dealname": "E"})

    target = f"{OBJECTS}/line_items/{line}/associations/default/deals/{other}"
    status, message = await caller.refused("PUT", target)

    assert status == 400
    assert message.startswith(f"cannot pass multiple to object ids: [{deal}, {other}]")
    assert message.endswith("associationTypeId=20}")


@pytest.mark.parametrize("single", [True, False])
async def test_a_line_of_a_deal_goes_on_an_invoice_only_if_the_switch_says(single: bool) -> None:
    caller = Caller(line_item_single_parent=single)
    line = await caller.create("line_items", {"name": "L"})
    await caller.create("deals", {"dealname": "D"}, (line, 19))
    link = {"to": {"id": line}, "types": [{"associationTypeId": 409}]}

    body = {"properties": {"hs_currency": "USD"}, "associations": [link]}
    status, _ = await caller.call("POST", f"{OBJECTS}/invoices", body)

    assert status == (400 if single else 201)


@pytest.mark.parametrize("touches", [True, False])
async def test_associating_moves_modification_times_as_the_switch_says(touches: bool) -> None:
    caller = Caller(association_touches_modified=touches)
    contact, company = await pair(caller)
    before = (await caller.read("contacts", contact))["lastmodifieddate"]
    caller.pass_time(minutes=1)

    caller.portal.associate("contacts", contact, "companies", company)

    after = (await caller.read("contacts", contact))["lastmodifieddate"]
    assert (after != before) == touches


async def test_associations_are_counted_on_the_records() -> None:
    caller = Caller()
    contact = await caller.create("contacts", {"email": "a@example.com"})
    deal = await caller.create("deals", {"dealname": "D"}, (contact, 3))

    name = "num_associated_deals"
    assert (await caller.read("contacts", contact, name))[name] == "1"
    caller.portal.archive("deals", deal)
    assert (await caller.read("contacts", contact, name))[name] == "0"


async def test_products_cannot_be_associated() -> None:
    caller = Caller()
    contact = await caller.create("contacts", {"email": "a@example.com"})
    product = await caller.create("products", {"name": "P"})

    target = f"{OBJECTS}/contacts/{contact}/associations/default/products/{product}"
    status, message = await caller.refused("PUT", target)

    assert status == 400
    assert message.startswith("contact_to_product is not a valid association type")


async def test_a_creation_with_a_missing_associate_makes_nothing() -> None:
    caller = Caller()
    link = {"to": {"id": "1"}, "types": [{"associationTypeId": 177}]}

    body = {"properties": {"hs_currency": "USD"}, "associations": [link]}
    refused = await caller.refused("POST", f"{OBJECTS}/invoices", body)

    assert refused == (404, "No contact with ID 1 exists")
    assert caller.portal.all("invoices") == []


async def test_an_update_takes_no_associations() -> None:
    caller = Caller()
    contact = await caller.create("contacts", {"email": "a@example.com"})

    body: Any = {"properties": {}, "associations": []}
    assert (await caller.refused("PATCH", f"{OBJECTS}/contacts/{contact}", body))[0] == 400


async def test_people_can_make_labels_of_their_own() -> None:
    caller = Caller()
    contact, company = await pair(caller)
    target = f"{ASSOCIATIONS}/contacts/companies/labels"

    made = await caller.good("POST", target, {"label": "Bookkeeper", "name": "bookkeeper"})
    type_id = made["results"][0]["typeId"]
    spec = [{"associationCategory": "USER_DEFINED", "associationTypeId": type_id}]
    put = f"{OBJECTS}/contacts/{contact}/associations/companies/{company}"
    assert (await caller.good("PUT", put, spec))["labels"] == ["Bookkeeper"]

    change = {"associationTypeId": type_id, "label": "Accountant"}
    assert await caller.call("PUT", target, change) == (204, None)
    labels = [one["label"] for one in (await caller.good("GET", target))["results"]]
    assert "Accountant" in labels
    assert await caller.call("DELETE", f"{target}/{type_id}") == (204, None)
    assert (await caller.refused("DELETE", f"{target}/279"))[0] == 404


async def test_many_associations_come_in_pages() -> None:
    caller = Caller()
    company = await caller.create("companies", {"name": "A"})
    contacts = [await caller.create("contacts", {"firstname": "A"}, (company, 279)) for _ in "abc"]

    target = f"{OBJECTS}/companies/{company}/associations/contacts?limit=2"
    first = await caller.good("GET", target)
    rest = await caller.good("GET", f"{target}&after={first['paging']['next']['after']}")

    assert [one["toObjectId"] for one in first["results"] + rest["results"]] == contacts


async def test_a_primary_given_from_the_company_is_the_contacts_own() -> None:
    caller = Caller()
    contact, first = await pair(caller)
    second = await caller.create("companies", {"name": "B"})
    caller.portal.associate("companies", first, "contacts", contact)
    caller.portal.associate("companies", second, "contacts", contact)
    assert await types_between(caller, contact, first) == [PRIMARY, COMPANY]
    assert await types_between(caller, contact, second) == [COMPANY]

    caller.portal.associate("companies", second, "contacts", contact, 2)

    assert await types_between(caller, contact, first) == [COMPANY]
    assert await types_between(caller, contact, second) == [PRIMARY, COMPANY]


async def test_people_separate_what_they_associated() -> None:
    caller = Caller()
    contact, company = await pair(caller)
    caller.portal.associate("contacts", contact, "companies", company)

    caller.portal.disassociate("companies", company, "contacts", contact)

    assert caller.portal.associations("contacts", contact, "companies") == []


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["link", "unlink", "archive", "restore"]), st.integers(0, 3)),
        max_size=25,
    )
)
def test_a_count_is_that_of_the_living_associates_whatever_happened(
    deeds: list[tuple[str, int]],
) -> None:
    caller = Caller()
    portal = caller.portal
    company = portal.create("companies", {"name": "A"})["hs_object_id"]
    contacts = [portal.create("contacts", {"firstname": str(n)})["hs_object_id"] for n in range(4)]
    for deed, number in deeds:
        contact = contacts[number]
        alive = portal.get("contacts", contact) is not None
        if deed == "restore" and not alive:
            portal.restore("contacts", contact)
        elif deed == "archive" and alive:
            portal.archive("contacts", contact)
        elif deed == "link" and alive:
            portal.associate("companies", company, "contacts", contact)
        elif deed == "unlink" and alive:
            portal.disassociate("companies", company, "contacts", contact)

    shown = portal.all("companies")[0].get("num_associated_contacts") or "0"
    assert int(shown) == len(portal.associations("companies", company, "contacts"))
