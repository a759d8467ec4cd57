"""The table of refusals, and the forms in which they come."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledgerbridge.connectors.calls import Effect
from ledgerbridge.connectors.port import Write
from ledgerbridge.connectors.quickbooks.failures import (
    TABLE,
    Fault,
    failure,
    faults_of,
    row_failure,
)
from ledgerbridge.connectors.transport import HttpResponse
from ledgerbridge.errors import LookAgain, Refuse, Retry, Unauthorized, Verdict

GATEWAY = (
    b'{"warnings":null,"fault":{"error":[{"message":"message=AuthenticationFailed; '
    b'errorCode=003200; statusCode=401","detail":"Token expired","code":"3200","element":null}],'
    b'"type":"AUTHENTICATION"},"time":1601391072830}'
)
XML = (
    b'<IntuitResponse time="2016-12-07T15:27:09.527-08:00"><Fault type="SERVICE">'
    b'<Error code="3001"><Message>ThrottleExceeded</Message><Detail>The request limit was reached.'
    b"</Detail></Error></Fault></IntuitResponse>"
)


def fault_body(code: str, detail: str = "It is so.", element: str | None = None) -> bytes:
    error = {"Message": "An error", "Detail": detail, "code": code}
    if element is not None:
        error["element"] = element
    return msgspec.json.encode({"Fault": {"Error": [error], "type": "ValidationFault"}})


def write(**fields: str) -> Write:
    return Write(trace="t0", fields=dict(fields))


def test_errors_are_read_in_both_casings_and_in_xml() -> None:
    gateway = faults_of(HttpResponse(status=401, body=GATEWAY))
    xml = faults_of(HttpResponse(status=429, body=XML))
    api = faults_of(HttpResponse(status=400, body=fault_body("610", element="CustomerRef")))

    assert [(fault.code, fault.detail) for fault in gateway] == [("3200", "Token expired")]
    assert [(fault.code, fault.detail) for fault in xml] == [
        ("3001", "The request limit was reached.")
    ]
    assert api == (Fault("610", "An error", "It is so.", "CustomerRef"),)


def test_a_code_hidden_in_the_message_is_found() -> None:
    body = b'{"fault":{"error":[{"message":"message=X; errorCode=003100; statusCode=403"}]}}'

    assert faults_of(HttpResponse(status=403, body=body))[0].code == "3100"


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("body", [GATEWAY, b"", b"<html></html>"])
def test_401_and_403_ask_to_connect_again_whatever_the_body(status: int, body: bytes) -> None:
    found = failure(Effect.WRITE, HttpResponse(status=status, body=body))

    assert isinstance(found, Unauthorized)
    assert "ledgerbridge connect quickbooks" in str(found)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize("body", [fault_body("10000"), b"", b"<html></html>"])
def test_a_server_error_leaves_a_write_in_doubt_and_a_read_to_be_repeated(
    status: int, body: bytes
) -> None:
    response = HttpResponse(status=status, body=body)

    assert isinstance(failure(Effect.WRITE, response), LookAgain)
    assert isinstance(failure(Effect.READ, response), Retry)


@pytest.mark.parametrize("status", [204, 302, 400, 404, 418])
def test_an_answer_that_is_not_the_apis_leaves_a_write_in_doubt(status: int) -> None:
    response = HttpResponse(status=status, body=b"\xff nothing we know")

    assert isinstance(failure(Effect.WRITE, response), LookAgain)
    assert isinstance(failure(Effect.READ, response), Retry)


def test_a_fault_inside_a_200_is_a_fault() -> None:
    found = failure(Effect.WRITE, HttpResponse(status=200, body=fault_body("6190")))

    assert isinstance(found, Refuse)
    assert found.code == "subscription_ended"


def test_a_refusal_that_nobody_knows_is_still_a_refusal_in_the_vendors_words() -> None:
    found = failure(Effect.WRITE, HttpResponse(status=400, body=fault_body("9999", "No, thanks.")))

    assert isinstance(found, Refuse)
    assert found.code == "refused"
    assert "No, thanks." in str(found)


@pytest.mark.parametrize("code", sorted(TABLE))
def test_every_rule_of_the_table_speaks_and_keeps_its_verdict(code: str) -> None:
    found = row_failure(write(), (Fault(code, detail="The vendor's words."),))

    assert found.verdict is TABLE[code].verdict
    assert found.code == TABLE[code].code
    assert "{" not in found.message


@pytest.mark.parametrize(
    ("fault", "fields", "field"),
    [
        (Fault("2050", element="GivenName"), {"GivenName": "x"}, "GivenName"),
        (
            Fault("2040", element="PrimaryEmailAddr"),
            {"PrimaryEmailAddr.Address": "x"},
            "PrimaryEmailAddr.Address",
        ),
        (
            Fault("2050", detail="Min:0, Max:16, Supplied length:18"),
            {"GivenName": "Jo", "Title": "x" * 18},
            "Title",
        ),
        (
            Fault("2010", detail='Unrecognized field "Colour" (class x)'),
            {"Colour": "red"},
            "Colour",
        ),
        (Fault("6240"), {"GivenName": "Jo", "DisplayName": "Jo"}, "DisplayName"),
        (Fault("6000"), {"DisplayName": "Jo"}, None),
    ],
)
def test_the_field_at_fault_is_named_where_it_can_be_known(
    fault: Fault, fields: dict[str, str], field: str | None
) -> None:
    assert row_failure(Write(trace="t0", fields=dict(fields)), (fault,)).field == field


def test_the_document_that_has_the_number_is_named() -> None:
    detail = "DocNumber=18696 is assigned to TxnType=Invoice with TxnId=6575"

    found = row_failure(write(DocNumber="18696"), (Fault("6140", detail=detail),))

    assert found.existing_id == "6575"


def test_several_errors_of_one_row_are_all_told() -> None:
    faults = (Fault("9999", detail="First."), Fault("2050", detail="Second."))

    found = row_failure(write(), faults)

    assert found.code == "too_long"
    assert "First." in found.message
    assert "Second." in found.message


def test_a_row_that_made_the_server_fail_is_in_doubt() -> None:
    assert row_failure(write(), (Fault("10000"),)).verdict is Verdict.LOOK_AGAIN


@given(status=st.integers(200, 599), body=st.binary(max_size=200))
def test_no_answer_however_strange_breaks_the_judgement(status: int, body: bytes) -> None:
    found = failure(Effect.WRITE, HttpResponse(status=status, body=body))

    assert found is None or found.verdict in Verdict


@pytest.mark.parametrize(
    ("asked", "wait_s"), [("30", 30.0), ("", None), ("Wed, 21 Oct 2026", None), ("-1", None)]
)
def test_a_retry_after_is_taken_where_it_is_a_number_of_seconds(
    asked: str, wait_s: float | None
) -> None:
    found = failure(Effect.READ, HttpResponse(status=429, headers={"retry-after": asked}))

    assert isinstance(found, Retry)
    assert found.wait_s == wait_s
