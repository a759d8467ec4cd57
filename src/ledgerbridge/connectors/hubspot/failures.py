"""
What HubSpot's errors mean: tables from its words to a verdict, a code of ours, and a remedy.

One body can be the answer to a whole call or one row of a batch's errors; both are read by
`finding_of`. Of several problems in one body the first decides and all are told.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec
from msgspec import Struct

from ledgerbridge.connectors.hubspot.wire import ErrorBody
from ledgerbridge.errors import Verdict

MESSAGE_LENGTH_MAX = 400
LOCKED_WAIT_S = 2.0
MIGRATION_WAIT_S = 60.0
DAILY_WAIT_S = 3600.0


class Finding(Struct, frozen=True, kw_only=True):
    """What one error says; `field` is the property at fault, `existing_id` who has the value."""

    code: str
    message: str
    verdict: Verdict = Verdict.REFUSE
    remedy: str = ""
    field: str | None = None
    existing_id: str | None = None
    wait_s: float | None = None


class Meaning(Struct, frozen=True):
    """Our word for one of HubSpot's, and what to do next."""

    code: str
    remedy: str
    verdict: Verdict = Verdict.REFUSE
    wait_s: float | None = None


CORRECT_IT = "Correct the value in QuickBooks; it is sent again when it changes."
MAPPING = "Change the mapping of this field, or the property in HubSpot."

INVALID_VALUE = Meaning("invalid_value", CORRECT_IT)

# The `error` of one rejected value.
VALUE_ERRORS: Mapping[str, Meaning] = {
    "INVALID_EMAIL": Meaning("invalid_email", "Correct the e-mail address in QuickBooks."),
    "INVALID_OPTION": Meaning(
        "unknown_option", "Add the option to the property in HubSpot, or change the mapping."
    ),
    "PROPERTY_DOESNT_EXIST": Meaning(
        "unknown_field", "Create the property in HubSpot, or take it out of the mapping."
    ),
    "READ_ONLY_VALUE": Meaning("read_only", MAPPING),
    "MAX_LENGTH": Meaning("too_long", "Shorten it in QuickBooks, or let the mapping truncate."),
    "INVALID_DATE": INVALID_VALUE,
    "INVALID_LONG": INVALID_VALUE,
    "INVALID_INTEGER": INVALID_VALUE,
    "INVALID_DOMAIN": INVALID_VALUE,
    "INVALID_OWNER_ID": Meaning(
        "unknown_owner",
        "Name an owner who is active in HubSpot: as `owner` of the sync, or by the mapping.",
    ),
    "MISSING_REQUIRED_PROPERTY": Meaning(
        "missing_value", "This portal requires the property: map it, or lift the rule in HubSpot."
    ),
    "MISSING_CONDITIONAL_REQUIRED_PROPERTY": Meaning(
        "missing_value", "This portal requires the property: map it, or lift the rule in HubSpot."
    ),
}

CURRENCY_NOT_ENABLED = Meaning(
    "currency_not_enabled", "Add the currency in the settings of the HubSpot account."
)
CURRENCY_PROPERTIES = frozenset(
    {"hs_currency", "hs_currency_code", "hs_line_item_currency_code", "deal_currency_code"}
)

SUB_CATEGORIES: Mapping[str, Meaning] = {
    "crm.associations.INVALID_ASSOCIATION_TYPE": Meaning(
        "invalid_association", "These two types of records cannot be associated in HubSpot."
    ),
    "crm.associations.TO_OBJECT_NOT_FOUND": Meaning(
        "missing_reference", "The associated record is gone in HubSpot; it is looked at again."
    ),
    "crm.associations.FROM_OBJECT_NOT_FOUND": Meaning(
        "not_found", "The record is gone in HubSpot; it is looked at again."
    ),
    "Properties.PROPERTY_WITH_NAME_EXISTS": Meaning("already_exists", ""),
}

ALREADY_EXISTS = Meaning("already_exists", "The record that has the value is looked at.")

# A text in a message, where no category tells the cases apart.
TEXTS: tuple[tuple[re.Pattern[str], Meaning], ...] = (
    (re.compile(r"already has that value|[Cc]ontact already exists"), ALREADY_EXISTS),
    (
        re.compile(r"required properties were not set"),
        Meaning("missing_value", "Map a value to the property that HubSpot requires."),
    ),
    (
        re.compile(r"one to one association"),
        Meaning("has_another_parent", "The record belongs to another one in HubSpot."),
    ),
    (
        re.compile(r"INVOICE_TO_LINE_ITEM"),
        Meaning("invoice_without_lines", "HubSpot opens an invoice only with a line item."),
    ),
    (
        re.compile(r"INVOICE_TO_CONTACT"),
        Meaning(
            "invoice_without_contact",
            "This portal opens an invoice only with a contact, and the customer has a company "
            "alone: add an e-mail address to the customer in QuickBooks.",
        ),
    ),
    (re.compile(r"[Cc]urrency\b.*\b(?:not|isn't|unsupported)\b"), CURRENCY_NOT_ENABLED),
    (re.compile(r"duplicate ids found"), Meaning("duplicate_id", "Send the record once.")),
)

CATEGORIES: Mapping[str, Meaning] = {
    "OBJECT_NOT_FOUND": Meaning(
        "not_found", "The record is gone in HubSpot; it is looked at again."
    ),
    "OBJECT_ALREADY_EXISTS": ALREADY_EXISTS,
    "CONFLICT": Meaning("conflict", "The record is read again.", Verdict.RETRY),
    "LOCKED": Meaning(
        "locked", "Another write holds the record; it is tried again.", Verdict.RETRY, LOCKED_WAIT_S
    ),
    "MISSING_PERMISSIONS": Meaning(
        "missing_permission", "Let an administrator of the HubSpot account grant it."
    ),
    "VALIDATION_ERROR": Meaning("refused", "See the message; nothing was changed in HubSpot."),
    "RATE_LIMITS": Meaning("rate_limited", "It is tried again.", Verdict.RETRY),
    "INTERNAL_ERROR": Meaning(
        "server_error", "The record is looked at before it is sent again.", Verdict.LOOK_AGAIN
    ),
    "SERVICE_UNAVAILABLE": Meaning(
        "server_error", "The record is looked at before it is sent again.", Verdict.LOOK_AGAIN
    ),
}
UNKNOWN = Meaning("refused", "See the message; nothing was changed in HubSpot.")

_VALUES = re.compile(r"Property values were not valid: (\[.*\])", re.DOTALL)
_EXISTING = re.compile(r"Existing ID: (\d+)|\. (\d+) already has that value")
_PROPERTY = re.compile(r"propertyName=([^,}]+)")


class _ValueProblem(Struct, frozen=True):
    """One entry of the JSON that a message about values ends with."""

    message: str = ""
    error: str = ""
    name: str | None = None


_decode_problems = msgspec.json.Decoder(tuple[_ValueProblem, ...]).decode


def finding_of(body: ErrorBody) -> Finding:
    """What an error body says, as the answer to a call or as a row of a batch."""
    problems = _value_problems(body)
    if problems:
        return _of_values(problems)
    meaning = _meaning(body)
    existing = _EXISTING.search(body.message)
    return Finding(
        code=meaning.code,
        message=_told(body.message or meaning.code),
        verdict=meaning.verdict,
        remedy=meaning.remedy,
        field=_field(body),
        existing_id=existing and (existing[1] or existing[2]),
        wait_s=meaning.wait_s,
    )


def _meaning(body: ErrorBody) -> Meaning:
    sub_category = body.sub_category
    if isinstance(sub_category, str) and sub_category in SUB_CATEGORIES:
        return SUB_CATEGORIES[sub_category]
    for pattern, meaning in TEXTS:
        if pattern.search(body.message):
            return meaning
    return CATEGORIES.get(body.category, UNKNOWN)


def _value_problems(body: ErrorBody) -> tuple[_ValueProblem, ...]:
    """The rejected values: from the list of errors, else from the JSON inside the message."""
    listed = tuple(
        _ValueProblem(one.message, one.code, next(iter(one.context.get("propertyName", ())), None))
        for one in body.errors
        if one.code
    )
    nested = None if listed else _VALUES.search(body.message)
    if nested is None:
        return listed
    try:
        return _decode_problems(nested[1])
    except msgspec.DecodeError:
        return ()


def _of_values(problems: tuple[_ValueProblem, ...]) -> Finding:
    first = problems[0]
    meaning = VALUE_ERRORS.get(first.error, INVALID_VALUE)
    if first.error == "INVALID_OPTION" and first.name in CURRENCY_PROPERTIES:
        meaning = CURRENCY_NOT_ENABLED
    told = "; ".join(f"{one.name}: {_told(one.message)}" for one in problems)
    return Finding(
        code=meaning.code,
        message=f"HubSpot did not accept a value. {_told(told)}",
        remedy=meaning.remedy,
        field=first.name,
    )


def _field(body: ErrorBody) -> str | None:
    named = body.context.get("properties") or body.context.get("propertyName")
    if named:
        return named[0]
    found = _PROPERTY.search(body.message)
    if found is not None:
        return found[1]
    return "email" if "ontact already exists" in body.message else None


def _told(text: str) -> str:
    """A vendor's text, not longer than a person reads: an unknown option lists all options."""
    flat = " ".join(text.split())
    return flat if len(flat) <= MESSAGE_LENGTH_MAX else f"{flat[:MESSAGE_LENGTH_MAX]}…"
