"""
Real exchanges of 2020 to 2022, replayed: seeded alike, asked alike, answered alike.

Status, keys, their order, values and error texts must be the same. What cannot be is listed below,
each with its reason.
"""

from __future__ import annotations

import re
from datetime import UTC
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from contract.quickbooks_schema import (
    WHY_SKIPPED,
    check_answer,
    check_body,
    checked,
    reference_folder,
)
from ledgerbridge.sandbox.http import Response, request_of
from ledgerbridge.sandbox.quickbooks import REALM_ID, QuickBooks, Switches

Body = dict[str, Any]

JSON = "application/json"
FOLDER = reference_folder()
pytestmark = pytest.mark.skipif(FOLDER is None, reason=WHY_SKIPPED)

# Keys that only we answer: the API of 2026 has them, that of the recordings had not.
SINCE_RECORDED = {
    "IsProject",
    "V4IDPseudonym",
    "ClientEntityId",
    "CustomExtensions",
    "ItemAccountRef",
    "FreeFormAddress",
    "ShipFromAddr",
    "element",  # of a fault
}
# Values that cannot repeat: moments of the answer, and the ids given to what a replay creates.
VOLATILE = {"time": "when the request arrived"}
GIVEN_AT_CREATION = {
    "Id": "the next free id of that company",
    "MetaData": "when the request arrived",
    "DocNumber": "the next number of that company",
    "FileAccessUri": "has the id in it",
    "TempDownloadUri": "has the id, a host and a signature of that moment in it",
}
# Texts with a person's name, a host or a token of that day in them.
ANONYMOUS = (
    (re.compile(r"You and .*? were working"), "You and Jane Doe were working"),
    (re.compile(r"same time\. .*? finished"), "same time. Jane Doe finished"),
    (re.compile(r"Token expired: \S+"), "Token expired: <token>"),
    (re.compile(r"relative : .*? is not supported"), "relative : <path> is not supported"),
    (re.compile(r"\(\d+ known properties: .*?\]\)", re.DOTALL), "(<known properties>)"),
)
SWITCHES = {
    "error__validation": Switches(duplicate_name_detail="null"),
    "cdc__basic": Switches(cdc_look_back_days=None),
}
# Recordings that are not replayed, with the reason. There are none.
EXCEPTIONS: dict[str, str] = {}
REPLAYED = sorted(
    file.stem
    for file in (FOLDER / "recordings-quickbooks" if FOLDER else Path()).glob("*__*.json")
    if file.stem not in EXCEPTIONS
)
# Items that the exchanges refer to and do not show.
ITEMS = {"1": "Services", "4": "Design"}


def exchanges(name: str) -> list[Body]:
    """The recorded exchanges of one file."""
    assert FOLDER is not None
    file = FOLDER / "recordings-quickbooks" / f"{name}.json"
    recorded: list[Body] = msgspec.json.decode(file.read_bytes())
    return recorded


@pytest.mark.parametrize("name", REPLAYED)
async def test_a_recorded_exchange_is_answered_as_it_was(name: str) -> None:
    recorded = exchanges(name)
    moment = parsedate_to_datetime(recorded[0]["recorded_at"]).astimezone(UTC)
    emulator = QuickBooks(now=lambda: moment, switches=SWITCHES.get(name, Switches()))
    access_token, _ = emulator.issue_tokens()
    _seed(emulator, name, recorded)
    if name == "error__401":
        emulator.expire_access_tokens()
    for exchange in recorded:
        moment = parsedate_to_datetime(exchange["recorded_at"]).astimezone(UTC)
        answer = await _ask(emulator, exchange["request"], access_token)
        created = _is_creation(exchange["request"])

        assert answer.status == exchange["response"]["status"]
        expected = exchange["response"]["body"]
        assert list(_differences(msgspec.json.decode(answer.body), expected, created)) == []


@pytest.mark.parametrize("name", REPLAYED)
def test_the_judge_accepts_what_was_recorded(name: str) -> None:
    for exchange in exchanges(name):
        answer, sent = exchange["response"]["body"], exchange["request"]["body"]

        assert list(check_answer(answer)) == []
        if isinstance(sent, dict) and exchange["response"]["status"] == 200:
            entity = next(key for key in answer if key != "time")
            if entity != "BatchItemResponse":
                assert check_body(entity, sent) == []


@pytest.mark.parametrize(
    ("entity", "body", "complaint"),
    [
        ("Customer", {"Nickname": "Al"}, "not a property"),
        ("Customer", {"Balance": "12"}, "must be a number"),
        ("Customer", {"Active": "true"}, "must be true or false"),
        ("Customer", {"Id": 7}, "must be a text"),
        ("Customer", {"BillAddr": {"Town": "X"}}, "not a property of PhysicalAddress"),
        ("Invoice", {"Line": {}}, "must be a list"),
        ("Invoice", {"CustomerRef": "7"}, "must be an object"),
        ("Invoice", {"EmailStatus": "Read"}, "is none of"),
        ("Invoice", {"TxnDate": "3/4/2026"}, "is not a date"),
        ("Invoice", {"PrivateNote": None}, "null is left out"),
    ],
)
def test_the_judge_complains_of_a_wrong_body(entity: str, body: Body, complaint: str) -> None:
    assert complaint in " ".join(check_body(entity, body))


def _seed(emulator: QuickBooks, name: str, recorded: list[Body]) -> None:
    """Loads every record that the exchanges show as already there."""
    company = emulator.company()
    company.load("Item", [_item(id_, item) for id_, item in ITEMS.items()])
    for exchange in recorded:
        if exchange["request"]["method"] == "get":
            for entity, bodies in _records(exchange["response"]["body"]):
                company.load(entity, bodies)
    if name == "create__invoice":
        page = exchanges("get__display_name")[0]["response"]["body"]
        company.load("Customer", page["QueryResponse"]["Customer"])
    if name == "error__validation":
        page = exchanges("all__customers")[1]["response"]["body"]
        company.load("Customer", page["QueryResponse"]["Customer"])
    if name == "attachment__create_for_invoice":
        invoice = exchanges("create__invoice")[0]["response"]["body"]["Invoice"]
        company.load("Invoice", [{**invoice, "Id": "75"}])
    if name == "attachment__delete_attachment":
        company.load(
            "Attachable",
            [exchanges("attachment__read_attachment")[0]["response"]["body"]["Attachable"]],
        )
    if name == "batch__basic":
        rows = recorded[0]["response"]["body"]["BatchItemResponse"][3]["QueryResponse"]
        company.load("SalesReceipt", rows["SalesReceipt"])
    if name in {"create__invoice", "void__invoice", "delete__invoice", "update__sales_receipt"}:
        _name_the_custom_field(emulator)


def _item(id_: str, name: str) -> Body:
    long_ago = "2015-10-01T16:48:43-07:00"
    return {
        "Id": id_,
        "SyncToken": "0",
        "Name": name,
        "FullyQualifiedName": name,
        "Active": True,
        "Taxable": False,
        "Type": "Service",
        "MetaData": {"CreateTime": long_ago, "LastUpdatedTime": long_ago},
    }


def _name_the_custom_field(emulator: QuickBooks) -> None:
    defined = {"Type": "StringType", "Name": "SalesFormsPrefs.SalesCustomName1"}
    fields = [{"CustomField": [{**defined, "StringValue": "Crew #"}]}]
    emulator.company().set_preferences(SalesFormsPrefs={"CustomField": fields})


def _records(body: Body) -> list[tuple[str, list[Body]]]:
    found = []
    for key, part in body.items():
        if key == "QueryResponse":
            found += [(name, rows) for name, rows in part.items() if isinstance(rows, list)]
        elif key == "CDCResponse":
            for group in part[0]["QueryResponse"]:
                found += [(name, rows) for name, rows in group.items() if isinstance(rows, list)]
        elif isinstance(part, dict) and "Id" in part:
            found.append((key, [part]))
    return found


async def _ask(emulator: QuickBooks, request: Body, access_token: str) -> Response:
    target = request["uri"].partition("intuit.com")[2].replace("/company/-COMPANY_ID-", "")
    target = target.replace("/v3/", f"/v3/company/{REALM_ID}/", 1)
    sent = request["body"]
    multipart = isinstance(sent, str) and sent.startswith("--")
    body = sent.encode() if multipart else msgspec.json.encode(sent) if sent else b""
    kind = f"multipart/form-data; boundary={sent.split()[0][2:]}" if multipart else JSON
    headers = {"Authorization": f"Bearer {access_token}", "Content-Type": kind}
    return await checked(emulator)(request_of(request["method"], target, headers, body))


def _is_creation(request: Body) -> bool:
    sent = request["body"]
    return "/upload" in request["uri"] or (isinstance(sent, dict) and "Id" not in sent)


def _differences(ours: Any, theirs: Any, created: bool, at: str = "") -> list[str]:
    if isinstance(theirs, dict) and isinstance(ours, dict):
        ours = {name: part for name, part in ours.items() if name in theirs or _is_news(name)}
        names = [name for name in theirs if name not in VOLATILE]
        kept = [name for name in ours if name not in VOLATILE]
        found = [] if kept == names else [f"{at}: {kept} instead of {names}"]
        for name in names:
            if name in ours and not (created and name in GIVEN_AT_CREATION and at.count(".") < 4):
                found += _differences(ours[name], theirs[name], created, f"{at}.{name}")
        return found
    if isinstance(theirs, list) and isinstance(ours, list):
        found = [] if len(ours) == len(theirs) else [f"{at}: {len(ours)} for {len(theirs)}"]
        for number, (mine, other) in enumerate(zip(ours, theirs, strict=False)):
            found += _differences(mine, other, created, f"{at}[{number}]")
        return found
    return [] if _anonymous(ours) == _anonymous(theirs) else [f"{at}: {ours!r} for {theirs!r}"]


def _is_news(name: str) -> bool:
    """A key of ours that was not recorded is a difference, unless it is newer."""
    return name not in SINCE_RECORDED


def _anonymous(value: Any) -> Any:
    if isinstance(value, str):
        for pattern, replacement in ANONYMOUS:
            value = pattern.sub(replacement, value)
    return value


def test_every_file_holds_exchanges_and_is_replayed_or_excused() -> None:
    assert FOLDER is not None
    files = {file.stem for file in (FOLDER / "recordings-quickbooks").iterdir()}

    assert files == {*REPLAYED, *EXCEPTIONS}
    assert all(exchanges(name) for name in files)
    assert all(EXCEPTIONS.values())
