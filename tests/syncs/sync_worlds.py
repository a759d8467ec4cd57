"""The syncs as they come, over schemas like those of a real portal and company."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from ledgerbridge.connectors.hubspot.schema import MEANINGS
from ledgerbridge.connectors.quickbooks.schema import object_schema
from ledgerbridge.core.compiling import compile_mappings
from ledgerbridge.core.definition import narrowed
from ledgerbridge.core.mapping import Context
from ledgerbridge.core.model import Link, Record, Side, State, Value
from ledgerbridge.core.plan import Operation, Outcome, Planned
from ledgerbridge.core.planning import Rules
from ledgerbridge.core.schema import Field, FieldType, ObjectSchema, Writable
from ledgerbridge.syncs.catalogue import KINDS
from ledgerbridge.syncs.kind import SyncKind

HUBSPOT, QUICKBOOKS = Side.HUBSPOT, Side.QUICKBOOKS
REALM = "9341450000000001"
CONTEXT = Context(time_zone="America/Los_Angeles", country="US", currency="USD")
ASKED_ABOUT = {
    "invoices": {"hs_invoice_source": FieldType.TEXT},
    "commerce_payments": {"hs_createdate": FieldType.DATETIME},
}


def rules_of(sync: str, **changes: Any) -> Rules:
    """The rules of a sync; `changes` are of its definition, or of the rules themselves."""
    kind = KINDS[sync]
    of_rules = {
        name: changes.pop(name) for name in ("enabled_at", "currencies", "as_of") if name in changes
    }
    definition = replace(kind.defaults, **changes)
    schemas = {
        **{name: _asked_about(name) for name in ASKED_ABOUT},
        kind.hubspot_type: _portal(kind),
        kind.quickbooks_type: _company(kind),
    }
    return Rules(
        sync=f"{sync}-1",
        definition=definition,
        mappings=compile_mappings(
            narrowed(definition),
            schemas[kind.hubspot_type],
            schemas[kind.quickbooks_type],
            CONTEXT,
        ),
        schemas=schemas,
        hubspot_type=kind.hubspot_type,
        quickbooks_type=kind.quickbooks_type,
        observed=kind.observed,
        key_field=kind.key_property,
        time_zone=CONTEXT.time_zone,
        **{"currencies": ("USD", "EUR"), **of_rules},
    )


def _asked_about(object_type: str) -> ObjectSchema:
    fields = {name: Field(name=name, type=kind) for name, kind in ASKED_ABOUT[object_type].items()}
    return ObjectSchema(side=HUBSPOT, object_type=object_type, fields=fields)


def _portal(kind: SyncKind) -> ObjectSchema:
    names = {name for mapping in kind.defaults.mappings for name in mapping.hubspot}
    fields = {name: Field(name=name, type=MEANINGS.get(name, FieldType.TEXT)) for name in names}
    fields |= {field.name: field for field in kind.own_properties}
    return ObjectSchema(side=HUBSPOT, object_type=kind.hubspot_type, fields=fields)


def _company(kind: SyncKind) -> ObjectSchema:
    known = object_schema(kind.observed)
    computed = {field.name: replace(field, writable=Writable.NEVER) for field in kind.derived}
    return replace(known, fields={**known.fields, **computed})


def key(entity: str, record_id: str) -> str:
    """The key of a QuickBooks record."""
    return f"{REALM}:{entity}:{record_id}"


def customer(record_id: str, email: Value = None, **options: Any) -> Record:
    """A customer; `parent` makes it a sub-customer, other options are its fields by short names."""
    parent = options.pop("parent", None)
    state = options.pop("state", State.LIVE)
    fields: dict[str, Value] = {
        "@key": key("customer", record_id),
        "PrimaryEmailAddr.Address": email,
        "DisplayName": f"Customer {record_id}",
        "FullyQualifiedName": f"Customer {record_id}",
        "Active": "true" if state is State.LIVE else "false",
        **options,
    }
    references: dict[str, tuple[str, ...]] = {"ParentRef": (parent,)} if parent else {}
    return Record("Customer", record_id, "0", fields, references, state=state)


def contact(record_id: str, email: Value = None, **fields: Value) -> Record:
    """A contact."""
    return Record("contacts", record_id, "v1", {"email": email, **fields})


def pair(sync: str, hubspot: Record, quickbooks: Record) -> Link:
    """A link of two records that are in step as they stand."""
    return Link(
        id=f"{sync}-1/q{quickbooks.id}/1",
        hubspot_id=hubspot.id,
        quickbooks_id=quickbooks.id,
        base_hubspot=_image(sync, HUBSPOT, hubspot),
        base_quickbooks=_image(sync, QUICKBOOKS, quickbooks),
    )


def _image(sync: str, side: Side, record: Record) -> dict[str, Value]:
    mappings = KINDS[sync].defaults.mappings
    names = [
        name for each in mappings for name in (each.hubspot, each.quickbooks)[side is not HUBSPOT]
    ]
    return {name: record.fields.get(name) for name in names}


def outcome(planned: Planned) -> Outcome:
    """The one standing of a record for which nothing else was planned."""
    assert planned == Planned(outcomes=planned.outcomes)
    (only,) = planned.outcomes
    assert only.message
    return only


def operation(planned: Planned) -> Operation:
    """The one write of a plan that has nothing to explain."""
    assert planned.outcomes == ()
    (only,) = planned.operations
    return only
