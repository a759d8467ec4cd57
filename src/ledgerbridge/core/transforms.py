"""
Transforms: how a value is written on its way, as data (engine.md, values).

They are told for the way from QuickBooks to HubSpot, in their order; on the way back each is
undone, in the opposite order. One that cannot be undone is refused where values travel both ways,
and what only tidies (trim, case) leaves the way back as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from string import Formatter

from msgspec import Struct, field

from ledgerbridge.core.model import Value, Values
from ledgerbridge.core.schema import FieldType
from ledgerbridge.core.values import parse_date, parse_instant, parse_number
from ledgerbridge.errors import ConfigError

DIGITS_MAX = 10


class TransformKind(StrEnum):
    """What a transform does."""

    TRIM = "trim"
    CASE = "case"
    PREFIX = "prefix"
    SUFFIX = "suffix"
    VALUES = "values"
    DATE = "date"
    NUMBER = "number"


class Transform(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """
    One step. `text` is the case (upper, lower, title), what stands before or after, or the format
    of a date; `values` maps QuickBooks' values to HubSpot's; a number is multiplied by `factor` and
    rounded to `digits`.
    """

    kind: TransformKind
    text: str = ""
    values: dict[str, str] = field(default_factory=dict)
    factor: str = ""
    digits: int | None = None


class Refused(Struct, frozen=True):
    """A value that a transform cannot take: a stable word, and why in words."""

    code: str
    why: str


Step = Callable[[str], "str | Refused"]
CASES: dict[str, Callable[[str], str]] = {
    "upper": str.upper,
    "lower": str.lower,
    "title": str.title,
}
RETYPING = frozenset(
    {TransformKind.PREFIX, TransformKind.SUFFIX, TransformKind.VALUES, TransformKind.DATE}
)
NEEDS: dict[TransformKind, tuple[str, ...]] = {
    TransformKind.TRIM: (),
    TransformKind.CASE: ("text",),
    TransformKind.PREFIX: ("text",),
    TransformKind.SUFFIX: ("text",),
    TransformKind.VALUES: ("values",),
    TransformKind.DATE: ("text",),
    TransformKind.NUMBER: ("factor", "digits"),
}
"""What each kind is told by; a number needs one of its two."""


def check(transforms: Sequence[Transform], *, both_ways: bool, place: str) -> None:
    """Raises ConfigError, naming the place, for a step that says too little or cannot be undone."""
    for position, one in enumerate(transforms):
        here = f"{place}[{position}]"
        given = {
            name
            for name in ("text", "values", "factor", "digits")
            if getattr(one, name) not in ("", {}, None)
        }
        wanted = NEEDS[one.kind]
        if given - set(wanted) or (wanted and not given):
            told = " or ".join(wanted) or "nothing more"
            raise ConfigError(here, f"{one.kind} is told by {told}.", "Give that, and only that.")
        problem = _wrong(one) or (_one_way_only(one) if both_ways else None)
        if problem is not None:
            raise ConfigError(here, *problem)


def _wrong(one: Transform) -> tuple[str, str] | None:
    if one.kind is TransformKind.CASE and one.text not in CASES:
        return f"{one.text!r} is no case.", f"Use one of: {', '.join(CASES)}."
    if one.kind is TransformKind.DATE and "%" not in one.text:
        return f"{one.text!r} is no format of a date.", "Write it like %d.%m.%Y."
    if one.factor and not parse_number(one.factor):
        return f"{one.factor!r} is no factor.", "Give a number other than 0."
    if one.digits is not None and not 0 <= one.digits <= DIGITS_MAX:
        return f"{one.digits} digits cannot be.", f"Give 0 to {DIGITS_MAX}."
    return None


def _one_way_only(one: Transform) -> tuple[str, str] | None:
    remedy = "Let the mapping go one way, or change the step."
    if len(set(one.values.values())) < len(one.values):
        return "two values become one, which cannot be undone on the way back.", remedy
    if one.digits is not None:
        return "rounding cannot be undone on the way back.", remedy
    return None


def retypes(transforms: Sequence[Transform]) -> bool:
    """Whether what comes out is text, whatever went in."""
    return any(one.kind in RETYPING for one in transforms)


def there(transforms: Sequence[Transform], value: str, kind: FieldType) -> str | Refused:
    """A QuickBooks value as HubSpot is to have it."""
    for one in transforms:
        result = _there(one, value, kind)
        if isinstance(result, Refused):
            return result
        value = result
    return value


def back(transforms: Sequence[Transform], value: str) -> str | Refused:
    """A HubSpot value as QuickBooks is to have it."""
    for one in reversed(transforms):
        result = _back(one, value)
        if isinstance(result, Refused):
            return result
        value = result
    return value


def _there(one: Transform, value: str, kind: FieldType) -> str | Refused:
    match one.kind:
        case TransformKind.TRIM:
            return value.strip()
        case TransformKind.CASE:
            return CASES[one.text](value)
        case TransformKind.PREFIX:
            return one.text + value
        case TransformKind.SUFFIX:
            return value + one.text
        case TransformKind.VALUES:
            return _of_values(one.values, value)
        case TransformKind.DATE:
            return _date_out(value, one.text, kind)
    return _number(value, one)


def _back(one: Transform, value: str) -> str | Refused:
    match one.kind:
        case TransformKind.PREFIX if not value.startswith(one.text):
            return Refused("not_in_form", f"does not begin with {one.text!r}")
        case TransformKind.PREFIX:
            return value.removeprefix(one.text)
        case TransformKind.SUFFIX if not value.endswith(one.text):
            return Refused("not_in_form", f"does not end with {one.text!r}")
        case TransformKind.SUFFIX:
            return value.removesuffix(one.text)
        case TransformKind.VALUES:
            return _of_values({ours: theirs for theirs, ours in one.values.items()}, value)
        case TransformKind.DATE:
            return _date_in(value, one.text)
        case TransformKind.NUMBER:
            return _divided(value, one)
        case TransformKind.TRIM:
            return value.strip()
    return value


def _of_values(values: dict[str, str], value: str) -> str | Refused:
    found = values.get(value.strip())
    if found is None:
        return Refused("not_in_values", f"is {value!r}, for which no value is given")
    return found


def _date_out(value: str, form: str, kind: FieldType) -> str | Refused:
    day = parse_date(value) if kind is FieldType.DATE else parse_instant(value)
    return Refused("not_in_form", "is no date") if day is None else day.strftime(form)


def _date_in(value: str, form: str) -> str | Refused:
    try:
        return datetime.strptime(value.strip(), form).date().isoformat()  # noqa: DTZ007 -- a day
    except ValueError:
        return Refused("not_in_form", f"is no date of the form {form}")


def _number(value: str, one: Transform) -> str | Refused:
    number = parse_number(value)
    if number is None:
        return Refused("not_in_form", "is no number")
    number *= Decimal(one.factor or "1")
    if one.digits is not None:
        number = number.quantize(Decimal(1).scaleb(-one.digits), ROUND_HALF_UP)
    return format(number, "f")


def _divided(value: str, one: Transform) -> str | Refused:
    number = parse_number(value)
    if number is None:
        return Refused("not_in_form", "is no number")
    return format((number / Decimal(one.factor or "1")).normalize(), "f")


def template_fields(template: str) -> tuple[str, ...]:
    """The fields that a template names, in order. Raises ValueError for one that cannot be read."""
    parts = list(Formatter().parse(template))
    if any(form or conversion for _, name, form, conversion in parts if name is not None):
        raise ValueError("only names in braces")
    return tuple(dict.fromkeys(name for _, name, _, _ in parts if name is not None))


def filled(template: str, values: Values) -> Value:
    """A template with its fields filled in and its spaces made single; None where all are empty."""
    parts = list(Formatter().parse(template))
    if not any((values.get(name) or "").strip() for _, name, _, _ in parts if name):
        return None
    told = "".join(text + (values.get(name or "") or "") for text, name, _, _ in parts)
    return " ".join(told.split())
