"""Looking at what changed: one call for all, and what to do when it does not tell everything."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ledgerbridge.connectors.quickbooks import Settings
from ledgerbridge.connectors.quickbooks.instants import stamp
from ledgerbridge.errors import Refuse
from ledgerbridge.sandbox.quickbooks import Switches
from support.books import Books


async def test_one_call_tells_what_changed_in_all_entities() -> None:
    books = Books()
    old = books.customer("Old")
    books.item()
    books.pass_time(60)
    since = stamp(books.clock.now())
    books.pass_time(60)
    new = books.customer("New")

    pages = await books.changed(["Customer", "Item", "Invoice"], since)

    assert [page.object_type for page in pages] == ["Customer"]
    assert [record.id for record in pages[0].records] == [new] != [old]
    assert books.connector.counter.by_kind == {"cdc": 1}


async def test_an_idle_company_answers_with_no_page() -> None:
    books = Books()
    books.customer("Old")
    books.pass_time(60)

    assert await books.changed(["Customer", "Invoice"], stamp(books.clock.now())) == []


async def test_a_deletion_is_a_sign_and_no_record() -> None:
    books = Books()
    customer = books.customer("Alder Works")
    invoice = books.invoice(customer)
    since = stamp(books.clock.now())
    books.company.delete("Invoice", invoice)

    (page,) = await books.changed(["Invoice"], since)

    assert page.records == ()
    assert page.signs == (invoice,)


async def test_a_deactivated_customer_is_a_record_and_no_sign() -> None:
    books = Books()
    customer = books.customer("Alder Works")
    books.company.update("Customer", {"Id": customer, "sparse": True, "Active": False})

    (page,) = await books.changed(["Customer"], stamp(books.clock.now()))

    assert [record.id for record in page.records] == [customer]
    assert page.signs == ()


async def test_an_instant_with_another_offset_means_the_same() -> None:
    books = Books()
    customer = books.customer("Alder Works")

    (page,) = await books.changed(["Customer"], "2026-05-04T10:00:00+02:00")

    assert [record.id for record in page.records] == [customer]


@pytest.mark.parametrize("keeps", ["oldest", "newest"])
async def test_an_answer_as_long_as_they_get_is_completed_by_queries(keeps: str) -> None:
    switches = Switches(cdc_rows_max=20, cdc_keeps="newest" if keeps == "newest" else "oldest")
    books = Books(Settings(cdc_rows_max=20, page_rows=7), switches)
    start = stamp(books.clock.now())
    customer = books.customer("Alder Works")
    invoices = []
    for _ in range(30):
        invoices.append(books.invoice(customer))
        books.pass_time(1)

    pages = await books.changed(["Customer", "Invoice"], start)

    seen = {(page.object_type, record.id) for page in pages for record in page.records}
    assert seen == {("Customer", customer), *(("Invoice", invoice) for invoice in invoices)}


async def test_deletions_that_a_full_answer_still_told_are_kept() -> None:
    switches = Switches(cdc_rows_max=5, cdc_keeps="newest")
    books = Books(Settings(cdc_rows_max=5), switches)
    start = stamp(books.clock.now())
    customer = books.customer("Alder Works")
    invoices = [books.invoice(customer) for _ in range(9)]
    books.pass_time(5)
    books.company.delete("Invoice", invoices[0])

    pages = await books.changed(["Invoice"], start)

    assert [sign for page in pages for sign in page.signs] == [invoices[0]]
    assert {record.id for page in pages for record in page.records} == set(invoices[1:])


async def test_a_look_back_beyond_memory_is_refused_before_anything_is_asked() -> None:
    books = Books()
    since = stamp(books.clock.now() - timedelta(days=31))

    with pytest.raises(Refuse, match="read once instead") as caught:
        await books.changed(["Customer"], since)

    assert caught.value.code == "window_too_old"
    assert books.connector.counter.total == 0


async def test_a_company_that_remembers_less_than_we_think_is_understood() -> None:
    books = Books(switches=Switches(cdc_look_back_days=7))
    since = stamp(books.clock.now() - timedelta(days=8))

    with pytest.raises(Refuse) as caught:
        await books.changed(["Customer"], since)

    assert caught.value.code == "window_too_old"
    assert books.connector.counter.total == 1
