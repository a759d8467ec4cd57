"""The history is evidence: the whole story of a record, all of it to take away, within a size."""

from __future__ import annotations

from datetime import UTC, datetime

from ledgerbridge.core.mapping import Rule
from ledgerbridge.core.model import Side
from ledgerbridge.service import history, history_rows
from ledgerbridge.service.history import HistoryReport, Wanted
from ledgerbridge.store import journal
from ledgerbridge.store.transaction import Transaction
from support.pair import Pair

ENTRIES = 4000


async def _story(pair: Pair, side: Side, record_id: str) -> HistoryReport:
    wanted = Wanted(record=(side, record_id))
    return await pair.store.read(history.entries_report, 100, wanted, values=True)


async def test_the_story_of_a_customer_is_that_of_its_contact_too(pair: Pair) -> None:
    customer = pair.customer("Ada Poe", "ada@example.com", GivenName="Ada")
    await pair.begin("contacts")
    await pair.run()
    contact = pair.contact_of("ada@example.com")["hs_object_id"]
    pair.edit_customer(customer, GivenName="Adah")
    await pair.run()

    of_customer = await _story(pair, Side.QUICKBOOKS, customer)
    of_contact = await _story(pair, Side.HUBSPOT, contact)

    assert of_customer == of_contact
    made_and_edited = [one.operation for one in reversed(of_customer.entries)]
    assert made_and_edited == ["create", "update"]
    (standing,) = of_customer.pairs
    assert standing.records == (f"hubspot:{contact}", f"quickbooks:{customer}")
    assert (standing.sync, standing.status, standing.reason) == ("contacts", "in sync", "")


async def test_the_story_of_an_invoice_holds_its_lines(pair: Pair) -> None:
    customer = pair.customer("Ada Poe", "ada@example.com")
    invoice = pair.invoice(customer, pair.item("Rope"))
    await pair.begin()
    await pair.run()

    found = await _story(pair, Side.QUICKBOOKS, invoice)

    assert {one.object_type for one in found.entries} >= {"invoices", "line_items"}
    assert "invoices" in {one.sync for one in found.pairs}


async def test_the_story_says_why_a_record_is_not_in_step_and_what_to_do(pair: Pair) -> None:
    left_out = pair.customer("Nobody", None)
    asked = pair.customer("Ada Poe", "ada@example.com", GivenName="Ada")
    await pair.begin("contacts")
    await pair.set_up("contacts", rule=Rule.ASK)
    await pair.run()
    contact = pair.contact_of("ada@example.com")["hs_object_id"]
    pair.portal.update("contacts", contact, {"firstname": "Adele"})
    pair.edit_customer(asked, GivenName="Adah")
    await pair.run()

    (alone,) = (await _story(pair, Side.QUICKBOOKS, left_out)).pairs
    (waiting,) = (await _story(pair, Side.HUBSPOT, contact)).pairs

    assert (alone.records, alone.status) == ((f"quickbooks:{left_out}",), "excluded")
    assert alone.reason
    assert (waiting.status, waiting.conflicts) == ("case", ("first name",))
    assert waiting.remedy == f"ledgerbridge conflicts show contacts quickbooks:{asked}"


async def test_a_pair_that_ended_keeps_its_story(pair: Pair) -> None:
    pair.customer("Ada Poe", "ada@example.com")
    await pair.begin("contacts")
    await pair.run()
    contact = pair.contact_of("ada@example.com")["hs_object_id"]
    pair.portal.archive("contacts", contact)
    pair.pass_time(90_000)
    await pair.run()

    found = await _story(pair, Side.HUBSPOT, contact)

    assert [one.status for one in found.pairs] == ["ended"]
    assert found.pairs[0].reason
    assert found.entries


async def test_an_export_page_holds_raw_values_and_the_next_one_goes_on(pair: Pair) -> None:
    await pair.store.write(_fill, ENTRIES)

    pages, before = [], None
    while True:
        rows, before = await pair.store.read(history_rows.page, Wanted(), before)
        pages.append(rows)
        if before is None:
            break

    assert len(pages) == ENTRIES // history_rows.PAGE_ENTRIES + 1
    found = [dict(zip(history_rows.COLUMNS, row, strict=True)) for page in pages for row in page]
    assert len({row["record"] for row in found}) == ENTRIES
    assert (found[0]["field"], found[0]["before"], found[0]["after"]) == ("note", None, "=1+1")
    assert history_rows.harmless(found[0]["after"]) == "'=1+1"


async def test_the_history_keeps_within_its_size_and_drops_the_oldest(pair: Pair) -> None:
    before = await pair.store.read(_bytes)
    await pair.store.write(_fill, ENTRIES)
    half = (await pair.store.read(_bytes) - before) // 2

    gone = 0
    while step := await pair.store.write(
        journal.prune, datetime(2000, 1, 1, tzinfo=UTC), half, 500
    ):
        gone += step

    assert 0.35 * ENTRIES < gone < 0.65 * ENTRIES
    kept = await pair.store.read(journal.newest, ENTRIES)
    assert kept[-1].record_id == str(gone)


def _bytes(tx: Transaction) -> int:
    """How large the database is."""
    ((pages,),), ((size,),) = tx.rows("PRAGMA page_count"), tx.rows("PRAGMA page_size")
    return int(pages * size)


def _fill(tx: Transaction, number: int) -> None:
    """A journal of so many writes, as large as they are in life."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    run = "42bf32c8-4ed0-4cfd-9366-7ecae5ce8e44"
    entries = [
        journal.WriteEntry(
            at=at,
            run=run,
            sync="contacts.1",
            link=f"contacts.1/q{n}/1",
            side=Side.HUBSPOT,
            object_type="contacts",
            record_id=str(n),
            changes={"note": (None, "=1+1")},
            operation="update",
            reason="changed on QuickBooks",
        )
        for n in range(number)
    ]
    journal.enter(tx, entries)
