"""
The errors of QuickBooks Online: one table of codes, and the bodies they are answered with.

The API's own faults are capitalised (`Fault`, `Error`, `Message`); the gateway in front of it
answers a longer body in lower case, with `time` in milliseconds.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ledgerbridge.sandbox.quickbooks.switches import ThrottleForm
from ledgerbridge.sandbox.quickbooks.times import stamp_ms

MESSAGES = {
    "500": "Unsupported Operation",
    "600": "Duplicate Request ID",
    "610": "Object Not Found",
    "620": "Transaction cannot be linked",
    "700": "Parent invalid",
    "800": "Cannot delete object",
    "900": "Parent cannot be child",
    "1040": "Batch size exceeds allowed limit",
    "2000": "Invalid or unsupported object name",
    "2010": "Request has invalid or unsupported property",
    "2020": "Required param missing, need to supply the required value for the API",
    "2030": "Invalid ID",
    "2040": "Invalid String",
    "2050": "Invalid String Length",
    "2060": "Invalid Date",
    "2090": "Invalid Number",
    "2130": "Invalid Request Id Format",
    "2170": "Invalid Enumeration",
    "2500": "Invalid Reference Id",
    "4000": "Error parsing query",
    "4001": "Invalid query",
    "4002": "Error processing query",
    "5010": "Stale Object Error",
    "6000": "A business validation error has occurred while processing your request",
    "6070": "Amount calculation incorrect in the request",
    "6080": "No name provided",
    "6100": "Invalid Line TaxCode",
    "6140": "Duplicate Document Number Error",
    "6210": "Account Period Closed",
    "6240": "Duplicate Name Exists Error",
    "6540": "Deposited Transaction cannot be changed",
    "10000": "An application error has occurred while processing your request",
}

UNUSABLE = (
    "Object Not Found : Something you're trying to use has been made inactive. "
    "Check the fields with accounts, customers, items, vendors or employees."
)

GATEWAY = {
    401: ("message=AuthenticationFailed; errorCode=003200; statusCode=401", "3200"),
    403: ("message=ApplicationAuthorizationFailed; errorCode=003100; statusCode=403", "3100"),
}
GATEWAY_TYPES = {401: "AUTHENTICATION", 403: "SERVICE"}
THROTTLE_MESSAGE = "message=ThrottleExceeded; errorCode=003001; statusCode=429"
THROTTLE_DETAIL = "The request limit was reached.  Try again later"


class Refused(Exception):
    """
    The API refuses a request: one error of its table, thrown where the rule stands.

    `element` is answered only where given. Nothing was changed when this is raised.
    """

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        element: str | None = None,
        status: int = 400,
        type_: str = "ValidationFault",
    ) -> None:
        super().__init__(f"{code} {detail}")
        self.code, self.detail, self.element = code, detail, element
        self.status, self.type = status, type_

    def fault(self, *, element: str | None = None) -> dict[str, Any]:
        """The `Fault` object; `element` stands in where the error names none."""
        error = {"Message": MESSAGES[self.code], "Detail": self.detail, "code": self.code}
        named = self.element if self.element is not None else element
        if named is not None:
            error["element"] = named
        return {"Error": [error], "type": self.type}

    def body(self, at: datetime) -> dict[str, Any]:
        """The whole answer; error 2030 was recorded without a time."""
        answer: dict[str, Any] = {"Fault": self.fault()}
        if self.code != "2030":
            answer["time"] = stamp_ms(at)
        return answer


def unusable() -> Refused:
    """Error 610: the record, or one it refers to, is unknown or inactive."""
    return Refused("610", UNUSABLE)


def missing(parameter: str) -> Refused:
    """Error 2020: a required parameter is absent."""
    return Refused(
        "2020", f"Required parameter {parameter} is missing in the request", element=parameter
    )


def broken_rule(sentence: str) -> Refused:
    """Error 6000: a rule of accounting is broken."""
    return Refused("6000", f"Business Validation Error: {sentence}")


def gateway(status: int, detail: str, at: datetime) -> dict[str, Any]:
    """The lower-case body of 401 and 403, from the layer in front of the API."""
    message, code = GATEWAY[status]
    error = {"message": message, "detail": detail, "code": code, "element": None}
    return _gateway_body({"error": [error], "type": GATEWAY_TYPES[status]}, at)


def _gateway_body(fault: dict[str, Any], at: datetime) -> dict[str, Any]:
    return {
        "warnings": None,
        "intuitObject": None,
        "fault": fault,
        "report": None,
        "queryResponse": None,
        "batchItemResponse": [],
        "attachableResponse": [],
        "syncErrorResponse": None,
        "requestId": None,
        "time": int(at.timestamp() * 1000),
        "status": None,
        "cdcresponse": [],
    }


def throttle(form: ThrottleForm, at: datetime) -> dict[str, Any] | str:
    """The body of a 429 in one of its forms: an object for JSON, or text."""
    if form == "empty":
        return ""
    if form == "xml":
        return (
            f'<IntuitResponse time="{stamp_ms(at)}" xmlns="http://schema.intuit.com/finance/v3">'
            f'<Fault type="SERVICE"><Error code="3001"><Message>{THROTTLE_MESSAGE}</Message>'
            f"<Detail>{THROTTLE_DETAIL}</Detail></Error></Fault></IntuitResponse>"
        )
    if form == "fault":
        error = {
            "message": THROTTLE_MESSAGE,
            "detail": THROTTLE_DETAIL,
            "code": "3001",
            "element": None,
        }
        return _gateway_body({"error": [error], "type": "SERVICE"}, at)
    known = {"Message": THROTTLE_MESSAGE, "Detail": THROTTLE_DETAIL, "code": "3001"}
    return {"Fault": {"Error": [known], "type": "SERVICE"}, "time": stamp_ms(at)}
