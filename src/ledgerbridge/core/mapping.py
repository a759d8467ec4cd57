"""
Field mappings, compiled once per sync against the schemas of both sides.

A mapping pairs one HubSpot property with one QuickBooks field, or all parts of an address. Mapping
happens at comparison: base images stay raw, so that editing a mapping makes nothing dirty.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from difflib import get_close_matches
from enum import StrEnum
from functools import partial
from typing import TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct
from msgspec.structs import replace

from ledgerbridge.core.address import (
    HUBSPOT_FIELDS,
    PARTS_AFTER_STREET,
    QUICKBOOKS_FIELDS,
    canonical_address,
    convert_address,
    is_address,
)
from ledgerbridge.core.conversion import CONVERTERS, Route, Unconvertible
from ledgerbridge.core.model import Side, Value, Values
from ledgerbridge.core.places import country_code
from ledgerbridge.core.schema import Field, FieldType, ObjectSchema, Writable
from ledgerbridge.core.values import Canonical, Context, canonical, parse_number
from ledgerbridge.errors import ConfigError

__all__ = [
    "CompiledMapping",
    "Context",
    "Direction",
    "Mapping",
    "Rule",
    "Unconvertible",
    "When",
    "compile_mappings",
]

Fields: TypeAlias = dict[str, Value]
Convert: TypeAlias = Callable[[Values, Values | None], Fields | Unconvertible]
Form: TypeAlias = Callable[[Values], Canonical]

NUMERIC = (FieldType.NUMBER, FieldType.MONEY)


class Direction(StrEnum):
    """Which way values travel."""

    BOTH = "both ways"
    TO_HUBSPOT = "to hubspot"
    TO_QUICKBOOKS = "to quickbooks"

    def leads(self, to: Side) -> bool:
        """Whether values may travel to that side."""
        return self is Direction.BOTH or self.value == f"to {to}"


class When(StrEnum):
    """When a value may be written."""

    ALWAYS = "always"
    ON_CREATE = "on create only"
    IF_BLANK = "fill if blank"


class Rule(StrEnum):
    """Who wins a conflict."""

    HUBSPOT = "hubspot"
    QUICKBOOKS = "quickbooks"


class Mapping(Struct, frozen=True, kw_only=True):
    """
    One mapping as its owner set it up.

    `into_quickbooks` overrides `when` for writes to the books. `rule` overrides the sync's.
    `enforce` puts edits of a one-way target back. `truncate` cuts text that is too long.
    `zero_is_blank`: a number of 0 means that nothing is set. `private` says that its owner wants a
    private field to travel.
    """

    name: str
    hubspot: tuple[str, ...]
    quickbooks: tuple[str, ...]
    direction: Direction = Direction.BOTH
    when: When = When.ALWAYS
    into_quickbooks: When | None = None
    rule: Rule | None = None
    enforce: bool = False
    truncate: bool = False
    enabled: bool = True
    zero_is_blank: bool = False
    private: bool = False

    def when_to(self, to: Side) -> When:
        """When a value may be written to that side."""
        if to is Side.QUICKBOOKS and self.into_quickbooks is not None:
            return self.into_quickbooks
        return self.when


class Half(Struct, frozen=True, kw_only=True):
    """One side of a compiled mapping: its fields, and how values get there."""

    names: tuple[str, ...]
    form: Form
    convert: Convert
    when: When
    allows: bool
    creates: bool


class CompiledMapping(Struct, frozen=True, kw_only=True):
    """A mapping that knows the fields it speaks of; made by `compile_mappings`."""

    name: str
    rule: Rule | None
    enforce: bool
    zero_is_blank: bool
    on_hubspot: Half
    on_quickbooks: Half

    @property
    def hubspot(self) -> tuple[str, ...]:
        """The HubSpot properties."""
        return self.on_hubspot.names

    @property
    def quickbooks(self) -> tuple[str, ...]:
        """The QuickBooks fields."""
        return self.on_quickbooks.names

    def on(self, side: Side) -> Half:
        """One side of it."""
        return self.on_hubspot if side is Side.HUBSPOT else self.on_quickbooks

    def fields(self, side: Side) -> tuple[str, ...]:
        """The fields of one side, in the mapping's order."""
        return self.on(side).names

    def allows(self, to: Side) -> bool:
        """Whether an existing record of that side may be changed: direction and target allow it."""
        return self.on(to).allows

    def creates(self, to: Side) -> bool:
        """Whether a record of that side gets the value while it is being created."""
        return self.on(to).creates

    def when(self, to: Side) -> When:
        """When a value may be written to that side."""
        return self.on(to).when

    def empty(self, side: Side, values: Values) -> bool:
        """Whether one side shows nothing: no text, or a zero that means not set."""
        half = self.on(side)
        if len(half.names) == 1 and not self.zero_is_blank:
            value = values.get(half.names[0])
            return not value or not value.strip()
        return half.form(values) is None

    def same(self, side: Side, a: Values, b: Values) -> bool:
        """Whether one side's value is unchanged between two raw images of that side."""
        half = self.on(side)
        for name in half.names:
            if a.get(name) != b.get(name):
                return half.form(a) == half.form(b)
        return True

    def agree(self, hubspot: Values, quickbooks: Values) -> bool:
        """
        Whether both sides say the same: converting either gives what the other shows.

        A lossy conversion one way is no disagreement, so one of the two is enough.
        """
        without = self.empty(Side.HUBSPOT, hubspot), self.empty(Side.QUICKBOOKS, quickbooks)
        if any(without):
            return all(without)
        return self._gives(Side.QUICKBOOKS, hubspot, quickbooks) or self._gives(
            Side.HUBSPOT, quickbooks, hubspot
        )

    def _gives(self, to: Side, source: Values, shown: Values) -> bool:
        converted = self.convert(to, source, shown)
        return not isinstance(converted, Unconvertible) and self.same(to, converted, shown)

    def convert(self, to: Side, source: Values, current: Values | None) -> Fields | Unconvertible:
        """
        All fields of the target for one raw image of the other side; None clears a field.

        `current` is what the target shows now, None while it does not exist: of a list of several
        e-mails only the first is replaced, and an address keeps the parts that say the same.
        """
        return self.on(to).convert(source, current)


def compile_mappings(
    mappings: Sequence[Mapping],
    hubspot: ObjectSchema,
    quickbooks: ObjectSchema,
    context: Context,
) -> tuple[CompiledMapping, ...]:
    """
    The enabled mappings, in their order, bound to the schemas of both sides.

    Raises ConfigError for an unknown field, a pair of types that cannot be converted in a direction
    that is wanted and possible, a compound that is no address, a name used twice, or two mappings
    that would both keep writing to one field.
    """
    context = _checked(context)
    compiled: list[CompiledMapping] = []
    written: dict[tuple[Side, str], str] = {}
    names: set[str] = set()
    for position, mapping in enumerate(mappings):
        if not mapping.enabled:
            continue
        place = f"mappings[{position}]"
        if mapping.name in names:
            problem = f"the name {mapping.name!r} is used twice."
            raise ConfigError(f"{place}.name", problem, "Give each mapping its own name.")
        names.add(mapping.name)
        each = _compile(mapping, hubspot, quickbooks, context, place)
        _check_one_writer(each, written, place)
        compiled.append(each)
    return tuple(compiled)


def _checked(context: Context) -> Context:
    """The context with its country as two letters, however the company shows it."""
    try:
        ZoneInfo(context.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise ConfigError(
            "time_zone",
            f"{context.time_zone!r} is no time zone.",
            "Use a name such as America/New_York.",
        ) from None
    return replace(context, country=country_code(context.country) or context.country)


def _check_one_writer(
    mapping: CompiledMapping, written: dict[tuple[Side, str], str], place: str
) -> None:
    """Two mappings that keep writing to one field would never come to rest."""
    for side in Side:
        keeps_writing = mapping.allows(side) and mapping.when(side) is When.ALWAYS
        for name in mapping.fields(side) if keeps_writing else ():
            other = written.setdefault((side, name), mapping.name)
            if other != mapping.name:
                raise ConfigError(
                    f"{place}.{side}",
                    f"{name} is already written by the mapping {other!r}.",
                    "Give one of the two another direction, or switch it off.",
                )


def _compile(
    mapping: Mapping,
    hubspot: ObjectSchema,
    quickbooks: ObjectSchema,
    context: Context,
    place: str,
) -> CompiledMapping:
    ours = _known(mapping.hubspot, hubspot, f"{place}.hubspot")
    theirs = _known(mapping.quickbooks, quickbooks, f"{place}.quickbooks")
    if not (len(ours) == len(theirs) == 1 or is_address(ours, theirs)):
        raise ConfigError(
            place,
            f"it pairs {len(ours)} HubSpot with {len(theirs)} QuickBooks fields.",
            f"Pair one with one, or {HUBSPOT_FIELDS} with {QUICKBOOKS_FIELDS.start} to "
            f"{QUICKBOOKS_FIELDS.stop - 1} for an address: the street, then city, state, postal "
            "code and country.",
        )
    if mapping.zero_is_blank and any(each.type not in NUMERIC for each in ours + theirs):
        raise ConfigError(
            f"{place}.zero_is_blank",
            "it is set, but the fields are no numbers.",
            "Remove it, or map number fields.",
        )
    return CompiledMapping(
        name=mapping.name,
        rule=mapping.rule,
        enforce=mapping.enforce,
        zero_is_blank=mapping.zero_is_blank,
        on_hubspot=_half(mapping, Side.HUBSPOT, theirs, ours, context=context, place=place),
        on_quickbooks=_half(mapping, Side.QUICKBOOKS, ours, theirs, context=context, place=place),
    )


def _known(names: Sequence[str], schema: ObjectSchema, place: str) -> tuple[Field, ...]:
    for name in names:
        if name not in schema.fields:
            near = get_close_matches(name, schema.fields, n=3, cutoff=0.5)
            raise ConfigError(
                place,
                f"{schema.object_type} has no field {name!r}.",
                f"Did you mean {', '.join(near)}?" if near else "Check the name.",
            )
    return tuple(schema.fields[name] for name in names)


def _half(
    mapping: Mapping,
    to: Side,
    sources: tuple[Field, ...],
    targets: tuple[Field, ...],
    *,
    context: Context,
    place: str,
) -> Half:
    leads = mapping.direction.leads(to)
    creates = leads and all(each.writable is not Writable.NEVER for each in targets)
    always = leads and all(each.writable is Writable.ALWAYS for each in targets)
    names = tuple(each.name for each in targets)
    routes = [
        Route(
            mapping=mapping.name,
            to=to,
            source=_partner(sources, len(targets) - position),
            target=target,
            context=context,
            truncate=mapping.truncate,
        )
        for position, target in enumerate(targets)
    ]
    if len(targets) == 1:
        form = _form(targets[0], context, zero_is_blank=mapping.zero_is_blank)
        convert = _single(routes[0], wanted=creates, place=place)
    else:
        form = partial(canonical_address, names=names, context=context)
        convert = partial(convert_address, routes=routes, names=[each.name for each in sources])
    return Half(
        names=names,
        form=form,
        convert=convert,
        when=mapping.when_to(to),
        allows=always and mapping.when_to(to) is not When.ON_CREATE,
        creates=creates,
    )


def _partner(sources: tuple[Field, ...], from_end: int) -> Field:
    """Parts of an address pair up from the end; what is left is the street."""
    return sources[-from_end] if from_end <= PARTS_AFTER_STREET else sources[0]


def _form(field: Field, context: Context, *, zero_is_blank: bool) -> Form:
    name, kind = field.name, field.type

    def form(values: Values) -> Canonical:
        value = values.get(name)
        if zero_is_blank and value and parse_number(value) == 0:
            return None
        return canonical(kind, value, context)

    return form


def _single(route: Route, *, wanted: bool, place: str) -> Convert:
    converter = CONVERTERS.get((route.source.type, route.target.type))
    source_name, target_name = route.source.name, route.target.name
    if converter is None:
        unconvertible = _incompatible(route)
        if wanted:
            raise ConfigError(place, unconvertible.message, unconvertible.remedy)
        return lambda source, current: unconvertible
    keeps_others = route.target.type is FieldType.EMAIL

    def convert(source: Values, current: Values | None) -> Fields | Unconvertible:
        value = source.get(source_name)
        if value is None or not value.strip():
            if not keeps_others:
                return {target_name: None}
            value = ""
        shown = current.get(target_name) if current else None
        converted = converter(value, shown, route)
        if isinstance(converted, Unconvertible):
            return converted
        return {target_name: converted}

    return convert


def _incompatible(route: Route) -> Unconvertible:
    source, target = route.source, route.target
    allowed = ", ".join(sorted(b for a, b in CONVERTERS if a is source.type))
    return Unconvertible(
        "incompatible_types",
        f"{source.name} ({source.type}) cannot be written to {target.name} ({target.type}).",
        f"Choose a {route.to} field of one of the types {allowed}, "
        f"or the direction 'to {route.to.other}'.",
        target.name,
    )
