"""Reports on receivables agree with the balances that customers carry, on any day."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from contract.quickbooks_caller import Body, Caller, sale


async def report(caller: Caller, name: str, query: str = "") -> Body:
    """A report as answered."""
    return await caller.get(f"/reports/{name}{query}")


def rows(part: Body) -> Iterator[list[str]]:
    """All rows of cells, sections' own and their sums left out."""
    for row in part["Rows"].get("Row", ()):
        if "ColData" in row:
            yield [cell["value"] for cell in row["ColData"]]
        elif "Rows" in row:
            if row["Header"]["ColData"][1:]:
                yield [cell["value"] for cell in row["Header"]["ColData"]]
            yield from rows(row)


def total(part: Body) -> list[str]:
    """The last row."""
    return [cell["value"] for cell in part["Rows"]["Row"][-1]["Summary"]["ColData"]]


def _company() -> Caller:
    """Ann owes 100 since May and 50 not yet due, less 30; her job 20; Bo has 15 to his credit."""
    caller = Caller()
    ann = caller.customer("Ann")
    job = caller.customer("Kitchen", Job=True, ParentRef={"value": ann})
    bo = caller.customer("Bo")
    old = caller.invoice(ann, 100, TxnDate="2026-05-01", DueDate="2026-05-31")
    caller.invoice(ann, 50, TxnDate="2026-11-10", DueDate="2026-12-10")
    caller.invoice(job, 20, TxnDate="2026-09-01", DueDate="2026-10-15")
    payment = {
        "CustomerRef": {"value": ann},
        "TotalAmt": 30,
        "TxnDate": "2026-11-15",
        "Line": [{"Amount": 30, "LinkedTxn": [{"TxnId": old, "TxnType": "Invoice"}]}],
    }
    caller.company.create("Payment", payment)
    caller.company.create("CreditMemo", sale(bo, 15, TxnDate="2026-11-12"))
    return caller


async def test_receivables_stand_under_their_age() -> None:
    aged = await report(_company(), "AgedReceivables")
    titles = [column["ColTitle"] for column in aged["Columns"]["Column"]]

    assert titles == ["", "Current", "1 - 30", "31 - 60", "61 - 90", "91 and over", "Total"]
    assert list(rows(aged)) == [
        ["Ann", "50.00", "", "", "", "70.00", "120.00"],
        ["Kitchen", "", "", "20.00", "", "", "20.00"],
        ["Bo", "", "-15.00", "", "", "", "-15.00"],
    ]
    assert total(aged) == ["TOTAL", "50.00", "-15.00", "20.00", "", "70.00", "125.00"]


async def test_the_balances_of_customers_add_up_to_the_report() -> None:
    caller = _company()
    balance = await report(caller, "CustomerBalance")
    told = {name: Decimal(amount) for name, amount in rows(balance)}
    carried = {one["DisplayName"]: one["Balance"] for one in caller.company.all("Customer")}

    assert told == carried
    assert total(balance) == ["TOTAL", "125.00"]
    section = balance["Rows"]["Row"][0]
    assert section["Summary"]["ColData"][1]["value"] == "140.00", "Ann with her job"


@pytest.mark.parametrize(
    ("day", "amount"),
    [("2026-04-30", None), ("2026-06-01", "100.00"), ("2026-11-14", "155.00")],
)
async def test_a_report_of_a_day_knows_nothing_that_came_later(
    day: str, amount: str | None
) -> None:
    balance = await report(_company(), "CustomerBalance", f"?report_date={day}")

    assert (total(balance)[1] if balance["Rows"] else None) == amount
    assert balance["Header"]["Option"][1]["Value"] == ("true" if amount is None else "false")


async def test_details_name_every_open_form() -> None:
    caller = _company()
    aged = await report(caller, "AgedReceivableDetail")
    balance = await report(caller, "CustomerBalanceDetail", "?customer=1")

    assert [(row[3], row[1], row[6]) for row in rows(aged)] == [
        ("Ann", "Invoice", "70.00"),
        ("Ann:Kitchen", "Invoice", "20.00"),
        ("Bo", "Credit Memo", "-15.00"),
        ("Ann", "Invoice", "50.00"),
    ]
    assert total(aged)[-2:] == ["155.00", "125.00"]
    assert [row[-2:] for row in rows(balance)] == [["70.00", "70.00"], ["50.00", "120.00"]]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("?report_date=soon", "2060"),
        ("?customer=99", "2500"),
        ("?num_periods=0", "2090"),
        ("?aging_period=x", "2090"),
    ],
)
async def test_a_report_asked_for_wrongly_is_refused(query: str, code: str) -> None:
    assert (await Caller().error("GET", f"/reports/AgedReceivables{query}"))["code"] == code


async def test_a_report_that_is_not_known_is_an_unsupported_operation() -> None:
    assert (await Caller().error("GET", "/reports/Weather"))["code"] == "500"


async def test_columns_follow_the_periods_asked_for() -> None:
    aged = await report(_company(), "AgedReceivables", "?aging_period=10&num_periods=2")
    titles = [column["ColTitle"] for column in aged["Columns"]["Column"]]

    assert titles == ["", "Current", "1 - 10", "11 and over", "Total"]
