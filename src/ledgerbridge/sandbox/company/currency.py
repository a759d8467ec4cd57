"""The one currency besides its own in which the company bills, and what it was worth."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from ledgerbridge.sandbox.company.story import Body, Entry

HOME, CURRENCY = "USD", "EUR"
WORTH_FIRST = Decimal("1.05")
DAYS_OF_A_WAVE = 13


def currency_fields(customer: Entry, day: date) -> Body:
    """What a transaction with the customer says of its currency; nothing in the company's own."""
    if "CurrencyRef" not in customer.body:
        return {}
    return {"CurrencyRef": customer.body["CurrencyRef"], "ExchangeRate": worth(day)}


def worth(day: date) -> Decimal:
    """Units of the company's own currency for one of CURRENCY on that day: 1.05 to 1.17."""
    return WORTH_FIRST + Decimal(day.toordinal() % DAYS_OF_A_WAVE) / 100
