"""The query language: what is hidden, how values compare, in which order, and what is refused."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from contract.quickbooks_caller import Caller, sale
from ledgerbridge.sandbox.quickbooks import Switches


def ids(response: dict[str, Any]) -> list[str]:
    """The ids of the rows of a QueryResponse."""
    rows = next((part for part in response.values() if isinstance(part, list)), [])
    return [row["Id"] for row in rows]


async def test_inactive_customers_are_hidden_unless_asked_for() -> None:
    caller = Caller()
    gone, here = caller.customer("Ann"), caller.customer("Bo")
    caller.company.update("Customer", {"Id": gone, "Active": False})

    assert ids(await caller.query("select * from Customer")) == [here]
    both = await caller.query("select * from Customer where Active in (true, false)")
    assert ids(both) == [gone, here]
    assert ids(await caller.query("select * from Customer where Active = false")) == [gone]
    assert (await caller.get(f"/customer/{gone}"))["Customer"]["Active"] is False


async def test_customers_come_by_full_name_bytewise_and_invoices_latest_first() -> None:
    caller = Caller()
    names = ["pam", "Zoe", "Pam", "PG&E"]
    by_name = {name: caller.customer(name) for name in names if name != "pam"}
    first = caller.invoice(by_name["Zoe"], 1)
    caller.pass_time(seconds=1)
    second = caller.invoice(by_name["Pam"], 1)
    customers = await caller.query("select * from Customer")
    invoices = await caller.query("select * from Invoice")

    assert ids(customers) == [by_name["PG&E"], by_name["Pam"], by_name["Zoe"]]
    assert ids(invoices) == [second, first]
    assert invoices["totalCount"] == 2
    assert "totalCount" not in customers


async def test_pages_are_cut_from_the_start_position() -> None:
    caller = Caller()
    made = [caller.customer(f"C{number:03}") for number in range(120)]
    page = await caller.query("select * from Customer")
    rest = await caller.query("select * from Customer maxresults 50 startposition 101")

    assert (ids(page), page["startPosition"], page["maxResults"]) == (made[:100], 1, 100)
    assert (ids(rest), rest["startPosition"], rest["maxResults"]) == (made[100:], 101, 20)
    assert await caller.query("select * from Customer startposition 121") == {}
    assert await caller.query("SELECT COUNT(*) FROM customer") == {"totalCount": 120}


@pytest.mark.parametrize(
    "condition",
    [
        r"DisplayName = 'ann\'s \\ shop'",
        "displayname LIKE 'ANN%'",
        "DisplayName like '%''%'".replace("''", r"\'"),
        "DisplayName in ('x', 'ann\\'s \\\\ shop')",
        "PrimaryEmailAddr = 'ANN@example.com'",
        "Id = '1'",
        "Id in ('1', '99')",
        "Balance > '9.50'",
        "Balance = '10.00'",
        "Active = true",
        "Taxable = 'true'",
        "GivenName = ' '",
        "MetaData.CreateTime >= '2026-11-20T20:00:00Z'",
        "Metadata.LastUpdatedTime <= '2026-11-20T12:00:00-08:00'",
        "MetaData.LastUpdatedTime < '2026-11-20T12:00:01-0800'",
        "MetaData.LastUpdatedTime > '2026-11-20'",
        "DisplayName != 'other'",
    ],
)
async def test_a_condition_finds_its_customer(condition: str) -> None:
    caller = Caller()
    address = {"Address": "Ann@example.com"}
    customer_id = caller.customer("Ann's \\ Shop", PrimaryEmailAddr=address)
    caller.invoice(customer_id, 10)

    assert ids(await caller.query(f"select * from Customer where {condition}")) == [customer_id]


async def test_forms_are_found_by_the_id_of_their_customer_and_by_date() -> None:
    caller = Caller()
    one, two = caller.customer("One"), caller.customer("Two")
    caller.invoice(one, 300)
    mine = caller.invoice(two, 400, TxnDate="2026-02-01")
    for condition in (
        f"CustomerRef = '{two}'",
        "TotalAmt > '300.00'",
        "TxnDate < CURRENT_DATE",
        f"CustomerRef = '{two}' and TxnDate >= '2026-01-01' and TxnDate <= '2026-02-01'",
    ):
        assert ids(await caller.query(f"select * from Invoice where {condition}")) == [mine]


async def test_rows_may_be_ordered_by_several_properties() -> None:
    caller = Caller()
    names = [("Bo", "A"), ("Al", "B"), ("Bo", "B")]
    made = [
        caller.customer(f"{given}{family}", GivenName=given, FamilyName=family)
        for given, family in names
    ]
    ordered = await caller.query("select * from Customer orderby GivenName desc, FamilyName asc")
    by_id = await caller.query("select * from Customer order by Id desc")

    assert ids(ordered) == [made[0], made[2], made[1]]
    assert ids(by_id) == made[::-1]


@pytest.mark.parametrize(
    ("statement", "code", "detail"),
    [
        ("select * from Custmoer", "4001", "invalid context declaration: Custmoer"),
        (
            "select * from Customer where NoSuchField = '1'",
            "4001",
            "QueryValidationError: Property NoSuchField not found for Entity Customer",
        ),
        (
            "select * from Customer where CustomerTypeRef = '1'",
            "4001",
            "property 'CustomerTypeRef' is not queryable",
        ),
        ("select * from Customer where BillAddr = 'x'", "4001", "'BillAddr' is not queryable"),
        ("select * from Customer where Id > '1'", "4001", "not supported for property Id"),
        ("select * from Customer maxresults 1500", "4001", "Max allowed value is 1000"),
        ("select * from Customer startposition 0", "4001", "value 0 is too small"),
        ("select * from Invoice where TotalAmt > 300", "4000", '<NUMBER> "300'),
        ("select DisplayName from Customer", "4000", "at line 1, column 8."),
        (
            "select * from Purchase was TxnDate",
            "4000",
            'QueryParserError: Encountered " <IDENTIFIER> "was "" at line 1, column 24.',
        ),
        ("select * from Customer where DisplayName = 'it''s'", "4000", "Encountered"),
        ("select * from Customer where Id = '1' or Id = '2'", "4000", '"OR"'),
        ("select * from Customer where (Id = '1')", "4000", "Encountered"),
        ("select * from Customer where Id =", "4000", "<EOF>"),
        ("select * from Customer where MetaData.CreateTime > 'soon'", "4001", "not valid"),
    ],
)
async def test_a_wrong_statement_is_refused(statement: str, code: str, detail: str) -> None:
    error = await Caller().query_error(statement)

    assert error["code"] == code
    assert detail in error["Detail"]


async def test_a_statement_may_come_in_the_body() -> None:
    caller = Caller()
    customer_id = caller.customer()
    answer = await caller.send(
        "POST", "/query", b"select * from Customer", {"Content-Type": "application/text"}
    )

    assert f'"Id":"{customer_id}"'.encode() in answer.body


async def test_a_plus_that_is_not_escaped_spoils_a_timestamp() -> None:
    caller = Caller()
    caller.customer()
    target = "/query?query=select%20*%20from%20Customer%20where%20MetaData.CreateTime%20>%20%27"
    spoiled = await caller.error("GET", target + "2020-01-01T00:00:00+02:00%27")
    answer = await caller.get(target + "2020-01-01T00:00:00%2B02:00%27")

    assert spoiled["code"] == "4001"
    assert answer["QueryResponse"]["maxResults"] == 1


async def test_changes_come_by_time_with_deletions_last() -> None:
    caller = Caller()
    customer_id = caller.customer()
    gone = caller.invoice(customer_id, 10)
    kept = caller.invoice(customer_id, 20)
    caller.pass_time(minutes=1)
    since = caller.now.isoformat().replace("+00:00", "Z")
    caller.company.delete("Invoice", gone)
    caller.pass_time(minutes=1)
    caller.company.update("Invoice", {"Id": kept, "PrivateNote": "changed"})
    target = f"/cdc?entities=Invoice,customer,Item&changedSince={since}"
    invoices, customers, items = (await caller.get(target))["CDCResponse"][0]["QueryResponse"]

    assert [row["Id"] for row in invoices["Invoice"]] == [kept, gone]
    assert invoices["Invoice"][1] == {
        "domain": "QBO",
        "status": "Deleted",
        "Id": gone,
        "MetaData": {"LastUpdatedTime": "2026-11-20T12:01:00-08:00"},
    }
    assert (invoices["startPosition"], invoices["maxResults"], invoices["totalCount"]) == (1, 2, 2)
    assert [row["Id"] for row in customers["Customer"]] == [customer_id]
    assert items == {}


async def test_a_group_of_deletions_alone_has_no_start() -> None:
    caller = Caller()
    gone = caller.invoice(caller.customer(), 10)
    caller.company.delete("Invoice", gone)
    answer = await caller.get("/cdc?entities=Invoice&changedSince=2026-11-20")
    (group,) = answer["CDCResponse"][0]["QueryResponse"]

    assert "startPosition" not in group
    assert (group["maxResults"], group["totalCount"]) == (1, 1)


async def test_changes_older_than_thirty_days_are_not_told() -> None:
    error = await Caller().error("GET", "/cdc?entities=Invoice&changedSince=2026-10-01")

    assert error["code"] == "500"
    assert "2026-10-01 which is older than fixed days" in error["Detail"]


async def test_changes_are_cut_at_a_thousand_rows_without_a_sign() -> None:
    caller = Caller()
    for number in range(1001):
        caller.company.create("Customer", {"DisplayName": f"C{number}"})
    answer = await caller.get("/cdc?entities=Customer&changedSince=2026-11-20")
    (group,) = answer["CDCResponse"][0]["QueryResponse"]

    assert len(group["Customer"]) == group["maxResults"] == 1000


async def test_deactivated_customers_are_ordinary_changes() -> None:
    caller = Caller()
    customer_id = caller.customer()
    caller.company.update("Customer", {"Id": customer_id, "Active": False})
    answer = await caller.get("/cdc?entities=Customer&changedSince=2026-11-20")
    (row,) = answer["CDCResponse"][0]["QueryResponse"][0]["Customer"]

    assert (row["Active"], row["SyncToken"]) == (False, "1")


async def test_a_sale_needs_at_least_one_line() -> None:
    error = await Caller().error("POST", "/invoice", sale("1"))

    assert (error["code"], error["element"]) == ("2020", "Line")


@pytest.mark.parametrize(("keeps", "kept"), [("oldest", ["1", "2"]), ("newest", ["2", "3"])])
async def test_which_changes_survive_the_cut_is_a_switch(keeps: str, kept: list[str]) -> None:
    caller = Caller(Switches(cdc_rows_max=2, cdc_keeps=keeps))  # type: ignore[arg-type]
    for name in ("One", "Two", "Three"):
        caller.customer(name)
        caller.pass_time(seconds=1)
    answer = await caller.get("/cdc?entities=Customer&changedSince=2026-11-20")
    (group,) = answer["CDCResponse"][0]["QueryResponse"]

    assert [row["Id"] for row in group["Customer"]] == kept


@pytest.mark.parametrize("inclusive", [True, False])
async def test_a_change_at_the_very_second_is_told_by_a_switch(inclusive: bool) -> None:
    caller = Caller(Switches(cdc_inclusive=inclusive))
    caller.customer()
    answer = await caller.get("/cdc?entities=Customer&changedSince=2026-11-20T12:00:00-08:00")
    (group,) = answer["CDCResponse"][0]["QueryResponse"]

    assert bool(group) is inclusive


async def test_the_rate_of_a_currency_is_the_latest_up_to_a_day() -> None:
    caller = Caller()
    caller.company.set_rate("EUR", "2026-01-01", Decimal("1.25"))
    caller.company.set_rate("EUR", "2026-02-01", Decimal("1.5"))
    for day, rate in (("2025-12-31", 1), ("2026-01-31", Decimal("1.25")), ("2026-02-01", 1.5)):
        answer = await caller.get(f"/exchangerate?sourcecurrencycode=EUR&asofdate={day}")

        assert (answer["ExchangeRate"]["Rate"], answer["ExchangeRate"]["AsOfDate"]) == (rate, day)
