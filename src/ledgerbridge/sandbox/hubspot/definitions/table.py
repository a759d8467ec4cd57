"""
Property definitions, and the compact tables they are read from.

A line of a table is `name | label | type [fieldType] | flags | options`; the last two may be
absent. A line `[group]` begins a group. Flags are words:

- `read-only`, `calculated` (which is read-only, too), `hidden`, `unique`
- `owner`, `currency`, `pipeline`, `stage`: the options are not listed but the portal's own
- `elsewhere`: the options are kept where nothing here shows them

Options are `value=label` or just `value`, separated by `;`. `@languages` stands for the options of
`definitions.languages`. An indented line continues the one before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ledgerbridge.sandbox.hubspot.definitions.languages import LANGUAGES
from ledgerbridge.sandbox.hubspot.instants import iso

FIELD_TYPES = {
    "bool": "booleancheckbox",
    "date": "date",
    "datetime": "date",
    "enumeration": "select",
    "number": "number",
    "phone_number": "phonenumber",
    "string": "text",
    "object_coordinates": "text",
    "json": "text",
}
STRING_LENGTH_MAX = 65_536
CONTINUATION = re.compile(r"\n +")
ELSEWHERE = "elsewhere"
"""Options that are kept where an answer does not show them; any value is taken."""
EXTERNAL = frozenset({"owner", "currency", "pipeline", "stage", ELSEWHERE})


@dataclass(frozen=True, slots=True)
class PropertyOption:
    """One option of an enumeration."""

    value: str
    label: str
    hidden: bool = False
    display_order: int = -1
    description: str | None = None

    def shown(self) -> dict[str, Any]:
        """The option as the API shows it."""
        shown = {
            "label": self.label,
            "value": self.value,
            "displayOrder": self.display_order,
            "hidden": self.hidden,
        }
        return shown if self.description is None else {**shown, "description": self.description}


YES_NO = (PropertyOption("true", "Yes", False, 0), PropertyOption("false", "No", False, 1))


@dataclass(frozen=True, slots=True)
class Property:
    """One property of one object type in one portal."""

    name: str
    label: str
    type: str
    field_type: str
    group: str
    options: tuple[PropertyOption, ...] = ()
    external: str | None = None
    read_only: bool = False
    calculated: bool = False
    hidden: bool = False
    unique: bool = False
    hubspot_defined: bool = False
    description: str = ""
    display_order: int = -1
    form_field: bool = False
    data_sensitivity: str = "non_sensitive"
    calculation_formula: str | None = None
    length_max: int = STRING_LENGTH_MAX
    created_ms: int = 0
    updated_ms: int = 0
    archived_ms: int | None = None
    user_id: str | None = None

    @property
    def computed(self) -> bool:
        """Whether only HubSpot sets it."""
        return self.read_only or self.calculated

    def shown(self) -> dict[str, Any]:
        """The definition as the API shows it."""
        shown: dict[str, Any] = {
            "updatedAt": iso(self.updated_ms),
            "createdAt": iso(self.created_ms),
            "name": self.name,
            "label": self.label,
            "type": self.type,
            "fieldType": self.field_type,
            "description": self.description,
            "groupName": self.group,
            "options": [option.shown() for option in self.options],
            "displayOrder": self.display_order,
            "calculated": self.calculated,
            "externalOptions": self.external is not None,
            "archived": self.archived_ms is not None,
            "hasUniqueValue": self.unique,
            "hidden": self.hidden,
            "modificationMetadata": {
                "archivable": not self.hubspot_defined,
                "readOnlyDefinition": self.hubspot_defined,
                "readOnlyValue": self.computed,
            },
            "formField": self.form_field,
            "dataSensitivity": self.data_sensitivity,
        }
        if self.user_id is not None:
            shown |= {"createdUserId": self.user_id, "updatedUserId": self.user_id}
        if self.hubspot_defined:
            shown |= {"hubspotDefined": True}
        if self.archived_ms is not None:
            shown |= {"archivedAt": iso(self.archived_ms)}
        if self.calculation_formula is not None:
            shown |= {"calculationFormula": self.calculation_formula}
        if self.external == "owner":
            shown |= {"referencedObjectType": "OWNER"}
        return shown


def _options(cell: str) -> tuple[PropertyOption, ...]:
    listed = " ".join(LANGUAGES.split()) if cell == "@languages" else cell
    pairs = [part.strip().partition("=") for part in listed.split(";") if part.strip()]
    return tuple(
        PropertyOption(value, label or value, False, order)
        for order, (value, _, label) in enumerate(pairs)
    )


def read_table(table: str) -> Iterator[Property]:
    """The definitions of a table, in its order, all of them HubSpot's own."""
    group = ""
    for line in CONTINUATION.sub(" ", table.strip()).splitlines():
        if line.startswith("["):
            group = line.strip("[]")
            continue
        name, label, types, flag_cell, option_cell = _cells(line)
        kind, _, field_type = types.partition(" ")
        flags = frozenset(flag_cell.split())
        options = _options(option_cell) or (YES_NO if kind == "bool" else ())
        yield Property(
            name,
            label,
            kind,
            field_type or FIELD_TYPES[kind],
            group,
            options,
            next(iter(flags & EXTERNAL), None),
            read_only="read-only" in flags or "calculated" in flags,
            calculated="calculated" in flags,
            hidden="hidden" in flags,
            unique="unique" in flags,
            hubspot_defined=True,
        )


def _cells(line: str) -> list[str]:
    cells = [cell.strip() for cell in line.split("|")]
    return cells + [""] * (5 - len(cells))
