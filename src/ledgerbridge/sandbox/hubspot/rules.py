"""
Rules that an administrator sets for properties, enforced on every write since 2026-09.

A portal begins without any.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ledgerbridge.sandbox.hubspot.errors import ApiError, invalid

REQUIRED = "MISSING_REQUIRED_PROPERTY"
CONDITIONAL = "MISSING_CONDITIONAL_REQUIRED_PROPERTY"


@dataclass(frozen=True, slots=True)
class Condition:
    """Where a property has this value, another one may not be empty."""

    type_name: str
    name: str
    value: str
    required: str


@dataclass(slots=True)
class PropertyRules:
    """What a portal requires: of new records, and of records with certain values."""

    on_create: dict[str, tuple[str, ...]] = field(default_factory=dict)
    conditions: list[Condition] = field(default_factory=list)

    def check_create(self, type_name: str, values: Mapping[str, str]) -> None:
        """Raises 400 for a new record that lacks what creators have to fill in."""
        missing = [name for name in self.on_create.get(type_name, ()) if not values.get(name)]
        if missing:
            raise _missing(REQUIRED, missing)

    def check_values(
        self, type_name: str, values: Mapping[str, str], written: Mapping[str, str]
    ) -> None:
        """Raises 400 where a write leads to a value whose companion is empty."""
        missing = [
            one.required
            for one in self.conditions
            if one.type_name == type_name
            and written.keys() & {one.name, one.required}
            and values.get(one.name) == one.value
            and not values.get(one.required)
        ]
        if missing:
            raise _missing(CONDITIONAL, missing)


def _missing(code: str, names: list[str]) -> ApiError:
    texts = {name: f'Property "{name}" is required' for name in names}
    details = [
        {"message": text, "code": code, "context": {"propertyName": [name]}}
        for name, text in texts.items()
    ]
    return invalid("; ".join(texts.values()), errors=details)
