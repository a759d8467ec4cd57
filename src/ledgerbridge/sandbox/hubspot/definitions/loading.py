"""Definitions of a real portal: what `GET /crm/properties/…/{objectType}` answered there."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec import Struct

from ledgerbridge.sandbox.hubspot.definitions.table import ELSEWHERE, Property, PropertyOption
from ledgerbridge.sandbox.hubspot.instants import parse_ms


class _Option(Struct, rename="camel", frozen=True):
    label: str
    value: str
    hidden: bool = False
    display_order: int = -1
    description: str | None = None


class _Metadata(Struct, rename="camel", frozen=True):
    read_only_value: bool = False


class _Row(Struct, rename="camel", frozen=True):
    name: str
    label: str
    type: str
    field_type: str
    group_name: str
    options: list[_Option] = []
    description: str | None = None
    display_order: int = -1
    calculated: bool = False
    external_options: bool = False
    referenced_object_type: str | None = None
    has_unique_value: bool = False
    hidden: bool = False
    form_field: bool = False
    hubspot_defined: bool = False
    archived: bool = False
    data_sensitivity: str = "non_sensitive"
    calculation_formula: str | None = None
    modification_metadata: _Metadata = _Metadata()
    created_at: str = ""
    updated_at: str = ""
    created_user_id: str | None = None


class _Answer(Struct, frozen=True):
    results: list[_Row]


def read_answer(body: bytes, known: Mapping[str, Property]) -> list[Property]:
    """
    The definitions of an answer, in its order; raises msgspec.DecodeError for another body.

    `known` are HubSpot's own: they tell which external options are owners, stages or currencies,
    for an answer does not.
    """
    rows = msgspec.json.decode(body, type=_Answer).results
    return [_property(row, known.get(row.name)) for row in rows]


def _property(row: _Row, known: Property | None) -> Property:
    return Property(
        row.name,
        row.label,
        row.type,
        row.field_type,
        row.group_name,
        tuple(
            PropertyOption(one.value, one.label, one.hidden, one.display_order, one.description)
            for one in row.options
        ),
        _external(row, known),
        read_only=row.modification_metadata.read_only_value,
        calculated=row.calculated,
        hidden=row.hidden,
        unique=row.has_unique_value,
        hubspot_defined=row.hubspot_defined,
        description=row.description or "",
        display_order=row.display_order,
        form_field=row.form_field,
        data_sensitivity=row.data_sensitivity,
        calculation_formula=row.calculation_formula,
        created_ms=parse_ms(row.created_at) or 0,
        updated_ms=parse_ms(row.updated_at) or 0,
        archived_ms=(parse_ms(row.updated_at) or 0) if row.archived else None,
        user_id=row.created_user_id,
    )


def _external(row: _Row, known: Property | None) -> str | None:
    if known is not None and known.external is not None:
        return known.external
    if row.referenced_object_type == "OWNER":
        return "owner"
    return ELSEWHERE if row.external_options else None
