"""The currencies of an account, and their rates into the company's own."""

from __future__ import annotations

from typing import Any

from ledgerbridge.sandbox.http import Response
from ledgerbridge.sandbox.hubspot.calls import Call, answer, cursor_of, paging
from ledgerbridge.sandbox.hubspot.errors import error
from ledgerbridge.sandbox.hubspot.instants import iso
from ledgerbridge.sandbox.hubspot.state import ExchangeRate

LIMIT_DEFAULT, LIMIT_MAX = 100, 100
CURRENCIES: dict[str, str] = {
    "AUD": "Australian Dollar",
    "BRL": "Brazilian Real",
    "CAD": "Canadian Dollar",
    "CHF": "Swiss Franc",
    "CNY": "Chinese Yuan",
    "CZK": "Czech Koruna",
    "DKK": "Danish Krone",
    "EUR": "Euro",
    "GBP": "British Pound",
    "HKD": "Hong Kong Dollar",
    "ILS": "Israeli New Shekel",
    "INR": "Indian Rupee",
    "JPY": "Japanese Yen",
    "MXN": "Mexican Peso",
    "NOK": "Norwegian Krone",
    "NZD": "New Zealand Dollar",
    "PLN": "Polish Zloty",
    "SEK": "Swedish Krona",
    "SGD": "Singapore Dollar",
    "USD": "US Dollar",
    "ZAR": "South African Rand",
}


def codes(call: Call) -> Response:
    """`GET /settings/currencies/…/codes`: what an account may enable."""
    results = [{"currencyCode": code, "currencyName": name} for code, name in CURRENCIES.items()]
    return answer(200, {"results": results})


def company_currency(call: Call) -> Response:
    """`GET /settings/currencies/…/company-currency`."""
    return answer(200, {"id": call.state.settings.company_currency, "createdAt": iso(0)})


def list_rates(call: Call) -> Response:
    """`GET /settings/currencies/…/exchange-rates`: all there ever were, oldest first."""
    asked = {name: call.request.first(f"{name}CurrencyCode") for name in ("from", "to")}
    limit, after = call.limit(LIMIT_DEFAULT, LIMIT_MAX), call.after()
    chosen = [
        rate
        for rate in call.state.exchange_rates
        if int(rate.id) >= after
        and asked["from"] in {None, rate.currency}
        and asked["to"] in {None, call.state.settings.company_currency}
    ]
    body: dict[str, Any] = {"results": [_shown(call, rate) for rate in chosen[:limit]]}
    if len(chosen) > limit:
        cursor = cursor_of(int(chosen[limit].id), call.state.switches.cursor)
        body["paging"] = paging(call, cursor)
    return answer(200, body)


def current_rates(call: Call) -> Response:
    """`GET …/exchange-rates/current`: the newest of each currency that has begun."""
    now_ms = call.state.now_ms()
    begun = [rate for rate in call.state.exchange_rates if rate.effective_ms <= now_ms]
    newest = {rate.currency: rate for rate in sorted(begun, key=lambda rate: rate.effective_ms)}
    return answer(200, {"results": [_shown(call, rate) for rate in newest.values()]})


def read_rate(call: Call) -> Response:
    """`GET …/exchange-rates/{exchangeRateId}`; raises 404."""
    wanted = call.parts["rateId"]
    found = next((rate for rate in call.state.exchange_rates if rate.id == wanted), None)
    if found is None:
        raise error(404, "resource not found")
    return answer(200, _shown(call, found))


def _shown(call: Call, rate: ExchangeRate) -> dict[str, Any]:
    return {
        "id": rate.id,
        "fromCurrencyCode": rate.currency,
        "toCurrencyCode": call.state.settings.company_currency,
        "conversionRate": float(rate.rate),
        "effectiveAt": iso(rate.effective_ms),
        "visibleInUI": True,
        "createdAt": iso(rate.created_ms),
        "updatedAt": iso(rate.created_ms),
    }
