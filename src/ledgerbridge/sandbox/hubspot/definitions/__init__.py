"""HubSpot's own property definitions, by object type."""

from __future__ import annotations

from functools import cache

from ledgerbridge.sandbox.hubspot.definitions import (
    commerce_payments,
    companies,
    contacts,
    deals,
    invoices,
    line_items,
    products,
    small,
)
from ledgerbridge.sandbox.hubspot.definitions.table import Property, read_table

TABLES = {
    "contacts": contacts.TABLE,
    "companies": companies.TABLE,
    "deals": deals.TABLE,
    "products": products.TABLE,
    "line_items": line_items.TABLE,
    "quotes": small.QUOTES,
    "notes": small.NOTES,
    "invoices": invoices.TABLE,
    "discounts": small.ADJUSTMENT.format(group="discountinformation"),
    "fees": small.ADJUSTMENT.format(group="feeinformation"),
    "taxes": small.ADJUSTMENT.format(group="taxinformation"),
    "commerce_payments": commerce_payments.TABLE,
}


@cache
def default_properties(type_name: str) -> dict[str, Property]:
    """The definitions that every portal begins with, by name, for a plural type name."""
    return {found.name: found for found in read_table(TABLES[type_name])}
