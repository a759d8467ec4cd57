"""
From definitions and live schemas to compiled rules.

A mapping whose field this portal or company does not have, does not let us write, or has of another
type than when it was set up, is left out and named; it stops nothing else (promise 7).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace

from ledgerbridge.connectors.port import Description
from ledgerbridge.core.compiling import check_together, compile_fitting, compile_mappings
from ledgerbridge.core.definition import SyncDefinition, narrowed
from ledgerbridge.core.filters import AssociationCondition, Condition, Filter, validate
from ledgerbridge.core.guard import fingerprint
from ledgerbridge.core.mapping import CompiledMapping, Context, Rule
from ledgerbridge.core.mapping import Mapping as FieldMapping
from ledgerbridge.core.model import Side
from ledgerbridge.core.planning import Rules
from ledgerbridge.core.schema import ObjectSchema, Writable
from ledgerbridge.errors import ConfigError
from ledgerbridge.service.world import ActiveSync
from ledgerbridge.store.syncs import Sync
from ledgerbridge.syncs.catalogue import KINDS
from ledgerbridge.syncs.kind import SyncKind

TODAY = "today"
DEFINITIONS_KEPT = 64
"""Read from their text: every run asks for all of them, several times."""


def definition_of(sync: Sync) -> SyncDefinition:
    """A stored sync's definition."""
    return _definition(sync.definition)


@lru_cache(maxsize=DEFINITIONS_KEPT)
def _definition(stored: str) -> SyncDefinition:
    return msgspec.json.decode(stored, type=SyncDefinition)


def as_stored(definition: SyncDefinition) -> str:
    """A definition as the store keeps it."""
    return msgspec.json.encode(definition).decode()


def schemas_of(
    kind: SyncKind, hubspot: Description, quickbooks: Description
) -> dict[str, ObjectSchema]:
    """All schemas that a sync speaks of, our computed fields among those of QuickBooks."""
    theirs = quickbooks.schemas[kind.observed]
    computed = {one.name: replace(one, writable=Writable.NEVER) for one in kind.derived}
    return {
        **hubspot.schemas,
        kind.quickbooks_type: replace(theirs, fields={**theirs.fields, **computed}),
    }


def serving(
    definition: SyncDefinition,
    kind: SyncKind,
    schemas: Mapping[str, ObjectSchema],
    context: Context,
) -> tuple[tuple[CompiledMapping, ...], dict[str, str]]:
    """The mappings that serve here, compiled, and by name why the others that are on cannot."""
    enabled = [mapping for mapping in narrowed(definition) if mapping.enabled]
    unusable = {
        mapping.name: reason
        for mapping in enabled
        if (reason := _unusable(mapping, kind, schemas)) is not None
    }
    compiled, unfit = compile_fitting(
        [mapping for mapping in enabled if mapping.name not in unusable],
        schemas[kind.hubspot_type],
        schemas[kind.quickbooks_type],
        context,
    )
    return compiled, unusable | unfit


def _unusable(
    mapping: FieldMapping, kind: SyncKind, schemas: Mapping[str, ObjectSchema]
) -> str | None:
    sides = (
        (Side.HUBSPOT, schemas[kind.hubspot_type], mapping.hubspot),
        (Side.QUICKBOOKS, schemas[kind.quickbooks_type], mapping.quickbooks),
    )
    for _, schema, names in sides:
        missing = [name for name in names if name not in schema.fields]
        if missing:
            return f"{schema.object_type} has no {', '.join(missing)} here"
        kept = _private(mapping, schema, names)
        if kept:
            return f"{', '.join(kept)} is private, and the mapping does not say private: true"
    readable = [
        side
        for side, schema, names in sides
        if mapping.direction.leads(side)
        and all(schema.fields[name].writable is not Writable.NEVER for name in names)
    ]
    if not readable:
        return "its target is read-only here"
    return None


def _private(mapping: FieldMapping, schema: ObjectSchema, names: Sequence[str]) -> list[str]:
    """The private fields among these that were not asked for (business-rules.md, contacts)."""
    if mapping.private or not mapping.enabled:
        return []
    return [name for name in names if name in schema.fields and schema.fields[name].private]


def start_of_today(now: datetime, time_zone: str) -> str:
    """Today's midnight in the company's time zone, as ISO text in UTC."""
    local = now.astimezone(ZoneInfo(time_zone))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight.astimezone(ZoneInfo("UTC")).strftime("%Y-%m-%dT%H:%M:%SZ")


def today(now: datetime, time_zone: str) -> str:
    """The day it is in the company's time zone, as ISO text."""
    return now.astimezone(ZoneInfo(time_zone)).date().isoformat()


def frozen(definition: SyncDefinition, today: str) -> SyncDefinition:
    """The definition with `today` replaced by an instant: frozen when the sync is enabled."""
    return replace(
        definition,
        to_hubspot=_frozen_filter(definition.to_hubspot, today),
        to_quickbooks=_frozen_filter(definition.to_quickbooks, today),
    )


def _frozen_filter(chosen: Filter, today: str) -> Filter:
    def one(condition: Condition | AssociationCondition) -> Condition | AssociationCondition:
        if isinstance(condition, Condition) and condition.value == TODAY:
            return replace(condition, value=today)
        return condition

    groups = tuple(tuple(one(condition) for condition in group) for group in chosen.groups)
    return replace(chosen, groups=groups)


def check_definition(
    definition: SyncDefinition, hubspot: Description, quickbooks: Description, place: str
) -> None:
    """Raises ConfigError, naming the place, for what cannot work between these two accounts."""
    kind = KINDS[definition.name]
    if kind.hubspot_type not in hubspot.schemas:
        raise ConfigError(
            place,
            f"HubSpot shows no {kind.hubspot_type} to this token.",
            "Give the token the missing scope, then see: ledgerbridge doctor",
        )
    schemas, context = schemas_of(kind, hubspot, quickbooks), context_of(hubspot, quickbooks)
    check_filters(definition, kind, schemas, place)
    _check_private(definition, kind, schemas, place)
    _check_never_written(definition, kind, place)
    try:
        compile_mappings(
            _without_lacking_defaults(definition, kind, schemas, context),
            schemas[kind.hubspot_type],
            schemas[kind.quickbooks_type],
            context,
        )
    except ConfigError as problem:
        where = f"{place}.{problem.place}"
        raise ConfigError(where, problem.problem, problem.remedy) from None


def _check_private(
    definition: SyncDefinition, kind: SyncKind, schemas: Mapping[str, ObjectSchema], place: str
) -> None:
    """Private fields stay where they are unless their mapping says otherwise."""
    for position, mapping in enumerate(definition.mappings):
        for object_type, names in (
            (kind.hubspot_type, mapping.hubspot),
            (kind.quickbooks_type, mapping.quickbooks),
        ):
            for name in _private(mapping, schemas[object_type], names):
                raise ConfigError(
                    f"{place}.mappings[{position}].private",
                    f"{name} is private (notes, tax ids, cost prices, what HubSpot calls "
                    "sensitive), and so it does not travel unless you ask for it.",
                    "If everybody who sees the other side may see it, add: private: true",
                )


def _check_never_written(definition: SyncDefinition, kind: SyncKind, place: str) -> None:
    """What would bill or mail somebody, or decide for a seller, is nobody's mapping."""
    for position, mapping in enumerate(definition.mappings):
        for name in mapping.hubspot:
            if name in kind.never_written:
                raise ConfigError(
                    f"{place}.mappings[{position}].hubspot",
                    f"{name} is never written: {kind.never_written[name]}.",
                    "Map another property.",
                )


def _without_lacking_defaults(
    definition: SyncDefinition,
    kind: SyncKind,
    schemas: Mapping[str, ObjectSchema],
    context: Context,
) -> list[FieldMapping]:
    """
    The mappings in their places; a default one that cannot serve here is off, for it is left out
    without being anybody's mistake.
    """
    _, lacking = serving(kind.defaults, kind, schemas, context)
    fields = {one.name: (one.hubspot, one.quickbooks) for one in kind.defaults.mappings}
    return [
        replace(mapping, enabled=False)
        if mapping.name in lacking and fields[mapping.name] == (mapping.hubspot, mapping.quickbooks)
        else mapping
        for mapping in narrowed(definition)
    ]


def check_filters(
    definition: SyncDefinition, kind: SyncKind, schemas: Mapping[str, ObjectSchema], place: str
) -> None:
    """Raises ConfigError for what the filters ask for and these accounts do not have."""
    associated = {name: schema for name, schema in schemas.items() if name != kind.quickbooks_type}
    dated = frozen(definition, "2026-01-01T00:00:00Z")
    theirs, ours = schemas[kind.quickbooks_type], schemas[kind.hubspot_type]
    validate(dated.to_hubspot, theirs, {}, f"{place}.filters.to_hubspot")
    validate(dated.to_quickbooks, ours, associated, f"{place}.filters.to_quickbooks")


def context_of(hubspot: Description, quickbooks: Description) -> Context:
    """What the conversion of values depends on between these two accounts."""
    return Context(
        time_zone=time_zone_of(hubspot, quickbooks),
        country=quickbooks.country or "US",
        currency=quickbooks.home_currency or hubspot.home_currency,
    )


def time_zone_of(hubspot: Description, quickbooks: Description) -> str:
    """The company's time zone, else the portal's (engine.md, values)."""
    return quickbooks.time_zone or hubspot.time_zone or "UTC"


def activate(
    sync: Sync, hubspot: Description, quickbooks: Description, now: datetime
) -> ActiveSync:
    """Compile one enabled sync, as of now. Raises ConfigError."""
    definition = definition_of(sync)
    kind = KINDS[sync.name]
    schemas, context = schemas_of(kind, hubspot, quickbooks), context_of(hubspot, quickbooks)
    compiled, unusable = serving(definition, kind, schemas, context)
    check_together(compiled)
    rules = Rules(
        sync=sync.id,
        definition=definition,
        mappings=tuple(_with_the_books(kind, mapping) for mapping in compiled),
        schemas=schemas,
        hubspot_type=kind.hubspot_type,
        quickbooks_type=kind.quickbooks_type,
        as_of=today(now, time_zone_of(hubspot, quickbooks)),
        observed=kind.observed,
        key_field=kind.key_property,
        time_zone=time_zone_of(hubspot, quickbooks),
        currencies=currencies_of(hubspot),
        terms=quickbooks.terms,
        enabled_at=sync.enabled_at.isoformat() if sync.enabled_at else "",
    )
    accounts = (hubspot.account_id, quickbooks.account_id)
    in_use = tuple(one for one in definition.mappings if one.name not in unusable)
    return ActiveSync(
        id=sync.id,
        kind=kind,
        rules=rules,
        fingerprint=fingerprint(definition, accounts),
        planned_by=fingerprint(replace(definition, mappings=in_use), accounts),
    )


def as_of(active: ActiveSync, day: str) -> ActiveSync:
    """The same sync on another day: no rule is compiled from the day."""
    if active.rules.as_of == day:
        return active
    return replace(active, rules=replace(active.rules, as_of=day))


def _with_the_books(kind: SyncKind, mapping: CompiledMapping) -> CompiledMapping:
    """
    A property of ours is nobody's to write: whoever wins elsewhere, there the books do, and what
    they do not say is cleared.
    """
    if not {one.name for one in kind.own_properties}.issuperset(mapping.hubspot):
        return mapping
    return replace(mapping, rule=Rule.QUICKBOOKS, clears=True)


def currencies_of(hubspot: Description) -> tuple[str, ...]:
    """The currencies that the portal has."""
    return tuple(dict.fromkeys((hubspot.home_currency, *hubspot.currencies)))
