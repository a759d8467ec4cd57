"""
One condition on one field: whether a value meets it, and in words why not.

Text compares without case, numbers as decimals, dates and instants in time. An empty value meets
only *is unknown* and the negative operators. Sentences name the field and the value that the
condition asks for, never the record's own.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, Literal, TypeAlias

from msgspec import Struct

from ledgerbridge.core.model import Value
from ledgerbridge.core.schema import Field, FieldType, ObjectSchema
from ledgerbridge.core.values import parse_bool, parse_date, parse_instant, parse_number, text_key
from ledgerbridge.errors import ConfigError

Operator: TypeAlias = Literal[
    "is",
    "is not",
    "is any of",
    "is none of",
    "contains",
    "does not contain",
    "starts with",
    "is known",
    "is unknown",
    "greater",
    "greater or equal",
    "less",
    "less or equal",
    "after",
    "on or after",
    "before",
    "on or before",
]
Operand: TypeAlias = str | tuple[str, ...] | None
Comparable: TypeAlias = str | bool | Decimal | date

TODAY = "today"  # replaced by an instant when a sync is enabled, before anything is evaluated


class Condition(Struct, frozen=True, tag=True):
    """One field, one operator, and the value, values or nothing that it asks for."""

    field: str
    operator: Operator
    value: Operand = None


class Meaning(Struct, frozen=True):
    """
    An operator's sentence, the sentence of its opposite, and what makes it true.

    `among` are the field types it fits; `blank` is its answer for an empty value.
    """

    phrase: str
    opposite: str
    test: Callable[[Any, Any], bool]
    among: frozenset[FieldType] = frozenset(FieldType)
    blank: bool = False


NUMBERS = frozenset({FieldType.NUMBER, FieldType.MONEY})
TIMES = frozenset({FieldType.DATE, FieldType.DATETIME})
TEXTS = frozenset(FieldType) - NUMBERS - TIMES - {FieldType.BOOL}
WITHOUT_VALUE = frozenset({"is known", "is unknown"})
WITH_VALUES = frozenset({"is any of", "is none of"})


def _at_least(a: Any, b: Any) -> bool:
    return bool(a >= b)


def _below(a: Any, b: Any) -> bool:
    return bool(a < b)


def _at_most(a: Any, b: Any) -> bool:
    return bool(a <= b)


def _above(a: Any, b: Any) -> bool:
    return bool(a > b)


MEANINGS: dict[Operator, Meaning] = {
    "is": Meaning("is {}", "is not {}", lambda a, b: bool(a == b)),
    "is not": Meaning("is not {}", "is {}", lambda a, b: bool(a != b), blank=True),
    "is any of": Meaning("is any of {}", "is none of {}", lambda a, b: a in b),
    "is none of": Meaning("is none of {}", "is one of {}", lambda a, b: a not in b, blank=True),
    "contains": Meaning("contains {}", "does not contain {}", lambda a, b: b in a, TEXTS),
    "does not contain": Meaning(
        "does not contain {}", "contains {}", lambda a, b: b not in a, TEXTS, blank=True
    ),
    "starts with": Meaning(
        "starts with {}", "does not start with {}", lambda a, b: bool(a.startswith(b)), TEXTS
    ),
    "is known": Meaning("is known", "is not known", lambda a, b: True),
    "is unknown": Meaning("is unknown", "is known", lambda a, b: False, blank=True),
    "greater": Meaning("is greater than {}", "is at most {}", _above, NUMBERS),
    "greater or equal": Meaning("is at least {}", "is less than {}", _at_least, NUMBERS),
    "less": Meaning("is less than {}", "is at least {}", _below, NUMBERS),
    "less or equal": Meaning("is at most {}", "is greater than {}", _at_most, NUMBERS),
    "after": Meaning("is after {}", "is not after {}", _above, TIMES),
    "on or after": Meaning("is on or after {}", "is before {}", _at_least, TIMES),
    "before": Meaning("is before {}", "is not before {}", _below, TIMES),
    "on or before": Meaning("is on or before {}", "is after {}", _at_most, TIMES),
}

PARSERS: dict[FieldType, tuple[Callable[[str], Comparable | None], str]] = {
    FieldType.NUMBER: (parse_number, "a number such as 12.50"),
    FieldType.MONEY: (parse_number, "a number such as 12.50"),
    FieldType.DATE: (parse_date, "a date such as 2026-01-31"),
    FieldType.DATETIME: (parse_instant, "an instant such as 2026-01-31T08:00:00Z"),
    FieldType.BOOL: (parse_bool, "true or false"),
}


def unmet(condition: Condition, value: Value, schema: ObjectSchema) -> str | None:
    """None when the raw value meets the condition, else the reason in words."""
    field = schema.fields.get(condition.field) or Field(name=condition.field)
    meaning = MEANINGS[condition.operator]
    if value is None or not value.strip():
        if meaning.blank:
            return None
        asks = condition.operator in {"is", "is any of"}
        return _sentence(condition, field, meaning.opposite if asks else "is not known")
    if condition.operator in WITHOUT_VALUE:
        met = meaning.test(None, None)
        return None if met else _sentence(condition, field, meaning.opposite)
    shown, wanted = _comparable(field.type, value), _wanted(field.type, condition.value)
    if shown is None or wanted is None:
        return f"{field.name} cannot be compared as a {field.type}"
    return None if meaning.test(shown, wanted) else _sentence(condition, field, meaning.opposite)


def phrase(condition: Condition, schema: ObjectSchema) -> str:
    """The condition in words."""
    field = schema.fields.get(condition.field) or Field(name=condition.field)
    return _sentence(condition, field, MEANINGS[condition.operator].phrase)


def _sentence(condition: Condition, field: Field, form: str) -> str:
    value = condition.value
    wanted = ", ".join(value) if isinstance(value, tuple) else value or ""
    return f"{condition.field} {form.format('a private value' if field.private else wanted)}"


def _comparable(kind: FieldType, value: str) -> Comparable | None:
    return PARSERS[kind][0](value) if kind in PARSERS else text_key(value)


def _wanted(kind: FieldType, value: Operand) -> Comparable | tuple[Comparable, ...] | None:
    """What to compare with; None if any of it is not what the field's type says."""
    if not isinstance(value, tuple):
        return None if value is None else _comparable(kind, value)
    every = [_comparable(kind, each) for each in value]
    known = tuple(each for each in every if each is not None)
    return known if len(known) == len(every) else None


def check_condition(condition: Condition, schema: ObjectSchema, place: str) -> None:
    """Raises ConfigError for a field, an operator or a value that cannot be meant."""
    field = schema.fields.get(condition.field)
    if field is None:
        near = get_close_matches(condition.field, schema.fields, n=3, cutoff=0.5)
        raise ConfigError(
            f"{place}.field",
            f"{schema.object_type} has no field {condition.field!r}.",
            f"Did you mean {', '.join(near)}?" if near else "Check the name.",
        )
    if field.type not in MEANINGS[condition.operator].among:
        fitting = [name for name, each in MEANINGS.items() if field.type in each.among]
        raise ConfigError(
            f"{place}.operator",
            f"{field.name} is a {field.type}, which {condition.operator!r} does not fit.",
            f"Use one of: {', '.join(fitting)}.",
        )
    _check_number_of_values(condition, place)
    values = condition.value if isinstance(condition.value, tuple) else (condition.value,)
    for value in values:
        if value is not None:
            _check_value(value, field, place)


def _check_number_of_values(condition: Condition, place: str) -> None:
    operator, value = condition.operator, condition.value
    if operator in WITHOUT_VALUE:
        fits, remedy = value is None, "Leave it out."
    elif operator in WITH_VALUES:
        fits, remedy = isinstance(value, tuple) and bool(value), "Give a list of values."
    else:
        fits, remedy = isinstance(value, str) and bool(value.strip()), "Give one value."
    if not fits:
        problem = f"it does not fit the operator {operator!r}."
        raise ConfigError(f"{place}.value", problem, remedy)


def _check_value(value: str, field: Field, place: str) -> None:
    if field.type in TIMES and value == TODAY:
        return
    if _comparable(field.type, value) is None:
        problem = f"{value!r} cannot be compared with {field.name}, which is a {field.type}."
        raise ConfigError(f"{place}.value", problem, f"Give {PARSERS[field.type][1]}.")
    if field.type is FieldType.ENUM and field.options:
        options = {text_key(each) for each in field.options}
        if text_key(value) not in options:
            raise ConfigError(
                f"{place}.value",
                f"{value!r} is not among the options of {field.name}.",
                f"Use one of: {', '.join(field.options)}.",
            )
