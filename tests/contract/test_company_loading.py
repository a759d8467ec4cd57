"""The believable company inside both emulators: they take all of it, and it ends as told."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.company_world import TODAY, World, loaded, named
from contract.quickbooks_schema import TYPES, WHY_SKIPPED, check_body
from ledgerbridge.sandbox.company import Entry
from ledgerbridge.sandbox.hubspot import ApiError
from ledgerbridge.sandbox.quickbooks import Refused

SEEDS = st.integers(min_value=0, max_value=2**32)
LOAD_S_MAX = 5

as_json = msgspec.json.Encoder(decimal_format="number").encode


@pytest.fixture(scope="module", name="world")
def world_of_one_seed() -> World:
    return loaded(0, 120)


def in_books(world: World, entry: Entry) -> dict[str, Any]:
    record = world.company.get(entry.type, world.ids[entry.key])

    assert record is not None, entry.name
    return record


def in_portal(world: World, entry: Entry) -> dict[str, str]:
    record = world.portal.get(entry.type, world.ids[entry.key])

    assert record is not None, entry.name
    return record


@given(SEEDS)
@settings(max_examples=15, deadline=None)
def test_both_emulators_take_the_story_of_any_seed(seed: int) -> None:
    world = loaded(seed)

    assert set(world.ids) == set(world.story.entries)


@given(SEEDS)
@settings(max_examples=8, deadline=None)
def test_invoices_end_as_the_story_tells(seed: int) -> None:
    world = loaded(seed)
    ends: dict[str, Callable[[Decimal, Decimal], bool]] = {
        "paid": lambda total, balance: balance == 0 < total,
        "partly_paid": lambda total, balance: 0 < balance < total,
        "overdue": lambda _, balance: balance > 0,
        "due_in_future": lambda _, balance: balance > 0,
        "voided": lambda total, balance: total == balance == 0,
        "zero_total": lambda total, balance: total == balance == 0,
        "credits_applied": lambda total, balance: balance == 0 < total,
    }
    for situation, holds in ends.items():
        for entry in named(world.story, situation, "Invoice"):
            invoice = in_books(world, entry)

            assert holds(invoice["TotalAmt"], invoice["Balance"]), (situation, entry.name)


@pytest.mark.skipif(TYPES is None, reason=WHY_SKIPPED)
def test_the_vendors_schema_knows_all_that_is_sent_and_stored(world: World) -> None:
    for entry in world.story.quickbooks:
        for body in (entry.body, in_books(world, entry)):
            sent = msgspec.json.decode(as_json(body))

            assert check_body(entry.type, sent) == []


def test_the_default_company_is_loaded_in_a_few_seconds() -> None:
    begun = time.perf_counter()
    world = loaded(0, 400)

    assert time.perf_counter() - begun < LOAD_S_MAX
    assert len(world.company.all("Customer")) == 400
    assert len(world.company.all("Invoice")) == 900
    assert len(world.portal.all("contacts")) == 350


def test_every_record_was_created_when_the_story_says(world: World) -> None:
    for entry in world.story.quickbooks:
        created = datetime.fromisoformat(in_books(world, entry)["MetaData"]["CreateTime"])

        assert entry.at.replace(microsecond=0) == created, entry.name
    for entry in world.story.of("contacts"):
        assert entry.at == datetime.fromisoformat(in_portal(world, entry)["createdate"])


def test_open_receivables_are_what_the_customers_owe(world: World) -> None:
    owed = sum(Decimal(customer["Balance"]) for customer in world.company.all("Customer"))
    invoices = sum(Decimal(invoice["Balance"]) for invoice in world.company.all("Invoice"))
    rests = sum(Decimal(payment["UnappliedAmt"]) for payment in world.company.all("Payment"))
    credits_left = sum(Decimal(memo["Balance"]) for memo in world.company.all("CreditMemo"))

    assert owed == invoices - rests - credits_left
    assert rests > 0
    assert credits_left > 0


def test_document_numbers_go_up_with_time_and_are_kept(world: World) -> None:
    documents = [*world.story.of("Invoice"), *world.story.of("CreditMemo")]
    in_order = sorted(documents, key=lambda entry: entry.at)

    assert [entry.name for entry in in_order] == [
        in_books(world, entry)["DocNumber"] for entry in in_order
    ]
    assert [int(entry.name) for entry in in_order] == [*range(1001, 1001 + len(documents))]


def test_inactive_customers_and_items_got_inactive_after_they_were_used(world: World) -> None:
    for situation, type_, name in (
        ("inactive_customers", "Customer", "DisplayName"),
        ("inactive_items", "Item", "Name"),
    ):
        for entry in named(world.story, situation, type_):
            record = in_books(world, entry)

            assert record["Active"] is False
            assert record[name] == f"{entry.name} (deleted)"


def test_a_job_two_levels_down_has_a_path_of_three_names(world: World) -> None:
    for entry in named(world.story, "sub_customers_two_levels_down", "Customer"):
        assert in_books(world, entry)["FullyQualifiedName"].count(":") == 2


def test_the_bundle_can_be_read(world: World) -> None:
    (entry,) = named(world.story, "bundles", "Item")
    bundle = in_books(world, entry)
    parts = bundle["ItemGroupDetail"]["ItemGroupLine"]

    assert bundle["Type"] == "Group"
    assert all(world.company.get("Item", part["ItemRef"]["value"]) for part in parts)


def test_purchase_orders_and_deposits_stand_on_the_invoices(world: World) -> None:
    for entry in named(world.story, "with_purchase_order", "Invoice"):
        field = in_books(world, entry)["CustomField"][0]
        assert (field["Name"], field["StringValue"][:3]) == ("P.O. Number", "PO-")
    for entry in named(world.story, "with_deposit", "Invoice"):
        invoice = in_books(world, entry)
        assert invoice["Balance"] <= invoice["TotalAmt"] - invoice["Deposit"]


def test_native_invoices_are_open_and_owed_by_their_contact(world: World) -> None:
    for entry in world.story.of("invoices"):
        invoice = in_portal(world, entry)
        contacts = world.portal.associations("invoices", world.ids[entry.key], "contacts")

        assert (invoice["hs_invoice_status"], invoice["hs_invoice_source"]) == ("open", "hubspot")
        assert Decimal(invoice["hs_balance_due"]) > 0
        assert len(contacts) == 1


def test_the_portal_refuses_the_emails_said_to_be_refused(world: World) -> None:
    for entry in named(world.story, "email_that_hubspot_refuses", "Customer"):
        address = in_books(world, entry)["PrimaryEmailAddr"]["Address"]
        with pytest.raises(ApiError, match="INVALID_EMAIL"):
            world.portal.create("contacts", {"email": address})


def test_the_books_refuse_the_values_said_to_be_too_long(world: World) -> None:
    for entry in named(world.story, "contacts_too_long_for_quickbooks", "contacts"):
        too_long = {
            "CompanyName": entry.body.get("company", ""),
            "Title": entry.body.get("salutation", ""),
        }
        with pytest.raises(Refused, match="2050"):
            world.company.create("Customer", {"DisplayName": entry.name, **too_long})


def test_the_books_refuse_a_second_holder_of_a_vendors_or_customers_name(world: World) -> None:
    for situation in ("contacts_named_like_a_vendor", "contacts_named_like_a_customer"):
        for entry in named(world.story, situation, "contacts"):
            name = f"{entry.body['firstname']} {entry.body['lastname']}"
            with pytest.raises(Refused, match="6240"):
                world.company.create("Customer", {"DisplayName": name})


def test_loading_ends_on_the_day_the_story_ends(world: World) -> None:
    latest = max(invoice["TxnDate"] for invoice in world.company.all("Invoice"))

    assert latest < TODAY.isoformat()
