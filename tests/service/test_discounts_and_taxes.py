"""Invoices with discounts, negative lines and tax: what HubSpot then shows, to the cent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from ledgerbridge.core.plan import Status
from ledgerbridge.store.transaction import Transaction
from support.pair import Countdown, Pair, to_hubspot


class Shop:
    """One customer, and what she is billed."""

    def __init__(self, pair: Pair) -> None:
        self.pair, self.portal, self.company = pair, pair.portal, pair.company
        self.customer = pair.customer("Ada Poe", "ada@example.com")
        self.item = pair.item("Hours")

    def sale(self, amount: str, **fields: Any) -> dict[str, Any]:
        """A line that sells an hour at that amount."""
        detail = {"ItemRef": {"value": self.item}}
        line = {"DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail}
        return {**line, "Amount": Decimal(amount), **fields}

    def bills(self, *lines: dict[str, Any], tax: str = "0", **fields: Any) -> str:
        """An invoice of these lines; its id."""
        detail = {"TotalTax": Decimal(tax)}
        body = {"Line": list(lines), "TxnTaxDetail": detail, **fields}
        return self.pair.invoice(self.customer, self.item, **body)

    def edits(self, invoice: str, *lines: dict[str, Any], tax: str = "0") -> None:
        """Somebody rewrites the lines and the tax."""
        body = {"Id": invoice, "sparse": True, "Line": list(lines)}
        self.company.update("Invoice", {**body, "TxnTaxDetail": {"TotalTax": Decimal(tax)}})

    def mirror(self) -> dict[str, str]:
        """The one invoice that we made."""
        (found,) = self.pair.mirrors()
        return found

    def records(self, object_type: str) -> list[tuple[str, Any]]:
        """Label and amount of the discounts or taxes on the mirror."""
        ids = self.portal.associations("invoices", self.mirror()["hs_object_id"], object_type)
        found = [self.portal.get(object_type, one) for one in ids]
        return sorted((one["hs_label"], Decimal(one["hs_value"])) for one in found if one)

    def adds_up_to(self) -> Decimal:
        """Lines less discounts plus taxes, as HubSpot has them."""
        mirror = self.mirror()["hs_object_id"]
        lines = [
            self.portal.get("line_items", one)
            for one in self.portal.associations("invoices", mirror, "line_items")
        ]
        sold = sum((Decimal(one["amount"]) for one in lines if one), Decimal(0))
        off, added = self.records("discounts"), self.records("taxes")
        return (
            sold
            - Decimal(sum(value for _, value in off))
            + Decimal(sum(value for _, value in added))
        )


def less(amount: str | None = None, percent: str | None = None) -> dict[str, Any]:
    """A discount on the whole invoice."""
    if percent is None:
        detail: dict[str, Any] = {"PercentBased": False}
        line = {"Amount": Decimal(amount or "0")}
    else:
        detail, line = {"PercentBased": True, "DiscountPercent": Decimal(percent)}, {}
    return {"DetailType": "DiscountLineDetail", "DiscountLineDetail": detail, **line}


def _forget_adjustments(tx: Transaction) -> None:
    tx.many("DELETE FROM line_link WHERE key LIKE ?", [("%:discounts",), ("%:taxes",)])


@pytest.fixture
def shop(pair: Pair) -> Shop:
    return Shop(pair)


async def test_an_invoice_with_a_discount_and_tax_adds_up_in_hubspot_to_the_cent(
    pair: Pair, shop: Shop
) -> None:
    await pair.begin()
    invoice = shop.bills(shop.sale("100.10"), shop.sale("33.33"), less("10.05"), tax="9.87")

    await pair.run()

    assert shop.records("discounts") == [("Discount", Decimal("10.05"))]
    assert shop.records("taxes") == [("Tax", Decimal("9.87"))]
    total = Decimal(str((pair.company.get("Invoice", invoice) or {})["TotalAmt"]))
    mirror = shop.mirror()
    assert shop.adds_up_to() == total == Decimal(mirror["hs_amount_billed"]) == Decimal("133.25")
    assert Decimal(mirror["ledgerbridge_not_in_lines"]) == 0
    assert (await pair.run()).writes == 0


@pytest.mark.parametrize("after_tax", [True, False])
async def test_a_percent_discount_is_copied_as_the_amount_that_quickbooks_made_of_it(
    pair: Pair, shop: Shop, after_tax: bool
) -> None:
    await pair.begin()
    shop.bills(shop.sale("99.99"), less(percent="7.5"), tax="8", ApplyTaxAfterDiscount=after_tax)

    await pair.run()

    assert shop.records("discounts") == [("Discount", Decimal("7.50"))]
    assert shop.adds_up_to() == Decimal(shop.mirror()["ledgerbridge_total"])


async def test_negative_lines_become_discounts_that_say_what_they_are(
    pair: Pair, shop: Shop
) -> None:
    await pair.begin()
    shop.bills(
        shop.sale("100"),
        shop.sale("-5", Description="Returned pump"),
        shop.sale("-10", Description="Voucher"),
    )

    await pair.run()

    assert shop.records("discounts") == [("Returned pump", 5), ("Voucher", 10)]
    assert shop.adds_up_to() == 85
    assert Decimal(shop.mirror()["ledgerbridge_not_in_lines"]) == 0


async def test_a_discount_and_tax_follow_quickbooks_and_go_with_it(pair: Pair, shop: Shop) -> None:
    await pair.begin()
    invoice = shop.bills(shop.sale("100"), less("10"), tax="9")
    await pair.run()

    shop.edits(invoice, shop.sale("100"), less("20"), tax="8")
    await pair.run()
    assert (shop.records("discounts"), shop.records("taxes")) == ([("Discount", 20)], [("Tax", 8)])

    shop.edits(invoice, shop.sale("100"))
    await pair.run()
    assert (pair.portal.all("discounts"), pair.portal.all("taxes")) == ([], [])
    assert shop.adds_up_to() == 100
    assert (await pair.run()).writes == 0


async def test_a_voided_invoice_keeps_what_was_taken_off(pair: Pair, shop: Shop) -> None:
    await pair.begin()
    invoice = shop.bills(shop.sale("100"), less("10"), tax="9")
    await pair.run()

    pair.company.void("Invoice", invoice)
    await pair.run()

    assert shop.mirror()["hs_invoice_status"] == "voided"
    assert (shop.records("discounts"), shop.records("taxes")) == ([("Discount", 10)], [("Tax", 9)])
    assert (await pair.run()).writes == 0


async def test_a_deleted_invoice_leaves_them_on_its_mirror(pair: Pair, shop: Shop) -> None:
    await pair.begin()
    invoice = shop.bills(shop.sale("100"), less("10"))
    await pair.run()

    pair.company.delete("Invoice", invoice)
    await pair.run()

    assert shop.mirror()["ledgerbridge_state"] == "deleted"
    assert shop.records("discounts") == [("Discount", 10)]


async def test_a_persons_own_discount_is_left_alone(pair: Pair, shop: Shop) -> None:
    await pair.begin()
    invoice = shop.bills(shop.sale("100"), less("10"))
    await pair.run()
    on = [("invoices", shop.mirror()["hs_object_id"])]
    same = {"hs_label": "Discount", "hs_type": "FIXED", "hs_value": "10", "hs_sort_order": "0"}
    theirs = pair.portal.create("discounts", same, on)["hs_object_id"]

    shop.edits(invoice, shop.sale("100"), less("30"))
    await pair.run()
    assert shop.records("discounts") == [("Discount", 10), ("Discount", 30)]

    shop.edits(invoice, shop.sale("100"))
    await pair.run()
    assert [one["hs_object_id"] for one in pair.portal.all("discounts")] == [theirs]


async def test_a_portal_without_discounts_states_the_difference_once_and_goes_on(
    pair: Pair, shop: Shop
) -> None:
    pair.hubspot.set_switches(adjustments_feature=False)
    await pair.begin()
    invoice = shop.bills(shop.sale("100"), less("10"), tax="9")

    result = await pair.run()

    mirror = shop.mirror()
    assert Decimal(mirror["ledgerbridge_not_in_lines"]) == -1
    assert (mirror["ledgerbridge_discount"], mirror["ledgerbridge_tax"]) == ("10", "9")
    assert Decimal(mirror["hs_amount_billed"]) == 99
    assert result.failing == 0
    (told,) = await pair.outcomes(Status.CASE)
    assert told.code == "adjustments_refused"

    calls = pair.hubspot.calls["batch create discounts"]
    shop.bills(shop.sale("50"))
    assert (await pair.run()).failing == 0
    assert (await pair.run()).writes == 0
    assert pair.hubspot.calls["batch create discounts"] == calls

    pair.hubspot.set_switches(adjustments_feature=True)
    shop.edits(invoice, shop.sale("100"), less("20"), tax="8")
    await pair.run()
    assert len(pair.portal.all("discounts")) == len(pair.portal.all("taxes")) == 1
    assert await pair.outcomes(Status.CASE) == []


async def test_once_the_portal_takes_them_retry_makes_them(pair: Pair, shop: Shop) -> None:
    pair.hubspot.set_switches(adjustments_feature=False)
    await pair.begin()
    shop.bills(shop.sale("100"), less("10"), tax="9")
    await pair.run()
    pair.hubspot.set_switches(adjustments_feature=True)

    assert await pair.retry() == 1
    await pair.run()

    assert (shop.records("discounts"), shop.records("taxes")) == ([("Discount", 10)], [("Tax", 9)])
    assert Decimal(shop.mirror()["ledgerbridge_not_in_lines"]) == 0
    assert await pair.outcomes(Status.CASE) == []


async def test_many_invoices_in_a_portal_without_them_cost_one_refusal(
    pair: Pair, shop: Shop
) -> None:
    pair.hubspot.set_switches(adjustments_feature=False)
    await pair.begin("contacts", "invoices")
    for _ in range(5):
        shop.bills(shop.sale("100"), tax="9")

    await pair.run()

    assert pair.hubspot.calls["batch create taxes"] == 1
    assert {one["ledgerbridge_not_in_lines"] for one in pair.mirrors()} == {"9.00"}


@pytest.mark.parametrize("fault", ["drop_after", "cut", "drop_before", "error500"])
async def test_an_answer_lost_on_making_them_makes_none_twice(
    pair: Pair, shop: Shop, fault: Any
) -> None:
    await pair.begin()
    shop.bills(shop.sale("100"), less("10"), tax="9")
    pair.hubspot.faults.next(fault, to_hubspot("discounts/batch/create"))
    pair.hubspot.faults.next(fault, to_hubspot("taxes/batch/create"))

    await pair.run()
    await pair.run()

    assert (shop.records("discounts"), shop.records("taxes")) == ([("Discount", 10)], [("Tax", 9)])
    assert shop.adds_up_to() == 99
    assert (await pair.run()).writes == 0


async def test_those_that_an_older_memory_does_not_know_are_adopted(pair: Pair, shop: Shop) -> None:
    await pair.begin()
    shop.bills(shop.sale("100"), less("10"), tax="9")
    await pair.run()
    await pair.store.write(_forget_adjustments)
    (invoice,) = pair.company.all("Invoice")

    shop.edits(invoice["Id"], shop.sale("100"), less("20"), tax="9")
    await pair.run()

    assert (shop.records("discounts"), shop.records("taxes")) == ([("Discount", 20)], [("Tax", 9)])


async def test_amounts_stay_right_where_hubspot_computes_them_anew(pair: Pair, shop: Shop) -> None:
    pair.hubspot.set_switches(written_amounts_kept=False)
    await pair.begin()
    shop.bills(shop.sale("100"), less("10"), tax="9", Deposit=20)

    await pair.run()

    mirror = shop.mirror()
    assert Decimal(mirror["hs_amount_billed"]) == 99
    assert Decimal(mirror["hs_balance_due"]) == 79
    assert (await pair.run()).writes == 0


async def test_invoices_of_the_same_tax_in_one_batch_each_get_their_own(
    pair: Pair, shop: Shop
) -> None:
    await pair.begin()
    for _ in range(3):
        shop.bills(shop.sale("100"), tax="9")

    result = await pair.run()

    assert result.in_doubt == 0
    assert pair.hubspot.calls["batch create taxes"] == 1
    for mirror in pair.mirrors():
        assert len(pair.portal.associations("invoices", mirror["hs_object_id"], "taxes")) == 1


async def test_invoices_without_any_ask_nothing_about_them(pair: Pair, shop: Shop) -> None:
    await pair.begin()
    shop.bills(shop.sale("100"))

    await pair.run()

    asked = [kind for kind in pair.hubspot.calls if "discounts" in kind or "taxes" in kind]
    assert asked == []


async def test_a_subscription_product_makes_no_line_of_an_invoice_recurring(
    pair: Pair, shop: Shop
) -> None:
    await pair.begin("contacts", "products", "invoices")
    await pair.run()
    (product,) = pair.portal.all("products")
    yearly = {"recurringbillingfrequency": "annually", "hs_recurring_billing_period": "P12M"}
    pair.portal.update("products", product["hs_object_id"], yearly)
    shop.bills(shop.sale("100"))

    await pair.run()

    (line,) = pair.portal.all("line_items")
    assert line["hs_product_id"] == product["hs_object_id"]
    assert not any(line.get(name) for name in yearly)


async def test_an_invoice_that_vanishes_before_its_discount_is_made_leaves_none_behind(
    pair: Pair, shop: Shop
) -> None:
    await pair.begin()
    invoice = shop.bills(shop.sale("100"), less("10"))
    pair.transport.on_send = Countdown(
        to_hubspot("discounts/batch/create"), 1, lambda: pair.company.delete("Invoice", invoice)
    )

    await pair.run()
    await pair.run()

    assert shop.mirror()["ledgerbridge_state"] == "deleted"
    assert len(pair.portal.all("discounts")) == 1


async def test_an_invoice_that_is_refused_says_so_and_not_that_it_waits_for_itself(
    pair: Pair, shop: Shop
) -> None:
    pair.portal.require("invoices", "hs_title")
    await pair.begin()
    shop.bills(shop.sale("100"), less("10"), tax="9")

    await pair.run()

    assert (await pair.failing()).code == "missing_value"
    assert await pair.outcomes(Status.BLOCKED) == []
    assert pair.portal.all("discounts") == []
