"""Reconciliation says what is open on both sides, and why they differ."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ledgerbridge.core.reconciliation import Cause
from ledgerbridge.sandbox.quickbooks.reports import report as quickbooks_report
from ledgerbridge.service.opening import open_world
from ledgerbridge.service.reconciling import ReconcileReport, reconcile
from support.pair import Pair

DAY_S = 86_400


async def reconciled(pair: Pair, as_of: str = "") -> ReconcileReport:
    return await reconcile(await open_world(pair.shop()), as_of)


def pays(pair: Pair, customer: str, invoice: str, amount: int, **more: Any) -> None:
    line = {"Amount": amount, "LinkedTxn": [{"TxnId": invoice, "TxnType": "Invoice"}]}
    body = {"CustomerRef": {"value": customer}, "TotalAmt": amount, "Line": [line], **more}
    pair.company.create("Payment", body)


async def test_both_sides_in_step_leave_nothing_to_explain(pair: Pair) -> None:
    await pair.begin()
    ada, item = pair.customer("Ada", "ada@example.com"), pair.item("Hours")
    pays(pair, ada, pair.invoice(ada, item), 5)
    pair.invoice(ada, item)
    await pair.run()

    report = await reconciled(pair)

    (total,) = report.compared.totals
    assert (total.currency, int(total.quickbooks), int(total.hubspot)) == ("USD", 35, 35)
    assert report.compared.differences == ()
    assert report.unexplained == 0
    assert report.paid is not None
    (paid,) = report.paid.totals
    assert (paid.invoices, int(paid.quickbooks), int(paid.hubspot)) == (1, 5, 5)


async def test_every_difference_has_its_cause(pair: Pair) -> None:
    await pair.begin("contacts", "products", "invoices", "payments")
    item, ada = pair.item("Hours"), pair.customer("Ada", "ada@example.com")
    nobody = pair.invoice(pair.customer("Counter Sales"), item)
    edited, changed = pair.invoice(ada, item), pair.invoice(ada, item)
    await pair.run()
    mirror = next(m for m in pair.mirrors() if m["ledgerbridge_key"].endswith(f":{edited}"))
    pair.portal.update("invoices", mirror["hs_object_id"], {"ledgerbridge_balance": "7"})
    pays(pair, ada, changed, 5)

    report = await reconciled(pair)

    causes = {one.invoice: one.cause for one in report.compared.differences}
    assert causes == {nobody: Cause.WAITING, edited: Cause.DRIFT, changed: Cause.WAITING}
    assert report.unexplained == 0
    (total,) = report.compared.totals
    assert total.hubspot - total.quickbooks == total.explained == Decimal(-28)


async def test_what_is_out_of_scope_is_named_and_not_covered_is_counted(pair: Pair) -> None:
    item, ada = pair.item("Hours"), pair.customer("Ada", "ada@example.com")
    old = pair.invoice(ada, item)
    pair.pass_time(2 * DAY_S)
    await pair.begin()
    await pair.run()
    pair.company.create("Payment", {"CustomerRef": {"value": ada}, "TotalAmt": 3, "Line": []})

    report = await reconciled(pair)

    (one,) = report.compared.differences
    assert (one.invoice, one.cause) == (old, Cause.NOT_IN_SCOPE)
    assert [(n.what, int(n.amount)) for n in report.not_covered] == [
        ("payments not applied yet", -3)
    ]


async def test_a_month_that_is_over_is_reconciled_as_of_its_last_day(pair: Pair) -> None:
    await pair.begin()
    item, ada = pair.item("Hours"), pair.customer("Ada", "ada@example.com")
    invoice = pair.invoice(ada, item)
    await pair.run()
    then = pair.clock.now().date().isoformat()
    pair.pass_time(3 * DAY_S)
    pays(pair, ada, invoice, 20)
    pair.invoice(ada, item)
    await pair.run()

    report = await reconciled(pair, then)

    (total,) = report.compared.totals
    assert (int(total.quickbooks), int(total.hubspot), report.unexplained) == (20, 20, 0)


async def test_reconciling_writes_nothing(pair: Pair) -> None:
    await pair.begin()
    item, ada = pair.item("Hours"), pair.customer("Ada", "ada@example.com")
    pair.invoice(ada, item)
    await pair.run()
    before = {k: n for k, n in pair.hubspot.calls.items() if "create" in k or "update" in k}

    await reconciled(pair)

    after = {k: n for k, n in pair.hubspot.calls.items() if "create" in k or "update" in k}
    assert before == after
    assert pair.written_to_quickbooks() == {}


def told(pair: Pair, name: str, day: str) -> dict[str, Decimal]:
    """What a report of QuickBooks says that each customer owes, and all of them as `TOTAL`."""
    shown = quickbooks_report(pair.company.books, name, {"report_date": day})
    assert shown is not None
    found = {}
    for row in shown["Rows"]["Row"]:
        cells = row.get("ColData") or row["Summary"]["ColData"]
        found[cells[0].get("id", cells[0]["value"])] = Decimal(cells[-1]["value"])
    return found


async def test_receivables_are_what_quickbooks_own_reports_say_now_and_on_a_day(
    pair: Pair,
) -> None:
    euro: dict[str, Any] = {"CurrencyRef": {"value": "EUR"}}
    pair.portal.change_settings(additional_currencies=("EUR",))
    pair.company.set_preferences(CurrencyPrefs={"MultiCurrencyEnabled": True})
    await pair.begin()
    item, ada = pair.item("Hours"), pair.customer("Ada", "ada@example.com")
    ulla = pair.customer("Ulla", "ulla@example.com", **euro)
    then = pair.clock.now().date().isoformat()
    foreign = pair.invoice(ulla, item, TxnDate=then, ExchangeRate=1.25, **euro)
    domestic = pair.invoice(ada, item, TxnDate=then)
    pays(pair, ulla, foreign, 4, TxnDate=then, ExchangeRate=1.25, **euro)
    await pair.run()
    pair.pass_time(3 * DAY_S)
    now = pair.clock.now().date().isoformat()
    pair.invoice(ada, item, TxnDate=now)
    pays(pair, ada, domestic, 7, TxnDate=now)
    await pair.run()

    for day, as_of in ((now, ""), (then, then)):
        report = await reconciled(pair, as_of)
        (home,) = report.compared.home
        rates = {"EUR": Decimal("1.25"), "USD": Decimal(1)}
        by_customer = {
            one.customer: one.hubspot * rates[one.currency] for one in report.compared.customers
        }
        for name in ("AgedReceivables", "CustomerBalance"):
            expected = told(pair, name, day)
            assert home.quickbooks == home.hubspot == expected.pop("TOTAL"), (name, day)
            assert by_customer == expected, (name, day)
        assert report.unexplained == 0
        assert report.not_covered == ()


async def test_an_amount_in_home_currency_that_somebody_changed_is_drift(pair: Pair) -> None:
    euro = {"CurrencyRef": {"value": "EUR"}}
    pair.portal.change_settings(additional_currencies=("EUR",))
    pair.company.set_preferences(CurrencyPrefs={"MultiCurrencyEnabled": True})
    await pair.begin()
    ulla = pair.customer("Ulla", "ulla@example.com", **euro)
    pair.invoice(ulla, pair.item("Hours"), ExchangeRate=2, **euro)
    await pair.run()
    (mirror,) = pair.mirrors()
    pair.portal.update("invoices", mirror["hs_object_id"], {"ledgerbridge_home_balance": "41"})

    report = await reconciled(pair)

    (one,) = report.compared.differences
    assert one.cause is Cause.DRIFT
    assert (one.quickbooks_home, one.hubspot_home) == (Decimal(40), Decimal(41))
    (euros,), (dollars,) = report.compared.totals, report.compared.home
    assert (int(euros.explained), int(dollars.explained), report.unexplained) == (0, 1, 0)


async def test_every_object_is_counted_on_both_sides_with_how_it_stands(pair: Pair) -> None:
    await pair.begin()
    item, ada = pair.item("Hours"), pair.customer("Ada", "ada@example.com", CompanyName="Poe Ltd")
    pair.customer("Ada's kitchen", ParentRef={"value": ada}, Job=True)
    nobody = pair.customer("Tom Till", GivenName="Tom", FamilyName="Till")
    await pair.run()
    invoice = pair.invoice(ada, item)
    pair.invoice(nobody, item)
    pays(pair, ada, invoice, 5)
    line = {"DetailType": "SalesItemLineDetail", "Amount": 9}
    detail = {"SalesItemLineDetail": {"ItemRef": {"value": item}, "Qty": 1, "UnitPrice": 9}}
    pair.company.create("SalesReceipt", {"CustomerRef": {"value": ada}, "Line": [line | detail]})
    await pair.run()

    report = await reconciled(pair)

    rows = {one.what: one for one in report.counted}
    assert {x: (one.quickbooks, one.hubspot, one.paired) for x, one in rows.items()} == {
        "contacts": (3, 1, 1),
        "companies": (3, 2, 2),
        "products": (1, 1, 1),
        "invoices": (2, 1, 1),
        "payments": (1, 1, 1),
        "deals": (None, 0, 0),
        "timeline": (1, 0, 0),
    }
    assert (rows["contacts"].attached, rows["contacts"].left_out) == (1, 1)
    assert (rows["invoices"].failing, rows["timeline"].left_out) == (1, 1)
    assert [(one.what, one.quickbooks) for one in report.not_counted] == [
        ("credit memos", 0),
        ("sales receipts", 1),
        ("refund receipts", 0),
        ("journal entries", 0),
    ]


async def test_a_payment_that_somebody_took_away_in_hubspot_is_found(pair: Pair) -> None:
    await pair.begin()
    item, ada = pair.item("Hours"), pair.customer("Ada", "ada@example.com")
    pays(pair, ada, pair.invoice(ada, item), 5)
    await pair.run()
    (payment,) = pair.portal.all("commerce_payments")
    pair.portal.update("commerce_payments", payment["hs_object_id"], {"hs_initial_amount": "4"})

    report = await reconciled(pair)

    assert report.paid is not None
    (one,) = report.paid.differences
    assert (one.quickbooks, one.hubspot) == (Decimal(5), Decimal(4))
    assert one.cause is Cause.DRIFT
    assert (report.compared.differences, report.unexplained) == ((), 0)


async def test_with_what_is_not_covered_it_is_what_quickbooks_own_reports_say(pair: Pair) -> None:
    await pair.begin()
    item, ada = pair.item("Hours"), pair.customer("Ada", "ada@example.com")
    pair.invoice(ada, item)
    pair.company.create("Payment", {"CustomerRef": {"value": ada}, "TotalAmt": 3, "Line": []})
    detail = {"ItemRef": {"value": item}, "Qty": 1, "UnitPrice": 4}
    line = {"DetailType": "SalesItemLineDetail", "Amount": 4, "SalesItemLineDetail": detail}
    pair.company.create("CreditMemo", {"CustomerRef": {"value": ada}, "Line": [line]})
    await pair.run()

    report = await reconciled(pair)

    (total,) = report.compared.totals
    other = sum(one.amount for one in report.not_covered)
    expected = told(pair, "CustomerBalance", pair.clock.now().date().isoformat())["TOTAL"]
    assert (int(total.quickbooks), int(other), int(expected)) == (20, -7, 13)
