"""The bodies of HubSpot's errors, and the exception that carries one out of the emulator."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ledgerbridge.sandbox.http import Response
from ledgerbridge.sandbox.hubspot.wire import encoded

JSON_HEADERS: Mapping[str, str] = {"Content-Type": "application/json;charset=utf-8"}
# The order of the fields, as most recordings have it; a field of none of them comes last.
ORDER = (
    *("status", "message", "errorType", "correlationId", "policyName", "groupName", "requestId"),
    *("errors", "context", "links", "category", "subCategory"),
)
ORDER_BY_CATEGORY = {
    "EXPIRED_AUTHENTICATION": ("status", "message", "correlationId", "category", "context"),
    "LOCKED": ("status", "message", "category", "correlationId"),
}
ROW_FIELDS = frozenset({"status", "category", "subCategory", "message", "errors", "context"})
_NAMESPACE = uuid.UUID("6f1c2a40-5b8e-4d0e-9a57-3c1d7e0b2f64")

AUTH_OVERVIEW = "https://developers.hubspot.com/docs/methods/auth/oauth-overview"
SCOPES_PAGE = "https://developers.hubspot.com/scopes"
NO_CREDENTIALS = (
    "Authentication credentials not found. This API supports OAuth 2.0 authentication and you "
    f"can find more details at {AUTH_OVERVIEW}"
)
SCOPES_MISSING = (
    "This app hasn't been granted all required scopes to make this call. "
    f"Read more about required scopes here: {SCOPES_PAGE}."
)


def correlation_id(serial: int = 0) -> str:
    """The id of the nth answer of an emulator; not a random number, so that runs repeat."""
    return str(uuid.uuid5(_NAMESPACE, str(serial)))


class ApiError(Exception):
    """An error answer: `status` and `body` as sent, without its correlation id."""

    def __init__(
        self, status: int, body: dict[str, Any], headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(f"{status}: {body.get('message')}")
        self.status, self.body, self.headers = status, body, dict(headers or {})

    def response(self, serial: int = 0) -> Response:
        """The answer; `serial` counts answers and makes the correlation id."""
        given = {**self.body, "correlationId": correlation_id(serial)}
        order = ORDER_BY_CATEGORY.get(given.get("category", ""), ORDER)
        body = {name: given[name] for name in order if name in given} | given
        headers = {
            **JSON_HEADERS,
            "X-HubSpot-Correlation-Id": body["correlationId"],
            **self.headers,
        }
        return Response(self.status, encoded(body), headers)

    def row(self, trace_id: str | None = None) -> dict[str, Any]:
        """The same error as a row of a batch's `errors`."""
        context = dict(self.body.get("context", {}))
        if trace_id is not None:
            context["objectWriteTraceId"] = [trace_id]
        shown = {name: value for name, value in self.body.items() if name in ROW_FIELDS}
        body = {"status": "error", "category": "VALIDATION_ERROR", **shown}
        return {**body, "context": context} if context else body


def error(status: int, message: str, category: str | None = None, **more: Any) -> ApiError:
    """An error with the usual body: status, message, category and whatever `more` names."""
    body: dict[str, Any] = {"status": "error", "message": message, **more}
    if category is not None:
        body["category"] = category
    return ApiError(status, body)


def invalid(message: str, **more: Any) -> ApiError:
    """400 VALIDATION_ERROR."""
    return error(400, message, "VALIDATION_ERROR", **more)


@dataclass(frozen=True, slots=True)
class ValueProblem:
    """Why one property's value was refused: HubSpot's code, the property and the text."""

    code: str
    name: str
    message: str


def invalid_values(problems: Sequence[ValueProblem], portal_id: int) -> ApiError:
    """400 whose message nests the problems as JSON text, as all value errors do."""
    nested = [
        {
            "isValid": False,
            "message": problem.message,
            "error": problem.code,
            "name": problem.name,
            "localizedErrorMessage": problem.message,
            "portalId": portal_id,
        }
        for problem in problems
    ]
    details = [
        {
            "message": problem.message,
            "code": problem.code,
            "context": {"propertyName": [problem.name]},
        }
        for problem in problems
    ]
    message = f"Property values were not valid: {encoded(nested).decode()}"
    return invalid(message, errors=details)


def required_missing(kind: str, names: Iterable[str]) -> ApiError:
    """400 on a create without the properties that `kind` (e.g. NOTE) requires."""
    message = f"Error creating {kind}.  Some required properties were not set."
    return invalid(message, context={"properties": list(names)})


def object_not_found(record_id: str, id_property: str | None = None) -> ApiError:
    """404 of a single record."""
    word = id_property or "objectId"
    message = f"Object not found.  {word} are usually numeric."
    return error(404, message, "OBJECT_NOT_FOUND", context={"id": [record_id]})


def some_not_found(kind: str, ids: list[str]) -> dict[str, Any]:
    """The row of a batch that names the ids which do not exist."""
    message = (
        f"Could not get some {kind} objects, they may be deleted or not exist. "
        "Check that ids are valid."
    )
    return {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "message": message,
        "context": {"ids": ids},
    }


def contact_exists(existing_id: str | None, form: str = "with id") -> ApiError:
    """409 for an e-mail that another contact has, in one of the forms it was seen in."""
    suffix = "" if existing_id is None or form == "plain" else f". Existing ID: {existing_id}"
    message = f"Contact already exists{suffix}"
    if form == "object exists":
        return error(409, message, "OBJECT_ALREADY_EXISTS", error="CONTACT_EXISTS")
    return error(409, message, "CONFLICT")


def unknown_path() -> ApiError:
    """404 of a path that no operation has."""
    return error(404, "resource not found")


def wrong_method() -> ApiError:
    """405 of a path that exists with another method."""
    return error(405, "Method Not Allowed", "VALIDATION_ERROR")


def too_long() -> ApiError:
    """414 of a path and query that are too long."""
    return error(414, "HTTP 414 URI Too Long")


def unsupported_content() -> ApiError:
    """415 of a body that says it is something else than what is asked for."""
    return error(415, "HTTP 415 Unsupported Media Type")


def bad_request() -> ApiError:
    """400 of a search that cannot be run, without a category."""
    return error(400, "There was a problem with the request.")


def no_credentials() -> ApiError:
    """401 without a token, or with one that is not known."""
    found = error(401, NO_CREDENTIALS, "INVALID_AUTHENTICATION")
    return _authentication(found)


def token_expired(expired_at: str, elapsed: str) -> ApiError:
    """401 of a token that is over; `elapsed` is e.g. `0 second(s)`."""
    message = f"The OAuth token used to make this call expired {elapsed} ago."
    context = {"expire time": [expired_at]}
    return _authentication(error(401, message, "EXPIRED_AUTHENTICATION", context=context))


def _authentication(found: ApiError) -> ApiError:
    return ApiError(found.status, found.body, {"X-HubSpot-Auth-Failure": "401 Unauthorized"})


def missing_scopes(scopes: Sequence[str]) -> ApiError:
    """403 naming the scopes of which one is needed."""
    detail = {
        "message": "One or more of the following scopes are required.",
        "context": {"requiredGranularScopes": list(scopes)},
    }
    more = {"errors": [detail], "links": {"scopes": SCOPES_PAGE}}
    return error(403, SCOPES_MISSING, "MISSING_SCOPES", **more)


@dataclass(frozen=True, slots=True)
class Policy:
    """One rate limit as its answers name it."""

    name: str
    word: str
    group: str | None = None


TEN_SECONDLY = Policy(
    "TEN_SECONDLY_ROLLING", "ten_secondly_rolling", "publicapi:private_app-api-calls-ten-secondly"
)
SECONDLY = Policy("SECONDLY", "secondly", "publicapi:crm:search:oauth")
DAILY = Policy("DAILY", "daily")


def rate_limited(policy: Policy = TEN_SECONDLY, portal_id: int = 0, app_id: int = 0) -> ApiError:
    """429 in the form most answers have: `errorType` RATE_LIMIT and the policy's name."""
    body: dict[str, Any] = {
        "status": "error",
        "message": f"You have reached your {policy.word} limit.",
        "errorType": "RATE_LIMIT",
        "policyName": policy.name,
    }
    if policy.group is not None:
        body["groupName"] = f"{policy.group}:{app_id}:{portal_id}"
    else:
        body["requestId"] = correlation_id()
    return ApiError(429, body)


def rate_limited_plainly(policy: Policy = SECONDLY) -> ApiError:
    """429 in its other form, with a category and no policy."""
    return error(429, f"You have reached your {policy.word} limit.", "RATE_LIMITS")


SERVER_ERRORS: Mapping[int, tuple[str, str]] = {
    500: ("INTERNAL_ERROR", "There was an error processing the request."),
    502: ("SERVICE_UNAVAILABLE", "Bad Gateway"),
    503: ("SERVICE_UNAVAILABLE", "Service Unavailable"),
    504: ("SERVICE_UNAVAILABLE", "Gateway Timeout"),
}


def server_error(status: int = 500) -> ApiError:
    """5xx; a status outside the table answers as 503 does, under its own number."""
    category, message = SERVER_ERRORS.get(status, SERVER_ERRORS[503])
    return error(status, message, category)


def migrating(retry_after_s: int) -> ApiError:
    """477: the portal is being moved; the only answer with Retry-After."""
    found = error(477, "This portal is being migrated.")
    return ApiError(found.status, found.body, {"Retry-After": str(retry_after_s)})


@dataclass(frozen=True, slots=True)
class Coordinates:
    """The place of a unique value, as the texts about it spell it."""

    portal_id: int
    kind: str
    name: str
    value: str

    def __str__(self) -> str:
        object_type = f"ObjectTypeId{{legacyObjectType={self.kind}}}"
        inner = f"portalId={self.portal_id}, objectTypeId={object_type}"
        return f"PropertyValueCoordinates{{{inner}, propertyName={self.name}, value={self.value}}}"


def value_taken(place: Coordinates, record_id: str, owner_id: str, status: int) -> ApiError:
    """A unique value that another record has."""
    message = f"Cannot set {place} on {record_id}. {owner_id} already has that value."
    return error(status, message, "VALIDATION_ERROR")


def value_locked(place: Coordinates) -> ApiError:
    """423: another write holds the lock of this unique value."""
    message = f"Timed out trying to acquire unique value lock for {place}. The lock was being held."
    return error(423, message, "LOCKED")
