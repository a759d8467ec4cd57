"""
What a body may hold: the vendor's types, as tables, and the first check of everything sent.

`schema.json` holds the names, types and enumerations of the vendor's published schema of 2026-07
for the entities emulated here and all types they reach; a `*` marks a list. JSON is read as the
vendor's parser does: a key outside the type is error 2010, texts and numbers turn into each other
where they can, and nulls are as if not sent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec

from ledgerbridge.sandbox.quickbooks.faultbodies import Refused
from ledgerbridge.sandbox.quickbooks.times import instant

Body = dict[str, Any]
Number = int | Decimal

DIGITS_MAX = 15
DESCRIPTION_LENGTH = 1000
DEPTH_MAX = 12
CLASS = "com.intuit.schema.finance.v3."

# Spoken by the API, absent from the schema file.
REFERENCE_FIELDS = {"value": "string", "name": "string", "type": "string"}
EXTRA_FIELDS = {"Line": {"LineEx": "IntuitAnyType"}}

_TYPES: dict[str, dict[str, Any]] = msgspec.json.decode(
    files(__package__).joinpath("schema.json").read_bytes()
)
_NUMBERS = {"decimal", "int", "long", "positiveInteger"}


@dataclass(frozen=True, slots=True)
class Field:
    """One property: its type's name, and whether the wire carries a list of them."""

    type: str
    many: bool


@cache
def fields_of(type_name: str) -> dict[str, Field]:
    """
    The properties of a type by name, in the order in which the API answers them.

    An entity answers its own properties first, then those of its ancestors from the root down.
    Empty for simple types.
    """
    if type_name == "MemoRef":
        return {"value": Field("string", many=False)}
    if type_name == "ReferenceType":
        return {name: Field(kind, many=False) for name, kind in REFERENCE_FIELDS.items()}
    known = _TYPES.get(type_name)
    if known is None or "enum" in known:
        return {}
    own = _own_fields(type_name)
    inherited: dict[str, Field] = {}
    for ancestor in reversed(_ancestors(type_name)):
        inherited |= _own_fields(ancestor)
    return own | inherited if is_entity(type_name) else inherited | own


def _own_fields(type_name: str) -> dict[str, Field]:
    listed = _TYPES[type_name]["fields"] | EXTRA_FIELDS.get(type_name, {})
    return {name: _field(kind) for name, kind in listed.items()}


def _ancestors(type_name: str) -> list[str]:
    """The types it extends, nearest first."""
    parent = _TYPES[type_name].get("extends")
    return [] if parent is None else [parent, *_ancestors(parent)]


def is_entity(type_name: str) -> bool:
    """Whether the type has an id of its own, i.e. descends from IntuitEntity."""
    known = _TYPES.get(type_name, {})
    parent = known.get("extends")
    return type_name == "IntuitEntity" or (parent is not None and is_entity(parent))


def enumeration(type_name: str) -> tuple[str, ...]:
    """The values of an enumeration, or nothing for another type."""
    return tuple(_TYPES.get(type_name, {}).get("enum", ()))


def property_named(type_name: str, name: str) -> tuple[str, Field] | None:
    """The property of that name in any case, with its true spelling, or None."""
    return _folded(type_name).get(name.lower())


@cache
def _folded(type_name: str) -> dict[str, tuple[str, Field]]:
    return {name.lower(): (name, field) for name, field in fields_of(type_name).items()}


def _field(kind: str) -> Field:
    return Field(kind.removesuffix("*"), kind.endswith("*"))


def normalised(type_name: str, body: Body, depth: int = 0) -> Body:
    """
    The body with its keys in the API's order, its values of their types, and nulls left out.

    Empty texts stay: in an update they clear a field. For a boolean they say nothing. Raises
    Refused (2010, 2040, 2060, 2090) at the first value that does not fit.
    """
    if depth > DEPTH_MAX:
        raise _cannot_read(type_name, "a deeply nested value")
    known = fields_of(type_name)
    for name in body:
        if name not in known:
            raise _unrecognised(type_name, name, known)
    return {
        name: _value(field, name, body[name], depth)
        for name, field in known.items()
        if body.get(name) is not None and not _says_nothing(field, body[name])
    }


def _says_nothing(field: Field, value: Any) -> bool:
    """Whether it is a reference without an id, as a name refers to nothing, or an empty boolean."""
    if field.type == "boolean":
        return bool(value == "")
    return field.type == "ReferenceType" and isinstance(value, dict) and "value" not in value


def _value(field: Field, name: str, value: Any, depth: int) -> Any:
    if field.many:
        items = value if isinstance(value, list) else [value]
        return [_one(field.type, name, item, depth) for item in items if item is not None]
    return _one(field.type, name, value, depth)


def _one(type_name: str, name: str, value: Any, depth: int) -> Any:
    read = _READERS.get(type_name)
    if read is not None:
        return read(name, value)
    if type_name == "IntuitAnyType":
        return value
    options = enumeration(type_name)
    if options:
        return _option(options, name, value)
    if not isinstance(value, dict):
        raise _cannot_read(type_name, _kind(value))
    return normalised(type_name, value, depth + 1)


def _text(name: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal):
        return str(_bounded(name, value))
    raise _cannot_read("java.lang.String", _kind(value))


def _boolean(name: str, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    raise _cannot_read("java.lang.Boolean", _kind(value))


def _number(name: str, value: Any) -> Number | str:
    if value == "":
        return ""
    if isinstance(value, str):
        try:
            value = Decimal(value.strip())
        except InvalidOperation:
            raise Refused("2090", f"Invalid Number : {value[:50]}", element=name) from None
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise _cannot_read("java.math.BigDecimal", _kind(value))
    return _bounded(name, value)


def _bounded(name: str, value: Number) -> Number:
    exact = Decimal(value)
    if not exact.is_finite() or (exact and not -DIGITS_MAX <= exact.adjusted() < DIGITS_MAX):
        raise Refused("2090", f"Invalid Number : {name} has too many digits", element=name)
    return plain(exact)


def plain(value: Decimal) -> Number:
    """The same number without a useless fraction: 100.00 is 100, 46.60 is 46.6."""
    whole = value.to_integral_value()
    return int(whole) if whole == value else value.normalize()


def _day(name: str, value: Any) -> str:
    if value == "":
        return ""
    if isinstance(value, str):
        try:
            return date.fromisoformat(value[:10]).isoformat()
        except ValueError:
            pass
    raise Refused("2060", f"Invalid Date. Supplied value:{str(value)[:50]}", element=name)


def _moment(name: str, value: Any) -> str:
    if isinstance(value, str):
        try:
            instant(value)
        except ValueError:
            pass
        else:
            return value
    raise Refused("2060", f"Invalid Date. Supplied value:{str(value)[:50]}", element=name)


def _option(options: tuple[str, ...], name: str, value: Any) -> str:
    if isinstance(value, str):
        if not value:
            return value
        for option in options:
            if option.lower() == value.lower():
                return option
    raise Refused("2170", f"Invalid Enumeration : {str(value)[:50]}", element=name)


_READERS: dict[str, Callable[[str, Any], Any]] = {
    "string": _text,
    "anyURI": _text,
    "id": _text,
    "boolean": _boolean,
    "date": _day,
    "dateTime": _moment,
    **dict.fromkeys(_NUMBERS, _number),
}


def _unrecognised(type_name: str, name: str, known: dict[str, Field]) -> Refused:
    description = ""
    for property_name in known:
        if len(description) > DESCRIPTION_LENGTH:
            description += " [truncated]"
            break
        description += f'{", " if description else ""}"{property_name}"'
    return Refused(
        "2010",
        f'Property Name:Unrecognized field "{name[:100]}" (class {CLASS}{type_name}), '
        f"not marked as ignorable ({len(known)} known properties: {description}])\n"
        " specified is unsupported or invalid",
    )


def _cannot_read(type_name: str, kind: str) -> Refused:
    owner = type_name if "." in type_name else CLASS + type_name
    return Refused(
        "2010",
        f"Property Name:Can not deserialize instance of {owner} out of {kind}"
        " specified is unsupported or invalid",
    )


def _kind(value: Any) -> str:
    return {dict: "an object", list: "an array", str: "a text", bool: "a boolean"}.get(
        type(value), "a number"
    )
