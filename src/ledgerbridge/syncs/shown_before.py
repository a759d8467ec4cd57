"""
Invoices that another app, such as HubSpot's own sync, has put into the portal already
(business-rules.md, invoices).

A number alone proves nothing. Where number, total, currency and day are one, and HubSpot did not
make the invoice for billing, no second one is made.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from ledgerbridge.core.model import Record, Value
from ledgerbridge.core.planning import KEY_FIELD, Rules
from ledgerbridge.core.values import parse_date, parse_instant, text_key

HUBSPOTS_OWN = frozenset({"", "hubspot"})
NOT_BILLED = "false"


def by_another_app(mirror: Record) -> bool:
    """Whether an invoice in HubSpot is neither ours nor a person's own bill."""
    if mirror.fields.get(KEY_FIELD) or mirror.state.gone:
        return False
    source = (mirror.fields.get("hs_invoice_source") or "").casefold()
    return source not in HUBSPOTS_OWN or mirror.fields.get("hs_invoice_billable") == NOT_BILLED


def the_same(rules: Rules, invoice: Record, candidates: Sequence[Record]) -> list[Record]:
    """Those that show this very invoice: number, total, currency and day are one."""
    return [
        one
        for one in candidates
        if by_another_app(one)
        and text_key(one.fields.get("hs_number") or "")
        == text_key(invoice.fields.get("DocNumber") or "")
        and one.fields.get("hs_currency") == invoice.fields.get("CurrencyRef")
        and _amount(one.fields.get("hs_amount_billed")) == _amount(invoice.fields.get("TotalAmt"))
        and _day(one.fields.get("hs_invoice_date")) == invoice.fields.get("TxnDate")
    ]


def _amount(value: Value) -> Decimal | None:
    try:
        return Decimal(value) if value else None
    except InvalidOperation:
        return None


def _day(value: Value) -> str | None:
    day = parse_date(value or "") or None
    if day is not None:
        return day.isoformat()
    instant = parse_instant(value or "")
    return instant.date().isoformat() if instant is not None else None
