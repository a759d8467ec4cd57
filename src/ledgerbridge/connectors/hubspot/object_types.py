"""The object types by the names that paths, answers and texts give them."""

from __future__ import annotations

CONTACTS = "contacts"
COMPANIES = "companies"
DEALS = "deals"
PRODUCTS = "products"
LINE_ITEMS = "line_items"
INVOICES = "invoices"
COMMERCE_PAYMENTS = "commerce_payments"
NOTES = "notes"
DISCOUNTS = "discounts"
FEES = "fees"
TAXES = "taxes"
QUOTES = "quotes"

KEY_PROPERTY = "ledgerbridge_key"

_OTHER_NAMES = {
    "contact": CONTACTS,
    "company": COMPANIES,
    "deal": DEALS,
    "product": PRODUCTS,
    "line_item": LINE_ITEMS,
    "invoice": INVOICES,
    "commerce_payment": COMMERCE_PAYMENTS,
    "payment": COMMERCE_PAYMENTS,
    "payments": COMMERCE_PAYMENTS,
    "note": NOTES,
    "discount": DISCOUNTS,
    "fee": FEES,
    "tax": TAXES,
    "quote": QUOTES,
}

# Built in, writable and unique; whatever else is unique in a portal, its definitions say.
_UNIQUE = {
    CONTACTS: frozenset({"email"}),
    PRODUCTS: frozenset({"hs_sku"}),
    LINE_ITEMS: frozenset({"hs_external_id"}),
    COMMERCE_PAYMENTS: frozenset({"hs_external_reference_id"}),
}


def object_type_of(name: str) -> str:
    """Our name of a type that an answer calls `line items`, `line_item` or `line_items`."""
    plain = name.lower().replace(" ", "_")
    return _OTHER_NAMES.get(plain, plain)


def modified_property(object_type: str) -> str:
    """The property that holds the time of a record's last change."""
    return "lastmodifieddate" if object_type == CONTACTS else "hs_lastmodifieddate"


def unique_properties(object_type: str) -> frozenset[str]:
    """The properties by which a record of any portal can be read, besides its id."""
    return _UNIQUE.get(object_type, frozenset()) | {KEY_PROPERTY}
