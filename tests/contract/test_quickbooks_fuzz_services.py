"""Uploads, reports, tax codes, rates, consent and generated entities: any request is answered."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.quickbooks_caller import Caller, read
from contract.test_quickbooks_fuzz import JSON, typed
from ledgerbridge.sandbox.http import request_of
from ledgerbridge.sandbox.quickbooks.entities import ENTITIES

pytestmark = pytest.mark.wrong_on_purpose

NEW = [spec.name for spec in ENTITIES.values() if spec.is_generated]
NEW += ["Deposit", "RefundReceipt", "Attachable", "TaxRate", "CompanyCurrency"]
CALLER = Caller(judged=False)
CALLER.company.set_preferences(CurrencyPrefs={"MultiCurrencyEnabled": True})
CALLER.invoice(CALLER.customer(), 100)
CALLER.pay("1", 5)
CALLER.company.create("Vendor", {"DisplayName": "Birch"})

SEGMENTS = ["invoice", "reports", "pdf", "send", "download", "upload", "taxservice", "taxcode", "1"]
SEGMENTS += ["exchangerate", "AgedReceivables", "CustomerBalanceDetail", "attachable", "cdc", "é"]
PARAMETERS = ["report_date", "customer", "num_periods", "aging_period", "sendTo", "include"]
PARAMETERS += ["sourcecurrencycode", "asofdate", "requestid", "operation", "changedSince"]
VALUES = ["", "1", "0", "-1", "9" * 30, "2026-01-31", "9999-12-31", "EUR", "a@b.c", "²", "delete"]


@st.composite
def bodies(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """An entity and a body of some of its fields; often what it requires is among them."""
    entity = draw(st.sampled_from(NEW))
    body: dict[str, Any] = draw(typed(entity))
    line = draw(st.lists(typed("Line"), max_size=2))
    for name in ENTITIES[entity].required:
        if draw(st.integers(0, 5)):
            known: dict[str, Any] = {"Line": line, "TotalAmt": 5, "Amount": 5, "Name": "n"}
            body.setdefault(name, {"value": "1"} if name.endswith("Ref") else known.get(name, "1"))
    return entity, body


@settings(max_examples=300, deadline=None)
@given(bodies(), st.sampled_from(["", "", "?operation=delete", "?operation=void"]))
def test_any_body_of_a_new_entity_is_answered_or_refused(
    sent: tuple[str, dict[str, Any]], operation: str
) -> None:
    entity, body = sent
    target = f"/{entity.lower()}{operation}"
    answer = asyncio.run(CALLER.send("POST", target, msgspec.json.encode(body)))

    assert answer.status in {200, 400}
    assert entity in read(answer) or "Fault" in read(answer)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["/taxservice/taxcode", "/exchangerate", "/deposit", "/attachable"]), JSON)
def test_any_json_is_answered_or_refused(target: str, body: Any) -> None:
    answer = asyncio.run(CALLER.send("POST", target, msgspec.json.encode(body)))

    assert answer.status in {200, 400}


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(["GET", "POST", "PUT"]),
    st.lists(st.sampled_from(SEGMENTS), min_size=1, max_size=3),
    st.lists(st.tuples(st.sampled_from(PARAMETERS), st.sampled_from(VALUES)), max_size=3),
)
def test_any_path_and_parameters_are_answered_or_refused(
    method: str, segments: list[str], parameters: list[tuple[str, str]]
) -> None:
    query = "&".join(f"{name}={quote(value)}" for name, value in parameters)
    target = "/" + quote("/".join(segments)) + f"?{query}"
    answer = asyncio.run(CALLER.send(method, target, b"{}" if method != "GET" else b""))

    assert answer.status in {200, 400, 415}


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=120),
    st.sampled_from(["multipart/form-data; boundary=x", "multipart/form-data", "text/plain", ""]),
    st.booleans(),
)
def test_any_upload_is_answered_or_refused(body: bytes, kind: str, framed: bool) -> None:
    if framed:
        head = b'--x\r\nContent-Disposition: form-data; name="file_metadata_01"\r\n\r\n'
        body = head + body + b"\r\n--x--\r\n"
    answer = asyncio.run(CALLER.send("POST", "/upload", body, {"Content-Type": kind}))

    assert answer.status in {200, 400, 415}


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(["GET", "POST"]),
    st.sampled_from(["/connect/oauth2", "/oauth2/v1/tokens/bearer", "/v1/openid_connect/userinfo"]),
    st.lists(
        st.tuples(st.sampled_from(["client_id", "redirect_uri", "scope", "x"]), st.text(max_size=9))
    ),
    st.binary(max_size=60),
)
def test_any_question_to_the_authorization_server_is_answered(
    method: str, path: str, parameters: list[tuple[str, str]], body: bytes
) -> None:
    query = "&".join(f"{name}={quote(value)}" for name, value in parameters)
    request = request_of(method, f"{path}?{query}", {"Authorization": "Bearer x"}, body)

    async def status() -> int:
        return (await CALLER.app(request)).status

    assert 200 <= asyncio.run(status()) < 500
