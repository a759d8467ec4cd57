"""HubSpot's own unlabelled association types, as a creation has to name them."""

from __future__ import annotations

from ledgerbridge.connectors.hubspot.object_types import (
    COMMERCE_PAYMENTS,
    COMPANIES,
    CONTACTS,
    DEALS,
    DISCOUNTS,
    FEES,
    INVOICES,
    LINE_ITEMS,
    NOTES,
    QUOTES,
    TAXES,
)

# from, to, the id from here to there, the id back
_ROWS = (
    (CONTACTS, COMPANIES, 279, 280),
    (CONTACTS, DEALS, 4, 3),
    (COMPANIES, DEALS, 342, 341),
    (DEALS, LINE_ITEMS, 19, 20),
    (INVOICES, CONTACTS, 177, 178),
    (INVOICES, COMPANIES, 179, 180),
    (INVOICES, DEALS, 175, 176),
    (INVOICES, LINE_ITEMS, 409, 410),
    (INVOICES, COMMERCE_PAYMENTS, 541, 542),
    (INVOICES, QUOTES, 407, 408),
    (INVOICES, DISCOUNTS, 411, 412),
    (INVOICES, FEES, 413, 414),
    (INVOICES, TAXES, 415, 416),
    (COMMERCE_PAYMENTS, CONTACTS, 387, 388),
    (COMMERCE_PAYMENTS, COMPANIES, 389, 390),
    (COMMERCE_PAYMENTS, DEALS, 391, 392),
    (COMMERCE_PAYMENTS, LINE_ITEMS, 395, 396),
    (NOTES, CONTACTS, 202, 201),
    (NOTES, COMPANIES, 190, 189),
    (NOTES, DEALS, 214, 213),
)

ASSOCIATION_TYPES: dict[tuple[str, str], int] = {
    pair: type_id
    for here, there, forward, back in _ROWS
    for pair, type_id in (((here, there), forward), ((there, here), back))
}
