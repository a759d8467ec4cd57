"""Entities known by their schema alone: created, read, changed, removed, queried, and checked."""

from __future__ import annotations

import pytest

from contract.quickbooks_caller import Body, Caller
from ledgerbridge.sandbox.quickbooks import Refused
from ledgerbridge.sandbox.quickbooks.entities import ENTITIES
from ledgerbridge.sandbox.quickbooks.generated_entities import TABLE

EXPENSE: Body = {
    "DetailType": "AccountBasedExpenseLineDetail",
    "Amount": 25,
    "AccountBasedExpenseLineDetail": {"AccountRef": {"value": "7"}},
}


def _posting(kind: str, account: str) -> Body:
    detail = {"PostingType": kind, "AccountRef": {"value": account}}
    return {"DetailType": "JournalEntryLineDetail", "Amount": 10, "JournalEntryLineDetail": detail}


def ref(id_: str) -> Body:
    """A reference."""
    return {"value": id_}


BODIES: dict[str, Body] = {
    "Bill": {"VendorRef": ref("1"), "Line": [EXPENSE]},
    "BillPayment": {"VendorRef": ref("1"), "PayType": "Check", "TotalAmt": 25, "Line": []},
    "Purchase": {"AccountRef": ref("35"), "PaymentType": "Cash", "Line": [EXPENSE]},
    "PurchaseOrder": {"VendorRef": ref("1"), "Line": [EXPENSE]},
    "VendorCredit": {"VendorRef": ref("1"), "Line": [EXPENSE]},
    "JournalEntry": {"Line": [_posting("Debit", "35"), _posting("Credit", "1")]},
    "Transfer": {"FromAccountRef": ref("35"), "ToAccountRef": ref("4"), "Amount": 5},
    "InventoryAdjustment": {
        "AdjustAccountRef": ref("80"),
        "Line": [{"DetailType": "ItemAdjustmentLineDetail", "ItemAdjustmentLineDetail": {}}],
    },
    "CreditCardPaymentTxn": {
        "CreditCardAccountRef": ref("33"),
        "BankAccountRef": ref("35"),
        "Amount": 5,
    },
    "Class": {"Name": "North"},
    "Department": {"Name": "Shop"},
    "JournalCode": {"Name": "VT"},
    "TaxAgency": {"DisplayName": "Elm County"},
    "TimeActivity": {"NameOf": "Vendor", "VendorRef": ref("1"), "Hours": 2},
}
WRITABLE = [spec for spec in TABLE if spec.operations]
TRANSACTIONS = [spec for spec in WRITABLE if "delete" in spec.operations]
NAMES = [spec for spec in WRITABLE if "delete" not in spec.operations]


def _caller() -> Caller:
    caller = Caller()
    assert caller.company.create("Vendor", {"DisplayName": "Birch Paper"})["Id"] == "1"
    return caller


def test_every_generated_entity_that_can_be_written_is_tried_here() -> None:
    assert {spec.name for spec in WRITABLE} == set(BODIES)
    assert all(ENTITIES[name].is_generated for name in BODIES)


@pytest.mark.parametrize("entity", BODIES)
async def test_it_is_created_read_changed_and_queried(entity: str) -> None:
    caller = _caller()
    target, key = f"/{entity.lower()}", entity
    made = (await caller.post(target, BODIES[entity]))[key]
    label = ENTITIES[entity].label or "PrivateNote"
    if entity == "TimeActivity":
        label = "Description"
    caller.pass_time(minutes=1)
    change = {"Id": made["Id"], "SyncToken": "0", "sparse": True, label: "Changed"}
    changed = (await caller.post(target, change))[key]
    found = await caller.query(f"select * from {entity} where Id = '{made['Id']}'")

    assert (made["SyncToken"], changed["SyncToken"], changed[label]) == ("0", "1", "Changed")
    assert (await caller.get(f"{target}/{made['Id']}"))[key] == changed
    assert found[entity] == [changed]
    assert found["maxResults"] == 1
    assert changed["MetaData"]["LastUpdatedTime"] > made["MetaData"]["CreateTime"]


@pytest.mark.parametrize("entity", [spec.name for spec in TRANSACTIONS])
async def test_a_transaction_is_deleted_and_change_data_capture_says_so(entity: str) -> None:
    caller = _caller()
    made = caller.company.create(entity, BODIES[entity])
    body = {"Id": made["Id"], "SyncToken": "0"}
    gone = (await caller.post(f"/{entity.lower()}?operation=delete", body))[entity]

    assert gone == {"domain": "QBO", "status": "Deleted", "Id": made["Id"]}
    assert (await caller.error("GET", f"/{entity.lower()}/{made['Id']}"))["code"] == "610"
    if ENTITIES[entity].in_cdc:
        target = f"/cdc?entities={entity}&changedSince=2026-11-20"
        (group,) = (await caller.get(target))["CDCResponse"][0]["QueryResponse"]
        assert group[entity][0]["status"] == "Deleted"


@pytest.mark.parametrize("entity", ["Class", "Department", "JournalCode"])
async def test_a_list_record_is_hidden_not_deleted(entity: str) -> None:
    caller = _caller()
    made = caller.company.create(entity, BODIES[entity])
    body = {"Id": made["Id"], "SyncToken": "0"}
    error = await caller.error("POST", f"/{entity.lower()}?operation=delete", body)
    hidden = caller.company.update(entity, {"Id": made["Id"], "Active": False})

    assert error["code"] == "800"
    assert hidden["Name"] == f"{made['Name']} (deleted)"
    assert await caller.query(f"select * from {entity}") == {}


@pytest.mark.parametrize(
    ("entity", "missing"),
    [(spec.name, name) for spec in WRITABLE for name in spec.required],
)
async def test_what_is_required_is_asked_for(entity: str, missing: str) -> None:
    body = {name: part for name, part in BODIES[entity].items() if name != missing}
    error = await _caller().error("POST", f"/{entity.lower()}", body)

    assert (error["code"], error["element"]) == ("2020", missing)


@pytest.mark.parametrize(
    ("entity", "fields", "code"),
    [
        ("Bill", {"VendorRef": ref("9")}, "2500"),
        ("Transfer", {"ToAccountRef": ref("999")}, "2500"),
        ("Bill", {"ClassRef": ref("1")}, "2010"),
        ("Purchase", {"DepartmentRef": ref("7")}, "2500"),
        ("Purchase", {"PaymentType": "Barter"}, "2170"),
        ("JournalEntry", {"Line": [_posting("Debit", "35")]}, "6000"),
        ("TimeActivity", {"NameOf": "Employee"}, "2020"),
        ("Class", {"Name": "A:B"}, "2040"),
        ("Bill", {"TxnDate": "tomorrow"}, "2060"),
    ],
)
def test_types_references_and_sums_are_checked(entity: str, fields: Body, code: str) -> None:
    with pytest.raises(Refused) as refused:
        _caller().company.create(entity, {**BODIES[entity], **fields})

    assert refused.value.code == code


def test_names_are_unique_among_siblings_and_carried_down() -> None:
    caller = _caller()
    company = caller.company
    north = company.create("Class", {"Name": "North"})
    child = company.create("Class", {"Name": "Shop", "ParentRef": ref(north["Id"])})
    with pytest.raises(Refused, match="6240"):
        company.create("Class", {"Name": "north"})
    company.update("Class", {"Id": north["Id"], "Name": "South"})

    assert child["FullyQualifiedName"] == "North:Shop"
    assert caller.stored("Class", child["Id"])["FullyQualifiedName"] == "South:Shop"


def test_totals_are_the_sums_of_lines() -> None:
    bill = _caller().company.create("Bill", {"VendorRef": ref("1"), "Line": [EXPENSE, EXPENSE]})

    assert (bill["TotalAmt"], bill["Balance"], bill["VendorRef"]["name"]) == (50, 50, "Birch Paper")


@pytest.mark.parametrize("entity", ["CustomerType", "Budget"])
async def test_what_is_read_only_cannot_be_created(entity: str) -> None:
    assert (await _caller().error("POST", f"/{entity.lower()}", {"Name": "x"}))["code"] == "500"
