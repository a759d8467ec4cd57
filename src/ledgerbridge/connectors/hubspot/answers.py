"""
What a whole answer of HubSpot means, by its status; the body decides where the status does not.

A definite refusal of a write (`Rejected`, `Busy`) says that none of its rows was applied: creates
and updates are all or nothing unless they answer 207.
"""

from __future__ import annotations

import msgspec

from ledgerbridge.connectors.calls import RATE_LIMITED, Effect, undecodable, unknown
from ledgerbridge.connectors.hubspot.failures import (
    DAILY_WAIT_S,
    LOCKED_WAIT_S,
    MIGRATION_WAIT_S,
    Finding,
    finding_of,
)
from ledgerbridge.connectors.hubspot.settings import API, REQUESTS
from ledgerbridge.connectors.hubspot.wire import ErrorBody, decode_error
from ledgerbridge.connectors.pacing import Pacer, Told
from ledgerbridge.connectors.transport import HttpResponse
from ledgerbridge.errors import CallFailed, Refuse, Retry, Unauthorized, Verdict

NAME = "HubSpot"
CONNECT_AGAIN = "Connect again: ledgerbridge connect hubspot."


class Rejected(Refuse):
    """A definite no to all rows of a call; `finding` says why."""

    def __init__(self, finding: Finding, status: int) -> None:
        super().__init__(finding.code, finding.message, remedy=finding.remedy, status=status)
        self.finding = finding


class Busy(Retry):
    """None of the rows was applied now, later they may be."""

    def __init__(self, finding: Finding, status: int) -> None:
        super().__init__(
            finding.code,
            finding.message,
            remedy=finding.remedy,
            status=status,
            wait_s=finding.wait_s,
        )
        self.finding = finding


class HubSpotAnswers:
    """How HubSpot says that a call failed, and what its headers say about limits."""

    name = NAME

    def failure(self, effect: Effect, response: HttpResponse) -> CallFailed | None:
        """What an answer says went wrong with the call as a whole; None where it is fine."""
        status = response.status
        if 200 <= status < 300:
            return None
        body = _body(response)
        if status == 429:
            return _throttled(body or ErrorBody(), response)
        if status == 477:
            return _migrating(response)
        if status == 401:
            text = body.message if body else "HubSpot does not accept the access token."
            return Unauthorized("unauthorized", text, remedy=CONNECT_AGAIN, status=status)
        if status >= 500:
            text = f"HubSpot had a problem of its own (status {status})."
            return unknown(effect, "server_error", text, status=status)
        if body is None:
            return undecodable(NAME, effect, response)
        if status == 403:
            return _forbidden(body)
        return _refused(body, status)

    def told(self, pacer: Pacer, pace: str, response: HttpResponse) -> None:
        """Pass on the headers about requests in ten seconds; other limits send none."""
        if pace != API:
            return
        headers = response.headers
        try:
            told = Told(
                int(headers["x-hubspot-ratelimit-max"]),
                int(headers["x-hubspot-ratelimit-remaining"]),
                int(headers["x-hubspot-ratelimit-interval-milliseconds"]) / 1000,
            )
        except (KeyError, ValueError):
            return
        pacer.told(REQUESTS, told)


def _body(response: HttpResponse) -> ErrorBody | None:
    try:
        return decode_error(response.body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _throttled(body: ErrorBody, response: HttpResponse) -> Retry:
    if body.policy_name == "DAILY":
        return Retry(
            "daily_limit",
            "HubSpot's daily limit of calls for this account is used up.",
            remedy="It is tried again later; the limit ends at midnight in the portal's time zone.",
            status=429,
            wait_s=DAILY_WAIT_S,
        )
    return Retry(
        RATE_LIMITED,
        body.message or "HubSpot asks for fewer calls.",
        remedy="It is tried again.",
        status=429,
        wait_s=_retry_after_s(response),
    )


def _migrating(response: HttpResponse) -> Retry:
    wait_s = _retry_after_s(response)
    return Retry(
        "migrating",
        "HubSpot is moving this account to another place.",
        remedy="Nothing was changed. It is tried again.",
        status=477,
        wait_s=MIGRATION_WAIT_S if wait_s is None else wait_s,
    )


def _retry_after_s(response: HttpResponse) -> float | None:
    try:
        return max(0.0, float(response.headers["retry-after"]))
    except (KeyError, ValueError):
        return None


def _forbidden(body: ErrorBody) -> Unauthorized:
    if body.category == "MISSING_SCOPES":
        scopes = " or ".join(scopes_missing(body)) or "a scope that it does not name"
        return Unauthorized(
            "missing_scope",
            f"HubSpot refuses: the access token lacks the scope {scopes}.",
            remedy="Grant the scope to the app in HubSpot, then connect again.",
            status=403,
        )
    finding = finding_of(body)
    code = finding.code if finding.code != "refused" else "forbidden"
    remedy = finding.remedy if finding.code != "refused" else CONNECT_AGAIN
    return Unauthorized(code, finding.message, remedy=remedy, status=403)


def scopes_missing(body: ErrorBody) -> list[str]:
    """The scopes of which one is needed, as a 403 names them."""
    names = ("requiredGranularScopes", "requiredScopes")
    return [
        scope for detail in body.errors for name in names for scope in detail.context.get(name, ())
    ]


def _refused(body: ErrorBody, status: int) -> Rejected | Busy | Refuse:
    finding = finding_of(body)
    if status == 423:
        locked = msgspec.structs.replace(
            finding,
            code="locked",
            verdict=Verdict.RETRY,
            remedy="Another write holds the record; it is tried again.",
            wait_s=LOCKED_WAIT_S,
        )
        return Busy(locked, status)
    if not body.category or status == 405:
        remedy = "Nothing was changed. The version or the URL of the API may be wrong."
        text = f"HubSpot does not understand the call (status {status}): {finding.message}"
        return Refuse("bad_request", text, remedy=remedy, status=status)
    if finding.verdict is Verdict.RETRY:
        return Busy(finding, status)
    return Rejected(finding, status)
