"""The judge of HubSpot exchanges itself: it complains where it should, and only there."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from contract.hubspot_operations import OPERATIONS, WHY_SKIPPED, check_exchange, operation_of
from ledgerbridge.sandbox.http import Request, Response, request_of

CONTACTS = "/crm/objects/2026-09/contacts"
TIME = "2026-03-12T07:33:46Z"
RECORD = {"id": "1", "properties": {}, "createdAt": TIME, "updatedAt": TIME, "archived": False}

pytestmark = pytest.mark.skipif(OPERATIONS is None, reason=WHY_SKIPPED)


def complaints(request: Request, status: int, body: Any, **headers: str) -> list[str]:
    return list(check_exchange(request, Response(status, msgspec.json.encode(body), headers)))


def get(target: str) -> Request:
    return request_of("GET", target, {}, b"")


def post(target: str, body: Any, **headers: str) -> Request:
    return request_of("POST", target, headers, msgspec.json.encode(body))


def test_a_good_exchange_passes() -> None:
    assert complaints(get(f"{CONTACTS}?limit=5"), 200, {"results": [RECORD]}) == []
    assert complaints(post(CONTACTS, {"properties": {"email": "x"}}), 201, RECORD) == []


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ({}, "response.results: is missing"),
        ({"results": [{**RECORD, "id": 1}]}, "response.results[].id: must be string, not 1"),
        ({"results": [], "more": 1}, "response.more: is not a field"),
        ({"results": [{**RECORD, "createdAt": "now"}]}, "createdAt: must be string:date-time"),
    ],
)
def test_a_wrong_answer_is_complained_of(body: Any, complaint: str) -> None:
    (found,) = complaints(get(CONTACTS), 200, body)

    assert complaint in found


@pytest.mark.parametrize(
    ("request_", "complaint"),
    [
        (get(f"{CONTACTS}?page=1"), "query page: not a parameter"),
        (get(f"{CONTACTS}?limit=many"), "query limit: 'many' is not an integer"),
        (get(f"{CONTACTS}?archived=1"), "query archived: '1' is not true or false"),
        (get("/crm/objects/2026-09/contacts/1/2/3"), "no such operation"),
    ],
)
def test_a_wrong_request_that_succeeds_is_complained_of(request_: Request, complaint: str) -> None:
    assert any(complaint in one for one in complaints(request_, 200, {"results": []}))


def test_a_wrong_body_is_complained_of_unless_it_is_on_purpose() -> None:
    body: dict[str, Any] = {"propertys": {}}

    found = complaints(post(CONTACTS, body), 201, RECORD)

    assert len(found) == 2
    assert complaints(post(CONTACTS, body, **{"X-Wrong-On-Purpose": "yes"}), 201, RECORD) == []


def test_an_unlisted_status_is_complained_of() -> None:
    (found,) = complaints(post(CONTACTS, {"properties": {}}), 202, RECORD)

    assert "202 is none of 201" in found


def test_an_error_needs_a_message_and_has_no_other_fields() -> None:
    assert complaints(get(CONTACTS), 400, {"status": "error", "message": "x"}) == []
    assert len(complaints(get(CONTACTS), 400, {"oops": 1})) == 2


def test_answers_broken_on_purpose_and_old_paths_pass() -> None:
    assert complaints(get(CONTACTS), 200, {}, **{"X-Sandbox-Fault": "500"}) == []
    assert complaints(get(CONTACTS), 502, {}, **{"Content-Type": "text/html"}) == []
    assert complaints(get("/crm/v3/objects/contacts"), 200, {}) == []


def test_the_most_literal_operation_is_meant() -> None:
    assert operation_of("POST", f"{CONTACTS}/search") == f"POST {CONTACTS}/search"
    assert operation_of("GET", "/crm/objects/2026-09/taxes/1") == (
        "GET /crm/objects/2026-09/{objectType}/{objectId}"
    )
