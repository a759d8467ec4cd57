"""Writes over HTTP: sparse and full, tokens, no-ops, batches, and the error table."""

from __future__ import annotations

from typing import Any

import pytest

from contract.quickbooks_caller import Body, Caller, sale
from ledgerbridge.sandbox.quickbooks import Switches


async def test_a_new_customer_is_answered_with_its_defaults() -> None:
    caller = Caller()
    answer = await caller.post("/customer", {"DisplayName": "Ann"})
    customer = answer["Customer"]

    assert (customer["Id"], customer["SyncToken"], customer["sparse"]) == ("1", "0", False)
    assert customer["CurrencyRef"] == {"value": "USD", "name": "United States Dollar"}
    assert customer["MetaData"]["CreateTime"] == "2026-11-20T12:00:00-08:00"
    assert answer["time"] == "2026-11-20T12:00:00.000-08:00"
    assert "V4IDPseudonym" not in customer
    assert "V4IDPseudonym" in (await caller.get("/customer/1"))["Customer"]


async def test_a_sparse_update_changes_what_is_sent_and_a_full_one_clears_the_rest() -> None:
    caller = Caller()
    customer_id = caller.customer("Ann", GivenName="Ann", Notes="x", Taxable=False)
    sparse = {"Id": customer_id, "SyncToken": "0", "sparse": True, "FamilyName": "Aalto"}
    after = (await caller.post("/customer", sparse))["Customer"]

    assert (after["GivenName"], after["FamilyName"], after["SyncToken"]) == ("Ann", "Aalto", "1")
    full = {"Id": customer_id, "SyncToken": "1", "DisplayName": "Ann"}
    after = (await caller.post("/customer", full))["Customer"]
    assert not {"GivenName", "FamilyName", "Notes"} & set(after)
    assert (after["SyncToken"], after["Active"]) == ("2", True)


async def test_an_empty_text_clears_a_field_but_never_the_name() -> None:
    caller = Caller()
    customer_id = caller.customer("Ann", Notes="x", PrimaryEmailAddr={"Address": "a@example.com"})
    cleared = {"Notes": "", "PrimaryEmailAddr": {"Address": ""}, "DisplayName": ""}
    body = {"Id": customer_id, "SyncToken": "0", "sparse": True, **cleared}
    after = (await caller.post("/customer", body))["Customer"]

    assert after["DisplayName"] == "Ann"
    assert not {"Notes", "PrimaryEmailAddr"} & set(after)


async def test_an_update_that_changes_nothing_leaves_no_trace() -> None:
    caller = Caller()
    address = {"Line1": "12 Harbor Lane", "City": "Fairview"}
    customer_id = caller.customer("Ann", BillAddr=address)
    item_id = caller.item("Thing", UnitPrice=5)
    detail = {"ItemRef": {"value": item_id, "name": "anything"}, "Qty": 2, "UnitPrice": 5}
    line = {"DetailType": "SalesItemLineDetail", "Amount": 10, "SalesItemLineDetail": detail}
    invoice_id = caller.invoice(customer_id, Line=[line])
    caller.pass_time(minutes=30)
    same: dict[str, Body] = {
        "Customer": {"Id": customer_id, "DisplayName": "Ann", "BillAddr": address},
        "Item": {"Id": item_id, "Name": "Thing", "UnitPrice": 5.0},
        "Invoice": {"Id": invoice_id, "Line": [{**line, "Id": "1"}]},
    }
    for entity, body in same.items():
        before = caller.stored(entity, body["Id"])
        sent = {"SyncToken": "0", "sparse": True, **body}
        await caller.post(f"/{entity.lower()}", sent)

        assert caller.stored(entity, body["Id"]) == before


async def test_a_sent_list_of_lines_replaces_the_whole_list() -> None:
    caller = Caller()
    customer_id = caller.customer()
    invoice_id = caller.invoice(customer_id, 10, 20)
    lines = sale(customer_id, 20, 30)["Line"]
    lines[0]["Id"] = "2"
    body = {"Id": invoice_id, "SyncToken": "0", "sparse": True, "Line": lines}
    invoice = (await caller.post("/invoice", body))["Invoice"]

    assert [line.get("Id") for line in invoice["Line"]] == ["2", "3", None]
    assert invoice["TotalAmt"] == 50


async def test_a_stale_token_is_refused() -> None:
    caller = Caller()
    customer_id = caller.customer()
    caller.company.update("Customer", {"Id": customer_id, "Notes": "by a person"})
    body = {"Id": customer_id, "SyncToken": "0", "sparse": True, "Notes": "by us"}
    error = await caller.error("POST", "/customer", body)

    assert (error["code"], error["Message"]) == ("5010", "Stale Object Error")
    assert caller.stored("Customer", customer_id)["Notes"] == "by a person"


@pytest.mark.parametrize(
    ("target", "body", "code", "detail"),
    [
        ("/customer", {"Nickname": "x"}, "2010", 'Unrecognized field "Nickname" (class com.intuit'),
        ("/customer", {"BillAddr": {"Town": "x"}}, "2010", "v3.PhysicalAddress)"),
        ("/customer", {"DisplayName": ["x"]}, "2010", "out of an array"),
        ("/customer", {"DisplayName": "x" * 501}, "2050", "Min:0, Max:500, Supplied length:501"),
        ("/customer", {"DisplayName": "x", "PrimaryEmailAddr": {"Address": "nobody"}}, "6000", ""),
        ("/customer", {"Id": "99", "SyncToken": "0"}, "610", "made inactive"),
        ("/customer", {"Id": "1", "DisplayName": "x"}, "2020", "SyncToken is missing"),
        ("/customer", {"Id": "1.5", "SyncToken": "0"}, "2030", "Supplied value:1.5"),
        ("/customer?operation=delete", {"Id": "1", "SyncToken": "0"}, "800", "inactive instead"),
        ("/item", {"Name": "x", "Type": "Service"}, "2020", "IncomeAccountRef"),
        ("/item", {"Name": "x", "Type": "Group"}, "6000", "cannot be created"),
        (
            "/item",
            {"Name": "x", "IncomeAccountRef": {"value": "777"}},
            "2500",
            "Invalid Reference Id : Accounts element id 777 not found",
        ),
        ("/item", {"Name": "x", "UnitPrice": "cheap"}, "2090", "cheap"),
        ("/payment", {"CustomerRef": {"value": "1"}}, "2020", "TotalAmt"),
        ("/invoice", {"EmailStatus": "Read"}, "2170", "Read"),
        ("/invoice", {"TxnDate": "soon"}, "2060", "soon"),
        ("/taxcode", {"Name": "x"}, "500", "not supported"),
    ],
)
async def test_a_wrong_write_is_refused_by_the_table(
    target: str, body: Body, code: str, detail: str
) -> None:
    caller = Caller()
    caller.customer()
    error = await caller.error("POST", target, body)

    assert error["code"] == code
    assert detail in error["Detail"]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ({"Amount": 11, "SalesItemLineDetail": {"Qty": 2, "UnitPrice": 5}}, "6070"),
        ({"Amount": 5, "SalesItemLineDetail": {"TaxCodeRef": {"value": "2"}}}, "6100"),
        ({"SalesItemLineDetail": {}}, "2020"),
        ({"Amount": -5, "SalesItemLineDetail": {}}, "6000"),
    ],
)
async def test_a_wrong_line_is_refused(line: Body, code: str) -> None:
    caller = Caller()
    body = sale(caller.customer(), Line=[{"DetailType": "SalesItemLineDetail", **line}])

    assert (await caller.error("POST", "/invoice", body))["code"] == code
    assert caller.company.all("Invoice") == []


@pytest.mark.wrong_on_purpose
async def test_texts_and_numbers_turn_into_each_other_as_the_vendors_parser_does() -> None:
    caller = Caller(judged=False)
    body: Body = {"DisplayName": 7, "Taxable": "false"}
    customer = (await caller.post("/customer", body))["Customer"]

    assert (customer["DisplayName"], customer["Taxable"]) == ("7", False)


async def test_a_deleted_invoice_is_gone_but_for_its_tombstone() -> None:
    caller = Caller()
    customer_id = caller.customer()
    invoice_id = caller.invoice(customer_id, 10)
    answer = await caller.post("/invoice?operation=delete", {"Id": invoice_id, "SyncToken": "0"})

    assert answer["Invoice"] == {"domain": "QBO", "status": "Deleted", "Id": invoice_id}
    assert (await caller.error("GET", f"/invoice/{invoice_id}"))["code"] == "610"
    assert caller.stored("Customer", customer_id)["Balance"] == 0
    assert caller.invoice(customer_id, 10) != invoice_id


async def test_a_voided_line_has_no_price() -> None:
    caller = Caller()
    detail = {"Qty": 2, "UnitPrice": 5}
    line = {"DetailType": "SalesItemLineDetail", "Amount": 10, "SalesItemLineDetail": detail}
    invoice_id = caller.invoice(caller.customer(), Line=[line])
    answer = await caller.post("/invoice?operation=void", {"Id": invoice_id, "SyncToken": "0"})
    voided = answer["Invoice"]["Line"][0]

    assert voided["Amount"] == voided["SalesItemLineDetail"]["Qty"] == 0
    assert "UnitPrice" not in voided["SalesItemLineDetail"]


async def test_a_batch_answers_each_item_by_itself() -> None:
    caller = Caller()
    customer_id = caller.customer("Ann")
    items: list[dict[str, Any]] = [
        {"bId": "a", "operation": "create", "Customer": {"DisplayName": "ann"}},
        {"bId": "b", "operation": "create", "Customer": {"DisplayName": "Bo"}},
        {"bId": "c", "operation": "delete", "Invoice": {"Id": "9", "SyncToken": "0"}},
        {"bId": "d", "Query": "select count(*) from Customer"},
        {
            "bId": "e",
            "operation": "update",
            "Customer": {"Id": customer_id, "SyncToken": "0", "sparse": True, "Notes": "n"},
        },
    ]
    answer = await caller.post("/batch", {"BatchItemRequest": items})
    first, second, third, fourth, fifth = answer["BatchItemResponse"]

    assert [item["bId"] for item in answer["BatchItemResponse"]] == list("abcde")
    assert first["Fault"]["Error"][0]["code"] == "6240"
    assert second["Customer"]["DisplayName"] == "Bo"
    assert (third["Fault"]["Error"][0]["code"], third["Fault"]["Error"][0]["element"]) == (
        "610",
        "",
    )
    assert fourth["QueryResponse"] == {"totalCount": 2}
    assert fifth["Customer"]["SyncToken"] == "1"


async def test_a_batch_too_large_is_refused_whole() -> None:
    caller = Caller(Switches(batch_items_max=2))
    items = [
        {"bId": str(number), "operation": "create", "Customer": {"DisplayName": f"C{number}"}}
        for number in range(3)
    ]
    error = await caller.error("POST", "/batch", {"BatchItemRequest": items})

    assert (error["code"], error["Message"]) == ("1040", "Batch size exceeds allowed limit")
    assert caller.company.all("Customer") == []


async def test_preferences_and_company_are_read_and_changed() -> None:
    caller = Caller()
    caller.company.set_company_info(DefaultTimeZone="Europe/Helsinki")
    body = {"SyncToken": "0", "sparse": True, "SalesFormsPrefs": {"CustomTxnNumbers": True}}
    preferences = (await caller.post("/preferences", {"Id": "1", **body}))["Preferences"]
    info = (await caller.get("/companyinfo/9341450000000001"))["CompanyInfo"]

    assert preferences["SalesFormsPrefs"]["CustomTxnNumbers"] is True
    assert preferences["SalesFormsPrefs"]["AllowDiscount"] is True
    assert info["DefaultTimeZone"] == "Europe/Helsinki"
    assert caller.company.company_info["DefaultTimeZone"] == "Europe/Helsinki"


async def test_every_company_begins_with_its_lists() -> None:
    caller = Caller()
    for entity, least in (("Account", 10), ("Term", 4), ("PaymentMethod", 7), ("TaxCode", 3)):
        answer = await caller.query(f"select * from {entity}")

        assert answer["maxResults"] >= least


async def test_a_stale_token_may_name_the_entity() -> None:
    caller = Caller(Switches(stale_object_entity=True))
    body = {"Id": caller.customer(), "SyncToken": "7", "sparse": True, "Notes": "by us"}

    assert (await caller.error("POST", "/customer", body))["Detail"].endswith(" Entity=Customer")
