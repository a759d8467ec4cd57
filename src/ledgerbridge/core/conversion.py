"""
From a raw value of one side to what the other side is asked to store.

The pair of field types decides; a pair that is not in `CONVERTERS` cannot be mapped. A value that
cannot travel is returned as `Unconvertible`, never raised: one bad field stops no other.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import TypeAlias

from msgspec import Struct

from ledgerbridge.core.model import Side, Value
from ledgerbridge.core.schema import Field, FieldType
from ledgerbridge.core.values import (
    EMAIL_SEPARATORS,
    Context,
    canonical,
    day_of,
    emails,
    instant_text,
    noon,
    parse_bool,
    parse_date,
    parse_instant,
    parse_number,
)

REFUSED_IN_NAMES = re.compile(r"[:\t\r\n]")  # QuickBooks, in every display-like name
CUTTABLE = frozenset({FieldType.TEXT, FieldType.NAME})
SPELLED = frozenset({FieldType.BOOL, FieldType.CURRENCY, FieldType.COUNTRY, FieldType.STATE})


class Unconvertible(Struct, frozen=True):
    """
    A value that cannot travel.

    `code` is a stable word: `too_long`, `unknown_option`, `invalid_value`, `invalid_characters`,
    `invalid_email`, `incompatible_types` (only for a direction that the mapping does not allow).
    `field` is the target field.
    """

    code: str
    message: str
    remedy: str
    field: str


class Route(Struct, frozen=True, kw_only=True):
    """One field to one field in one direction, with all that a converter needs to know."""

    mapping: str
    to: Side
    source: Field
    target: Field
    context: Context
    truncate: bool = False


Converted: TypeAlias = Value | Unconvertible
Converter: TypeAlias = Callable[[str, Value, Route], Converted]
"""A raw value that may be blank, what the target shows now, the route; None is nothing to store."""


def fit(value: str, route: Route) -> Converted:
    """The value if the target is long enough for it, cut if the mapping says so."""
    limit = route.target.length_max
    if limit is None or len(value) <= limit:
        return value
    if route.truncate and route.target.type in CUTTABLE:
        return value[:limit].rstrip()
    cut = f", or set `truncate` in the mapping {route.mapping!r}"
    return Unconvertible(
        "too_long",
        f"{route.source.name} has {len(value)} characters, {route.target.name} takes at most "
        f"{limit}.",
        f"Shorten it{cut if route.target.type in CUTTABLE else ''}.",
        route.target.name,
    )


def option(value: str, route: Route) -> Converted:
    """The target's own spelling of a value that must be one of its options, if it has any."""
    target = route.target
    if not target.options:
        return fit(value, route)
    if value in target.options:
        return value
    kind = route.source.type if route.source.type in SPELLED else target.type
    if kind in SPELLED:
        wanted = canonical(kind, value, route.context)
        for each in target.options:
            if canonical(kind, each, route.context) == wanted:
                return each
    return Unconvertible(
        "unknown_option",
        f"{value!r} is not among the options of {target.name}.",
        f"Add the option to {target.name}, or change the value of {route.source.name}.",
        target.name,
    )


def _as_typed(value: str, current: Value, route: Route) -> Converted:
    return fit(value, route)


def _option(value: str, current: Value, route: Route) -> Converted:
    return option(value.strip(), route)


def _name(value: str, current: Value, route: Route) -> Converted:
    value = value.strip()
    if route.to is Side.QUICKBOOKS and REFUSED_IN_NAMES.search(value):
        return Unconvertible(
            "invalid_characters",
            f"{route.source.name} holds a colon, a tab or a line break, which QuickBooks takes in "
            f"no {route.target.name}.",
            f"Remove it from {route.source.name}.",
            route.target.name,
        )
    return fit(value, route)


def _email(value: str, current: Value, route: Route) -> Converted:
    """The person's address: the first of several; the others that QuickBooks shows are kept."""
    first = next((each for each in EMAIL_SEPARATORS.split(value) if each), "")
    if value and ("@" not in first or (route.to is Side.QUICKBOOKS and "." not in first)):
        return Unconvertible(
            "invalid_email",
            f"{route.source.name} is no e-mail address.",
            f"Correct {route.source.name}: an address has an @ and a dot.",
            route.target.name,
        )
    kept = _other_addresses(current, first) if route.to is Side.QUICKBOOKS else []
    together = ", ".join([first, *kept] if first else kept)
    return fit(together, route) if together else None


def _other_addresses(current: Value, first: str) -> list[str]:
    """What follows the first address of a list, without the one that takes its place."""
    shown = [each for each in EMAIL_SEPARATORS.split(current or "") if each]
    return [each for each in shown[1:] if emails(each) != emails(first)]


def _number(value: str, current: Value, route: Route) -> Converted:
    number = parse_number(value)
    if number is None:
        return _invalid("a number", route)
    return format(number, "f")


def _bool(value: str, current: Value, route: Route) -> Converted:
    truth = parse_bool(value)
    if truth is None:
        return _invalid("true or false", route)
    return "true" if truth else "false"


def _date(value: str, current: Value, route: Route) -> Converted:
    """A date stays one; of an instant, the day it falls on in the company's time zone."""
    day: date | None
    if route.source.type is FieldType.DATE:
        day = parse_date(value)
    else:
        instant = parse_instant(value)
        day = day_of(instant, route.context.time_zone) if instant else None
    return day.isoformat() if day else _invalid("a date", route)


def _datetime(value: str, current: Value, route: Route) -> Converted:
    """An instant stays one; a date is noon in the company's time zone (engine.md, values)."""
    instant: datetime | None
    if route.source.type is FieldType.DATETIME:
        instant = parse_instant(value)
    else:
        day = parse_date(value)
        instant = noon(day, route.context.time_zone) if day else None
    return instant_text(instant) if instant else _invalid("a date or an instant", route)


def _currency(value: str, current: Value, route: Route) -> Converted:
    return option(value.strip().upper(), route)


def _invalid(wanted: str, route: Route) -> Unconvertible:
    return Unconvertible(
        "invalid_value",
        f"{route.source.name} is not {wanted}, which {route.target.name} needs.",
        f"Correct {route.source.name}.",
        route.target.name,
    )


TABLE: tuple[tuple[tuple[FieldType, ...], tuple[FieldType, ...], Converter], ...] = (
    (tuple(FieldType), (FieldType.TEXT,), _as_typed),
    ((FieldType.NAME, FieldType.TEXT), (FieldType.NAME,), _name),
    ((FieldType.EMAIL, FieldType.TEXT), (FieldType.EMAIL,), _email),
    ((FieldType.PHONE, FieldType.TEXT), (FieldType.PHONE,), _as_typed),
    ((FieldType.URL, FieldType.TEXT), (FieldType.URL,), _as_typed),
    ((FieldType.NUMBER, FieldType.MONEY), (FieldType.NUMBER, FieldType.MONEY), _number),
    ((FieldType.DATE, FieldType.DATETIME), (FieldType.DATE,), _date),
    ((FieldType.DATE, FieldType.DATETIME), (FieldType.DATETIME,), _datetime),
    ((FieldType.BOOL, FieldType.ENUM), (FieldType.BOOL,), _bool),
    ((*sorted(SPELLED), FieldType.ENUM, FieldType.TEXT), (FieldType.ENUM,), _option),
    (
        (FieldType.CURRENCY, FieldType.ENUM, FieldType.TEXT),
        (FieldType.CURRENCY,),
        _currency,
    ),
    ((FieldType.COUNTRY, FieldType.ENUM, FieldType.TEXT), (FieldType.COUNTRY,), _option),
    ((FieldType.STATE, FieldType.ENUM, FieldType.TEXT), (FieldType.STATE,), _option),
)

CONVERTERS: dict[tuple[FieldType, FieldType], Converter] = {
    (source, target): converter
    for sources, targets, converter in TABLE
    for source in sources
    for target in targets
}
