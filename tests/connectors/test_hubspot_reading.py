"""Reading a portal: scans, changes, looks, finds, histories and associations."""

from __future__ import annotations

from typing import Any

import pytest

from ledgerbridge.connectors.hubspot import Settings
from ledgerbridge.connectors.port import Wanted
from ledgerbridge.core.model import State
from ledgerbridge.errors import Refuse, Retry, Unauthorized
from support.clock import START
from support.portal import CONTACT, Crm

SINCE = START.isoformat()


def with_associations(*names: str) -> Wanted:
    return Wanted("contacts", ("email",), names)


async def test_a_scan_reads_every_record_a_hundred_in_a_page() -> None:
    crm = Crm()
    ids = crm.contacts(250)

    found = await crm.scanned()

    assert [record.id for record in found] == ids
    assert crm.calls == {"list contacts": 3}


async def test_a_record_holds_the_wanted_fields_as_text_or_none() -> None:
    crm = Crm(cleared_value="")
    contact_id = crm.contact("ada@example.com", firstname="Ada", phone="1")
    crm.portal.update("contacts", contact_id, {"phone": ""})

    (record,) = await crm.scanned()

    assert record.object_type == "contacts"
    assert record.fields == {
        "email": "ada@example.com",
        "firstname": "Ada",
        "lastname": None,
        "phone": None,
    }
    assert record.state is State.LIVE
    assert record.version == record.modified_at == "2026-05-04T08:00:00.000Z"
    assert record.created_at == "2026-05-04T08:00:00.000Z"


async def test_an_undefined_property_that_was_asked_for_is_empty() -> None:
    crm = Crm()
    crm.contact("ada@example.com")

    (record,) = await crm.scanned(Wanted("contacts", ("email", "no_such_property")))

    assert record.fields == {"email": "ada@example.com", "no_such_property": None}


async def test_a_scan_names_the_associated_records_of_the_wanted_types() -> None:
    crm = Crm()
    line_id = crm.portal.create("line_items", {"name": "Hours"})["hs_object_id"]
    contact_id = crm.contact("ada@example.com")
    company_id = crm.portal.create("companies", {"name": "Alder"})["hs_object_id"]
    crm.portal.associate("contacts", contact_id, "companies", company_id)
    invoice_id = crm.portal.create(
        "invoices", {"hs_currency": "USD"}, [("contacts", contact_id), ("line_items", line_id)]
    )["hs_object_id"]

    (contact,) = await crm.scanned(with_associations("companies", "invoices", "deals"))
    (invoice,) = await crm.scanned(Wanted("invoices", (), ("line_items",)))

    # The company is there twice, with and without its label.
    assert contact.references == {
        "companies": (company_id,),
        "invoices": (invoice_id,),
        "deals": (),
    }
    assert invoice.references == {"line_items": (line_id,)}


async def test_changes_cost_one_search_for_each_type_while_nothing_changed() -> None:
    crm = Crm()
    crm.contacts(3)
    crm.pass_time(60)
    later = crm.clock.now().isoformat()
    wanted = [with_associations("invoices"), Wanted("invoices", ("hs_number",))]

    pages = [page async for page in crm.connector.changes(wanted, later)]

    assert pages == []
    assert crm.calls == {"search contacts": 1, "search invoices": 1}


async def test_changes_bring_what_was_modified_since_with_its_associations_in_one_call() -> None:
    crm = Crm()
    crm.contacts(3)
    crm.pass_time(60)
    since = crm.clock.now().isoformat()
    new_id = crm.contact("new@example.com")
    invoice_id = crm.portal.create("invoices", {"hs_currency": "USD"}, [("contacts", new_id)])[
        "hs_object_id"
    ]

    (found,) = await crm.changed(since, with_associations("invoices"))

    assert found.id == new_id
    assert found.references == {"invoices": (invoice_id,)}
    assert crm.calls == {"search contacts": 1, "batch read associations contacts invoices": 1}


async def test_changes_that_fill_pages_are_read_once_each_in_order_of_time() -> None:
    crm = Crm()
    ids = []
    for n in range(450):
        ids.append(crm.contact(f"p{n}@example.com"))
        crm.pass_time(1)

    found = await crm.changed(SINCE)

    assert [record.id for record in found] == ids
    assert crm.calls == {"search contacts": 3}


async def test_one_instant_that_fills_pages_is_read_on_by_id() -> None:
    crm = Crm()
    before = crm.contacts(5)
    crm.pass_time(1)
    same = [crm.contact(f"same{n}@example.com") for n in range(450)]
    crm.pass_time(1)
    after = crm.contact("after@example.com")

    found = [record.id for record in await crm.changed(SINCE)]

    assert sorted(found) == sorted([*before, *same, after])


async def test_a_record_that_changes_while_changes_are_read_makes_no_other_one_vanish() -> None:
    crm = Crm(settings=Settings(search_rows=20, association_rows=20))
    ids = []
    for n in range(60):
        ids.append(crm.contact(f"p{n}@example.com"))
        crm.pass_time(1)
    seen = set()

    async for page in crm.connector.changes([CONTACT], SINCE):
        seen |= {record.id for record in page.records}
        # What was already read moves to the end; an offset would now jump over as many.
        for record in page.records[:5]:
            crm.portal.update("contacts", record.id, {"firstname": "again"})
            crm.pass_time(1)
        if len(seen) == len(ids):
            break

    assert seen == set(ids)


async def test_more_names_than_a_search_takes_are_read_by_batches() -> None:
    crm = Crm()
    contact_id = crm.contact("ada@example.com")
    for n in range(40):
        crm.portal.add_property("contacts", f"a_property_with_a_name_so_long_that_few_fit_{n:03}")
    names = tuple(name for name in crm.portal.properties("contacts") if name.startswith("a_prop"))
    crm.portal.update("contacts", contact_id, {names[-1]: "here"})

    (record,) = await crm.changed(SINCE, Wanted("contacts", (*names, "email")))

    assert record.fields[names[-1]] == "here"
    assert record.fields["email"] == "ada@example.com"
    assert crm.calls == {"search contacts": 1, "batch read contacts": 1}


async def test_archived_records_are_listed_by_their_ids() -> None:
    crm = Crm()
    ids = crm.contacts(120)
    for contact_id in ids[:110]:
        crm.portal.archive("contacts", contact_id)

    found = [one async for page in crm.connector.archived("contacts") for one in page]

    assert found == ids[:110]
    assert crm.calls == {"list contacts": 2}


async def test_a_look_reads_a_hundred_records_in_a_call() -> None:
    crm = Crm()
    ids = crm.contacts(150)

    looked = await crm.connector.look(CONTACT, ids)

    assert list(looked.found) == ids
    assert looked.gone == {}
    assert crm.calls == {"batch read contacts": 2}


async def test_an_archived_record_is_gone_with_the_time_of_it_as_evidence() -> None:
    crm = Crm()
    kept, archived = crm.contacts(2)
    crm.portal.archive("contacts", archived)

    looked = await crm.connector.look(CONTACT, [kept, archived, "999999"])

    assert list(looked.found) == [kept]
    assert looked.gone[archived].evidence == (
        f"HubSpot answers 404 for {archived}: archived 2026-05-04T08:00:00.000Z."
    )
    assert looked.gone["999999"].evidence == (
        "HubSpot answers 404 for 999999, and its recycle bin does not hold it."
    )
    assert looked.gone[archived].merged_into is None


@pytest.mark.parametrize("object_type", ["contacts", "deals"])
async def test_a_merged_record_is_gone_and_names_its_survivor(object_type: str) -> None:
    crm = Crm()
    made: list[dict[str, Any]] = [
        crm.portal.create(object_type, {"dealname": str(n)} if object_type == "deals" else {})
        for n in range(2)
    ]
    first, second = (one["hs_object_id"] for one in made)
    survivor = crm.portal.merge(object_type, first, second)["hs_object_id"]

    looked = await crm.connector.look(Wanted(object_type), [first, second, survivor])

    assert list(looked.found) == [survivor]
    assert {looked.gone[one].merged_into for one in (first, second)} == {survivor}


async def test_a_missing_scope_is_never_taken_for_a_deletion() -> None:
    crm = Crm(scopes=["oauth"])

    with pytest.raises(Unauthorized) as refusal:
        await crm.connector.look(CONTACT, ["1"])

    assert refusal.value.code == "missing_scope"
    assert "crm.objects.contacts.read" in str(refusal.value)


async def test_an_unknown_path_is_never_taken_for_a_deletion() -> None:
    crm = Crm(settings=Settings(version="v99"))

    with pytest.raises(Refuse) as refusal:
        await crm.connector.look(CONTACT, ["1"])

    assert refusal.value.code == "bad_request"


async def test_records_are_found_by_a_unique_value_without_a_search() -> None:
    crm = Crm()
    ada = crm.contact("ada@example.com")

    found = await crm.connector.find(CONTACT, "email", ["ADA@example.com", "nobody@example.com"])

    assert [record.id for record in found] == [ada]
    assert crm.calls == {"batch read contacts": 1}


async def test_a_property_that_this_portal_keeps_unique_is_read_too_once_described() -> None:
    crm = Crm()
    crm.portal.add_property("contacts", "member_number", unique=True)
    ada = crm.portal.create("contacts", {"member_number": "12"})["hs_object_id"]
    await crm.connector.describe(["contacts"])

    found = await crm.connector.find(CONTACT, "member_number", ["12"])

    assert [record.id for record in found] == [ada]
    assert "search contacts" not in crm.calls


async def test_records_are_found_by_any_other_value_through_searches_that_fit() -> None:
    crm = Crm()
    ids = [
        crm.portal.create("deals", {"dealname": f"Deal Number {n}"})["hs_object_id"]
        for n in range(250)
    ]
    names = [f"DEAL number {n}" for n in range(250)]

    found = await crm.connector.find(Wanted("deals", ("dealname",)), "dealname", names)

    assert sorted(record.id for record in found) == sorted(ids)
    assert crm.calls == {"search deals": 7}


async def test_a_history_shows_the_newest_value_first() -> None:
    crm = Crm()
    ids = crm.contacts(60)
    crm.pass_time(5)
    crm.portal.update("contacts", ids[0], {"firstname": "Ada"})
    crm.pass_time(5)
    crm.portal.update("contacts", ids[0], {"firstname": ""}, source="INTEGRATION")

    found = await crm.connector.history("contacts", ids, ["firstname"])

    newest, older = found[ids[0]]["firstname"][:2]
    assert (newest.value, newest.at, newest.source_type) == (
        None,
        "2026-05-04T08:00:10.000Z",
        "INTEGRATION",
    )
    assert (older.value, older.source_type) == ("Ada", "CRM_UI")
    assert crm.calls == {"batch read contacts": 2}


async def test_associations_are_read_for_all_ids_at_once_also_where_there_are_none() -> None:
    crm = Crm()
    with_two, with_none = crm.contacts(2)
    invoices = tuple(
        crm.portal.create("invoices", {"hs_currency": "USD"}, [("contacts", with_two)])[
            "hs_object_id"
        ]
        for _ in range(2)
    )

    found = await crm.connector.associations("contacts", "invoices", [with_two, with_none])

    assert found == {with_two: invoices, with_none: ()}
    assert crm.calls == {"batch read associations contacts invoices": 1}


async def test_a_read_that_fails_for_a_while_is_tried_again() -> None:
    crm = Crm()
    crm.contacts(1)
    crm.emulator.faults.next("error500")
    crm.emulator.faults.next("drop_before")
    crm.emulator.faults.next("html")
    crm.emulator.faults.next("throttle")

    found = await crm.scanned()

    assert len(found) == 1
    assert crm.calls == {"list contacts": 5}


async def test_a_page_of_html_is_explained() -> None:
    crm = Crm()
    crm.emulator.faults.next("html", times=10, status=200)

    with pytest.raises(Retry, match="An HTML page answered instead of the API of HubSpot"):
        await crm.scanned()
