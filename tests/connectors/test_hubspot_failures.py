"""What HubSpot's errors mean: every recorded body has a verdict, a word of ours and a remedy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from contract.hubspot_operations import reference_folder
from ledgerbridge.connectors.calls import Effect
from ledgerbridge.connectors.hubspot.answers import HubSpotAnswers
from ledgerbridge.connectors.hubspot.failures import MESSAGE_LENGTH_MAX, finding_of
from ledgerbridge.connectors.hubspot.wire import ErrorBody
from ledgerbridge.connectors.transport import HttpResponse
from ledgerbridge.errors import CallFailed, LookAgain, Refuse, Retry, Unauthorized, Verdict

REFUSED = {
    "400-property-doesnt-exist": ("unknown_field", "email"),
    "400-read-only": ("read_only", "hs_email_to_firstname"),
    "400-calculated": ("read_only", "hs_additional_emails"),
    "400-invalid-option": ("unknown_option", "multi_select"),
    "400-invalid-pipeline-stage-and-owner": ("unknown_owner", "hubspot_owner_id"),
    "400-invalid-email": ("invalid_email", "email"),
    "400-invalid-date": ("invalid_value", "user_created_date"),
    "400-max-length": ("too_long", "resolved"),
    "400-required-property": ("missing_value", "hs_timestamp"),
    "400-unique-conflict-custom": ("already_exists", "hs_sku"),
    "409-contact-exists": ("already_exists", "email"),
    "409-property-exists": ("already_exists", None),
    "404-object": ("not_found", None),
    "400-one-to-one-association": ("has_another_parent", None),
    "404-association-to-missing": ("missing_reference", None),
}
EXISTING = {
    "400-unique-conflict-custom": "36943177921",
    "409-contact-exists": "20775093475",
}


@pytest.fixture(scope="module")
def recorded() -> dict[str, Any]:
    folder = reference_folder()
    if folder is None:
        pytest.skip("the reference folder is not beside this repository")
    text = Path(folder, "error-bodies.json").read_bytes()
    bodies: dict[str, Any] = msgspec.json.decode(text)
    return bodies


def failure(
    status: int, body: Any, effect: Effect = Effect.WRITE, retry_after: str = ""
) -> CallFailed:
    sent = body if isinstance(body, bytes) else msgspec.json.encode(body)
    headers = {"retry-after": retry_after} if retry_after else {}
    answer = HttpResponse(status=status, headers=headers, body=sent)
    found = HubSpotAnswers().failure(effect, answer)
    assert found is not None
    return found


@pytest.mark.parametrize("name", REFUSED)
def test_a_recorded_refusal_has_our_word_and_the_property_at_fault(
    recorded: dict[str, Any], name: str
) -> None:
    finding = finding_of(msgspec.convert(recorded[name]["body"], ErrorBody))

    assert (finding.code, finding.field) == REFUSED[name]
    assert finding.existing_id == EXISTING.get(name)
    assert finding.verdict is Verdict.REFUSE
    assert finding.message


def test_every_recorded_body_is_classified_as_an_answer_of_its_status(
    recorded: dict[str, Any],
) -> None:
    kinds: dict[int, type[CallFailed]] = {
        401: Unauthorized,
        403: Unauthorized,
        423: Retry,
        429: Retry,
    }
    for name, one in recorded.items():
        status = one["httpStatus"]
        if status is None or status < 300:
            continue
        found = failure(status, one["body"])

        assert isinstance(found, kinds.get(status, Refuse)), name
        assert found.status == status


def test_all_problems_of_one_row_are_told_and_the_first_decides(recorded: dict[str, Any]) -> None:
    body = recorded["400-invalid-pipeline-stage-and-owner"]["body"]

    message = finding_of(msgspec.convert(body, ErrorBody)).message

    assert "hubspot_owner_id: 910901 was not a valid owner ID" in message
    assert "hs_pipeline_stage: open is not a valid pipeline stage ID" in message


def test_the_newer_list_of_errors_is_read_as_the_nested_text_is() -> None:
    detail = {
        "message": "discount was not a valid number",
        "code": "INVALID_INTEGER",
        "context": {"propertyName": ["discount"]},
    }
    body = {"message": "bad", "category": "VALIDATION_ERROR", "errors": [detail]}

    finding = finding_of(msgspec.convert(body, ErrorBody))

    assert (finding.code, finding.field) == ("invalid_value", "discount")


@pytest.mark.parametrize("name", ["hs_currency", "deal_currency_code"])
def test_an_unknown_option_of_a_currency_means_that_it_is_not_enabled(name: str) -> None:
    nested = [{"error": "INVALID_OPTION", "name": name, "message": "XAU was not one of …"}]
    text = f"Property values were not valid: {msgspec.json.encode(nested).decode()}"

    finding = finding_of(ErrorBody(message=text, category="VALIDATION_ERROR"))

    assert finding.code == "currency_not_enabled"
    assert "settings of the HubSpot account" in finding.remedy


def test_a_text_that_lists_every_option_is_cut() -> None:
    finding = finding_of(ErrorBody(message="x" * 10_000, category="VALIDATION_ERROR"))

    assert len(finding.message) == MESSAGE_LENGTH_MAX + 1


def test_a_message_that_only_looks_nested_is_told_as_it_is() -> None:
    text = "Property values were not valid: [not json]"

    finding = finding_of(ErrorBody(message=text, category="VALIDATION_ERROR"))

    assert (finding.code, finding.message) == ("refused", text)


def test_a_missing_scope_is_named(recorded: dict[str, Any]) -> None:
    found = failure(403, recorded["403-missing-scopes"]["body"])

    assert found.code == "missing_scope"
    assert "crm.schemas.contacts.read or crm.objects.contacts.read" in str(found)


def test_a_missing_permission_is_not_a_missing_scope() -> None:
    body = {"message": "unauthorized request", "category": "MISSING_PERMISSIONS"}

    assert failure(403, body).code == "missing_permission"


def test_a_forbidden_call_without_a_known_category_is_still_no_deletion() -> None:
    found = failure(403, {"message": "banned", "category": "BANNED"})

    assert isinstance(found, Unauthorized)
    assert found.code == "forbidden"


@pytest.mark.parametrize(
    ("body", "code", "wait_s"),
    [
        ({"policyName": "TEN_SECONDLY_ROLLING", "errorType": "RATE_LIMIT"}, "rate_limited", None),
        ({"category": "RATE_LIMITS", "message": "…"}, "rate_limited", None),
        ({"policyName": "DAILY", "errorType": "RATE_LIMIT"}, "daily_limit", 3600.0),
        (b"", "rate_limited", None),
    ],
)
def test_too_many_calls_in_all_their_forms_are_tried_again(
    body: Any, code: str, wait_s: float | None
) -> None:
    found = failure(429, body)

    assert isinstance(found, Retry)
    assert (found.code, found.wait_s) == (code, wait_s)


def test_a_moving_portal_is_waited_for_as_long_as_it_asks() -> None:
    found = failure(477, {"message": "migrating"}, retry_after="86400")

    assert isinstance(found, Retry)
    assert found.wait_s == 86400.0


def test_a_lock_is_waited_for_two_seconds(recorded: dict[str, Any]) -> None:
    found = failure(423, recorded["423-unique-lock"]["body"])

    assert isinstance(found, Retry)
    assert (found.code, found.wait_s) == ("locked", 2.0)


@pytest.mark.parametrize("status", [500, 502, 503, 504, 524])
def test_a_problem_of_the_server_leaves_a_write_in_doubt_and_a_read_to_be_repeated(
    status: int,
) -> None:
    body = {"message": "There was an error processing the request."}

    assert isinstance(failure(status, body), LookAgain)
    assert isinstance(failure(status, body, Effect.READ), Retry)


@pytest.mark.parametrize("status", [302, 400, 404])
def test_a_page_of_html_says_nothing_about_a_record(status: int) -> None:
    page = b"<!DOCTYPE html><html><body>Please log in</body></html>"

    assert isinstance(failure(status, page), LookAgain)
    assert isinstance(failure(status, page, Effect.READ), Retry)
    assert "is a proxy in between" in str(failure(status, page))


@pytest.mark.parametrize("status", [400, 404, 405])
def test_a_call_that_is_not_understood_is_not_about_its_rows(status: int) -> None:
    found = failure(status, {"status": "error", "message": "resource not found"})

    assert type(found) is Refuse
    assert found.code == "bad_request"
