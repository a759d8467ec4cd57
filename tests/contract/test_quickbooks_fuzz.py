"""Whatever is sent, the emulator answers: never a 5xx, never an exception, never a hang."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.quickbooks_caller import Caller, read, sale
from ledgerbridge.sandbox.quickbooks.faultbodies import Refused
from ledgerbridge.sandbox.quickbooks.query import Query, parse
from ledgerbridge.sandbox.quickbooks.schema import Field, enumeration, fields_of

pytestmark = pytest.mark.wrong_on_purpose

ENTITIES = ["Customer", "Vendor", "Employee", "Item", "Invoice", "Payment", "CreditMemo"]
ENTITIES += ["SalesReceipt", "Estimate", "Account", "Term", "Preferences", "CompanyInfo"]
WORDS = ["select", "*", "count(*)", "from", "Customer", "Invoice", "where", "and", "in", "like"]
WORDS += ["Id", "DisplayName", "Active", "TotalAmt", "MetaData.LastUpdatedTime", "TxnDate", "="]
WORDS += ["<", ">=", "(", ")", ",", "'a'", "'1'", "'%a%'", "'2026-01-01'", "true", "orderby"]
WORDS += ["desc", "startposition", "maxresults", "1", "0", "99999", "'", "\\'", "CURRENT_DATE"]
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=30)
    | st.sampled_from(
        ["1", "TAX", "2026-01-31", "Invoice", "SalesItemLineDetail", "DescriptionOnly"]
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["value", "Amount", "Line1", "TxnId", "x"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)
NUMBER = st.sampled_from([0, 1, 2, -1, 0.5, 33.335, 100, 1e14, "7", ""]) | st.integers(-99, 999)
ID = st.sampled_from(["1", "2", "3", "4", "35", "79", "99", "TAX", "NON", ""])
DETAILS = ["SalesItemLineDetail", "DiscountLineDetail", "DescriptionOnly", "GroupLineDetail"]
SIMPLE: dict[str, st.SearchStrategy[Any]] = {
    "decimal": NUMBER,
    "int": NUMBER,
    "positiveInteger": NUMBER,
    "boolean": st.booleans(),
    "date": st.dates().map(str) | st.just(""),
    "dateTime": st.datetimes().map(lambda at: f"{at.isoformat()}Z"),
    "id": ID,
    "string": st.text(max_size=8) | st.just("x" * 600) | ID,
    "anyURI": st.text(max_size=8),
    "IntuitAnyType": JSON,
    "LineDetailTypeEnum": st.sampled_from(DETAILS),
}


def typed(type_name: str, depth: int = 0) -> st.SearchStrategy[Any]:
    """Values of a type as the schema has them, now and then something else."""
    if type_name in SIMPLE:
        return SIMPLE[type_name]
    if enumeration(type_name):
        return st.sampled_from(enumeration(type_name))
    if type_name == "ReferenceType":
        return st.fixed_dictionaries({"value": ID})
    names = [name for name in fields_of(type_name) if name not in {"TaxLine", "sparse"}]
    if depth > 3 or not names:
        return st.just({})
    return st.lists(st.sampled_from(names), max_size=5, unique=True).flatmap(
        lambda chosen: st.fixed_dictionaries(
            {name: field(fields_of(type_name)[name], depth) for name in chosen}
        )
    )


def field(known: Field, depth: int) -> st.SearchStrategy[Any]:
    """Values of one field."""
    one = typed(known.type, depth + 1)
    return st.lists(one, max_size=2) if known.many else one


DISCOUNT = st.fixed_dictionaries({"PercentBased": st.booleans(), "DiscountPercent": NUMBER})
LINE = st.fixed_dictionaries(
    {
        "DetailType": st.sampled_from(DETAILS),
        "Amount": NUMBER,
        "SalesItemLineDetail": st.fixed_dictionaries(
            {},
            optional={
                "ItemRef": st.just({"value": "1"}),
                "Qty": NUMBER,
                "UnitPrice": NUMBER,
                "TaxCodeRef": st.sampled_from([{"value": "TAX"}, {"value": "NON"}, {}]),
            },
        ),
    },
    optional={
        "Id": ID,
        "Description": st.text(max_size=5),
        "DiscountLineDetail": DISCOUNT,
        "LinkedTxn": st.lists(
            st.fixed_dictionaries(
                {"TxnId": ID, "TxnType": st.sampled_from(["Invoice", "CreditMemo", "Deposit"])}
            ),
            max_size=2,
        ),
    },
)
PROPERTIES = ["Id", "DisplayName", "Active", "Balance", "TxnDate", "MetaData.LastUpdatedTime"]
PROPERTIES += ["CustomerRef", "PrimaryEmailAddr", "BillAddr.City", "Line", "Nothing", "TotalAmt"]
VALUES = ["'1'", "'a%'", "''", "' '", "true", "CURRENT_DATE", "'2026-01-01'", "'%'", "'1e5'"]
VALUES += ["'2026-01-01T00:00:00Z'", "'NaN'", "'9999-12-31'", "'0001-01-01'", "'\\''"]


@st.composite
def statements(draw: st.DrawFn) -> str:
    """A statement of good form; what it asks for may not exist."""
    entity = draw(st.sampled_from([*ENTITIES, "Custmoer"]))
    parts = [f"select {draw(st.sampled_from(['*', 'count(*)', '', '*, Sku']))} from {entity}"]
    conditions = draw(
        st.lists(
            st.tuples(
                st.sampled_from(PROPERTIES),
                st.sampled_from(["=", "<", ">", "<=", ">=", "!=", "like", "in"]),
                st.sampled_from(VALUES),
            ),
            max_size=3,
        )
    )
    if conditions:
        shown = (
            f"{name} {operator} {f'({value})' if operator == 'in' else value}"
            for name, operator, value in conditions
        )
        parts.append("where " + " and ".join(shown))
    if draw(st.booleans()):
        parts.append(f"orderby {draw(st.sampled_from(PROPERTIES))} desc")
    parts.append(draw(st.sampled_from(["", "maxresults 5", "startposition 2", "maxresults 0"])))
    return " ".join(parts)


def _caller() -> Caller:
    caller = Caller(judged=False)
    customer_id, item_id = caller.customer(), caller.item()

    assert (customer_id, item_id) == ("1", "1")
    caller.invoice("1", 100)
    return caller


CALLER = _caller()


@st.composite
def bodies(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """An entity and a body of some of its fields, right in form or nearly so."""
    entity = draw(st.sampled_from(ENTITIES))
    body: dict[str, Any] = draw(typed(entity))
    if "DisplayName" in fields_of(entity) and draw(st.booleans()):
        body["DisplayName"] = draw(st.text(max_size=5))
    if "CustomerRef" in fields_of(entity):
        body |= {"CustomerRef": {"value": "1"}, "TotalAmt": draw(NUMBER)}
        body["Line"] = draw(st.lists(LINE, max_size=3))
    if draw(st.booleans()):
        body |= (
            {"Name": draw(st.text(min_size=1, max_size=4))} if "Name" in fields_of(entity) else {}
        )
    if draw(st.integers(0, 3)) == 0:
        record = next(iter(CALLER.company.books.records(entity)), None)
        token = record.body["SyncToken"] if record else "0"
        body |= {"Id": record.id if record else "1", "SyncToken": token}
        body["sparse"] = draw(st.booleans())
    else:
        body.pop("Id", None)
    if draw(st.integers(0, 9)) == 0:
        body |= draw(st.dictionaries(st.sampled_from(list(fields_of(entity))), JSON, max_size=2))
    return entity, body


@settings(max_examples=300, deadline=None)
@given(
    bodies(), st.sampled_from(["", "", "", "?operation=delete", "?operation=void", "?include=void"])
)
def test_any_body_is_answered_or_refused(sent: tuple[str, dict[str, Any]], operation: str) -> None:
    entity, body = sent
    target = f"/{entity.lower()}{operation}"
    answer = asyncio.run(CALLER.send("POST", target, msgspec.json.encode(body)))

    assert answer.status in {200, 400}
    assert entity in read(answer) or "Fault" in read(answer)


@settings(max_examples=100, deadline=None)
@given(st.lists(JSON | bodies().map(lambda pair: {"operation": "create", pair[0]: pair[1]})))
def test_any_batch_is_answered_or_refused(items: list[Any]) -> None:
    body = msgspec.json.encode({"BatchItemRequest": items})
    answer = asyncio.run(CALLER.send("POST", "/batch", body))

    assert answer.status == (200 if len(items) <= 30 else 400)


@settings(max_examples=300, deadline=None)
@given(statements())
def test_any_well_formed_statement_is_answered_or_refused(statement: str) -> None:
    answer = asyncio.run(CALLER.send("GET", f"/query?query={quote(statement)}"))

    assert answer.status in {200, 400}


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(WORDS) | st.text(max_size=4), max_size=14).map(" ".join))
def test_any_statement_is_answered_or_refused(words: str) -> None:
    answer = asyncio.run(CALLER.send("GET", f"/query?query={quote(words)}"))

    assert answer.status in {200, 400}


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80))
def test_any_text_is_parsed_or_refused(statement: str) -> None:
    try:
        read_as: object = parse(statement)
    except Refused as refused:
        read_as = refused

    assert isinstance(read_as, Query) or getattr(read_as, "code", "") in {"4000", "4001"}


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_refused_or_answered(body: bytes) -> None:
    for target, kind in (
        ("/customer", "application/json"),
        ("/batch", "application/json"),
        ("/query", "application/text"),
        ("/customer", "text/html"),
    ):
        answer = asyncio.run(CALLER.send("POST", target, body, {"Content-Type": kind}))

        assert 400 <= answer.status < 500


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH"]), st.text(max_size=20))
def test_any_path_is_answered_or_refused(method: str, path: str) -> None:
    answer = asyncio.run(CALLER.send(method, f"/{quote(path)}", b"{}"))

    assert answer.status in {200, 400}


@given(st.text(max_size=40))
def test_a_text_survives_quoting(name: str) -> None:
    escaped = name.replace("\\", "\\\\").replace("'", "\\'")
    query = parse(f"select * from Customer where DisplayName = '{escaped}'")

    assert query.conditions[0].values == (name,)


def test_deep_nesting_is_refused() -> None:
    body = msgspec.json.encode(sale("1"))[:-1] + b',"Line":' + b"[" * 5000 + b"]" * 5000 + b"}"
    answer = asyncio.run(CALLER.send("POST", "/invoice", body))

    assert answer.status == 400
