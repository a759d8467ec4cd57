"""Who answers: the company's name, country, time zone and currencies, and its schemas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ledgerbridge.connectors.port import Description, Lack
from ledgerbridge.connectors.quickbooks.api import Api
from ledgerbridge.connectors.quickbooks.query import select
from ledgerbridge.connectors.quickbooks.schema import Entity, object_schema

CURRENCY = Entity(name="CompanyCurrency", fields={}, named=False)
"""Not `named`: a query then answers the active ones only, which are those that can be used."""

TERM = Entity(name="Term", fields={}, named=True)
CUSTOM_NAME = "SalesFormsPrefs.SalesCustomName"
NO_TIME_ZONE = Lack(
    "the company's time zone",
    "Dates are taken as UTC, so that a date may show as the day before or after.",
    "Set the time zone of the QuickBooks company.",
)
NO_CURRENCY = Lack(
    "the company's home currency",
    "Amounts of records that do not name a currency have none.",
    "Set the home currency in QuickBooks under Account and settings > Advanced.",
)


async def describe(api: Api, object_types: Sequence[str], rows_max: int) -> Description:
    """The company behind an API, read with three calls, or four if it has several currencies."""
    info = await api.single("CompanyInfo", f"companyinfo/{api.realm_id}")
    preferences = await api.single("Preferences", "preferences")
    home = _text(preferences, "CurrencyPrefs", "HomeCurrency", "value")
    time_zone = _time_zone(info)
    custom_names = tuple(_custom_names(preferences))
    lacks = [NO_TIME_ZONE] if not time_zone else []
    lacks += [NO_CURRENCY] if not home else []
    return Description(
        account_id=api.realm_id,
        name=_text(info, "CompanyName") or _text(info, "LegalName") or api.realm_id,
        time_zone=time_zone or "UTC",
        home_currency=home,
        currencies=await _currencies(api, preferences, home, rows_max),
        country=_text(info, "Country"),
        terms=await _terms(api, rows_max),
        schemas={name: object_schema(name, custom_names) for name in object_types},
        lacks=tuple(lacks),
    )


async def _currencies(
    api: Api, preferences: Mapping[str, Any], home: str, rows_max: int
) -> tuple[str, ...]:
    known = [home] if home else []
    prefs = preferences.get("CurrencyPrefs") or {}
    if prefs.get("MultiCurrencyEnabled") is True:
        rows = await api.query(CURRENCY.name, select(CURRENCY, rows_max=rows_max))
        known += [str(row["Code"]) for row in rows if row.get("Code")]
    return tuple(dict.fromkeys(known))


async def _terms(api: Api, rows_max: int) -> dict[str, str]:
    """Customers name their terms by id only."""
    rows = await api.query(TERM.name, select(TERM, rows_max=rows_max))
    return {str(row["Id"]): str(row["Name"]) for row in rows if row.get("Id") and row.get("Name")}


def _time_zone(info: Mapping[str, Any]) -> str:
    """An IANA name that this machine knows, or nothing."""
    name = _text(info, "DefaultTimeZone")
    try:
        return ZoneInfo(name).key if name else ""
    except (ZoneInfoNotFoundError, ValueError):
        return ""


def _custom_names(preferences: Mapping[str, Any]) -> Iterator[str]:
    """The names of the custom fields of sales forms, in their order."""
    forms = preferences.get("SalesFormsPrefs") or {}
    for group in forms.get("CustomField") or ():
        for row in group.get("CustomField") or ():
            if str(row.get("Name", "")).startswith(CUSTOM_NAME) and row.get("StringValue"):
                yield str(row["StringValue"])


def _text(body: Mapping[str, Any], *path: str) -> str:
    value: Any = body
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return str(value) if value else ""
