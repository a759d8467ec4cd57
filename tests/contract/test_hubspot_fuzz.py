"""Whatever is sent, the answer is a clear one: no 5xx, no exception, no half of a batch."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.hubspot_caller import ASSOCIATIONS, OBJECTS, PROPERTIES, Body, Caller
from contract.hubspot_operations import ON_PURPOSE
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
    parts = {"v": "2026-09", "objectType": "contacts", "fromObjectType": "contacts"}
    parts |= {"toObjectType": "companies", "objectId": "1", "toObjectId": "2"}
    parts |= {"fromObjectId": "1", "propertyName": "email", "groupName": "contactinformation"}
    target = operation.path.format_map({**dict.fromkeys(["pipelineId", "typeId"], "1"), **parts})

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
