"""Whatever is sent, the answer is a clear one: no 5xx, no exception, no half of a batch."""

from __future__ import annotations

import asyncio
from string import Formatter
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.hubspot_caller import ASSOCIATIONS, OBJECTS, PROPERTIES, Body, Caller
from contract.hubspot_operations import ON_PURPOSE
from ledgerbridge.sandbox.http import Server
from ledgerbridge.sandbox.hubspot import search
from ledgerbridge.sandbox.hubspot.routes import OPERATIONS

MARKED = {ON_PURPOSE: "yes"}

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
anything = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=12
)
names = st.sampled_from(
    [
        "email",
        "firstname",
        "lastmodifieddate",
        "createdate",
        "hs_object_id",
        "lifecyclestage",
        "numemployees",
        "hubspot_owner_id",
        "associations.deals",
        "hs_email_optout",
        "nonsense",
    ]
)
operators = st.sampled_from([*search.OPERATORS, "LIKE"])
values = st.sampled_from(
    ["1", "a*", "2026-03-12", "1773300826615", "true", "", "[", "a@example.com"]
)
filters = st.fixed_dictionaries(
    {"propertyName": names, "operator": operators},
    optional={
        "value": values | scalars,
        "highValue": values | scalars,
        "values": st.lists(values | scalars, max_size=3),
    },
)
searches = st.fixed_dictionaries(
    {},
    optional={
        "filterGroups": st.lists(
            st.fixed_dictionaries({"filters": st.lists(filters, max_size=3)}), max_size=3
        ),
        "sorts": st.lists(
            st.fixed_dictionaries({"propertyName": names, "direction": st.text(max_size=5)})
            | st.text(max_size=12),
            max_size=2,
        ),
        "query": st.text(max_size=20),
        "properties": st.lists(names, max_size=3),
        "limit": st.integers(-1, 201) | scalars,
        "after": st.integers(-1, 10_001) | scalars,
    },
)
properties = st.dictionaries(names, values | scalars, max_size=4)
rows = st.fixed_dictionaries(
    {},
    optional={
        "id": values | st.integers(),
        "idProperty": names,
        "properties": properties | anything,
        "objectWriteTraceId": st.text(max_size=3),
        "associations": st.lists(
            st.fixed_dictionaries(
                {
                    "to": st.fixed_dictionaries({"id": values}),
                    "types": st.lists(
                        st.fixed_dictionaries({"associationTypeId": st.integers(0, 600)}),
                        max_size=2,
                    ),
                }
            ),
            max_size=2,
        ),
    },
)
batches = st.fixed_dictionaries({"inputs": st.lists(rows, max_size=4)})


PLACES = {
    "v": "2026-09",
    "objectType": "contacts",
    "fromObjectType": "contacts",
    "toObjectType": "companies",
    "objectId": "1",
    "toObjectId": "2",
    "fromObjectId": "1",
    "propertyName": "email",
    "groupName": "contactinformation",
    "fromObjectTypeId": "0-1",
    "toObjectTypeId": "0-2",
}


def statuses(method: str, target: str, body: Any) -> int:
    """The status of an answer of a small world; complaints of the judge are failures."""

    async def run() -> int:
        caller = Caller()
        contact = await caller.create("contacts", {"email": "a@example.com", "numemployees": "1"})
        await caller.create("deals", {"dealname": "D"}, (contact, 3))
        answer = await caller.send(method, target, msgspec.json.encode(body), MARKED)
        return answer.status

    return asyncio.run(run())


@settings(max_examples=200, deadline=None)
@given(searches)
def test_any_search_is_answered(body: Body) -> None:
    assert statuses("POST", f"{OBJECTS}/contacts/search", body) in {200, 400}


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["create", "update", "upsert", "read", "archive"]), batches)
def test_any_batch_is_answered(verb: str, body: Body) -> None:
    status = statuses("POST", f"{OBJECTS}/contacts/batch/{verb}", body)

    assert status in {200, 201, 204, 207, 400, 404, 409}


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from([one for one in OPERATIONS if one.method in {"POST", "PATCH", "PUT"}]), anything
)
def test_any_json_at_any_operation_is_answered(operation: Any, body: Any) -> None:
    names = (name for _, name, _, _ in Formatter().parse(operation.path) if name)
    target = operation.path.format_map({name: PLACES.get(name, "1") for name in names})

    assert statuses(operation.method, target, body) < 500


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(["GET", "POST", "PATCH", "PUT", "DELETE", "HEAD"]),
    st.sampled_from([OBJECTS, PROPERTIES, ASSOCIATIONS, "/oauth", "/crm", "/crm/v3/objects"]),
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters="?#"), max_size=8), max_size=4
    ),
    st.binary(max_size=30),
)
def test_any_path_with_any_bytes_is_answered(
    method: str, base: str, parts: list[str], body: bytes
) -> None:
    async def run() -> int:
        return (await Caller().send(method, "/".join([base, *parts]), body, MARKED)).status

    assert asyncio.run(run()) < 500


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(["x@example.com", "y@example.com", "bad", ""]), max_size=5))
def test_a_batch_without_trace_ids_writes_all_or_nothing(emails: list[str]) -> None:
    async def run() -> tuple[int, int]:
        caller = Caller()
        inputs = [{"properties": {"email": email}} for email in emails]
        target = f"{OBJECTS}/contacts/batch/create"
        status, _ = await caller.call("POST", target, {"inputs": inputs})
        return status, len(caller.portal.all("contacts"))

    status, made = asyncio.run(run())

    assert made == (len(emails) if status == 201 else 0)


queries = st.dictionaries(
    st.sampled_from(
        [
            "limit",
            "after",
            "properties",
            "propertiesWithHistory",
            "associations",
            "archived",
            "idProperty",
            "email",
            "dataSensitivity",
            "active",
            "fromCurrencyCode",
            "fromObjectTypeId",
            "nonsense",
        ]
    ),
    st.sampled_from(["", "0", "1", "100", "-1", "1e9", "²", "true", "contacts", "email", "9" * 30])
    | st.text(st.characters(codec="utf-8"), max_size=8),
    max_size=4,
)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([one for one in OPERATIONS if one.method == "GET"]), queries)
def test_any_query_of_any_operation_is_answered(operation: Any, query: dict[str, str]) -> None:
    names = Formatter().parse(operation.path)
    parts = {name: PLACES.get(name, "1") for _, name, _, _ in names if name}
    target = f"{operation.path.format_map(parts)}?{urlencode(query)}"

    async def run() -> int:
        caller = Caller()
        await caller.create("contacts", {"email": "a@example.com"})
        return (await caller.send("GET", target, headers=MARKED)).status

    assert asyncio.run(run()) < 500


DEEP = b'{"properties":' * 5_000
LONG = b'{"properties":{"firstname":"' + b"x" * 3_000_000 + b'"}}'
ODD_BODIES = {
    "utf-16": '{"properties":{"firstname":"Ä"}}'.encode("utf-16"),
    "latin-1": '{"properties":{"firstname":"Ä"}}'.encode("latin-1"),
    "a byte order mark": b'\xef\xbb\xbf{"properties":{}}',
    "half of a pair": b'{"properties":{"firstname":"\\ud800"}}',
    "a nul": b'{"properties":{"firstname":"a\\u0000b"}}',
    "a number without end": b'{"properties":{"firstname":' + b"9" * 10_000 + b"}}",
    "a number beyond all": b'{"properties":{"numemployees":1e999}}',
    "no number": b'{"properties":{"numemployees":NaN}}',
    "a name twice": b'{"properties":{"firstname":"a","firstname":"b"}}',
    "no name": b'{"properties":{"":"a"}}',
    "deep": DEEP,
    "long": LONG,
    "a list for a text": b'{"properties":{"firstname":["a"]}}',
    "an object for a text": b'{"properties":{"firstname":{"a":1}}}',
    "null": b"null",
    "two": b'{"properties":{}}{"properties":{}}',
    "a comma too many": b'{"properties":{},}',
    "gzip that is none": b"\x1f\x8b\x08\x00nonsense",
    "many angle brackets": b'{"properties":{"hs_note_body":"' + b"<" * 60_000 + b'"}}',
}


@pytest.mark.parametrize("name", ODD_BODIES)
@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("POST", f"{OBJECTS}/contacts"),
        ("POST", f"{OBJECTS}/contacts/batch/create"),
        ("POST", f"{OBJECTS}/contacts/search"),
        ("PATCH", f"{OBJECTS}/contacts/1"),
        ("PUT", f"{OBJECTS}/contacts/1/associations/companies/2"),
        ("POST", f"{ASSOCIATIONS}/contacts/companies/batch/read"),
        ("POST", f"{PROPERTIES}/contacts"),
        ("POST", "/oauth/2026-09/token"),
        ("POST", "/oauth/v2/private-apps/get/access-token-info"),
    ],
)
async def test_an_odd_body_gets_a_clear_answer_at_once(name: str, method: str, target: str) -> None:
    caller = Caller()

    async with asyncio.timeout(5):
        answer = await caller.send(method, target, ODD_BODIES[name], MARKED)

    assert answer.status < 500
    if answer.status >= 400:
        assert msgspec.json.decode(answer.body)["message"]


async def test_a_note_of_angle_brackets_is_taken_at_once() -> None:
    caller = Caller()
    body = {"hs_timestamp": "2026-03-12T00:00:00Z", "hs_note_body": "<" * 60_000}

    async with asyncio.timeout(5):
        await caller.create("notes", body)


@pytest.mark.parametrize(
    "target",
    [
        "/crm/objects/2026-09/contacts/%00",
        "/crm/objects/2026-09/contacts/%ff%fe",
        "/crm/objects/2026-09/%F0%9F%98%80",
        "/crm/objects/2026-09//contacts",
        "/crm/objects/2026-09/contacts/../../../etc/passwd",
        "/crm/objects/2026-09/contacts?limit=10&limit=20",
        "/crm/objects/2026-09/contacts?properties=%ff",
        "/crm/objects/2026-09/contacts?" + "a&" * 2_000,
        "//",
        "/%2e%2e/",
        "/" + "a/" * 3_000,
    ],
)
async def test_an_odd_path_gets_a_clear_answer_over_http(target: str) -> None:
    caller = Caller()

    async with Server(caller.emulator.app) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(server.url.split(":")[-1]))
        head = f"GET {target} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {caller.token}\r\n"
        writer.write(f"{head}{ON_PURPOSE}: yes\r\nConnection: close\r\n\r\n".encode())
        async with asyncio.timeout(5):
            answer = await reader.read()
        writer.close()

    status = int(answer.split(b" ", 2)[1])
    assert status < 500
