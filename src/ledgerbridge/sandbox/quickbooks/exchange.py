"""Exchange rates: asked for one currency and day, and set by people and clients."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from ledgerbridge.sandbox.quickbooks.books import Books
from ledgerbridge.sandbox.quickbooks.entities import CURRENCIES
from ledgerbridge.sandbox.quickbooks.faultbodies import Refused, broken_rule, missing
from ledgerbridge.sandbox.quickbooks.lists import home_currency, multicurrency
from ledgerbridge.sandbox.quickbooks.sales import exchange_rate
from ledgerbridge.sandbox.quickbooks.schema import Body, normalised, plain
from ledgerbridge.sandbox.quickbooks.times import today


def asked(books: Books, currency: str | None, day: str | None) -> Body:
    """The rate of a currency on a day, by default today's. Raises Refused (2020, 2060, 2170)."""
    if not currency:
        raise missing("sourcecurrencycode")
    return _rate(books, _known(currency), _date(day or today(books.moment).isoformat()))


def given(books: Books, sent: Body) -> Body:
    """The rate as kept from its day on. Raises Refused; 6000 without multicurrency."""
    body = normalised("ExchangeRate", sent)
    for name in ("SourceCurrencyCode", "Rate"):
        if body.get(name) in (None, ""):
            raise missing(name)
    if not multicurrency(books):
        raise broken_rule("Multi Currency should be enabled to perform this operation.")
    currency = _known(body["SourceCurrencyCode"])
    rate = Decimal(body["Rate"])
    if rate <= 0 or (currency == home_currency(books) and rate != 1):
        raise broken_rule("An exchange rate must be greater than 0, that of home currency 1")
    day = _date(body.get("AsOfDate") or today(books.moment).isoformat())
    books.rates[currency][day] = rate
    return _rate(books, currency, day)


def _rate(books: Books, currency: str, day: str) -> Body:
    return {
        "SourceCurrencyCode": currency,
        "TargetCurrencyCode": home_currency(books),
        "Rate": plain(exchange_rate(books, currency, day)),
        "AsOfDate": day,
        "domain": "QBO",
        "sparse": False,
    }


def _known(currency: str) -> str:
    if currency.upper() not in CURRENCIES:
        raise Refused("2170", f"Invalid Enumeration : {currency[:10]}")
    return currency.upper()


def _date(day: str) -> str:
    try:
        return date.fromisoformat(day[:10]).isoformat()
    except ValueError:
        detail = f"Invalid Date. Supplied value:{day[:50]}"
        raise Refused("2060", detail, element="asofdate") from None
