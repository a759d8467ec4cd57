"""Searching a portal: what changed since, and who has a value."""

from __future__ import annotations

from ledgerbridge.connectors.hubspot import Settings
from ledgerbridge.connectors.port import Wanted
from support.clock import START
from support.portal import CONTACT, Crm

SINCE = START.isoformat()


def with_associations(*names: str) -> Wanted:
    return Wanted("contacts", ("email",), names)


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
