"""One sync as its owner set it up and as it works between the two connected accounts, as data."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import Struct

from ledgerbridge.connectors.port import Description
from ledgerbridge.core.conditions import phrase
from ledgerbridge.core.definition import SyncDefinition, narrowed
from ledgerbridge.core.filters import AnyCondition, Condition, Filter, dump
from ledgerbridge.core.mapping import Mapping
from ledgerbridge.core.model import Side
from ledgerbridge.core.schema import ObjectSchema, Writable
from ledgerbridge.service.rules import context_of, definition_of, schemas_of, serving
from ledgerbridge.service.switching import heard_of_both, stored
from ledgerbridge.store import syncs
from ledgerbridge.store.transaction import Transaction
from ledgerbridge.syncs.catalogue import KINDS
from ledgerbridge.syncs.kind import SyncKind

EVERYTHING = "all records"


class MappingReport(Struct, frozen=True, kw_only=True):
    """
    One mapping. `when` says when values go to HubSpot, `into_quickbooks` when they go there;
    `left_out` why it does not serve here, `read_only` which of its fields a side lets nobody write.
    """

    name: str
    hubspot: tuple[str, ...]
    quickbooks: tuple[str, ...]
    direction: str
    when: str
    into_quickbooks: str
    rule: str
    enabled: bool
    left_out: str
    read_only: tuple[str, ...]


class SyncReport(Struct, frozen=True, kw_only=True):
    """
    One sync. The filters are given as the configuration file has them, and in words;
    `enabled_at` is the instant to which `today` in its filters was frozen.
    """

    name: str
    enabled: bool
    enabled_at: datetime | None
    direction: str
    rule: str
    deletions: str
    leaving_scope: str
    matching: tuple[str, ...]
    filters: dict[str, Any]
    filters_in_words: dict[str, str]
    mappings: tuple[MappingReport, ...]


def sync_report(tx: Transaction, name: str) -> SyncReport:
    """One sync. Raises UsageError where it is not set up, or a side is not connected."""
    return describe(stored(tx, name), heard_of_both(tx))


def describe(sync: syncs.Sync, heard: dict[Side, Description]) -> SyncReport:
    """One stored sync between two accounts."""
    definition, kind = definition_of(sync), KINDS[sync.name]
    known = kind.hubspot_type in heard[Side.HUBSPOT].schemas
    schemas = schemas_of(kind, heard[Side.HUBSPOT], heard[Side.QUICKBOOKS]) if known else {}
    context = context_of(heard[Side.HUBSPOT], heard[Side.QUICKBOOKS])
    unusable = serving(definition, kind, schemas, context)[1] if known else {}
    filters = {f"to_{side}": definition.filter_to(side) for side in Side}
    return SyncReport(
        name=sync.name,
        enabled=sync.enabled,
        enabled_at=sync.enabled_at,
        direction=definition.direction,
        rule=definition.rule,
        deletions=definition.deletions,
        leaving_scope=definition.leaving_scope,
        matching=definition.matching,
        filters={name: dump(chosen) for name, chosen in filters.items()},
        filters_in_words={f"to_{side}": in_words(definition, kind, side, schemas) for side in Side},
        mappings=tuple(
            _mapping_report(mapping, definition, kind, schemas, unusable.get(mapping.name, ""))
            for mapping in narrowed(definition)
        ),
    )


def _mapping_report(
    mapping: Mapping,
    definition: SyncDefinition,
    kind: SyncKind,
    schemas: dict[str, ObjectSchema],
    reason: str,
) -> MappingReport:
    return MappingReport(
        name=mapping.name,
        hubspot=mapping.hubspot,
        quickbooks=mapping.quickbooks,
        direction=mapping.direction,
        when=mapping.when,
        into_quickbooks=mapping.when_to(Side.QUICKBOOKS),
        rule=mapping.rule or definition.rule,
        enabled=mapping.enabled,
        left_out=reason,
        read_only=() if reason else _read_only(mapping, kind, schemas),
    )


def _read_only(
    mapping: Mapping, kind: SyncKind, schemas: dict[str, ObjectSchema]
) -> tuple[str, ...]:
    """The fields that the mapping would write, and that nobody may."""
    sides = (
        (Side.HUBSPOT, kind.hubspot_type, mapping.hubspot),
        (Side.QUICKBOOKS, kind.quickbooks_type, mapping.quickbooks),
    )
    return tuple(
        f"{side}:{name}"
        for side, object_type, names in sides
        if object_type in schemas and mapping.enabled and mapping.direction.leads(side)
        for name in names
        if schemas[object_type].fields[name].writable is Writable.NEVER
    )


def in_words(
    definition: SyncDefinition, kind: SyncKind, to: Side, schemas: dict[str, ObjectSchema]
) -> str:
    """The filter of one direction as a sentence."""
    if not definition.travels(to):
        return "nothing travels this way"
    source = kind.hubspot_type if to is Side.QUICKBOOKS else kind.quickbooks_type
    return filter_in_words(definition.filter_to(to), source, schemas)


def filter_in_words(chosen: Filter, source: str, schemas: dict[str, ObjectSchema]) -> str:
    """A filter over the records of one type as a sentence."""
    groups = (
        " and ".join(_condition_in_words(one, source, schemas) for one in group)
        for group in chosen.groups
    )
    return ", or ".join(groups) or EVERYTHING


def _condition_in_words(
    condition: AnyCondition, source: str, schemas: dict[str, ObjectSchema]
) -> str:
    if isinstance(condition, Condition):
        side = Side.HUBSPOT
        return phrase(condition, schemas.get(source) or ObjectSchema(side=side, object_type=source))
    empty = ObjectSchema(side=Side.HUBSPOT, object_type=condition.association)
    theirs = schemas.get(condition.association) or empty
    where = " and ".join(phrase(one, theirs) for one in condition.where)
    least, most = condition.at_least, condition.at_most
    number = "" if least == 1 else f"at least {least} "
    number += "" if most is None else f"at most {most} "
    what = f"has {number}associated {condition.association}"
    return f"{what} where {where}" if where else what
