"""The books are right: totals, payments, credits, voids, due dates, numbers, currencies."""

from __future__ import annotations

from decimal import Decimal

import pytest

from contract.quickbooks_caller import Body, Caller, sale
from ledgerbridge.sandbox.quickbooks import Refused, Switches

DISCOUNT_10 = {
    "DetailType": "DiscountLineDetail",
    "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": 10},
}


def taxed(amount: int) -> Body:
    """A line on which tax is due."""
    detail = {"TaxCodeRef": {"value": "TAX"}}
    return {
        "DetailType": "SalesItemLineDetail",
        "Amount": amount,
        "SalesItemLineDetail": detail,
    }


def test_a_payment_bumps_its_invoice_and_lowers_the_customers_balance() -> None:
    caller = Caller()
    customer_id = caller.customer()
    invoice_id = caller.invoice(customer_id, 100)
    caller.pass_time(minutes=5)
    payment_id = caller.pay(customer_id, 30, **{f"Invoice_{invoice_id}": 30})
    invoice = caller.stored("Invoice", invoice_id)
    customer = caller.stored("Customer", customer_id)

    assert (invoice["Balance"], invoice["TotalAmt"], invoice["SyncToken"]) == (70, 100, "1")
    assert invoice["LinkedTxn"] == [{"TxnId": payment_id, "TxnType": "Payment"}]
    assert invoice["MetaData"]["LastUpdatedTime"] == "2026-11-20T12:05:00-08:00"
    assert (customer["Balance"], customer["SyncToken"]) == (70, "0")
    assert customer["MetaData"]["LastUpdatedTime"] == "2026-11-20T12:05:00-08:00"


def test_editing_a_payments_memo_leaves_its_invoice_alone() -> None:
    caller = Caller()
    customer_id = caller.customer()
    invoice_id = caller.invoice(customer_id, 100)
    payment_id = caller.pay(customer_id, 100, **{f"Invoice_{invoice_id}": 100})
    caller.company.update("Payment", {"Id": payment_id, "PrivateNote": "cash"})

    assert caller.stored("Invoice", invoice_id)["SyncToken"] == "1"
    assert caller.stored("Payment", payment_id)["SyncToken"] == "1"


def test_a_payments_answer_tells_what_its_invoice_had_open() -> None:
    caller = Caller()
    customer_id = caller.customer()
    invoice_id = caller.invoice(customer_id, 459)
    payment_id = caller.pay(customer_id, 220, **{f"Invoice_{invoice_id}": 220})
    (line,) = caller.stored("Payment", payment_id)["Line"]
    told = {part["value"]["Name"]: part["value"]["Value"] for part in line["LineEx"]["any"]}

    assert told == {"txnId": invoice_id, "txnOpenBalance": "459.00", "txnReferenceNumber": "1001"}


def test_what_is_not_applied_is_the_customers_credit() -> None:
    caller = Caller()
    customer_id = caller.customer()
    payment = caller.stored("Payment", caller.pay(customer_id, 80))

    assert (payment["UnappliedAmt"], payment["Line"]) == (80, [])
    assert caller.stored("Customer", customer_id)["Balance"] == -80


def test_a_payment_of_nothing_applies_a_credit_memo() -> None:
    caller = Caller()
    customer_id = caller.customer()
    invoice_id = caller.invoice(customer_id, 100)
    credit_id = str(caller.company.create("CreditMemo", sale(customer_id, 40))["Id"])
    applied = {f"Invoice_{invoice_id}": 40, f"CreditMemo_{credit_id}": 40}
    payment = caller.stored("Payment", caller.pay(customer_id, 0, **applied))
    credit = caller.stored("CreditMemo", credit_id)

    assert (payment["TotalAmt"], payment["UnappliedAmt"]) == (0, 0)
    assert "DepositToAccountRef" not in payment
    assert (credit["RemainingCredit"], credit["Balance"]) == (0, 0)
    assert caller.stored("Invoice", invoice_id)["Balance"] == 60
    assert caller.stored("Customer", customer_id)["Balance"] == 60


def test_voiding_a_paid_invoice_gives_the_payment_back() -> None:
    caller = Caller()
    customer_id = caller.customer()
    invoice_id = caller.invoice(customer_id, 100, PrivateNote="for June")
    payment_id = caller.pay(customer_id, 100, **{f"Invoice_{invoice_id}": 100})
    invoice = caller.company.void("Invoice", invoice_id)

    assert (invoice["TotalAmt"], invoice["Balance"], invoice["SyncToken"]) == (0, 0, "2")
    assert (invoice["PrivateNote"], invoice["LinkedTxn"]) == ("Voided for June", [])
    assert caller.stored("Payment", payment_id)["UnappliedAmt"] == 100
    assert caller.stored("Customer", customer_id)["Balance"] == -100


def test_voiding_a_payment_opens_its_invoice_again() -> None:
    caller = Caller()
    customer_id = caller.customer()
    invoice_id = caller.invoice(customer_id, 100)
    payment_id = caller.pay(customer_id, 100, **{f"Invoice_{invoice_id}": 100})
    payment = caller.company.void("Payment", payment_id)

    assert (payment["TotalAmt"], payment["UnappliedAmt"], payment["PrivateNote"]) == (
        0,
        0,
        "Voided",
    )
    assert caller.stored("Invoice", invoice_id)["Balance"] == 100
    assert caller.stored("Invoice", invoice_id)["LinkedTxn"] == []


def test_deleting_a_payment_opens_its_invoice_again() -> None:
    caller = Caller()
    customer_id = caller.customer()
    invoice_id = caller.invoice(customer_id, 100)
    caller.company.delete("Payment", caller.pay(customer_id, 60, **{f"Invoice_{invoice_id}": 60}))

    assert caller.stored("Invoice", invoice_id)["Balance"] == 100
    assert caller.stored("Customer", customer_id)["Balance"] == 100


def test_an_invoice_made_smaller_than_what_was_paid_leaves_the_rest_unapplied() -> None:
    caller = Caller()
    customer_id = caller.customer()
    invoice_id = caller.invoice(customer_id, 100)
    payment_id = caller.pay(customer_id, 100, **{f"Invoice_{invoice_id}": 100})
    caller.company.update("Invoice", {"Id": invoice_id, "Line": sale(customer_id, 70)["Line"]})

    assert caller.stored("Invoice", invoice_id)["Balance"] == 0
    assert caller.stored("Payment", payment_id)["UnappliedAmt"] == 30
    assert caller.stored("Customer", customer_id)["Balance"] == -30


@pytest.mark.parametrize(
    ("fields", "total", "tax"),
    [
        ({"Line": [taxed(100)]}, 100, 0),
        ({"Line": [taxed(100)], "TxnTaxDetail": {"TxnTaxCodeRef": {"value": "2"}}}, 108, 8),
        (
            {"Line": [taxed(100), DISCOUNT_10], "TxnTaxDetail": {"TxnTaxCodeRef": {"value": "2"}}},
            98,
            8,
        ),
        (
            {
                "Line": [taxed(100), DISCOUNT_10],
                "TxnTaxDetail": {"TxnTaxCodeRef": {"value": "2"}},
                "ApplyTaxAfterDiscount": True,
            },
            Decimal("97.2"),
            Decimal("7.2"),
        ),
        (
            {"Line": [taxed(100)], "TxnTaxDetail": {"TotalTax": Decimal("4.4")}},
            Decimal("104.4"),
            Decimal("4.4"),
        ),
    ],
)
def test_the_total_is_lines_less_discount_plus_tax(
    fields: Body, total: Decimal | int, tax: Decimal | int
) -> None:
    caller = Caller()
    body = {"CustomerRef": {"value": caller.customer()}, **fields}
    invoice = caller.company.create("Invoice", body)

    assert (invoice["TotalAmt"], invoice["TxnTaxDetail"]["TotalTax"]) == (total, tax)


@pytest.mark.parametrize(
    ("apart", "ids", "next_ids"),
    [(False, ["1", "2", "3", "4", "5"], ["2", "4", "6"]), (True, list("12123"), ["2", "2", "4"])],
)
def test_lines_within_a_bundle_are_numbered_with_the_others_or_apart(
    apart: bool, ids: list[str], next_ids: list[str]
) -> None:
    caller = Caller(Switches(bundle_lines_apart=apart))
    group = {"DetailType": "GroupLineDetail", "GroupLineDetail": {"Line": [taxed(1), taxed(2)]}}
    body = {"CustomerRef": {"value": caller.customer()}, "Line": [taxed(5), group, taxed(7)]}
    invoice = caller.company.create("Invoice", body)
    _, group, *_ = invoice["Line"]

    assert _ids(invoice) == ids

    kept = {**group, "GroupLineDetail": {"Line": [group["GroupLineDetail"]["Line"][1]]}}
    changed = caller.company.update("Invoice", {"Id": invoice["Id"], "Line": [kept, taxed(8)]})

    assert _ids(changed) == next_ids
    assert changed["TotalAmt"] == 10


def _ids(invoice: Body) -> list[str]:
    """The ids of its lines, those within a bundle after it."""
    found = []
    for line in invoice["Line"]:
        found += [line["Id"]] if "Id" in line else []
        found += [part["Id"] for part in line.get("GroupLineDetail", {}).get("Line", ())]
    return found


def test_a_subtotal_follows_the_lines_and_a_discount_follows_the_subtotal() -> None:
    caller = Caller()
    note = {"DetailType": "DescriptionOnly", "Description": "as agreed"}
    body = sale(caller.customer(), 50, 50)
    invoice = caller.company.create("Invoice", {**body, "Line": [DISCOUNT_10, *body["Line"], note]})

    assert [(line["DetailType"], line.get("Amount")) for line in invoice["Line"]] == [
        ("SalesItemLineDetail", 50),
        ("SalesItemLineDetail", 50),
        ("DescriptionOnly", None),
        ("SubTotalLineDetail", 100),
        ("DiscountLineDetail", 10),
    ]


@pytest.mark.parametrize(
    ("fields", "due"),
    [
        ({"TxnDate": "2026-01-31"}, "2026-03-02"),
        ({"TxnDate": "2026-01-31", "SalesTermRef": {"value": "2"}}, "2026-02-15"),
        ({"TxnDate": "2026-01-31", "SalesTermRef": {"value": "1"}}, "2026-01-31"),
        ({"TxnDate": "2026-01-31", "DueDate": "2026-05-01"}, "2026-05-01"),
    ],
)
def test_the_due_date_comes_from_the_term_else_after_thirty_days(fields: Body, due: str) -> None:
    caller = Caller()
    invoice_id = caller.invoice(caller.customer(), 10, **fields)

    assert caller.stored("Invoice", invoice_id)["DueDate"] == due


def test_invoices_and_credit_memos_share_their_numbers_and_estimates_do_not() -> None:
    caller = Caller()
    customer_id = caller.customer()
    numbers = [
        caller.company.create(entity, sale(customer_id, 10))["DocNumber"]
        for entity in ("Invoice", "CreditMemo", "Estimate", "Invoice")
    ]

    assert numbers == ["1001", "1002", "1001", "1003"]


def test_own_numbers_may_be_left_out_and_not_repeated() -> None:
    caller = Caller()
    caller.company.set_preferences(SalesFormsPrefs={"CustomTxnNumbers": True})
    customer_id = caller.customer()
    invoice_id = caller.invoice(customer_id, 10, DocNumber="A-1")

    assert "DocNumber" not in caller.stored("Invoice", caller.invoice(customer_id, 10))
    with pytest.raises(Refused, match=f"DocNumber=A-1 is assigned to.*TxnId={invoice_id}"):
        caller.invoice(customer_id, 10, DocNumber="A-1")


@pytest.mark.parametrize(
    ("applied", "code"),
    [
        ({"Invoice_1": 101}, "620"),
        ({"Invoice_99": 5}, "6000"),
        ({"Deposit_1": 5}, "620"),
        ({"Invoice_1": 60}, "6000"),
        ({"Invoice_2": 5}, "620"),
    ],
)
def test_a_payment_that_cannot_be_applied_is_refused_and_changes_nothing(
    applied: dict[str, int], code: str
) -> None:
    caller = Caller()
    first, second = caller.customer("One"), caller.customer("Two")
    caller.invoice(first, 100)
    caller.invoice(second, 100)
    with pytest.raises(Refused) as refused:
        caller.pay(first, 50, **applied)

    assert refused.value.code == code
    assert caller.company.all("Payment") == []
    assert caller.stored("Invoice", "1")["Balance"] == 100


def test_closed_books_take_nothing_new() -> None:
    caller = Caller()
    customer_id = caller.customer()
    caller.company.set_preferences(AccountingInfoPrefs={"BookCloseDate": "2026-06-30"})
    with pytest.raises(Refused, match="6210"):
        caller.invoice(customer_id, 10, TxnDate="2026-06-30")

    assert caller.invoice(customer_id, 10, TxnDate="2026-07-01")


def test_an_estimate_is_closed_by_the_invoice_made_from_it() -> None:
    caller = Caller()
    customer_id = caller.customer()
    estimate_id = caller.company.create("Estimate", sale(customer_id, 10))["Id"]
    link = {"TxnId": estimate_id, "TxnType": "Estimate"}
    invoice_id = caller.invoice(customer_id, 10, LinkedTxn=[link])

    assert caller.stored("Invoice", invoice_id)["LinkedTxn"] == [link]
    assert caller.stored("Estimate", estimate_id)["TxnStatus"] == "Closed"


def test_a_customer_abroad_is_invoiced_in_its_own_currency() -> None:
    caller = Caller()
    with pytest.raises(Refused, match="Multi Currency"):
        caller.customer("Ulla", CurrencyRef={"value": "EUR"})
    caller.company.set_preferences(CurrencyPrefs={"MultiCurrencyEnabled": True})
    customer_id = caller.customer("Ulla", CurrencyRef={"value": "EUR"})
    caller.company.set_rate("EUR", "2026-01-01", Decimal("1.25"))
    invoice = caller.stored("Invoice", caller.invoice(customer_id, 100))

    assert invoice["CurrencyRef"] == {"value": "EUR", "name": "Euro"}
    assert (invoice["ExchangeRate"], invoice["HomeTotalAmt"]) == (Decimal("1.25"), 125)
    with pytest.raises(Refused, match="currency"):
        caller.invoice(customer_id, 100, CurrencyRef={"value": "USD"})
    with pytest.raises(Refused, match="currency"):
        caller.company.update("Customer", {"Id": customer_id, "CurrencyRef": {"value": "USD"}})


def test_open_credits_pay_a_new_invoice_by_themselves_where_preferred() -> None:
    caller = Caller()
    caller.company.set_preferences(SalesFormsPrefs={"AutoApplyCredit": True})
    customer_id = caller.customer()
    credit_id = str(caller.company.create("CreditMemo", sale(customer_id, 40))["Id"])
    invoice = caller.stored("Invoice", caller.invoice(customer_id, 100))
    (payment,) = caller.company.all("Payment")

    assert (invoice["Balance"], invoice["SyncToken"]) == (60, "1")
    assert caller.stored("CreditMemo", credit_id)["RemainingCredit"] == 0
    assert (payment["TotalAmt"], len(payment["Line"])) == (0, 2)
    assert caller.stored("Customer", customer_id)["Balance"] == 60


def test_an_amount_that_is_not_quantity_times_price_is_refused_however_large_they_are() -> None:
    caller = Caller()
    detail = {"Qty": 999_999_999_999_999, "UnitPrice": 999_999_999_999_999}
    line = {"DetailType": "SalesItemLineDetail", "Amount": 1, "SalesItemLineDetail": detail}

    with pytest.raises(Refused, match="Qty \\* UnitPrice") as refused:
        caller.company.create(
            "Invoice", {"CustomerRef": {"value": caller.customer()}, "Line": [line]}
        )

    assert refused.value.code == "6070"
