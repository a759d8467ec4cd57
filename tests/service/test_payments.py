"""Payments, as a person who keeps the books makes, changes and takes them back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from ledgerbridge.core.plan import Status
from support.pair import Pair


class Books:
    """One customer of a company, and what she buys and pays."""

    def __init__(self, pair: Pair) -> None:
        self.company, self.portal = pair.company, pair.portal
        income = next(a for a in self.company.all("Account") if a["AccountType"] == "Income")
        self.item = self.company.create(
            "Item",
            {"Name": "Hour", "Type": "Service", "IncomeAccountRef": {"value": income["Id"]}},
        )["Id"]
        self.customer = self.company.create(
            "Customer",
            {"DisplayName": "Ada", "PrimaryEmailAddr": {"Address": "ada@example.com"}},
        )["Id"]

    def sells(self, amount: int, **more: Any) -> str:
        """An invoice over that amount."""
        line = {
            "DetailType": "SalesItemLineDetail",
            "Amount": amount,
            "SalesItemLineDetail": {"ItemRef": {"value": self.item}},
        }
        body = {"CustomerRef": {"value": self.customer}, "Line": [line], **more}
        return str(self.company.create("Invoice", body)["Id"])

    def receives(self, total: int, **applied: int) -> str:
        """A payment; `i7=50` applies 50 of it to invoice 7, `c9=5` uses 5 of credit memo 9."""
        body = {
            "CustomerRef": {"value": self.customer},
            "TotalAmt": total,
            "Line": self.lines(applied),
        }
        return str(self.company.create("Payment", body)["Id"])

    def lines(self, applied: dict[str, int]) -> list[dict[str, Any]]:
        """The lines of a payment."""
        kinds = {"i": "Invoice", "c": "CreditMemo"}
        return [
            {"Amount": part, "LinkedTxn": [{"TxnId": key[1:], "TxnType": kinds[key[0]]}]}
            for key, part in applied.items()
        ]

    def credits(self, amount: int) -> str:
        """A credit memo over that amount."""
        line = {
            "DetailType": "SalesItemLineDetail",
            "Amount": amount,
            "SalesItemLineDetail": {"ItemRef": {"value": self.item}},
        }
        body = {"CustomerRef": {"value": self.customer}, "Line": [line]}
        return str(self.company.create("CreditMemo", body)["Id"])

    def shown(self) -> dict[str, Decimal]:
        """What HubSpot shows as paid, by the last two parts of our key."""
        return {
            ":".join(one["hs_external_reference_id"].split(":")[2:]): Decimal(
                one["hs_initial_amount"]
            )
            for one in self.portal.all("commerce_payments")
        }

    def mirror(self, invoice: str) -> dict[str, Any]:
        """The invoice as HubSpot shows it."""
        return next(
            one
            for one in self.portal.all("invoices")
            if one["ledgerbridge_key"].endswith(f":{invoice}")
        )


@pytest.fixture
def books(pair: Pair) -> Books:
    return Books(pair)


async def test_a_payment_over_two_invoices_and_a_rest_become_three(
    pair: Pair, books: Books
) -> None:
    await pair.begin()
    first, second = books.sells(100), books.sells(60)
    payment = books.receives(200, **{f"i{first}": 100, f"i{second}": 60})

    await pair.run()

    assert books.shown() == {
        f"{payment}:{first}": 100,
        f"{payment}:{second}": 60,
        f"{payment}:unapplied": 40,
    }
    assert books.mirror(first)["hs_invoice_status"] == "paid"
    assert await pair.plan() == {}


async def test_a_partial_payment_leaves_the_invoice_open_though_hubspot_marks_it_paid(
    pair: Pair, books: Books
) -> None:
    await pair.begin()
    invoice = books.sells(100)
    books.receives(30, **{f"i{invoice}": 30})

    await pair.run()

    mirror = books.mirror(invoice)
    assert (mirror["hs_invoice_status"], mirror["ledgerbridge_payment_state"]) == (
        "open",
        "part paid",
    )
    assert mirror["ledgerbridge_part_paid"] == "true"
    assert (mirror["ledgerbridge_cash_paid"], mirror["ledgerbridge_balance"]) == ("30", "70")
    assert await pair.plan() == {}


async def test_a_zero_total_payment_applies_a_credit_and_is_no_cash(
    pair: Pair, books: Books
) -> None:
    await pair.begin()
    invoice, credit = books.sells(100), books.credits(40)
    books.receives(0, **{f"i{invoice}": 40, f"c{credit}": 40})

    await pair.run()

    assert books.shown() == {}
    mirror = books.mirror(invoice)
    assert (mirror["ledgerbridge_cash_paid"], mirror["ledgerbridge_credits_applied"]) == ("0", "40")
    assert await pair.outcomes(Status.CASE) == []


async def test_credit_in_a_mixed_payment_covers_first_and_cash_the_rest(
    pair: Pair, books: Books
) -> None:
    await pair.begin()
    invoice, credit = books.sells(100), books.credits(40)
    payment = books.receives(60, **{f"i{invoice}": 100, f"c{credit}": 40})

    await pair.run()

    assert books.shown() == {f"{payment}:{invoice}": 60}
    mirror = books.mirror(invoice)
    assert mirror["ledgerbridge_credits_applied"] == "40"
    assert mirror["hs_invoice_status"] == "paid"


async def test_a_deposit_is_shown_and_accounts_for_what_is_not_open(
    pair: Pair, books: Books
) -> None:
    await pair.begin()
    invoice = books.sells(100, Deposit=25)

    await pair.run()

    mirror = books.mirror(invoice)
    assert (mirror["ledgerbridge_deposit"], mirror["ledgerbridge_balance"]) == ("25", "75")
    assert await pair.outcomes(Status.CASE) == []


async def test_a_bounced_payment_reopens_the_invoice(pair: Pair, books: Books) -> None:
    await pair.begin()
    invoice = books.sells(100)
    payment = books.receives(100, **{f"i{invoice}": 100})
    await pair.run()
    assert books.mirror(invoice)["hs_invoice_status"] == "paid"

    pair.company.delete("Payment", payment)
    await pair.run()

    assert books.shown() == {}
    mirror = books.mirror(invoice)
    assert (mirror["hs_invoice_status"], mirror["ledgerbridge_cash_paid"]) == ("open", "0")
    assert await pair.plan() == {}


async def test_a_payment_applied_elsewhere_moves_and_may_come_back(
    pair: Pair, books: Books
) -> None:
    await pair.begin()
    first, second = books.sells(50), books.sells(50)
    payment = books.receives(50, **{f"i{first}": 50})
    await pair.run()

    for invoice in (second, first):
        lines = books.lines({f"i{invoice}": 50})
        pair.company.update("Payment", {"Id": payment, "Line": lines})
        await pair.run()
        assert books.shown() == {f"{payment}:{invoice}": 50}
        assert books.mirror(invoice)["hs_invoice_status"] == "paid"

    assert books.mirror(second)["hs_invoice_status"] == "open"
    assert await pair.plan() == {}


async def test_a_payment_follows_when_its_invoice_comes_into_scope(
    pair: Pair, books: Books
) -> None:
    invoice = books.sells(100)
    payment = books.receives(100, **{f"i{invoice}": 100})
    pair.pass_time(2 * 86_400)
    await pair.begin()

    await pair.run()

    assert books.shown() == {}
    out = [one for one in await pair.outcomes(Status.EXCLUDED) if one.record_id.startswith(payment)]
    assert {one.code for one in out} == {"invoice_out_of_scope", "backfill"}


async def test_a_mirror_that_a_person_removed_is_not_made_again(pair: Pair, books: Books) -> None:
    await pair.begin()
    invoice = books.sells(100)
    books.receives(40, **{f"i{invoice}": 40})
    await pair.run()
    (mirror,) = pair.portal.all("commerce_payments")

    pair.portal.archive("commerce_payments", mirror["hs_object_id"])
    pair.pass_time(2 * 86_400)
    await pair.run()
    await pair.run()

    assert books.shown() == {}


async def test_an_invoice_turns_overdue_at_midnight_without_any_event(
    pair: Pair, books: Books
) -> None:
    await pair.begin()
    due = pair.clock.now().date().isoformat()
    invoice = books.sells(100, DueDate=due)
    await pair.run()
    assert books.mirror(invoice)["ledgerbridge_overdue"] == "false"

    pair.pass_time(2 * 86_400)
    await pair.run()

    assert books.mirror(invoice)["ledgerbridge_overdue"] == "true"
    assert await pair.plan() == {}


async def test_a_voided_invoice_keeps_its_original_total(pair: Pair, books: Books) -> None:
    await pair.begin()
    invoice = books.sells(100)
    await pair.run()

    pair.company.void("Invoice", invoice)
    await pair.run()

    mirror = books.mirror(invoice)
    assert (mirror["hs_invoice_status"], mirror["ledgerbridge_original_total"]) == ("voided", "100")


async def test_a_portal_without_payments_keeps_the_figures_and_says_so_once(
    pair: Pair, books: Books
) -> None:
    pair.hubspot.set_switches(payments_feature=False)
    await pair.begin()
    invoice = books.sells(100)
    books.receives(60, **{f"i{invoice}": 60})

    result = await pair.run()

    assert books.mirror(invoice)["ledgerbridge_cash_paid"] == "60"
    assert list(result.unavailable) == ["payments"]
    assert await pair.outcomes(Status.FAILING) == []
    pair.hubspot.set_switches(payments_feature=True)
    await pair.run()
    assert len(books.shown()) == 1


async def test_a_commerce_payment_says_when_how_and_in_what_it_was_paid(
    pair: Pair, books: Books
) -> None:
    await pair.begin()
    (method,) = [x["Id"] for x in pair.company.all("PaymentMethod") if x["Name"] == "Check"]
    invoice = books.sells(100)
    body = {
        "CustomerRef": {"value": books.customer},
        "TotalAmt": 100,
        "TxnDate": "2026-05-03",
        "PaymentRefNum": "4711",
        "PaymentMethodRef": {"value": method},
        "Line": books.lines({f"i{invoice}": 100}),
    }
    payment = pair.company.create("Payment", body)["Id"]
    await pair.run()

    (shown,) = pair.portal.all("commerce_payments")
    names = (
        "hs_external_reference_id hs_initial_amount hs_initiated_date hs_currency_code "
        "hs_payment_method_type hs_reference_number hs_processor_type hs_latest_status"
    )
    assert [shown[name] for name in names.split()] == [
        f"9341450000000001:payment:{payment}:{invoice}",
        "100",
        "2026-05-03T19:00:00Z",  # noon where the company is
        "USD",
        "check",
        "4711",
        "quickbooks",
        "succeeded",
    ]
    ada = pair.contact_of("ada@example.com")["hs_object_id"]
    mirror = books.mirror(invoice)["hs_object_id"]
    near = shown["hs_object_id"]
    assert pair.portal.associations("commerce_payments", near, "invoices") == [mirror]
    assert pair.portal.associations("commerce_payments", near, "contacts") == [ada]


async def test_a_renumbered_invoice_keeps_its_mirror(pair: Pair, books: Books) -> None:
    await pair.begin()
    invoice = books.sells(100, DocNumber="1001")
    await pair.run()
    before = books.mirror(invoice)["hs_object_id"]
    pair.company.update("Invoice", {"Id": invoice, "DocNumber": "A-7"})
    await pair.run()

    after = books.mirror(invoice)
    assert (after["hs_object_id"], after["hs_number"]) == (before, "A-7")
    assert len(pair.mirrors()) == 1
