"""Invoices in both modes, their sums, their payments; line items and what they copy."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.hubspot_caller import OBJECTS, Body, Caller
from contract.test_hubspot_recorded_errors import nested
from ledgerbridge.sandbox.hubspot import ApiError

CONTACT, LINE, PAYMENT, DISCOUNT, FEE, TAX = 177, 409, 541, 411, 413, 415
AMOUNTS = ("hs_amount_billed", "hs_amount_paid", "hs_balance_due")


async def invoice_of(caller: Caller, *lines: Body, **properties: str) -> str:
    """An invoice of a contact with these lines."""
    contact = await caller.create("contacts", {"firstname": "Ann"})
    ids = [await caller.create("line_items", line) for line in lines]
    links = [(contact, CONTACT), *((line, LINE) for line in ids)]
    return await caller.create("invoices", {"hs_currency": "USD", **properties}, *links)


async def amounts(caller: Caller, invoice: str) -> list[str | None]:
    found = await caller.read("invoices", invoice, *AMOUNTS)
    return [found[name] for name in AMOUNTS]


async def pay(caller: Caller, invoice: str, amount: str, status: str = "succeeded") -> str:
    """A commerce payment of an invoice."""
    properties = {
        "hs_initial_amount": amount,
        "hs_initiated_date": "2026-03-12T00:00:00Z",
        "hs_latest_status": status,
    }
    return await caller.create("commerce_payments", properties, (invoice, 542))


async def status_of(caller: Caller, invoice: str) -> str:
    return str((await caller.read("invoices", invoice, "hs_invoice_status"))["hs_invoice_status"])


async def test_a_plain_invoice_is_a_billable_draft_with_a_number() -> None:
    caller = Caller()
    invoices = [await invoice_of(caller) for _ in range(2)]

    names = ("hs_invoice_status", "hs_invoice_billable", "hs_number", "hs_invoice_date")
    found = [await caller.read("invoices", one, *names) for one in invoices]

    assert [one["hs_number"] for one in found] == ["INV-1001", "INV-1002"]
    assert (found[0]["hs_invoice_status"], found[0]["hs_invoice_billable"]) == ("draft", "true")
    assert found[0]["hs_invoice_date"] == "2026-03-12T07:33:46.615Z"


async def test_a_currency_is_required() -> None:
    status, message = await Caller().refused("POST", f"{OBJECTS}/invoices", {"properties": {}})

    assert status == 400
    assert message == "Error creating INVOICE.  Some required properties were not set."


async def test_a_billable_invoice_is_the_sum_of_its_lines() -> None:
    caller = Caller()
    line = {"name": "L", "quantity": "3", "price": "10.10", "discount": "0.10"}

    invoice = await invoice_of(caller, line, {"name": "M", "price": "5"})

    assert await amounts(caller, invoice) == ["35", "0", "35"]


async def test_discounts_then_fees_then_taxes_apply_to_the_running_total() -> None:
    caller = Caller()
    invoice = await invoice_of(caller, {"name": "L", "price": "100"})
    for type_name, kind, value in (
        ("taxes", "PERCENT", "20"),
        ("fees", "FIXED", "10"),
        ("discounts", "PERCENT", "10"),
    ):
        type_id = {"taxes": 416, "fees": 414, "discounts": 412}[type_name]
        await caller.create(type_name, {"hs_type": kind, "hs_value": value}, (invoice, type_id))

    assert await amounts(caller, invoice) == ["120", "0", "120"]
    found = await caller.read("invoices", invoice, "hs_tax", "hs_total_discount")
    assert (found["hs_tax"], found["hs_total_discount"]) == ("20", "10")


async def test_a_changed_line_changes_its_invoice() -> None:
    caller = Caller()
    invoice = await invoice_of(caller, {"name": "L", "price": "100"})
    line = caller.portal.associations("invoices", invoice, "line_items")[0]
    caller.pass_time(minutes=1)

    await caller.update("line_items", line, quantity="2")

    assert await amounts(caller, invoice) == ["200", "0", "200"]
    found = await caller.read("invoices", invoice)
    assert found["hs_lastmodifieddate"] == "2026-03-12T07:34:46.615Z"


async def test_amounts_of_a_billable_invoice_cannot_be_written() -> None:
    caller = Caller()
    invoice = await invoice_of(caller)

    body = {"properties": {"hs_amount_billed": "5"}}
    _, message = await caller.refused("PATCH", f"{OBJECTS}/invoices/{invoice}", body)

    assert [one["error"] for one in nested(message)[1]] == ["READ_ONLY_VALUE"]


async def test_a_non_billable_mirror_takes_amounts_and_status_as_given() -> None:
    caller = Caller()

    invoice = await invoice_of(
        caller,
        {"name": "L", "price": "100"},
        hs_invoice_billable="false",
        hs_invoice_status="open",
        hs_number="1045",
        hs_due_date="2020-01-31",
        hs_amount_billed="99.99",
        hs_balance_due="40",
    )

    assert await amounts(caller, invoice) == ["99.99", "0", "40"]
    assert await status_of(caller, invoice) == "open"
    await caller.update("invoices", invoice, hs_invoice_status="voided")
    await caller.update("invoices", invoice, hs_invoice_status="open")


async def test_a_non_billable_mirror_without_amounts_is_the_sum_of_its_lines() -> None:
    caller = Caller()

    invoice = await invoice_of(caller, {"name": "L", "price": "7"}, hs_invoice_billable="false")

    assert await amounts(caller, invoice) == ["7", "0", "7"]


async def test_a_portal_may_refuse_amounts_altogether() -> None:
    caller = Caller(read_only_invoice_amounts=True)
    link = {"hs_currency": "USD", "hs_invoice_billable": "false", "hs_amount_billed": "1"}

    _, message = await caller.refused("POST", f"{OBJECTS}/invoices", {"properties": link})
    assert nested(message)[1][0]["message"].startswith('"hs_amount_billed" is a read only property')

    target = "/crm/properties/2026-09/invoices/hs_amount_billed"
    definition = await caller.good("GET", target)
    assert definition["modificationMetadata"]["readOnlyValue"] is True


@pytest.mark.parametrize("billable", ["true", "false"])
@pytest.mark.parametrize(
    ("with_contact", "with_line", "missing"),
    [(False, True, "INVOICE_TO_CONTACT"), (True, False, "INVOICE_TO_LINE_ITEM")],
)
async def test_leaving_draft_needs_a_contact_and_a_line(
    billable: str, with_contact: bool, with_line: bool, missing: str
) -> None:
    caller = Caller()
    contact = await caller.create("contacts", {"firstname": "Ann"})
    line = await caller.create("line_items", {"name": "L"})
    links = [(contact, CONTACT)] * with_contact + [(line, LINE)] * with_line
    properties = {"hs_currency": "USD", "hs_invoice_billable": billable}
    invoice = await caller.create("invoices", properties, *links)

    body = {"properties": {"hs_invoice_status": "open"}}
    status, message = await caller.refused("PATCH", f"{OBJECTS}/invoices/{invoice}", body)

    assert status == 400
    assert missing in message
    assert await status_of(caller, invoice) == "draft"


async def test_switches_lift_what_leaving_draft_needs() -> None:
    caller = Caller(open_invoice_without_contact=True, open_invoice_without_lines=True)
    invoice = await caller.create("invoices", {"hs_currency": "USD"})

    await caller.update("invoices", invoice, hs_invoice_status="open")

    assert await status_of(caller, invoice) == "open"


@pytest.mark.parametrize(
    ("moves", "ends"),
    [
        (["open", "voided"], True),
        (["open", "paid"], True),
        (["paid"], False),
        (["open", "draft"], False),
        (["open", "voided", "open"], False),
    ],
)
async def test_a_billable_invoice_moves_only_forward(moves: list[str], ends: bool) -> None:
    caller = Caller()
    invoice = await invoice_of(caller, {"name": "L", "price": "1"})
    target = f"{OBJECTS}/invoices/{invoice}"

    statuses = [
        (await caller.call("PATCH", target, {"properties": {"hs_invoice_status": one}}))[0]
        for one in moves
    ]

    assert statuses == [200] * (len(moves) - 1) + [200 if ends else 400]


async def test_a_billable_invoice_refuses_a_due_date_in_the_past() -> None:
    caller = Caller()
    body = {"properties": {"hs_currency": "USD", "hs_due_date": "2026-03-11"}}

    assert (await caller.refused("POST", f"{OBJECTS}/invoices", body))[0] == 400

    caller.emulator.set_switches(past_due_date_refused=False)
    assert (await caller.call("POST", f"{OBJECTS}/invoices", body))[0] == 201


@pytest.mark.parametrize(
    ("status", "deletable", "gone"),
    [("draft", False, True), ("open", False, False), ("open", True, True), ("voided", True, False)],
)
async def test_which_invoices_can_be_deleted(status: str, deletable: bool, gone: bool) -> None:
    caller = Caller(open_invoices_deletable=deletable)
    invoice = await invoice_of(
        caller, {"name": "L"}, hs_invoice_billable="false", hs_invoice_status=status
    )

    answered, _ = await caller.call("DELETE", f"{OBJECTS}/invoices/{invoice}")

    assert answered == (204 if gone else 400)
    assert (caller.portal.get("invoices", invoice) is None) == gone


@pytest.mark.parametrize(
    ("rule", "amount", "paid"),
    [
        ("any", "40", "paid"),
        ("covered", "40", "open"),
        ("covered", "100", "paid"),
        ("never", "100", "open"),
    ],
)
async def test_a_succeeded_payment_marks_its_invoice_paid_as_the_switch_says(
    rule: str, amount: str, paid: str
) -> None:
    caller = Caller(payment_marks_paid=rule)
    invoice = await invoice_of(caller, {"name": "L", "price": "100"})
    await caller.update("invoices", invoice, hs_invoice_status="open")

    await pay(caller, invoice, amount)

    assert await status_of(caller, invoice) == paid


async def test_a_payment_counts_once_it_succeeded() -> None:
    caller = Caller(payment_marks_paid="covered")
    invoice = await invoice_of(caller, {"name": "L", "price": "100"})
    await caller.update("invoices", invoice, hs_invoice_status="open")
    payment = await pay(caller, invoice, "40", "processing")
    assert await amounts(caller, invoice) == ["100", "0", "100"]

    await caller.update("commerce_payments", payment, hs_latest_status="succeeded")

    assert await amounts(caller, invoice) == ["100", "40", "60"]


async def test_a_header_written_after_the_payment_wins_on_a_mirror() -> None:
    caller = Caller()
    invoice = await invoice_of(
        caller,
        {"name": "L", "price": "100"},
        hs_invoice_billable="false",
        hs_invoice_status="open",
    )
    await pay(caller, invoice, "40")
    assert await status_of(caller, invoice) == "paid"

    await caller.update("invoices", invoice, hs_invoice_status="open", hs_balance_due="60")

    assert await amounts(caller, invoice) == ["100", "40", "60"]


async def test_without_payments_set_up_there_are_none() -> None:
    caller = Caller(payments_feature=False)
    body = {"properties": {"hs_initial_amount": "1", "hs_initiated_date": "2026-03-12"}}

    assert (await caller.refused("POST", f"{OBJECTS}/commerce_payments", body))[0] == 403


async def test_a_line_copies_its_product_but_not_over_what_was_written() -> None:
    caller = Caller()
    caller.portal.create(
        "products",
        {"name": "P", "price": "9", "hs_sku": "S", "recurringbillingfrequency": "monthly"},
    )
    product = caller.portal.all("products")[0]["hs_object_id"]

    line = await caller.create("line_items", {"hs_product_id": product, "price": "8"})

    names = ("name", "price", "hs_sku", "recurringbillingfrequency", "amount", "quantity")
    found = await caller.read("line_items", line, *names)
    assert [found[name] for name in names] == ["P", "8", "S", "monthly", "8", "1"]


async def test_a_tax_rate_adds_tax_to_a_line() -> None:
    caller = Caller()
    rate = caller.portal.add_tax_rate("state-sales-tax", "8.25")

    line = await caller.create("line_items", {"price": "100", "hs_tax_rate_group_id": rate})

    found = await caller.read("line_items", line, "hs_tax_amount", "hs_post_tax_amount")
    assert (found["hs_tax_amount"], found["hs_post_tax_amount"]) == ("8.25", "108.25")
    rates = await caller.good("GET", "/tax-rates/2026-09/tax-rates")
    assert [one["id"] for one in rates["results"]] == [rate]


CENTS = st.integers(0, 10**7).map(lambda cents: str(Decimal(cents) / 100))


@given(st.lists(st.tuples(st.integers(1, 99), CENTS), max_size=6), st.lists(CENTS, max_size=3))
def test_billed_is_paid_plus_due_whatever_is_on_it(
    lines: list[tuple[int, str]], payments: list[str]
) -> None:
    portal = Caller(payment_marks_paid="never").portal
    made = [
        portal.create("line_items", {"quantity": quantity, "price": price})["hs_object_id"]
        for quantity, price in lines
    ]
    links = [("line_items", one) for one in made]

    invoice = portal.create("invoices", {"hs_currency": "USD"}, links)["hs_object_id"]
    for amount in payments:
        paid: Body = {"hs_initial_amount": amount, "hs_initiated_date": "2026-03-12"}
        portal.create(
            "commerce_payments",
            {**paid, "hs_latest_status": "succeeded"},
            [("invoices", invoice)],
        )

    found = portal.get("invoices", invoice) or {}
    billed, received, due = (Decimal(found[name]) for name in AMOUNTS)
    assert billed == sum(quantity * Decimal(price) for quantity, price in lines)
    assert received == sum(map(Decimal, payments))
    assert due == billed - received


def test_people_meet_the_same_rules() -> None:
    portal = Caller().portal
    invoice = portal.create("invoices", {"hs_currency": "USD"})["hs_object_id"]

    with pytest.raises(ApiError, match="INVOICE_TO_CONTACT"):
        portal.update("invoices", invoice, {"hs_invoice_status": "open"})


@pytest.mark.parametrize(("stuck", "total"), [(True, "10"), (False, "30")])
async def test_further_lines_leave_the_total_as_it_is_where_the_switch_says(
    stuck: bool, total: str
) -> None:
    caller = Caller(total_stuck_at_first_line=stuck)
    invoice = await caller.create("invoices", {"hs_currency": "USD"})
    lines = [await caller.create("line_items", {"name": "L", "price": "10"}) for _ in "abc"]

    for line in lines:
        caller.portal.associate("invoices", invoice, "line_items", line)

    assert (await amounts(caller, invoice))[0] == total
    caller.portal.update("line_items", lines[0], {"name": "Edited in the app"})
    assert (await amounts(caller, invoice))[0] == "30"


@pytest.mark.parametrize("processor", ["hs_payments", "byo_stripe"])
async def test_a_payment_that_was_collected_can_be_neither_changed_nor_archived(
    processor: str,
) -> None:
    caller = Caller()
    collected = caller.portal.create(
        "commerce_payments",
        {
            "hs_initial_amount": "10",
            "hs_initiated_date": "2026-03-12",
            "hs_processor_type": processor,
        },
    )["hs_object_id"]
    target = f"{OBJECTS}/commerce_payments/{collected}"

    assert (await caller.refused("DELETE", target))[0] == 400
    assert (await caller.refused("PATCH", target, {"properties": {"hs_initial_amount": "1"}}))[
        0
    ] == 400
    assert caller.portal.get("commerce_payments", collected) is not None


async def test_a_payment_that_an_app_recorded_stays_its_own() -> None:
    caller = Caller()
    payment = await pay(caller, await invoice_of(caller), "10")

    await caller.update("commerce_payments", payment, hs_processor_type="quickbooks")

    assert (await caller.call("DELETE", f"{OBJECTS}/commerce_payments/{payment}"))[0] == 204
