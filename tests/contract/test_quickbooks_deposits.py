"""Deposits and what else settles: receipts, refunds, closed books, shipping, tax by the line."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from contract.quickbooks_caller import Body, Caller, sale
from ledgerbridge.sandbox.quickbooks import Refused


def deposited(caller: Caller, *payment_ids: str) -> str:
    """The id of a new deposit of payments."""
    lines: list[Body] = [
        {
            "Amount": caller.stored("Payment", id_)["TotalAmt"],
            "LinkedTxn": [{"TxnId": id_, "TxnType": "Payment"}],
        }
        for id_ in payment_ids
    ]
    body = {"DepositToAccountRef": {"value": "35"}, "Line": lines}
    return str(caller.company.create("Deposit", body)["Id"])


def test_a_deposit_moves_payments_from_undeposited_funds_to_the_bank() -> None:
    caller = Caller()
    customer_id = caller.customer()
    payments = [caller.pay(customer_id, 30), caller.pay(customer_id, 12)]
    deposit_id = deposited(caller, *payments)
    deposit = caller.stored("Deposit", deposit_id)

    assert deposit["TotalAmt"] == 42
    assert caller.stored("Account", "4")["CurrentBalance"] == 0
    assert caller.stored("Account", "35")["CurrentBalance"] == 42
    link = {"TxnId": deposit_id, "TxnType": "Deposit"}
    assert caller.stored("Payment", payments[0])["LinkedTxn"] == [link]


@pytest.mark.parametrize(
    "change",
    [
        lambda caller, id_: caller.company.update("Payment", {"Id": id_, "PrivateNote": "x"}),
        lambda caller, id_: caller.company.delete("Payment", id_),
        lambda caller, id_: caller.company.void("Payment", id_),
    ],
)
def test_a_deposited_payment_cannot_be_changed_until_its_deposit_lets_go(change: Any) -> None:
    caller = Caller()
    payment_id = caller.pay(caller.customer(), 30)
    deposit_id = deposited(caller, payment_id)
    with pytest.raises(Refused) as refused:
        change(caller, payment_id)

    assert refused.value.code == "6540"
    caller.company.delete("Deposit", deposit_id)
    change(caller, payment_id)
    assert caller.stored("Account", "35")["CurrentBalance"] == 0


def test_nothing_is_deposited_twice_or_in_part() -> None:
    caller = Caller()
    payment_id = caller.pay(caller.customer(), 30)
    line: Body = {"Amount": 20, "LinkedTxn": [{"TxnId": payment_id, "TxnType": "Payment"}]}
    body: Body = {"DepositToAccountRef": {"value": "35"}, "Line": [line]}
    with pytest.raises(Refused, match="6000"):
        caller.company.create("Deposit", body)
    with pytest.raises(Refused, match="620"):
        caller.company.create("Deposit", {**body, "Line": [{**line, "Amount": 30}] * 2})
    deposited(caller, payment_id)
    with pytest.raises(Refused, match="620"):
        deposited(caller, payment_id)


def test_what_a_sales_receipt_brought_waits_and_a_refund_is_taken_out() -> None:
    caller = Caller()
    customer_id = caller.customer()
    caller.company.create("SalesReceipt", sale(customer_id, 50))
    account = {"DepositToAccountRef": {"value": "35"}}
    refund = caller.company.create("RefundReceipt", sale(customer_id, 20, **account))

    assert caller.stored("Account", "4")["CurrentBalance"] == 50
    assert caller.stored("Account", "35")["CurrentBalance"] == -20
    assert (refund["TotalAmt"], refund["Balance"]) == (20, 0)
    assert caller.stored("Customer", customer_id)["Balance"] == 0


def test_a_deposit_on_an_invoice_lowers_what_is_open() -> None:
    caller = Caller()
    customer_id = caller.customer()
    invoice_id = caller.invoice(customer_id, 100, Deposit=40)

    assert caller.stored("Invoice", invoice_id)["Balance"] == 60
    assert caller.stored("Customer", customer_id)["Balance"] == 60
    with pytest.raises(Refused, match="6000"):
        caller.invoice(customer_id, 100, Deposit=Decimal("100.01"))


def test_payments_pay_open_invoices_by_themselves_where_preferred() -> None:
    caller = Caller()
    caller.company.set_preferences(SalesFormsPrefs={"AutoApplyPayments": True})
    customer_id = caller.customer()
    later = caller.invoice(customer_id, 50, DueDate="2026-12-31")
    sooner = caller.invoice(customer_id, 50, DueDate="2026-12-01")
    payment = caller.stored("Payment", caller.pay(customer_id, 70))

    assert payment["UnappliedAmt"] == 0
    assert caller.stored("Invoice", sooner)["Balance"] == 0
    assert caller.stored("Invoice", later)["Balance"] == 30


def test_what_lies_in_closed_books_cannot_be_moved_out_of_them() -> None:
    caller = Caller()
    invoice_id = caller.invoice(caller.customer(), 10, TxnDate="2026-06-30")
    caller.company.set_preferences(AccountingInfoPrefs={"BookCloseDate": "2026-06-30"})
    moved = {"Id": invoice_id, "TxnDate": "2026-07-01"}
    for change in (
        lambda: caller.company.update("Invoice", moved),
        lambda: caller.company.delete("Invoice", invoice_id),
        lambda: caller.company.void("Invoice", invoice_id),
    ):
        with pytest.raises(Refused, match="6210"):
            change()


def test_shipping_stands_below_the_subtotal_where_it_is_allowed() -> None:
    caller = Caller()
    body = sale(caller.customer(), 50)
    detail = {"ItemRef": {"value": "SHIPPING_ITEM_ID"}}
    shipping: Body = {
        "DetailType": "SalesItemLineDetail",
        "Amount": 9,
        "SalesItemLineDetail": detail,
    }
    body["Line"].append(shipping)
    with pytest.raises(Refused, match="Shipping"):
        caller.company.create("Invoice", body)
    caller.company.set_preferences(SalesFormsPrefs={"AllowShipping": True})
    invoice = caller.company.create("Invoice", body)

    assert [line["Amount"] for line in invoice["Line"]] == [50, 50, 9]
    assert invoice["TotalAmt"] == 59


@pytest.mark.parametrize(
    ("calculation", "amount", "tax", "total"),
    [
        ("TaxExcluded", 100, 20, 120),
        ("TaxInclusive", Decimal("83.33"), Decimal("16.67"), 100),
        ("NotApplicable", 100, 0, 100),
    ],
)
async def test_outside_the_us_each_line_has_its_tax_code(
    calculation: str, amount: Decimal | int, tax: Decimal | int, total: Decimal | int
) -> None:
    caller = Caller()
    caller.company.set_company_info(Country="GB")
    rate = {"TaxRateName": "VAT 20", "RateValue": 20, "TaxAgencyId": "1"}
    made = await caller.post(
        "/taxservice/taxcode", {"TaxCode": "20.0% S", "TaxRateDetails": [rate]}
    )
    line: Body = {
        "DetailType": "SalesItemLineDetail",
        "Amount": 100,
        "SalesItemLineDetail": {"TaxCodeRef": {"value": made["TaxCodeId"]}},
    }
    body = {"CustomerRef": {"value": caller.customer()}, "Line": [line]}
    invoice = caller.company.create("Invoice", {**body, "GlobalTaxCalculation": calculation})

    assert invoice["Line"][0]["Amount"] == amount
    assert (invoice["TxnTaxDetail"]["TotalTax"], invoice["TotalAmt"]) == (tax, total)
    again = {name: invoice[name] for name in ("Id", "SyncToken", "Line", "GlobalTaxCalculation")}
    assert caller.company.update("Invoice", again)["SyncToken"] == "0", "sent back as answered"
