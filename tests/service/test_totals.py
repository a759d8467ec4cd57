"""Contacts and companies show what their customers were invoiced, paid and owe, to segment by."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ledgerbridge.core.filters import Condition, Filter
from ledgerbridge.core.model import Side
from ledgerbridge.service import keeping
from support.pair import Pair

NAMES = (
    "invoices",
    "invoiced",
    "paid",
    "credited",
    "open",
    "overdue",
    "oldest_due",
    "last_invoice",
    "last_payment",
    "since",
)
DAY_S = 86_400.0


def shown(record: dict[str, str]) -> dict[str, str]:
    """The totals that a record shows."""
    return {x: record[f"ledgerbridge_{x}"] for x in NAMES if record.get(f"ledgerbridge_{x}")}


def pays(pair: Pair, customer: str, amount: int, *invoices: str) -> str:
    """A customer pays; what settles no invoice is left over."""
    lines: list[dict[str, Any]] = [
        {"Amount": 20, "LinkedTxn": [{"TxnId": one, "TxnType": "Invoice"}]} for one in invoices
    ]
    body = {"CustomerRef": {"value": customer}, "TotalAmt": amount, "Line": lines}
    return str(pair.company.create("Payment", body)["Id"])


def of_contact(pair: Pair, email: str = "ada@example.com") -> dict[str, str]:
    """What the contact shows."""
    return shown(pair.contact_of(email))


async def test_a_new_contact_and_its_company_show_the_totals_from_the_start(pair: Pair) -> None:
    ada = pair.customer("Ada Poe", "ada@example.com", CompanyName="Poe Ltd")
    item = pair.item("Hours")
    paid = pair.invoice(ada, item, TxnDate="2026-04-01", DueDate="2026-05-20")
    pair.invoice(ada, item, TxnDate="2026-04-20", DueDate="2026-04-25")
    pays(pair, ada, 25, paid)
    pair.customer("Bea Roe", "bea@example.com")
    await pair.begin()
    await pair.set_up("invoices", to_hubspot=Filter())

    await pair.run()

    today = pair.clock.now().date().isoformat()
    assert of_contact(pair) == {
        "invoices": "2",
        "invoiced": "40",
        "paid": "20",
        "credited": "0",
        "open": "15",
        "overdue": "20",
        "oldest_due": "2026-04-25",
        "last_invoice": "2026-04-20",
        "last_payment": today,
    }
    (company,) = pair.portal.all("companies")
    assert shown(company) == of_contact(pair)
    assert of_contact(pair, "bea@example.com") == {}
    assert (await pair.run()).writes == 0


async def test_only_invoices_count_that_the_filter_lets_through_and_it_says_since_when(
    pair: Pair,
) -> None:
    ada = pair.customer("Ada Poe", "ada@example.com")
    item = pair.item("Hours")
    pair.invoice(ada, item, TxnDate="2025-12-31")
    pair.invoice(ada, item, TxnDate="2026-01-02")
    await pair.begin()
    since = Condition(field="TxnDate", operator="on or after", value="2026-01-01")
    await pair.set_up("invoices", to_hubspot=Filter(groups=((since,),)))

    await pair.run()

    found = of_contact(pair)
    assert (found["invoices"], found["invoiced"], found["since"]) == ("1", "20", "2026-01-01")
    assert found["open"] == "40"  # the customer's own balance knows no filter


@pytest.fixture
async def billed(pair: Pair) -> tuple[Pair, str, str]:
    """Ada, with one open invoice that is in HubSpot."""
    ada = pair.customer("Ada Poe", "ada@example.com", CompanyName="Poe Ltd")
    invoice = pair.invoice(ada, pair.item("Hours"), TxnDate="2026-05-01", DueDate="2026-06-01")
    await pair.begin()
    await pair.set_up("invoices", to_hubspot=Filter())
    await pair.run()
    return pair, ada, invoice


async def test_a_payment_and_its_bounce_move_them(billed: tuple[Pair, str, str]) -> None:
    pair, ada, invoice = billed
    payment = pays(pair, ada, 20, invoice)
    await pair.run()
    paid = of_contact(pair)
    pair.company.delete("Payment", payment)
    await pair.run()
    bounced = of_contact(pair)

    assert (paid["paid"], paid["open"]) == ("20", "0")
    assert (bounced["paid"], bounced["open"]) == ("0", "20")
    assert "last_payment" in paid
    assert "last_payment" not in bounced
    assert (await pair.run()).writes == 0


async def test_a_credit_that_moves_no_balance_of_the_customer_moves_them(
    billed: tuple[Pair, str, str],
) -> None:
    pair, ada, invoice = billed
    line = {"DetailType": "SalesItemLineDetail", "Amount": 20, "SalesItemLineDetail": {}}
    credit = pair.company.create("CreditMemo", {"CustomerRef": {"value": ada}, "Line": [line]})
    await pair.run()
    before = of_contact(pair)
    lines = [
        {"Amount": 20, "LinkedTxn": [{"TxnId": invoice, "TxnType": "Invoice"}]},
        {"Amount": 20, "LinkedTxn": [{"TxnId": credit["Id"], "TxnType": "CreditMemo"}]},
    ]
    body = {"CustomerRef": {"value": ada}, "TotalAmt": 0, "Line": lines}
    pair.company.create("Payment", body)
    await pair.run()
    after = of_contact(pair)

    assert (before["open"], before["credited"]) == ("0", "0")
    assert (after["open"], after["credited"], after["paid"]) == ("0", "20", "0")
    assert "last_payment" not in after


async def test_a_voided_and_a_deleted_invoice_leave_them(billed: tuple[Pair, str, str]) -> None:
    pair, ada, invoice = billed
    other = pair.invoice(ada, pair.item("Rope"), TxnDate="2026-05-02")
    await pair.run()
    assert of_contact(pair)["invoices"] == "2"

    pair.company.void("Invoice", invoice)
    await pair.run()
    assert (of_contact(pair)["invoices"], of_contact(pair)["invoiced"]) == ("1", "20")
    pair.company.delete("Invoice", other)
    await pair.run()

    assert of_contact(pair) == {}
    (company,) = pair.portal.all("companies")
    assert shown(company) == {}


async def test_an_invoice_moved_to_another_customer_leaves_the_one_and_joins_the_other(
    billed: tuple[Pair, str, str],
) -> None:
    pair, _, invoice = billed
    bea = pair.customer("Bea Roe", "bea@example.com")
    await pair.run()
    body = {"Id": invoice, "sparse": True, "CustomerRef": {"value": bea}}
    pair.company.update("Invoice", body)

    await pair.run()

    assert of_contact(pair) == {}
    assert of_contact(pair, "bea@example.com")["invoiced"] == "20"


async def test_an_invoice_turns_overdue_at_midnight_without_any_event(
    billed: tuple[Pair, str, str],
) -> None:
    pair, _, _ = billed
    assert of_contact(pair)["overdue"] == "0"
    pair.pass_time(40 * DAY_S)

    await pair.run()

    found = of_contact(pair)
    assert (found["overdue"], found["oldest_due"]) == ("20", "2026-06-01")


async def test_a_shared_contact_shows_what_all_its_customers_add_up_to(pair: Pair) -> None:
    item = pair.item("Hours")
    for name in ("Ada Poe", "Ada Poe, second"):
        pair.invoice(pair.customer(name, "ada@example.com"), item)
    above = pair.customer("Bea Roe", "bea@example.com")
    job = pair.customer("Roof", None, ParentRef={"value": above}, Job=True)
    pair.invoice(job, item)
    await pair.begin()
    await pair.set_up("invoices", to_hubspot=Filter())

    await pair.run()

    shared = of_contact(pair)
    assert (shared["invoices"], shared["invoiced"], shared["open"]) == ("2", "40", "40")
    with_job = of_contact(pair, "bea@example.com")
    assert (with_job["invoices"], with_job["open"]) == ("1", "20")
    assert (await pair.run()).writes == 0


async def test_another_filter_counts_anew(billed: tuple[Pair, str, str]) -> None:
    pair, _, _ = billed
    late = Condition(field="TxnDate", operator="on or after", value="2026-05-03")
    await pair.set_up("invoices", to_hubspot=Filter(groups=((late,),)))

    await pair.run()

    assert of_contact(pair) == {}


async def test_customers_without_invoices_cost_no_call_more(pair: Pair) -> None:
    for number in range(3):
        pair.customer(f"Customer {number}", f"c{number}@example.com")
    await pair.begin()
    await pair.run()
    pair.hubspot.calls.clear()
    pair.edit_customer("1", GivenName="Ida")

    result = await pair.run()

    assert result.writes == 1


@pytest.mark.parametrize("taken_over", [True, False])
async def test_a_customer_that_is_part_of_another_pair_counts_no_more_where_it_leant(
    pair: Pair, taken_over: bool
) -> None:
    books = pair.company.books
    books.switches = replace(
        books.switches, merged_in_cdc=True, merge_touches_transactions=taken_over
    )
    ada = pair.customer("Ada Poe", "ada@example.com")
    bea = pair.customer("Bea Roe", "bea@example.com")
    cleo = pair.customer("Cleo Doe", "cleo@example.com")
    item = pair.item("Hours")
    for customer in (ada, bea, cleo):
        pair.invoice(customer, item, TxnDate="2026-04-01")
    await pair.begin()
    await pair.set_up("invoices", to_hubspot=Filter())
    await pair.run()
    first, second = (
        pair.contact_of(f"{name}@example.com")["hs_object_id"] for name in ("bea", "ada")
    )
    pair.portal.merge("contacts", first, second)
    await pair.run()
    await pair.store.write(keeping.keep, "contacts", (Side.QUICKBOOKS, bea), pair.clock.now())
    await pair.run()
    assert of_contact(pair, "bea@example.com")["invoices"] == "2"

    survivor, other = (ada, cleo) if taken_over else (cleo, ada)
    pair.company.merge("Customer", survivor, other)
    await pair.run()
    await pair.run()

    assert of_contact(pair, "bea@example.com")["invoices"] == "1"
