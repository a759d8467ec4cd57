"""Odd requests to the control API and to HubSpot's app API: a clear answer, never a defect."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.hubspot_operations import ON_PURPOSE
from ledgerbridge.sandbox.clock import Clock
from ledgerbridge.sandbox.control import Control, with_control
from ledgerbridge.sandbox.control.api import ROUTES
from ledgerbridge.sandbox.faults import KINDS
from ledgerbridge.sandbox.http import request_of
from ledgerbridge.sandbox.hubspot import HubSpot
from ledgerbridge.sandbox.hubspot.developer import ROUTES as APP_ROUTES
from ledgerbridge.sandbox.quickbooks import QuickBooks

JSON_TYPE = {"Content-Type": "application/json"}
WORDS = st.sampled_from(
    [*KINDS, "create", "edit", "pay", "merge", "contacts", "Customer", "1", "", "https://x", "0-1"]
)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-10, 10**9), st.floats(allow_nan=False), WORDS, st.text()
)
NAMES = st.sampled_from(
    (
        "kind",
        "match",
        "times",
        "for_s",
        "chance",
        "status",
        "seed",
        "act",
        "type",
        "id",
        "other",
        "values",
        "account",
        "count",
        "advance_s",
        "at",
        "frozen",
        "url",
        "entities",
        "format",
        "settings",
        "subscriptions",
        "subscription_id",
        "eventType",
        "active",
        "targetUrl",
        "throttling",
        "subscriptionType",
        "objectTypeId",
        "actions",
        "properties",
        "inputs",
        "filter",
        "conditions",
    )
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4)
)
BODIES = st.dictionaries(NAMES, VALUES, max_size=5)
FIELDS = st.sampled_from(
    (
        "firstname",
        "email",
        "amount",
        "at",
        "hs_currency",
        "nonsense",
        "DisplayName",
        "Active",
        "Line",
        "CustomerRef",
        "UnitPrice",
        "Id",
        "BillAddr",
        "TotalAmt",
    )
)
PATHS = [(method, path) for method, path, _ in ROUTES]
APP_PATHS = sorted({(method, path) for method, path, _, _ in APP_ROUTES})


def _filled(path: str, number: int) -> str:
    """A path with its named parts replaced, from the regular expression of its route."""
    path = path.replace(r"/(?:app-webhooks/(?P<v>[^/]+)|webhooks/(?P<legacy>v3))", "/webhooks/v3")
    path = path.replace("(?P<scope>journal|journal-local)", "journal")
    path = path.replace("(?P<end>earliest|latest)", "earliest").replace(r"(?P<appId>\d{1,18})", "7")
    for name in ("v", "offset", "id", "count", "portalId"):
        for pattern in (r"[^/]+", r"\d{1,18}", r"\d{1,6}"):
            value = "2026-03" if name == "v" else str(number)
            path = path.replace(f"(?P<{name}>{pattern})", value)
    return path


@pytest.mark.parametrize("name", ["hubspot", "quickbooks"])
@given(data=st.data())
@settings(max_examples=150, deadline=None)
async def test_whatever_is_sent_to_the_control_is_answered_in_its_shape(
    name: str, data: st.DataObject
) -> None:
    clock = Clock(lambda: datetime(2026, 5, 1, tzinfo=UTC), frozen=True)
    emulator: Any = HubSpot(now=clock.now) if name == "hubspot" else QuickBooks(now=clock.now)
    app = with_control(Control(emulator, clock=clock))

    for _ in range(3):
        method, path = data.draw(st.sampled_from(PATHS))
        body = data.draw(BODIES.map(msgspec.json.encode) | st.binary(max_size=20))
        target = f"/sandbox{_filled(path, data.draw(st.integers(0, 5)))}"
        answer = await app(request_of(method, target, JSON_TYPE, body))

        assert answer.status < 500
        content = msgspec.json.decode(answer.body)
        if answer.status != 200:
            assert list(content) == ["error"]


@pytest.mark.parametrize("name", ["hubspot", "quickbooks"])
@given(data=st.data())
@settings(max_examples=150, deadline=None)
async def test_whatever_people_are_told_to_do_is_done_or_refused(
    name: str, data: st.DataObject
) -> None:
    clock = Clock(lambda: datetime(2026, 5, 1, tzinfo=UTC), frozen=True)
    emulator: Any = HubSpot(now=clock.now) if name == "hubspot" else QuickBooks(now=clock.now)
    control = Control(emulator, clock=clock)
    app = with_control(control)
    control.people.busy(6, data.draw(st.integers(0, 50)))

    for _ in range(4):
        act = data.draw(st.sampled_from(sorted(control.people.acts)))
        wanted: dict[str, Any] = {"act": act}
        if data.draw(st.booleans()):
            wanted["type"] = data.draw(st.sampled_from(control.people.acts[act].types))
        if data.draw(st.booleans()):
            wanted["id"] = data.draw(st.sampled_from(["1", "2", "", "x", "99999"]))
        if data.draw(st.booleans()):
            wanted["values"] = data.draw(st.dictionaries(FIELDS, VALUES, max_size=3))
        body = msgspec.json.encode(wanted)
        answer = await app(request_of("POST", "/sandbox/people", JSON_TYPE, body))

        assert answer.status in {200, 400, 409}, (wanted, answer.body)


@pytest.mark.wrong_on_purpose
@given(data=st.data())
@settings(max_examples=200, deadline=None)
async def test_whatever_is_sent_to_the_app_api_is_answered(data: st.DataObject) -> None:
    emulator = HubSpot(now=lambda: datetime(2026, 5, 1, tzinfo=UTC))
    emulator.webhooks.app_id = 7
    bearer = {"Authorization": f"Bearer {emulator.issue_app_token()}", ON_PURPOSE: "yes"}

    for _ in range(3):
        method, path = data.draw(st.sampled_from(APP_PATHS))
        body = data.draw(BODIES.map(msgspec.json.encode) | st.binary(max_size=20))
        target = _filled(path, data.draw(st.integers(0, 5)))
        answer = await emulator.app(request_of(method, target, bearer, body))

        assert answer.status in {200, 201, 204, 207, 400, 403, 404}, (target, answer)
