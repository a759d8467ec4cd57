"""The syncs there are, and the presets chosen at set-up (business-rules.md)."""

from __future__ import annotations

from enum import StrEnum

from msgspec.structs import replace

from ledgerbridge.core.definition import SyncDefinition
from ledgerbridge.core.mapping import Direction, Mapping, When
from ledgerbridge.syncs import (
    companies,
    contacts,
    deal_figures,
    identity,
    invoices,
    payments,
    products,
    timeline,
)
from ledgerbridge.syncs.kind import Keys, SyncKind

KINDS: dict[str, SyncKind] = {
    kind.name: kind
    for kind in (
        contacts.KIND,
        companies.KIND,
        products.KIND,
        invoices.KIND,
        payments.KIND,
        deal_figures.KIND,
        timeline.KIND,
    )
}
MATCH_KEYS: dict[str, Keys] = {
    contacts.NAME: identity.match_keys,
    companies.NAME: identity.company_match_keys,
    products.NAME: products.match_keys,
    invoices.NAME: invoices.match_keys,
    payments.NAME: payments.match_keys,
    deal_figures.NAME: deal_figures.match_keys,
    timeline.NAME: timeline.match_keys,
}
TYPES: dict[str, tuple[str, ...]] = {
    contacts.NAME: ("contacts", "Customer", "Vendor", "Employee"),
    companies.NAME: ("companies",),
    products.NAME: ("products", "Item"),
    invoices.NAME: ("invoices", "Invoice"),
    payments.NAME: ("commerce_payments", "Allocation"),
    deal_figures.NAME: ("deals", "DealFigures"),
    timeline.NAME: ("notes",),
}
"""The object types whose records are found by the keys of each sync."""
SHARED_KEYS = {contacts.NAME: "email", companies.NAME: "company", products.NAME: "sku"}
"""The key by which several QuickBooks records may claim one partner."""


class Preset(StrEnum):
    """How much may be written to the books."""

    RECOMMENDED = "as HubSpot recommends"
    BOOKS_FIRST = "books first"
    READ_ONLY = "read only"


BOOKS_ALONE = ("email", "address")


def definitions(preset: Preset = Preset.RECOMMENDED) -> dict[str, SyncDefinition]:
    """The default definition of every sync under a preset, all still switched off."""
    chosen = {name: kind.defaults for name, kind in KINDS.items()}
    if preset is Preset.RECOMMENDED:
        return chosen
    if preset is Preset.READ_ONLY:
        return {
            name: replace(definition, direction=Direction.TO_HUBSPOT)
            for name, definition in chosen.items()
        }
    defaults = chosen[contacts.NAME]
    books_first = tuple(_books_first(mapping) for mapping in defaults.mappings)
    return {**chosen, contacts.NAME: replace(defaults, mappings=books_first)}


def _books_first(mapping: Mapping) -> Mapping:
    """HubSpot may create customers and fill blanks, never change what the books have."""
    if mapping.direction is not Direction.BOTH:
        return mapping
    alone = mapping.name in BOOKS_ALONE
    return replace(mapping, into_quickbooks=When.ON_CREATE if alone else When.IF_BLANK)
