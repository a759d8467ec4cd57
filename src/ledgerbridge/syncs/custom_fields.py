"""The custom fields of an invoice, and the purchase order number that one of them may hold."""

from __future__ import annotations

from ledgerbridge.core.model import Record, Value

CUSTOM_FIELD = "CustomField."
PO_NAMES = ("po", "purchaseorder", "ponumber", "purchaseordernumber", "customerpo", "ponr", "pono")


def custom_fields(invoice: Record) -> dict[str, str]:
    """The custom fields of an invoice that hold something, by name."""
    return {
        name.removeprefix(CUSTOM_FIELD): value
        for name, value in invoice.fields.items()
        if name.startswith(CUSTOM_FIELD) and value
    }


def po_number(invoice: Record) -> Value:
    """The purchase order number, where a custom field is called so."""
    for name, value in custom_fields(invoice).items():
        if "".join(letter for letter in name.casefold() if letter.isalnum()) in PO_NAMES:
            return value.strip()
    return None
