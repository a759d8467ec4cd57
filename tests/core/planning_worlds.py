"""Rules over a small pair of schemas, and a pair of simulated sides that a plan is applied to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mapping_worlds import CONTEXT
from msgspec.structs import replace

from ledgerbridge.core.compiling import compile_mappings
from ledgerbridge.core.definition import SyncDefinition
from ledgerbridge.core.filters import Filter
from ledgerbridge.core.mapping import Direction, Mapping
from ledgerbridge.core.model import Link, Record, Side, Value, Values
from ledgerbridge.core.plan import Loss, Operation, Planned, WriteKind
from ledgerbridge.core.planning import Rules
from ledgerbridge.core.schema import Field, ObjectSchema

HUBSPOT, QUICKBOOKS = Side.HUBSPOT, Side.QUICKBOOKS
Shown = dict[str, Value]
Normal = Callable[[str, Value], Value]
"""What a side stores when given a value for a field: it may trim, cut, lower-case."""


def rules(
    mappings: Sequence[Mapping],
    hubspot: Sequence[Field] = (),
    quickbooks: Sequence[Field] = (),
    **options: Any,
) -> Rules:
    """A sync of contacts and customers; fields that are mapped but not given are plain text."""
    definition = SyncDefinition(
        **{
            "name": "contacts",
            "direction": Direction.BOTH,
            "to_hubspot": Filter(),
            "to_quickbooks": Filter(),
            "mappings": tuple(mappings),
            "matching": ("key", "email"),
            **options,
        }
    )
    ours = {name: Field(name=name) for mapping in mappings for name in mapping.hubspot}
    theirs = {name: Field(name=name) for mapping in mappings for name in mapping.quickbooks}
    ours |= {field.name: field for field in hubspot}
    theirs |= {field.name: field for field in quickbooks}
    schemas = {
        "contacts": ObjectSchema(side=HUBSPOT, object_type="contacts", fields=ours),
        "Customer": ObjectSchema(side=QUICKBOOKS, object_type="Customer", fields=theirs),
    }
    return Rules(
        sync="sync-1",
        definition=definition,
        mappings=compile_mappings(mappings, schemas["contacts"], schemas["Customer"], CONTEXT),
        schemas=schemas,
        hubspot_type="contacts",
        quickbooks_type="Customer",
        time_zone=CONTEXT.time_zone,
        currencies=(CONTEXT.currency,),
    )


def text(name: str, **options: Any) -> Mapping:
    """A mapping of the property `first` to the field `First`, and so on."""
    return Mapping(name=name, hubspot=(name,), quickbooks=(name.capitalize(),), **options)


def contact(record_id: str = "1", /, **fields: Value) -> Record:
    """A HubSpot contact."""
    return Record("contacts", record_id, "v1", dict(fields))


def customer(record_id: str = "12", /, **fields: Value) -> Record:
    """A QuickBooks customer."""
    return Record("Customer", record_id, "0", dict(fields))


class SimulatedPair:
    """Two records, their link, and the settlement of what is planned for them."""

    def __init__(self, rules: Rules, hubspot: Shown, quickbooks: Shown, normal: Normal) -> None:
        self.rules, self.normal = rules, normal
        self.records = {HUBSPOT: contact(**hubspot), QUICKBOOKS: customer(**quickbooks)}
        self.link = Link(id="l", hubspot_id="1", quickbooks_id="12")
        self.losses: list[Loss] = []
        self.sent: list[Operation] = []

    def shown(self, side: Side) -> Shown:
        """What a side shows now."""
        return self.records[side].fields

    def edit(self, side: Side, name: str, value: Value) -> None:
        """A person writes one field; the side stores it its own way."""
        self._store(side, {name: value})

    def respell(self, side: Side, fields: Values) -> None:
        """A side shows the same in another form."""
        record = self.records[side]
        self.records[side] = replace(record, fields={**record.fields, **fields})

    def apply(self, planned: Planned) -> None:
        """Base moves first, then each operation: it is stored, and settled by what was stored."""
        for moved in planned.moved:
            self._move(dict(moved.hubspot), dict(moved.quickbooks))
        for operation in planned.operations:
            if operation.kind is WriteKind.UPDATE:
                shown = self.shown(operation.side)
                assert operation.expected == {name: shown.get(name) for name in operation.fields}
            self._store(operation.side, operation.fields)
            stored = self.shown(operation.side)
            covered = {name: stored.get(name) for name in operation.covers}
            images = {operation.side: covered, operation.side.other: dict(operation.sources)}
            self._move(images[HUBSPOT], images[QUICKBOOKS])
            self.losses += operation.losses
            self.sent.append(operation)

    def _move(self, hubspot: Shown, quickbooks: Shown) -> None:
        self.link = replace(
            self.link,
            base_hubspot={**self.link.base_hubspot, **hubspot},
            base_quickbooks={**self.link.base_quickbooks, **quickbooks},
        )

    def _store(self, side: Side, fields: Shown) -> None:
        record = self.records[side]
        written = {name: self.normal(name, value) for name, value in fields.items()}
        self.records[side] = replace(record, fields={**record.fields, **written})
