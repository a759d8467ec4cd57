"""
The properties of QuickBooks entities as forms write them: one name for each, dots between levels.

Lists and lines have no such names; a form shows each as the JSON that the API takes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any

import msgspec

from ledgerbridge.sandbox.console.account import Field, Input, Problem, Refusal
from ledgerbridge.sandbox.quickbooks.entities import ENTITIES
from ledgerbridge.sandbox.quickbooks.schema import Body, enumeration, fields_of

JSON = "JSON"
REFERENCE, BOOLEAN = "ReferenceType", "boolean"
SIMPLE = frozenset(
    {"string", "id", "anyURI", "decimal", "int", "positiveInteger", "date", "dateTime", BOOLEAN}
)
FLAT = frozenset(
    {
        "PhysicalAddress",
        "EmailAddress",
        "TelephoneNumber",
        "WebSiteAddress",
        "MemoRef",
        "ModificationMetaData",
    }
)
PARENTS = {"PrefVendorRef": "Vendor", "SalesRepRef": "Employee", "TaxRateRef": "TaxRate"}
SYSTEM = frozenset({"Id", "SyncToken", "MetaData", "domain", "status", "sparse"})
SALE_LINE = (
    '[{"DetailType": "SalesItemLineDetail", "Amount": 10, '
    '"SalesItemLineDetail": {"ItemRef": {"value": "1"}, "Qty": 1, "UnitPrice": 10}}]'
)
PATTERNS = dict.fromkeys(("Invoice", "CreditMemo", "SalesReceipt", "Estimate"), SALE_LINE)
LONG_FROM = 120

_encode = msgspec.json.Encoder(decimal_format="number").encode
_decode = msgspec.json.Decoder(float_hook=Decimal).decode


@cache
def fields_of_entity(entity: str) -> tuple[Field, ...]:
    """All properties by their dotted names, in the order in which the API answers them."""
    return tuple(_flattened(entity, "", ENTITIES[entity].read_only))


def _flattened(type_name: str, prefix: str, read_only: frozenset[str]) -> Iterator[Field]:
    for name, field in fields_of(type_name).items():
        path = f"{prefix}{name}"
        remarks = "read-only" if path.partition(".")[0] in read_only else ""
        options = enumeration(field.type)
        if not field.many and (field.type in SIMPLE or options):
            yield Field(path, path, field.type, type_name, remarks, options)
        elif not field.many and field.type == REFERENCE:
            yield Field(path, path, REFERENCE, type_name, remarks)
        elif not field.many and field.type in FLAT and not prefix:
            yield from _flattened(field.type, f"{path}.", read_only)
        else:
            yield Field(path, path, JSON, field.type, remarks)


def inner(body: Body, path: str) -> Any:
    """What stands at a dotted name, or None."""
    value: Any = body
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def as_text(value: Any) -> str:
    """A value as a person reads it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return pretty(value) if isinstance(value, dict | list) else str(value)


def pretty(value: Any) -> str:
    """JSON over several lines."""
    return msgspec.json.format(_encode(value), indent=2).decode()


def inputs(entity: str, body: Body, columns: Sequence[str]) -> list[Input]:
    """The controls of a form; empty ones that are seldom needed are not main."""
    spec = ENTITIES[entity]
    needed = {*spec.required, *columns, spec.label}
    found = []
    for field in fields_of_entity(entity):
        if field.remarks or field.name.partition(".")[0] in SYSTEM:
            continue
        text = _written(body, field)
        top, _, part = field.name.partition(".")
        if part == "Id":
            continue
        hint = field.type if field.type in {JSON, "date", "decimal"} else ""
        if field.type == REFERENCE:
            hint = "the id of the record it refers to"
        if not body and field.name == "Line":
            text = PATTERNS.get(entity, "")
        main = bool(text) or field.name in needed or top in needed
        found.append(Input(field.name, field.name, text, *_control(field, text), hint, main))
    return sorted(found, key=lambda one: one.control == "json")


def _control(field: Field, text: str) -> tuple[Any, tuple[tuple[str, str], ...]]:
    if field.type == JSON:
        return "json", ()
    options = ("true", "false") if field.type == BOOLEAN else field.options
    if options and (not text or text in options):
        return "choice", tuple((one, one) for one in options)
    return ("area" if "\n" in text or len(text) > LONG_FROM else "text"), ()


def _written(body: Body, field: Field) -> str:
    """The value as the form shows it: a reference as its id."""
    value = inner(body, field.name)
    if field.type == REFERENCE and isinstance(value, dict):
        value = value.get("value")
    return as_text(value)


def body_of(entity: str, old: Body, values: Mapping[str, str]) -> Body:
    """
    What a form sends: each property whose text differs, whole complex ones around their parts.

    Raises Refusal where JSON cannot be read.
    """
    body: Body = {}
    for field in fields_of_entity(entity):
        text = values.get(field.name)
        if text is None or field.remarks:
            continue
        if text == _written(old, field).replace("\r\n", "\n"):
            continue
        top, _, part = field.name.partition(".")
        value = _value(field, text)
        if part:
            body.setdefault(top, dict(old.get(top) or {}))[part] = value
        else:
            body[top] = value
    return body


def _value(field: Field, text: str) -> Any:
    if field.type == REFERENCE:
        return {"value": text.strip()}
    if field.type == BOOLEAN and text:
        return text == "true"
    if field.type != JSON:
        return text
    try:
        return _decode(text) if text.strip() else []
    except (msgspec.DecodeError, ValueError, RecursionError, ArithmeticError) as error:
        raise Refusal([Problem(f"This is no JSON: {error}.", field.name)]) from None
