"""
Mappings bound to the schemas of both sides, once per sync: what cannot work is found here, with the
place in the set-up, and not when a record is on its way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from difflib import get_close_matches
from functools import partial
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec.structs import replace

from ledgerbridge.core import transforms
from ledgerbridge.core.address import (
    HUBSPOT_FIELDS,
    PARTS_AFTER_STREET,
    QUICKBOOKS_FIELDS,
    canonical_address,
    convert_address,
    is_address,
)
from ledgerbridge.core.conversion import CONVERTERS, Route, Unconvertible, fit
from ledgerbridge.core.mapping import (
    CompiledMapping,
    Convert,
    Direction,
    Fields,
    Form,
    Half,
    Mapping,
    When,
)
from ledgerbridge.core.model import Side, Values
from ledgerbridge.core.places import country_code
from ledgerbridge.core.schema import Field, FieldType, ObjectSchema, Writable
from ledgerbridge.core.transforms import Refused, Transform
from ledgerbridge.core.values import Canonical, Context, canonical, parse_number
from ledgerbridge.errors import ConfigError

NUMERIC = (FieldType.NUMBER, FieldType.MONEY)


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
        each = _compile(mapping, hubspot, quickbooks, context, place)
        _check_name(each, names, place)
        _check_one_writer(each, written, place)
        compiled.append(each)
    return tuple(compiled)


def compile_fitting(
    mappings: Sequence[Mapping],
    hubspot: ObjectSchema,
    quickbooks: ObjectSchema,
    context: Context,
) -> tuple[tuple[CompiledMapping, ...], dict[str, str]]:
    """
    Of these mappings, each by itself, those that fit both schemas; by name why the others do not.

    Raises ConfigError for what is wrong with the accounts and no mapping's fault.
    """
    context = _checked(context)
    fitting: list[CompiledMapping] = []
    unfit: dict[str, str] = {}
    for position, mapping in enumerate(mappings):
        try:
            each = _compile(mapping, hubspot, quickbooks, context, f"mappings[{position}]")
        except ConfigError as problem:
            unfit[mapping.name] = problem.problem.removesuffix(".")
        else:
            fitting.append(each)
    return tuple(fitting), unfit


def check_together(mappings: Sequence[CompiledMapping]) -> None:
    """Raises ConfigError for a name used twice, or two that would keep writing to one field."""
    written: dict[tuple[Side, str], str] = {}
    names: set[str] = set()
    for position, mapping in enumerate(mappings):
        _check_name(mapping, names, f"mappings[{position}]")
        _check_one_writer(mapping, written, f"mappings[{position}]")


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


def _check_name(mapping: CompiledMapping, names: set[str], place: str) -> None:
    if mapping.name in names:
        problem = f"the name {mapping.name!r} is used twice."
        raise ConfigError(f"{place}.name", problem, "Give each mapping its own name.")
    names.add(mapping.name)


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
    both_ways = mapping.direction is Direction.BOTH
    transforms.check(mapping.transforms, both_ways=both_ways, place=f"{place}.transforms")
    if mapping.template:
        _check_template(mapping, place)
    elif not (len(ours) == len(theirs) == 1 or is_address(ours, theirs)):
        raise ConfigError(
            place,
            f"it pairs {len(ours)} HubSpot with {len(theirs)} QuickBooks fields.",
            f"Pair one with one, or {HUBSPOT_FIELDS} with {QUICKBOOKS_FIELDS.start} to "
            f"{QUICKBOOKS_FIELDS.stop - 1} for an address: the street, then city, state, postal "
            "code and country.",
        )
    if mapping.transforms and (mapping.template or len(ours) > 1):
        raise ConfigError(
            f"{place}.transforms",
            "they are for one field, and this mapping has several.",
            "Remove them, or split the mapping.",
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


def _check_template(mapping: Mapping, place: str) -> None:
    """Several fields become one text, which nothing can take apart again."""
    here = f"{place}.template"
    to_hubspot = mapping.direction is Direction.TO_HUBSPOT
    sources, targets = mapping.quickbooks, mapping.hubspot
    if not to_hubspot:
        sources, targets = targets, sources
    if mapping.direction is Direction.BOTH or len(targets) != 1:
        raise ConfigError(
            here, "a template fills one field, one way.", "Give one target and a direction."
        )
    try:
        named = transforms.template_fields(mapping.template)
    except ValueError as error:
        remedy = "Write names in braces, as in {GivenName} {FamilyName}."
        raise ConfigError(here, f"it cannot be read: {error}.", remedy) from None
    if set(named) != set(sources):
        listed = ", ".join(sources)
        raise ConfigError(here, f"it does not name exactly {listed}.", "Name each of them in it.")


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
            source=sources[0] if mapping.template else _partner(sources, len(targets) - position),
            target=target,
            context=context,
            truncate=mapping.truncate,
        )
        for position, target in enumerate(targets)
    ]
    form: Form
    convert: Convert
    if mapping.template:
        form = partial(_all_of, names=names)
        convert = partial(_filled, template=mapping.template, routes=routes)
    elif len(targets) == 1:
        form = _form(targets[0], context, zero_is_blank=mapping.zero_is_blank)
        convert = _single(routes[0], mapping.transforms, wanted=creates, place=place)
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


def _all_of(values: Values, *, names: tuple[str, ...]) -> Canonical:
    """The sources of a template, or its target: as they are, None where nothing is there."""
    shown = tuple((values.get(name) or "").strip() for name in names)
    return shown if any(shown) else None


def _filled(
    source: Values, current: Values | None, *, template: str, routes: Sequence[Route]
) -> Fields | Unconvertible:
    """The one target of a template; its sources cannot be told from it."""
    route = routes[0]
    if len(routes) > 1 or route.source.name not in transforms.template_fields(template):
        return _cannot(route, "cannot be told from a template")
    text = transforms.filled(template, source)
    fitting = fit(text, route) if text is not None else None
    return fitting if isinstance(fitting, Unconvertible) else {route.target.name: fitting}


def _single(route: Route, steps: Sequence[Transform], *, wanted: bool, place: str) -> Convert:
    transformed = _transforming(route, steps)
    route = _after(route, steps)
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
        elif steps:
            stepped = transformed(value)
            if isinstance(stepped, Unconvertible):
                return stepped
            value = stepped
        shown = current.get(target_name) if current else None
        converted = converter(value, shown, route)
        if isinstance(converted, Unconvertible):
            return converted
        return {target_name: converted}

    return convert


def _after(route: Route, steps: Sequence[Transform]) -> Route:
    """The route behind the steps: text on the way there, QuickBooks' own type on the way back."""
    if not transforms.retypes(steps):
        return route
    kind = FieldType.TEXT if route.to is Side.HUBSPOT else route.target.type
    return replace(route, source=replace(route.source, type=kind))


def _transforming(route: Route, steps: Sequence[Transform]) -> Callable[[str], str | Unconvertible]:
    kind = route.source.type

    def transformed(value: str) -> str | Unconvertible:
        there = route.to is Side.HUBSPOT
        done = transforms.there(steps, value, kind) if there else transforms.back(steps, value)
        if isinstance(done, Refused):
            return _cannot(route, done.why, done.code)
        return done

    return transformed


def _cannot(route: Route, why: str, code: str = "incompatible_types") -> Unconvertible:
    return Unconvertible(
        code,
        f"{route.source.name} {why}.",
        f"Correct {route.source.name}, or the transforms of the mapping {route.mapping!r}.",
        route.target.name,
    )


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
