"""
HubSpot properties that a set-up asks for and the portal does not have: which, and of what type.

Only missing ones are made, in our group; one that is there is used as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from ledgerbridge.connectors.hubspot.properties import PropertyDefinition
from ledgerbridge.connectors.port import Description
from ledgerbridge.core.definition import SyncDefinition
from ledgerbridge.core.mapping import Direction
from ledgerbridge.core.mapping import Mapping as FieldMapping
from ledgerbridge.core.schema import Field, FieldType, ObjectSchema
from ledgerbridge.core.transforms import TransformKind, retypes
from ledgerbridge.errors import ConfigError
from ledgerbridge.service.connecting import property_definition
from ledgerbridge.service.rules import schemas_of
from ledgerbridge.syncs.catalogue import KINDS

NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")
THEIRS = "hs_"
LIKE_TEXT = frozenset(FieldType) - {
    FieldType.NUMBER,
    FieldType.MONEY,
    FieldType.DATE,
    FieldType.DATETIME,
    FieldType.BOOL,
}


class NewProperty(Struct, frozen=True, kw_only=True):
    """A property that is missing: where, its name, its type in our words, its options if any."""

    object_type: str
    name: str
    label: str
    type: FieldType
    options: tuple[str, ...] = ()

    def definition(self) -> PropertyDefinition:
        """In HubSpot's own terms."""
        return property_definition(self.object_type, self.field())

    def field(self) -> Field:
        """As a field of the portal's schema once it is made."""
        return Field(name=self.name, label=self.label, type=self.type, options=self.options)


def missing(
    definition: SyncDefinition, hubspot: Description, quickbooks: Description, place: str
) -> tuple[NewProperty, ...]:
    """
    The properties that mappings with `create` need and the portal lacks.

    Raises ConfigError, naming the place, for one that cannot be made.
    """
    kind = KINDS[definition.name]
    if kind.hubspot_type not in hubspot.schemas:
        return ()
    schemas = schemas_of(kind, hubspot, quickbooks)
    ours, theirs = schemas[kind.hubspot_type], schemas[kind.quickbooks_type]
    return tuple(
        _new(mapping, ours, theirs, f"{place}.mappings[{position}]")
        for position, mapping in enumerate(definition.mappings)
        if mapping.create and mapping.enabled and not set(mapping.hubspot) <= set(ours.fields)
    )


def _new(
    mapping: FieldMapping, ours: ObjectSchema, theirs: ObjectSchema, place: str
) -> NewProperty:
    name = mapping.hubspot[0]
    if len(mapping.hubspot) != 1 or mapping.direction is Direction.TO_QUICKBOOKS:
        raise ConfigError(
            f"{place}.create",
            "only the one target of values from QuickBooks can be made.",
            "Remove it, and name properties that HubSpot has.",
        )
    if NAME.fullmatch(name) is None or name.startswith(THEIRS):
        raise ConfigError(
            f"{place}.hubspot",
            f"{name!r} is no name that a new property can have.",
            "Use lower-case letters, digits and underscores; hs_ is HubSpot's own.",
        )
    sources = [theirs.fields[one] for one in mapping.quickbooks if one in theirs.fields]
    kind, options = _type(mapping, sources)
    label = mapping.name[:1].upper() + mapping.name[1:]
    return NewProperty(
        object_type=ours.object_type, name=name, label=label, type=kind, options=options
    )


def _type(mapping: FieldMapping, sources: list[Field]) -> tuple[FieldType, tuple[str, ...]]:
    """What comes out of the mapping; a map of values makes options."""
    last = mapping.transforms[-1] if mapping.transforms else None
    if last is not None and last.kind is TransformKind.VALUES:
        return FieldType.ENUM, tuple(dict.fromkeys(last.values.values()))
    if mapping.template or retypes(mapping.transforms) or not sources:
        return FieldType.TEXT, ()
    kind = sources[0].type
    return (FieldType.TEXT if kind in LIKE_TEXT else kind), ()


def with_properties(hubspot: Description, new: Iterable[NewProperty]) -> Description:
    """The portal as it will be once these properties are made."""
    schemas: dict[str, ObjectSchema] = dict(hubspot.schemas)
    for one in new:
        schema = schemas[one.object_type]
        fields: Mapping[str, Field] = {**schema.fields, one.name: one.field()}
        schemas[one.object_type] = replace(schema, fields=dict(fields))
    return replace(hubspot, schemas=schemas)
