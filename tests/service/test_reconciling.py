"""Reconciliation says what is open on both sides, and why they differ."""

from __future__ import annotations

from decimal import Decimal

from ledgerbridge.core.reconciliation import Cause
from ledgerbridge.service.opening import open_world
from ledgerbridge.service.reconciling import ReconcileReport, reconcile
from support.pair import Pair

DAY_S = 86_400


async def reconciled(pair: Pair, as_of: str = "") -> ReconcileReport:
    return await reconcile(await open_world(pair.shop()), as_of)


def pays(pair: Pair, customer: str, invoice: str, amount: int) -> None:
    line = {"Amount": amount, "LinkedTxn": [{"TxnId": invoice, "TxnType": "Invoice"}]}
    body = {"CustomerRef": {"value": customer}, "TotalAmt": amount, "Line": [line]}
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
    assert [(c.what, c.quickbooks, c.ours) for c in report.counted[1:]] == [
        ("invoices", 2, 2),
        ("payments", 1, 1),
    ]


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
