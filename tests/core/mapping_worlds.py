"""A small pair of schemas, and mappings over them, for the tests of the core."""

from __future__ import annotations

from typing import Any

from ledgerbridge.core.compiling import compile_mappings
from ledgerbridge.core.mapping import CompiledMapping, Context, Mapping
from ledgerbridge.core.model import Record, Side
from ledgerbridge.core.schema import Field, FieldType, ObjectSchema

CONTEXT = Context(time_zone="America/Los_Angeles", country="US", currency="USD")
ADDRESS = ("address", "city", "state", "zip", "country")
LINES = tuple(f"BillAddr.Line{line}" for line in range(1, 6))
BILL_ADDRESS = (
    *LINES,
    "BillAddr.City",
    "BillAddr.CountrySubDivisionCode",
    "BillAddr.PostalCode",
    "BillAddr.Country",
)


def schema(side: Side, *fields: Field) -> ObjectSchema:
    """A schema of these fields."""
    object_type = "contacts" if side is Side.HUBSPOT else "Customer"
    named = {each.name: each for each in fields}
    return ObjectSchema(side=side, object_type=object_type, fields=named)


def compiled(hubspot: Field, quickbooks: Field, **options: Any) -> CompiledMapping:
    """One mapping between two fields."""
    context = options.pop("context", CONTEXT)
    mapping = Mapping(
        name="tested", hubspot=(hubspot.name,), quickbooks=(quickbooks.name,), **options
    )
    (only,) = compile_mappings(
        [mapping], schema(Side.HUBSPOT, hubspot), schema(Side.QUICKBOOKS, quickbooks), context
    )
    return only


def typed(
    kind: FieldType, to: FieldType | None = None, *, context: Context = CONTEXT, **options: Any
) -> CompiledMapping:
    """One mapping from a HubSpot property `ours` to a QuickBooks field `Theirs`, by their types."""
    ours, theirs = Field(name="ours", type=kind), Field(name="Theirs", type=to or kind)
    return compiled(ours, theirs, context=context, **options)


def address(length_max: int | None = None, **options: Any) -> CompiledMapping:
    """The mapping of the address; `length_max` limits QuickBooks' lines."""
    mapping = Mapping(name="address", hubspot=ADDRESS, quickbooks=BILL_ADDRESS, **options)
    ours = schema(Side.HUBSPOT, *(Field(name=name) for name in ADDRESS))
    theirs = schema(
        Side.QUICKBOOKS, *(Field(name=name, length_max=length_max) for name in BILL_ADDRESS)
    )
    (only,) = compile_mappings([mapping], ours, theirs, CONTEXT)
    return only


def record(**fields: str | None) -> Record:
    """A HubSpot record with these fields."""
    return Record("contacts", "1", "1", fields)
