"""
What QuickBooks' refusals mean: a table from its error codes to our verdicts and words.

Bodies come in four forms (reference, section 2): `Fault` from the API, `fault` from the gateway in
front of it, XML, and nothing at all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from ledgerbridge.connectors.calls import RATE_LIMITED, Effect, undecodable, unknown
from ledgerbridge.connectors.port import Failed, Write
from ledgerbridge.connectors.transport import HttpResponse
from ledgerbridge.errors import CallFailed, LookAgain, Refuse, Retry, Unauthorized, Verdict

NAME = "QuickBooks"
CONNECT_AGAIN = "Connect again: ledgerbridge connect quickbooks."
RETRY, REFUSE, LOOK_AGAIN = Verdict.RETRY, Verdict.REFUSE, Verdict.LOOK_AGAIN


class Fault(Struct, frozen=True):
    """One error of a fault, whatever form it came in."""

    code: str
    message: str = ""
    detail: str = ""
    element: str = ""

    @property
    def said(self) -> str:
        """The vendor's own words, the more telling ones."""
        return self.detail or self.message or f"error {self.code}"


class Rule(Struct, frozen=True):
    """What a code means. `message` may use `{said}`, the vendor's own words."""

    verdict: Verdict
    code: str
    message: str
    remedy: str = ""


INVALID = Rule(REFUSE, "invalid_value", "QuickBooks does not accept a value: {said}")
LOCKED_OUT = Rule(
    RETRY, "company_unavailable", "The company cannot be reached for the moment: {said}"
)
MISSING = Rule(
    REFUSE,
    "inactive_or_missing_reference",
    "The record, or one that it refers to, is inactive or does not exist in QuickBooks: {said}",
    "Make it active in QuickBooks, or choose another one.",
)
NO_ACCESS = Rule(REFUSE, "unauthorized", "QuickBooks does not let us in: {said}", CONNECT_AGAIN)

TABLE: dict[str, Rule] = {
    "120": NO_ACCESS,
    "130": LOCKED_OUT,
    "140": LOCKED_OUT,
    "150": LOCKED_OUT,
    "610": MISSING,
    "620": Rule(REFUSE, "cannot_link", "The transactions cannot be linked: {said}"),
    "1040": Rule(
        REFUSE,
        "batch_too_large",
        "The batch has more rows than QuickBooks takes: {said}",
        "Lower batch_items_max of this connection.",
    ),
    "2010": Rule(REFUSE, "unknown_field", "QuickBooks does not know a field: {said}"),
    "2020": Rule(REFUSE, "required_value_missing", "A required value is missing: {said}"),
    "2030": INVALID,
    "2040": Rule(REFUSE, "invalid_characters", "A text has characters that are refused: {said}"),
    "2050": Rule(
        REFUSE,
        "too_long",
        "A text is longer than QuickBooks takes: {said}",
        "Shorten it, or let the mapping truncate it.",
    ),
    "2060": INVALID,
    "2090": INVALID,
    "2170": Rule(REFUSE, "unknown_option", "QuickBooks does not know an option: {said}"),
    "2500": Rule(
        REFUSE,
        "missing_reference",
        "A record that it refers to does not exist in QuickBooks: {said}",
        "Choose another one.",
    ),
    "3001": Rule(RETRY, RATE_LIMITED, "QuickBooks' request limit was reached."),
    "3100": NO_ACCESS,
    "3200": NO_ACCESS,
    "5010": Rule(
        RETRY,
        "stale",
        "Somebody changed the record in QuickBooks since it was read; nothing was written.",
        "It is read and planned again.",
    ),
    "5020": Rule(
        REFUSE,
        "permission_missing",
        "QuickBooks denies permission: {said}",
        "Connect again as a user who may do this in QuickBooks.",
    ),
    "5030": Rule(REFUSE, "feature_missing", "The company's plan lacks a feature: {said}"),
    "6000": Rule(REFUSE, "business_rule", "A rule of QuickBooks forbids it: {said}"),
    "6080": Rule(REFUSE, "required_value_missing", "A customer needs a name: {said}"),
    "6140": Rule(
        REFUSE,
        "duplicate_number",
        "The number is used by another document: {said}",
        "Choose another number.",
    ),
    "6190": Rule(
        REFUSE,
        "subscription_ended",
        "The company's subscription has ended: {said}",
        "Renew the subscription in QuickBooks.",
    ),
    "6210": Rule(
        REFUSE,
        "closed_period",
        "The books are closed for that date: {said}",
        "Reopen the period in QuickBooks, or use a later date.",
    ),
    "6240": Rule(
        REFUSE,
        "duplicate_name",
        "Another customer, vendor or employee has that name: {said}",
        "Choose another name.",
    ),
    "6540": Rule(REFUSE, "deposited", "The payment was deposited already: {said}"),
}
OTHER = Rule(REFUSE, "refused", "QuickBooks refused it: {said}")
AUTHORIZATION = frozenset({"120", "3100", "3200"})
WINDOW_TOO_OLD = re.compile(r"changedSince date .{0,80}older than", re.DOTALL)

_XML_ERROR = re.compile(rb'<Error\b[^>]{0,200}?\bcode="(\d{1,6})"', re.IGNORECASE)
_XML_DETAIL = re.compile(rb"<Detail>([^<]{0,2000})</Detail>", re.IGNORECASE)
_EXISTING = re.compile(r"\b(?:Txn)?Id=(\d{1,20})\b")
_UNRECOGNIZED = re.compile(r'Unrecognized field "([^"]{1,200})"')
_SUPPLIED_LENGTH = re.compile(r"Supplied length:\s*(\d{1,9})")
_TOKEN_SAID = re.compile(r"Token expired: \S+")
"""The gateway repeats the token that it refuses; nobody else needs to see it."""
_OUTER_CODE = re.compile(r"errorCode=0*(\d{1,6})")


def faults_in(body: Mapping[str, Any]) -> tuple[Fault, ...]:
    """The errors of a decoded body or batch item, in either casing; none where it has no fault."""
    fault = body.get("Fault") or body.get("fault")
    if not isinstance(fault, dict):
        return ()
    errors = fault.get("Error") or fault.get("error")
    if not isinstance(errors, list):
        return ()
    return tuple(_fault(error) for error in errors if isinstance(error, dict))


def _fault(error: Mapping[str, Any]) -> Fault:
    folded = {key.lower(): str(value) for key, value in error.items() if value is not None}
    message = folded.get("message", "")
    code = folded.get("code", "").lstrip("0")
    if not code and (found := _OUTER_CODE.search(message)):
        code = found[1]
    return Fault(code, message, folded.get("detail", ""), folded.get("element", ""))


def faults_of(response: HttpResponse) -> tuple[Fault, ...]:
    """The errors of a whole answer in any of its forms; none where it says nothing readable."""
    if found := _XML_ERROR.search(response.body):
        detail = _XML_DETAIL.search(response.body)
        said = detail[1].decode("utf-8", "replace") if detail else ""
        return (Fault(found[1].decode().lstrip("0"), detail=said),)
    try:
        body = msgspec.json.decode(response.body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ()
    return faults_in(body) if isinstance(body, dict) else ()


def failure(effect: Effect, response: HttpResponse) -> CallFailed | None:
    """What an answer says went wrong with the call as a whole; None where it is fine."""
    status = response.status
    if status == 200 and not response.body[:40].lstrip().lower().startswith(b'{"fault"'):
        return None
    faults = faults_of(response)
    if status == 429 or any(fault.code == "3001" for fault in faults):
        rule = TABLE["3001"]
        return Retry(rule.code, rule.message, status=status, wait_s=retry_after_s(response))
    if status in (401, 403):
        said = faults[0].said if faults else f"status {status}"
        said = _TOKEN_SAID.sub("Token expired", said)
        message = NO_ACCESS.message.format(said=said)
        return Unauthorized(NO_ACCESS.code, message, remedy=CONNECT_AGAIN, status=status)
    if status >= 500:
        said = faults[0].said if faults else f"status {status}"
        if not faults:
            return undecodable(NAME, effect, response)
        return unknown(effect, "server_error", f"QuickBooks failed: {said}", status=status)
    if not faults:
        return undecodable(NAME, effect, response)
    return _refusal(_first(faults), status)


def _refusal(fault: Fault, status: int) -> CallFailed:
    rule = TABLE.get(fault.code, OTHER)
    code = "window_too_old" if WINDOW_TOO_OLD.search(fault.detail) else rule.code
    kind: type[CallFailed] = {RETRY: Retry, REFUSE: Refuse, LOOK_AGAIN: LookAgain}[rule.verdict]
    if fault.code in AUTHORIZATION:
        kind = Unauthorized
    message = rule.message.format(said=fault.said)
    return kind(code, message, remedy=rule.remedy, status=status)


def _first(faults: tuple[Fault, ...]) -> Fault:
    """The error that says most: one that the table knows, else the first."""
    return next((fault for fault in faults if fault.code in TABLE), faults[0])


def row_failure(write: Write, faults: tuple[Fault, ...]) -> Failed:
    """The outcome of one row of a batch that was answered with a fault."""
    fault = _first(faults)
    if fault.code == "10000":
        rule = Rule(LOOK_AGAIN, "server_error", "QuickBooks failed at this row: {said}")
    else:
        rule = TABLE.get(fault.code, OTHER)
    existing = _EXISTING.search(fault.detail) if fault.code in ("6140", "6240") else None
    return Failed(
        trace=write.trace,
        verdict=rule.verdict,
        code=rule.code,
        message=rule.message.format(said="; ".join(each.said for each in faults)),
        remedy=rule.remedy,
        field=_field_at_fault(write, fault),
        existing_id=existing[1] if existing else None,
    )


def _field_at_fault(write: Write, fault: Fault) -> str | None:
    """The field that a fault names by its element, its text, or the length it complains about."""
    named = fault.element
    if not named and (found := _UNRECOGNIZED.search(fault.detail)):
        named = found[1]
    if named:
        folded = named.lower()
        for name in write.fields:
            parts = [part.lower() for part in name.split(".")]
            if folded in (name.lower(), parts[0], parts[-1]):
                return name
    if fault.code == "6240":
        return next((name for name in ("DisplayName", "Name") if name in write.fields), None)
    if fault.code == "2050" and (found := _SUPPLIED_LENGTH.search(fault.detail)):
        length = int(found[1])
        return next((name for name, raw in write.fields.items() if len(raw or "") == length), None)
    return None


def retry_after_s(response: HttpResponse) -> float | None:
    """The wait that an answer asks for in seconds; None where it says nothing usable."""
    asked = response.headers.get("retry-after", "").strip()
    return float(asked) if asked.isdecimal() and len(asked) <= 6 else None
