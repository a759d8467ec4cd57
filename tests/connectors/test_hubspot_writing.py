"""Writing batches: creations, updates, archiving, associations, and what fails among them."""

from __future__ import annotations

import msgspec
import pytest

from ledgerbridge.connectors.hubspot import PropertyDefinition
from ledgerbridge.connectors.port import Association, Stored, Wanted, Write, WriteKind
from ledgerbridge.core.model import Value
from ledgerbridge.errors import Verdict
from ledgerbridge.sandbox.http import Request as Incoming
from ledgerbridge.sandbox.http import Response
from support.portal import Crm, failure_of, record_of

KEY = "ledgerbridge_key"
KEY_OF_CONTACTS = PropertyDefinition(
    object_type="contacts", name=KEY, label="QuickBooks key", unique=True
)


def keyed(count: int) -> list[dict[str, Value]]:
    return [{"email": f"p{n}@example.com", KEY: f"1:customer:{n}"} for n in range(count)]


async def with_keys(crm: Crm) -> Crm:
    await crm.connector.ensure_properties([KEY_OF_CONTACTS])
    crm.connector.counter.by_kind.clear()
    return crm


def update(record_id: str, trace: str = "t0", **fields: Value) -> Write:
    return Write(trace=trace, record_id=record_id, fields=dict(fields))


@pytest.mark.parametrize("echoed", [True, False])
async def test_new_records_come_back_in_the_order_of_their_rows(echoed: bool) -> None:
    crm = await with_keys(Crm(trace_id_echoed=echoed))

    outcomes = await crm.created(*keyed(100), key=KEY)

    assert [outcome.trace for outcome in outcomes] == [f"t{n}" for n in range(100)]
    records = [record_of(outcome) for outcome in outcomes]
    assert [record.fields[KEY] for record in records] == [f"1:customer:{n}" for n in range(100)]
    assert all(record.object_type == "contacts" and record.version for record in records)
    assert crm.calls == {"batch create contacts": 1}


async def test_rows_are_recognised_by_their_key_whatever_the_order_of_the_answer() -> None:
    crm = await with_keys(Crm())
    backwards(crm)

    outcomes = await crm.created(*keyed(10), key=KEY)

    for n, outcome in enumerate(outcomes):
        assert record_of(outcome).fields["email"] == f"p{n}@example.com"


async def test_rows_without_a_key_are_recognised_by_what_was_written() -> None:
    crm = Crm()
    backwards(crm)
    rows: list[dict[str, Value]] = [
        {"hs_label": "Tax", "hs_type": "FIXED", "hs_value": value}
        for value in ("1.50", "2", "2", "3")
    ]

    outcomes = await crm.created(*rows, object_type="taxes")

    assert [record_of(one).fields["hs_value"] for one in outcomes] == ["1.50", "2", "2", "3"]
    assert len({record_of(one).id for one in outcomes}) == 4


async def test_equal_rows_for_different_parents_are_in_doubt_rather_than_mixed_up() -> None:
    crm = Crm()
    parents = [crm.invoice(), crm.invoice()]
    writes = (
        Write(
            trace=parent,
            fields={"hs_label": "Tax", "hs_type": "FIXED", "hs_value": "1"},
            associations=(Association("invoices", parent),),
        )
        for parent in parents
    )

    outcomes = await crm.written(WriteKind.CREATE, *writes, object_type="taxes")

    assert {failure_of(one).verdict for one in outcomes} == {Verdict.LOOK_AGAIN}
    assert {failure_of(one).code for one in outcomes} == {"no_answer_for_row"}


async def test_one_bad_row_does_not_stop_the_others() -> None:
    crm = await with_keys(Crm())
    rows = keyed(3)
    rows[1]["email"] = "not an address"

    outcomes = await crm.created(*rows, key=KEY)

    failure = failure_of(outcomes[1])
    assert (failure.code, failure.field, failure.verdict) == (
        "invalid_email",
        "email",
        Verdict.REFUSE,
    )
    assert "not an address is invalid" in failure.message
    assert [record_of(outcomes[n]).fields["email"] for n in (0, 2)] == [
        "p0@example.com",
        "p2@example.com",
    ]
    assert crm.calls == {"batch create contacts": 1}


async def test_an_email_that_a_contact_has_names_that_contact() -> None:
    crm = Crm()
    ada = crm.contact("ada@example.com")

    outcomes = await crm.created({"email": "Ada@example.com"}, {"email": "b@example.com"})

    failure = failure_of(outcomes[0])
    assert (failure.code, failure.existing_id, failure.field) == ("already_exists", ada, "email")
    assert isinstance(outcomes[1], Stored)


@pytest.mark.parametrize("status", [400, 409])
async def test_a_key_that_a_record_has_names_that_record(status: int) -> None:
    crm = await with_keys(Crm(unique_violation_status=status))
    (first,) = await crm.created(*keyed(1), key=KEY)

    (again,) = await crm.created({KEY: "1:customer:0"}, key=KEY)

    failure = failure_of(again)
    assert failure.code == "already_exists"
    assert failure.existing_id == record_of(first).id
    assert failure.field == KEY


async def test_a_new_invoice_carries_its_associations() -> None:
    crm = Crm()
    contact_id = crm.contact("ada@example.com")
    lines = await crm.created({"name": "Hours", "price": "5"}, object_type="line_items")
    line_id = record_of(lines[0]).id
    write = Write(
        trace="t",
        fields={"hs_currency": "USD", "hs_number": "7", "hs_comments": None},
        associations=(Association("contacts", contact_id), Association("line_items", line_id)),
    )

    (outcome,) = await crm.written(WriteKind.CREATE, write, object_type="invoices")

    invoice = record_of(outcome)
    assert invoice.references == {"contacts": (contact_id,), "line_items": (line_id,)}
    assert crm.portal.associations("invoices", invoice.id, "contacts") == [contact_id]
    assert crm.portal.associations("invoices", invoice.id, "line_items") == [line_id]


async def test_a_pair_that_cannot_be_associated_is_refused_before_anything_is_sent() -> None:
    crm = Crm()
    bad = Write(trace="bad", associations=(Association("products", "1"),))
    good = Write(trace="good", fields={"email": "a@example.com"})

    outcomes = await crm.written(WriteKind.CREATE, bad, good)

    assert failure_of(outcomes[0]).code == "invalid_association"
    assert isinstance(outcomes[1], Stored)


async def test_an_update_sets_and_clears_and_returns_what_is_stored() -> None:
    crm = Crm()
    ada, bob = crm.contact("ada@example.com", phone="1"), crm.contact("bob@example.com")
    crm.pass_time(5)

    outcomes = await crm.written(
        WriteKind.UPDATE,
        update(bob, "b", firstname="Bob"),
        update(ada, "a", phone=None, email="ADA@work.example.com"),
    )

    assert record_of(outcomes[0]).id == bob
    ada_stored = record_of(outcomes[1])
    assert ada_stored.fields["email"] == "ada@work.example.com"
    assert ada_stored.fields["phone"] is None
    assert ada_stored.version == "2026-05-04T08:00:05.000Z"
    assert (crm.portal.get("contacts", ada) or {}).get("phone", "") == ""
    assert crm.calls == {"batch update contacts": 1}


async def test_an_update_of_a_record_that_is_gone_says_so_and_the_others_go_through() -> None:
    crm = Crm()
    ada, bob = crm.contacts(2)
    crm.portal.archive("contacts", bob)

    outcomes = await crm.written(
        WriteKind.UPDATE, update(bob, "b", firstname="B"), update(ada, "a", firstname="A")
    )

    assert failure_of(outcomes[0]).code == "not_found"
    assert record_of(outcomes[1]).fields["firstname"] == "A"


@pytest.mark.parametrize("echoed", [True, False])
async def test_updates_that_meet_in_one_record_since_a_merge_are_both_in_doubt(
    echoed: bool,
) -> None:
    crm = Crm(trace_id_echoed=echoed)
    first, second, third = (crm.contact(f"p{n}@example.com") for n in range(3))
    survivor = crm.portal.merge("contacts", first, second)["hs_object_id"]

    outcomes = await crm.written(
        WriteKind.UPDATE,
        update(first, "a", firstname="Ada"),
        update(second, "b", firstname="Bea"),
        update(third, "c", firstname="Cleo"),
    )

    assert [failure_of(one).verdict for one in outcomes[:2]] == [Verdict.LOOK_AGAIN] * 2
    assert record_of(outcomes[2]).fields["firstname"] == "Cleo"
    assert (crm.portal.get("contacts", survivor) or {})["firstname"] == "Bea"


async def test_an_update_by_an_id_from_before_a_merge_answers_with_the_survivor() -> None:
    crm = Crm()
    first, second = crm.contacts(2)
    survivor = crm.portal.merge("contacts", first, second)["hs_object_id"]

    (outcome,) = await crm.written(WriteKind.UPDATE, update(first, firstname="Ada"))

    assert record_of(outcome).id == survivor


async def test_archived_rows_are_stored_without_a_record() -> None:
    crm = Crm()
    ids = crm.contacts(2)

    outcomes = await crm.written(
        WriteKind.ARCHIVE, *(Write(trace=one, record_id=one) for one in ids)
    )

    assert outcomes == [Stored(one, None) for one in ids]
    assert crm.portal.all("contacts") == []


async def test_records_are_associated_and_separated_in_batches() -> None:
    crm = Crm()
    contact_id, invoice_id = crm.contact("ada@example.com"), crm.invoice()
    line_id = crm.portal.create("line_items", {"name": "Hours"})["hs_object_id"]
    write = Write(
        trace="t",
        record_id=invoice_id,
        associations=(Association("contacts", contact_id), Association("line_items", line_id)),
    )

    associated = await crm.written(WriteKind.ASSOCIATE, write, object_type="invoices")
    together = crm.portal.associations("contacts", contact_id, "invoices")
    separated = await crm.written(WriteKind.DISASSOCIATE, write, object_type="invoices")

    assert associated == separated == [Stored("t", None)]
    assert together == [invoice_id]
    assert crm.portal.associations("invoices", invoice_id, "contacts") == []
    assert crm.portal.associations("invoices", invoice_id, "line_items") == []


async def test_associating_with_a_record_that_is_gone_fails_for_its_row_alone() -> None:
    crm = Crm()
    contact_id = crm.contact("ada@example.com")
    invoices = [crm.invoice(), crm.invoice(), crm.invoice()]
    writes = [
        Write(trace=one, record_id=one, associations=(Association("contacts", contact_id),))
        for one in invoices[:2]
    ]
    writes.append(
        Write(trace="bad", record_id=invoices[2], associations=(Association("contacts", "999"),))
    )

    outcomes = await crm.written(WriteKind.ASSOCIATE, *writes, object_type="invoices")

    assert outcomes[:2] == [Stored(one, None) for one in invoices[:2]]
    assert failure_of(outcomes[2]).code == "missing_reference"
    assert crm.portal.associations("contacts", contact_id, "invoices") == invoices[:2]


async def test_batches_have_the_sizes_that_hubspot_takes() -> None:
    crm = Crm()

    assert crm.connector.batch_size(WriteKind.CREATE, "contacts") == 100
    assert crm.connector.batch_size(WriteKind.ASSOCIATE, "invoices") == 1000


async def test_what_was_created_is_what_a_look_shows() -> None:
    crm = await with_keys(Crm())
    wanted = Wanted("contacts", ("email", KEY))

    (outcome,) = await crm.created(*keyed(1), key=KEY)
    looked = await crm.connector.look(wanted, [record_of(outcome).id])

    stored = record_of(outcome)
    shown = looked.found[stored.id]
    assert {name: stored.fields[name] for name in wanted.fields} == shown.fields
    assert stored.version == shown.version


def backwards(crm: Crm) -> None:
    """Let HubSpot answer batches in another order than it was asked."""
    inner = crm.emulator.app

    async def app(request: Incoming) -> Response:
        answer = await inner(request)
        body = msgspec.json.decode(answer.body)
        body["results"].reverse()
        return Response(answer.status, msgspec.json.encode(body), answer.headers)

    crm.app = app


@pytest.mark.parametrize("form", ["with id", "plain", "object exists"])
async def test_an_address_that_is_taken_is_told_in_every_form_of_the_refusal(form: str) -> None:
    crm = Crm(contact_exists_form=form)
    ada = crm.contact("ada@example.com")

    (outcome,) = await crm.created({"email": "ada@example.com"})

    failure = failure_of(outcome)
    assert (failure.code, failure.field) == ("already_exists", "email")
    assert failure.existing_id == (None if form == "plain" else ada)


async def test_what_a_portal_requires_of_new_records_is_named() -> None:
    crm = Crm()
    crm.portal.require("contacts", "phone")
    crm.portal.require_when("contacts", "lifecyclestage", "customer", "company")

    outcomes = await crm.created(
        {"email": "a@example.com"},
        {"email": "b@example.com", "phone": "1", "lifecyclestage": "customer"},
        {"email": "c@example.com", "phone": "1"},
    )

    failures = [failure_of(one) for one in outcomes[:2]]
    assert [(one.code, one.field) for one in failures] == [
        ("missing_value", "phone"),
        ("missing_value", "company"),
    ]
    assert isinstance(outcomes[2], Stored)


@pytest.mark.parametrize("order", ["as sent", "reversed"])
async def test_rows_are_told_apart_whatever_the_order_of_the_results(order: str) -> None:
    crm = Crm(batch_order=order)

    rows: list[dict[str, Value]] = [{"email": f"p{number}@example.com"} for number in range(4)]
    outcomes = await crm.created(*rows)

    emails = [record_of(one).fields["email"] for one in outcomes]
    assert emails == [f"p{number}@example.com" for number in range(4)]


async def test_a_full_record_refuses_its_association_alone() -> None:
    crm = Crm()
    ada, bea = crm.contacts(2)
    invoices = [crm.invoice(), crm.invoice()]
    crm.portal.associate("invoices", invoices[0], "contacts", ada)
    crm.portal.limit_associations("invoices", "contacts", 1)
    writes = [
        Write(trace=f"t{n}", record_id=invoice, associations=(Association("contacts", bea),))
        for n, invoice in enumerate(invoices)
    ]

    outcomes = await crm.written(WriteKind.ASSOCIATE, *writes, object_type="invoices")

    assert failure_of(outcomes[0]).verdict is Verdict.REFUSE
    assert isinstance(outcomes[1], Stored)
