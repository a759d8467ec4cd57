"""The properties of HubSpot records as forms write them, and HubSpot's words against them."""

from __future__ import annotations

from typing import Any

from ledgerbridge.sandbox.console.account import Input, Problem
from ledgerbridge.sandbox.hubspot.definitions.table import Property
from ledgerbridge.sandbox.hubspot.errors import ApiError
from ledgerbridge.sandbox.hubspot.portal import Portal
from ledgerbridge.sandbox.hubspot.records import Record, Shelf

LONG_FROM = 120


def definitions(portal: Portal, kind: str) -> list[Property]:
    """The definitions of a type that are not archived."""
    known = portal.shelves[kind].definitions.values()
    return [one for one in known if one.archived_ms is None]


def inputs(
    portal: Portal, kind: str, record: Record | None, columns: tuple[str, ...]
) -> list[Input]:
    """The controls of a form: required properties and usual columns first."""
    shelf = portal.shelves[kind]
    values = {} if record is None else record.values
    needed = (*shelf.kind.required, *shelf.kind.required_any, *columns)
    writable = [one for one in definitions(portal, kind) if not one.computed and not one.hidden]
    writable.sort(key=lambda one: needed.index(one.name) if one.name in needed else 99)
    return [_input(portal, one, values.get(one.name, ""), needed, shelf) for one in writable]


def _input(
    portal: Portal, found: Property, value: str, needed: tuple[str, ...], shelf: Shelf
) -> Input:
    options = tuple((one.value, one.label) for one in found.options)
    if found.external == "stage":
        stages = (one for p in portal.pipelines.values() for one in p.stages)
        options = tuple((stage.id, stage.label) for stage in stages)
    if found.external == "pipeline":
        options = tuple((p.id, p.label) for p in portal.pipelines.values())
    if found.external == "owner":
        owners = portal.owners.values()
        options = tuple((one.id, f"{one.first_name} {one.last_name}") for one in owners)
    many = found.field_type == "checkbox"
    known = {option for option, _ in options}
    is_choice = bool(options) and not many and (not value or value in known)
    is_long = found.field_type in {"textarea", "html"} or "\n" in value
    area = is_long or len(value) > LONG_FROM
    return Input(
        found.name,
        found.label,
        value,
        "choice" if is_choice else "area" if area else "text",
        options if is_choice else (),
        _hint(found, many=many, required=found.name in shelf.kind.required),
        main=bool(value) or found.name in needed,
    )


def _hint(found: Property, *, many: bool, required: bool) -> str:
    parts = [found.name]
    if many:
        parts.append("several values are separated by ;")
    if found.type in {"number", "date", "datetime"}:
        parts.append(found.type)
    if required:
        parts.append("required")
    return " · ".join(parts)


def problems(error: ApiError) -> list[Problem]:
    """HubSpot's message, and what it says of single properties."""
    details: list[dict[str, Any]] = error.body.get("errors") or []
    named = [
        Problem(str(one.get("message", "")), next(iter(places), None))
        for one in details
        if (places := one.get("context", {}).get("propertyName"))
    ]
    return named or [Problem(str(error.body.get("message", error)))]
