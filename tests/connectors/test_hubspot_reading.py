"""Reading a portal: scans, looks, histories and associations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from ledgerbridge.connectors.hubspot import Settings
from ledgerbridge.connectors.port import Wanted
from ledgerbridge.core.model import State
from ledgerbridge.errors import Refuse, Retry, Unauthorized
from ledgerbridge.sandbox.http import Request as Incoming
from ledgerbridge.sandbox.http import Response
from support.clock import START
from support.portal import CONTACT, Crm

SINCE = START.isoformat()
EXEMPT = {"X-Sandbox-Fault": "shape"}
"""Marks an answer that is not the emulator's own: the judge lets it pass."""


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


async def test_archived_records_are_listed_by_their_ids() -> None:
    crm = Crm()
    ids = crm.contacts(120)
    for contact_id in ids[:110]:
        crm.portal.archive("contacts", contact_id)

    pages = crm.connector.archived_records(Wanted("contacts"))
    found = [one.id async for page in pages for one in page.records]

    assert found == ids[:110]
    assert crm.calls == {"list contacts": 2}


async def test_a_look_reads_a_hundred_records_in_a_call() -> None:
    crm = Crm()
    ids = crm.contacts(150)

    looked = await crm.connector.look(CONTACT, ids)

    assert list(looked.found) == ids
    assert looked.gone == {}
    assert crm.calls == {"batch read contacts": 2}


@pytest.mark.parametrize("readable", [False, True])
async def test_an_archived_record_is_gone_with_the_time_of_it_as_evidence(readable: bool) -> None:
    crm = Crm(archived_readable=readable)
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


async def test_more_associated_records_than_one_answer_holds_are_all_read() -> None:
    crm = Crm()
    contact_id = crm.contact("ada@example.com")
    invoices = {
        crm.portal.create("invoices", {"hs_currency": "USD"}, [("contacts", contact_id)])[
            "hs_object_id"
        ]
        for _ in range(7)
    }
    paged(crm, size=3)

    found = await crm.connector.associations("contacts", "invoices", [contact_id])

    assert set(found[contact_id]) == invoices
    assert crm.calls == {"batch read associations contacts invoices": 3}


async def test_a_list_that_shows_only_some_associations_is_completed() -> None:
    crm = Crm()
    contact_id = crm.contact("ada@example.com")
    invoices = [
        crm.portal.create("invoices", {"hs_currency": "USD"}, [("contacts", contact_id)])[
            "hs_object_id"
        ]
        for _ in range(3)
    ]

    def cut(body: Any) -> None:
        for row in body["results"]:
            if "associations" in row:
                page = row["associations"]["invoices"]
                page["results"] = page["results"][:1]
                page["paging"] = {"next": {"after": "1", "link": "…"}}

    changed_answers(crm, cut)
    (record,) = await crm.scanned(with_associations("invoices"))

    assert sorted(record.references["invoices"]) == sorted(invoices)


async def test_the_older_shape_of_associations_is_understood_too() -> None:
    crm = Crm()
    contact_id, invoice_id = crm.contact("ada@example.com"), crm.invoice()
    crm.portal.associate("contacts", contact_id, "invoices", invoice_id)

    def older(body: Any) -> None:
        for row in body["results"]:
            row["to"] = [
                {"id": str(one["toObjectId"]), "type": "contact_to_invoice"} for one in row["to"]
            ]

    changed_answers(crm, older)
    found = await crm.connector.associations("contacts", "invoices", [contact_id])

    assert found == {contact_id: (invoice_id,)}


async def test_a_read_that_fails_for_some_rows_raises_instead_of_leaving_them_out() -> None:
    crm = Crm()
    ids = crm.contacts(2)

    def broken(body: Any) -> None:
        body["results"].pop()
        body["errors"] = [{"status": "error", "category": "INTERNAL_ERROR", "message": "oops"}]

    changed_answers(crm, broken)

    with pytest.raises(Retry) as failure:
        await crm.connector.look(CONTACT, ids)
    assert failure.value.code == "server_error"


async def test_records_that_vanished_have_no_history_and_no_associations() -> None:
    crm = Crm()
    kept = crm.contact("ada@example.com")

    history = await crm.connector.history("contacts", [kept, "999"], ["email"])
    associated = await crm.connector.associations("contacts", "invoices", [kept, "999"])

    assert list(history) == [kept]
    assert associated == {kept: (), "999": ()}


async def test_a_batch_that_leaves_a_record_out_for_no_reason_loses_nothing() -> None:
    crm = Crm()
    ids = crm.contacts(3)
    changed_answers(crm, lambda body: body.get("results", []).pop())

    looked = await crm.connector.look(CONTACT, ids)

    assert sorted(looked.found) == sorted(ids)
    assert crm.calls == {"batch read contacts": 1, "read contacts": 1}


def changed_answers(crm: Crm, change: Callable[[Any], object]) -> None:
    """Let HubSpot answer otherwise than the emulator does, where an answer is a list."""
    inner = crm.app

    async def app(request: Incoming) -> Response:
        answer = await inner(request)
        body = msgspec.json.decode(answer.body)
        if "results" in body:
            change(body)
        return Response(answer.status, msgspec.json.encode(body), EXEMPT)

    crm.app = app


def paged(crm: Crm, size: int) -> None:
    """Let HubSpot answer only so many associated records of one record at once."""
    inner = crm.app

    async def app(request: Incoming) -> Response:
        asked = msgspec.json.decode(request.body)["inputs"][0]
        start = int(asked.get("after", 0))
        answer = await inner(request)
        body = msgspec.json.decode(answer.body)
        row = body["results"][0]
        whole = row["to"]
        row["to"] = whole[start : start + size]
        row.pop("paging", None)
        if start + size < len(whole):
            row["paging"] = {"next": {"after": str(start + size)}}
        return Response(answer.status, msgspec.json.encode(body), EXEMPT)

    crm.app = app


async def test_a_record_that_was_archived_meanwhile_still_tells_its_history() -> None:
    crm = Crm()
    contact_id = crm.contact("ann@example.com", firstname="Ann")
    crm.portal.archive("contacts", contact_id)

    found = await crm.connector.history("contacts", [contact_id], ["firstname"])

    assert [version.value for version in found[contact_id]["firstname"]] == ["Ann"]


async def test_a_record_that_was_merged_and_archived_with_its_survivor_tells_its_history() -> None:
    crm = Crm()
    first, other = (crm.contact(f"{x}@example.com", firstname=x) for x in ("ann", "bob"))
    survivor = crm.portal.merge("contacts", first, other)["hs_object_id"]
    crm.portal.archive("contacts", survivor)

    found = await crm.connector.history("contacts", [first, other], ["firstname"])

    shown = [[version.value for version in found[one]["firstname"]] for one in (first, other)]
    assert shown == [["ann"], ["ann"]]
