"""
Which records a sync takes: groups of conditions, any of which must hold as a whole.

A filter is data: `parse` reads it from a configuration, `validate` holds it against the schemas,
`evaluate` answers for one record and says why not. A filter without groups passes everything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any, TypeAlias

from msgspec import Struct

from ledgerbridge.core.conditions import (
    MEANINGS,
    Condition,
    Operand,
    check_condition,
    phrase,
    unmet,
)
from ledgerbridge.core.model import Record
from ledgerbridge.core.schema import ObjectSchema
from ledgerbridge.core.values import instant_text
from ledgerbridge.errors import ConfigError

__all__ = [
    "AssociationCondition",
    "Condition",
    "Excluded",
    "Filter",
    "Passed",
    "associations_used",
    "dump",
    "evaluate",
    "fields_used",
    "parse",
    "validate",
]

CONDITION_KEYS = ("field", "operator", "value")
ASSOCIATION_KEYS = ("association", "where", "at_least", "at_most")


class AssociationCondition(Struct, frozen=True, tag=True):
    """How many associated records of one type meet all conditions of `where`."""

    association: str
    where: tuple[Condition, ...] = ()
    at_least: int = 1
    at_most: int | None = None


AnyCondition: TypeAlias = Condition | AssociationCondition
Associated: TypeAlias = Callable[[str], Sequence[Record]]
Schemas: TypeAlias = Mapping[str, ObjectSchema]


class Filter(Struct, frozen=True):
    """A record passes if all conditions of any group hold."""

    groups: tuple[tuple[AnyCondition, ...], ...] = ()


class Passed(Struct, frozen=True):
    """The record is taken."""


class Excluded(Struct, frozen=True):
    """The record is not taken; the reasons are those of every group, each once."""

    reasons: tuple[str, ...]


PASSED = Passed()


def evaluate(
    filter: Filter,  # noqa: A002 -- the word of the domain
    record: Record,
    schema: ObjectSchema,
    associated: Associated,
    schemas: Schemas,
) -> Passed | Excluded:
    """
    Whether a record passes, and if not why, in sentences without its own values.

    `associated` gives the record's associated records of a type, `schemas` the fields of that
    type. Raises KeyError for an association without a schema, which `validate` rules out.
    """
    reasons: dict[str, None] = {}
    for group in filter.groups:
        failing = [
            reason
            for condition in group
            if (reason := _unmet(condition, record, schema, associated, schemas)) is not None
        ]
        if not failing:
            return PASSED
        reasons |= dict.fromkeys(failing)
    return Excluded(tuple(reasons)) if filter.groups else PASSED


def _unmet(
    condition: AnyCondition,
    record: Record,
    schema: ObjectSchema,
    associated: Associated,
    schemas: Schemas,
) -> str | None:
    if isinstance(condition, Condition):
        return unmet(condition, record.fields.get(condition.field), schema)
    theirs = schemas[condition.association]
    count = sum(
        all(unmet(each, other.fields.get(each.field), theirs) is None for each in condition.where)
        for other in associated(condition.association)
    )
    few = count < condition.at_least
    if not few and (condition.at_most is None or count <= condition.at_most):
        return None
    where = " and ".join(phrase(each, theirs) for each in condition.where)
    which = f"associated {condition.association}{' where ' + where if where else ''}"
    if few:
        wanted = condition.at_least
        return f"has no {which}" if wanted == 1 else f"has fewer than {wanted} {which}"
    return f"has more than {condition.at_most} {which}"


def associations_used(filter: Filter) -> set[str]:  # noqa: A002 -- the word of the domain
    """The associated types that the filter looks at."""
    return {
        condition.association
        for group in filter.groups
        for condition in group
        if isinstance(condition, AssociationCondition)
    }


def fields_used(filter: Filter) -> set[str]:  # noqa: A002 -- the word of the domain
    """The record's own fields that the filter looks at."""
    return {
        condition.field
        for group in filter.groups
        for condition in group
        if isinstance(condition, Condition)
    }


def validate(
    filter: Filter,  # noqa: A002 -- the word of the domain
    schema: ObjectSchema,
    associated: Schemas,
    place: str,
) -> None:
    """Raises ConfigError for what the record's schema or that of an association does not have."""
    for number, group in enumerate(filter.groups):
        for position, condition in enumerate(group):
            where = f"{place}.any[{number}].all[{position}]"
            if isinstance(condition, Condition):
                check_condition(condition, schema, where)
            else:
                _check_association(condition, associated, where)


def _check_association(condition: AssociationCondition, associated: Schemas, place: str) -> None:
    theirs = associated.get(condition.association)
    if theirs is None:
        raise ConfigError(
            f"{place}.association",
            f"{condition.association!r} cannot be looked at from here.",
            f"Use one of: {', '.join(sorted(associated))}."
            if associated
            else "Remove the condition.",
        )
    most = condition.at_most
    if condition.at_least < 0 or (most is not None and most < condition.at_least):
        problem = f"{condition.at_least} to {most} records is no range."
        raise ConfigError(place, problem, "Let at_least be 0 or more, at_most no less.")
    for position, each in enumerate(condition.where):
        check_condition(each, theirs, f"{place}.where[{position}]")


def parse(data: Any, place: str) -> Filter:
    """
    A filter from the shape `{any: [{all: [...]}]}` of a configuration file; None passes all.

    Raises ConfigError for anything that has another shape.
    """
    if data is None:
        return Filter()
    groups = _list(_object(data, ("any",), place).get("any", []), f"{place}.any")
    return Filter(tuple(_parse_group(group, f"{place}.any[{n}]") for n, group in enumerate(groups)))


def _parse_group(data: Any, place: str) -> tuple[AnyCondition, ...]:
    conditions = _list(_object(data, ("all",), place).get("all"), f"{place}.all")
    if not conditions:
        raise ConfigError(f"{place}.all", "it is empty.", "Remove the group, or add a condition.")
    return tuple(_parse_any(each, f"{place}.all[{n}]") for n, each in enumerate(conditions))


def _parse_any(data: Any, place: str) -> AnyCondition:
    if isinstance(data, dict) and "association" in data:
        return _parse_association(_object(data, ASSOCIATION_KEYS, place), place)
    return _parse_condition(data, place)


def _parse_association(data: dict[str, Any], place: str) -> AssociationCondition:
    where = _list(data.get("where", []), f"{place}.where")
    return AssociationCondition(
        association=_text(data["association"], f"{place}.association"),
        where=tuple(_parse_condition(each, f"{place}.where[{n}]") for n, each in enumerate(where)),
        at_least=_count(data.get("at_least", 1), f"{place}.at_least"),
        at_most=_count(data["at_most"], f"{place}.at_most") if "at_most" in data else None,
    )


def _parse_condition(data: Any, place: str) -> Condition:
    found = _object(data, CONDITION_KEYS, place)
    field = _text(found.get("field"), f"{place}.field")
    operator = _text(found.get("operator"), f"{place}.operator")
    if operator not in MEANINGS:
        near = get_close_matches(operator, MEANINGS, n=3)
        raise ConfigError(
            f"{place}.operator",
            f"there is no operator {operator!r}.",
            f"Use one of: {', '.join(near or MEANINGS)}.",
        )
    value = _operand(found.get("value"), f"{place}.value")
    return Condition(field, operator, value)


def _operand(data: Any, place: str) -> Operand:
    if data is None:
        return None
    if isinstance(data, list):
        return tuple(_scalar(each, f"{place}[{n}]") for n, each in enumerate(data))
    return _scalar(data, place)


def _scalar(data: Any, place: str) -> str:
    """Text as it is, and what YAML makes of unquoted numbers, truths and times."""
    match data:
        case str():
            return data
        case bool():
            return "true" if data else "false"
        case int() | float():
            return str(data)
        case datetime() if data.tzinfo is not None:
            return instant_text(data)
        case date() if not isinstance(data, datetime):
            return data.isoformat()
    problem = f"{data!r} is no value to compare with."
    raise ConfigError(place, problem, "Give text, a number, or a time with its zone.")


def _object(data: Any, keys: Sequence[str], place: str) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise ConfigError(place, "it is no mapping.", f"Give the keys {', '.join(keys)}.")
    for key in data:
        if key not in keys:
            problem = f"the key {key!r} is unknown."
            raise ConfigError(place, problem, f"Known keys: {', '.join(keys)}.")
    return data


def _list(data: Any, place: str) -> list[Any]:
    if not isinstance(data, list):
        raise ConfigError(place, "it is no list.", "Start each entry with a dash.")
    return data


def _text(data: Any, place: str) -> str:
    if not isinstance(data, str) or not data:
        raise ConfigError(place, "it is missing or no text.", "Give a name.")
    return data


def _count(data: Any, place: str) -> int:
    if not isinstance(data, int) or isinstance(data, bool):
        raise ConfigError(place, f"{data!r} is no whole number.", "Give a count.")
    return data


def dump(filter: Filter) -> Any:  # noqa: A002 -- the word of the domain
    """The shape that `parse` reads, without what is at its default."""
    return {"any": [{"all": [_dump_any(each) for each in group]} for group in filter.groups]}


def _dump_any(condition: AnyCondition) -> dict[str, Any]:
    if isinstance(condition, Condition):
        return _dump_condition(condition)
    data: dict[str, Any] = {"association": condition.association}
    if condition.at_least != 1:
        data["at_least"] = condition.at_least
    if condition.at_most is not None:
        data["at_most"] = condition.at_most
    if condition.where:
        data["where"] = [_dump_condition(each) for each in condition.where]
    return data


def _dump_condition(condition: Condition) -> dict[str, Any]:
    data: dict[str, Any] = {"field": condition.field, "operator": condition.operator}
    if condition.value is not None:
        value = condition.value
        data["value"] = list(value) if isinstance(value, tuple) else value
    return data
