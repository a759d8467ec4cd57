"""Where a person sees a record: the vendors' own pages."""

from __future__ import annotations

from ledgerbridge.core.model import Side

HUBSPOT_TYPES = {
    "contacts": "0-1",
    "companies": "0-2",
    "deals": "0-3",
    "products": "0-7",
    "invoices": "0-53",
}
HUBSPOT_PAGE = "https://app.hubspot.com/contacts/{account}/record/{object_type}/{record}"
QUICKBOOKS_PAGES = {
    "Customer": "https://app.qbo.intuit.com/app/customerdetail?nameId={record}",
    "Invoice": "https://app.qbo.intuit.com/app/invoice?txnId={record}",
}


def page_of(side: Side, account_id: str, object_type: str, record_id: str) -> str:
    """The address of a record's page; empty for a type that has none."""
    if side is Side.QUICKBOOKS:
        return QUICKBOOKS_PAGES.get(object_type, "").format(record=record_id)
    if object_type not in HUBSPOT_TYPES:
        return ""
    known = HUBSPOT_TYPES[object_type]
    return HUBSPOT_PAGE.format(account=account_id, object_type=known, record=record_id)
