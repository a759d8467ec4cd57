"""Values of properties: what is refused, with which text, and how the rest is kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from ledgerbridge.sandbox.hubspot.definitions.table import ELSEWHERE, Property, PropertyOption
from ledgerbridge.sandbox.hubspot.domains import is_address
from ledgerbridge.sandbox.hubspot.errors import ValueProblem
from ledgerbridge.sandbox.hubspot.instants import DAY_MS, MILLISECONDS, iso, parse_ms

NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?\Z", re.ASCII)
NUMBER_LENGTH_MAX = 60
DOMAIN = re.compile(r"[^\s/@]+\Z")
NOT_NEGATIVE = frozenset({("products", "price"), ("line_items", "price")})
MULTIPLE = "checkbox"


@dataclass(frozen=True, slots=True)
class Choices:
    """What a portal offers for the options that are its own."""

    owners: Collection[str] = ()
    currencies: tuple[str, ...] = ()
    stages: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class RefusedError(Exception):
    """A value that is not taken: HubSpot's code and text."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


@dataclass(frozen=True, slots=True)
class Writing:
    """One value on its way into a record: of which type, over which old value."""

    type_name: str
    definition: Property
    text: str
    old: str
    choices: Choices


def writable(definition: Property | None, name: str) -> ValueProblem | None:
    """Why a property cannot be written at all, or None."""
    if definition is None or definition.archived_ms is not None:
        return ValueProblem("PROPERTY_DOESNT_EXIST", name, f'Property "{name}" does not exist')
    if definition.computed:
        word = "calculated" if definition.calculated else "read only"
        text = f'"{name}" is a {word} property; its value cannot be set.'
        return ValueProblem("READ_ONLY_VALUE", name, text)
    return None


def canonical(writing: Writing) -> str:
    """The value as it is kept; raises RefusedError with HubSpot's code and text."""
    definition = writing.definition
    if len(writing.text) > definition.length_max:
        raise RefusedError("MAX_LENGTH", f"Enter {definition.length_max} characters or fewer")
    special = SPECIAL.get((writing.type_name, definition.name))
    if special is not None:
        return special(writing)
    return BY_TYPE[definition.type](writing)


def equal(definition: Property, old: str, new: str) -> bool:
    """Whether writing `new` over `old` changes nothing; numbers compare by their value."""
    if old == new:
        return True
    return bool(old and new and definition.type == "number") and number(old) == number(new)


def number(text: str) -> Decimal | None:
    """The number a text stands for, or None."""
    if len(text) > NUMBER_LENGTH_MAX or not NUMBER.match(text):
        return None
    return Decimal(text)


def _text(writing: Writing) -> str:
    return writing.text


def _email(writing: Writing) -> str:
    text = writing.text.strip()
    if not is_address(text):
        raise RefusedError("INVALID_EMAIL", f"Email address {writing.text} is invalid")
    return text


def _domain(writing: Writing) -> str:
    if not DOMAIN.match(writing.text):
        raise RefusedError("INVALID_DOMAIN", f'"{writing.text}" is an invalid domain')
    return writing.text.lower()


def _number(writing: Writing) -> str:
    text = writing.text.strip()
    found = number(text)
    if found is None:
        raise RefusedError("INVALID_INTEGER", f"{writing.text} was not a valid number")
    if found < 0 and (writing.type_name, writing.definition.name) in NOT_NEGATIVE:
        raise RefusedError("MIN_NUMBER", "Enter a number greater than or equal to 0")
    return text


def _date(writing: Writing) -> str:
    text = writing.text.strip()
    if not MILLISECONDS.match(text) and "T" not in text:
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError:
            raise RefusedError("INVALID_LONG", f"{text} was not a valid long") from None
    ms = parse_ms(text)
    if ms is None:
        raise RefusedError("INVALID_LONG", f"{text} was not a valid long")
    if ms % DAY_MS:
        raise RefusedError("INVALID_DATE", f"{text} is at {_clock(ms)} UTC, not midnight!")
    return iso(ms)[:10]


def _clock(ms: int) -> str:
    seconds, fraction = divmod(ms % DAY_MS, 1000)
    hours, rest = divmod(seconds, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}.{fraction:03}"


def _datetime(writing: Writing) -> str:
    ms = parse_ms(writing.text.strip())
    if ms is None:
        raise RefusedError("INVALID_LONG", f"{writing.text} was not a valid long")
    return iso(ms)


def _bool(writing: Writing) -> str:
    lowered = writing.text.strip().lower()
    if lowered not in {"true", "false"}:
        raise _no_option(writing.text, writing.definition.options)
    return lowered


def _enumeration(writing: Writing) -> str:
    definition = writing.definition
    if definition.external is not None:
        return EXTERNAL[definition.external](writing)
    if definition.field_type != MULTIPLE:
        return _one_option(writing, writing.text)
    appended = writing.text.startswith(";")
    chosen = writing.old.split(";") if appended and writing.old else []
    for part in writing.text.split(";"):
        if part and part not in chosen:
            chosen.append(_one_option(writing, part))
    return ";".join(chosen)


def _one_option(writing: Writing, value: str) -> str:
    options = writing.definition.options
    if options and all(option.value != value for option in options):
        raise _no_option(value, options)
    return value


def _no_option(value: str, options: tuple[PropertyOption, ...]) -> RefusedError:
    shown = ", ".join(
        f'label: "{option.label}"\nvalue: "{option.value}"\ndisplay_order: {option.display_order}\n'
        f"hidden: {str(option.hidden).lower()}\nread_only: false\n"
        for option in options
    )
    return RefusedError("INVALID_OPTION", f"{value} was not one of the allowed options: [{shown}]")


def _owner(writing: Writing) -> str:
    if writing.text not in writing.choices.owners:
        raise RefusedError("INVALID_OWNER_ID", f"{writing.text} was not a valid owner ID")
    return writing.text


def _currency(writing: Writing) -> str:
    if writing.text not in writing.choices.currencies:
        options = tuple(
            PropertyOption(code, code, False, order)
            for order, code in enumerate(writing.choices.currencies)
        )
        raise _no_option(writing.text, options)
    return writing.text


def _pipeline(writing: Writing) -> str:
    if writing.text not in writing.choices.stages:
        message = (
            f"{writing.text} is not a valid pipeline ID. "
            f"Valid options are: [{', '.join(writing.choices.stages)}]"
        )
        raise RefusedError("INVALID_OPTION", message)
    return writing.text


def _stage(writing: Writing) -> str:
    stages = writing.choices.stages
    if all(writing.text not in known for known in stages.values()):
        listed = ", ".join(
            f"pipelineId={pipeline} : [{', '.join(known)}]" for pipeline, known in stages.items()
        )
        message = f"{writing.text} is not a valid pipeline stage ID. Valid options are: {listed}"
        raise RefusedError("INVALID_OPTION", message)
    return writing.text


Check = Callable[[Writing], str]
SPECIAL: Mapping[tuple[str, str], Check] = {
    ("contacts", "email"): _email,
    ("companies", "domain"): _domain,
}
BY_TYPE: Mapping[str, Check] = {
    "string": _text,
    "phone_number": _text,
    "object_coordinates": _text,
    "json": _text,
    "number": _number,
    "date": _date,
    "datetime": _datetime,
    "bool": _bool,
    "enumeration": _enumeration,
}
EXTERNAL: Mapping[str, Check] = {
    "owner": _owner,
    "currency": _currency,
    "pipeline": _pipeline,
    "stage": _stage,
    ELSEWHERE: _text,
}
