"""What may be set about a QuickBooks connection, with Intuit's published values as defaults."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from ledgerbridge.connectors.pacing import Limit

API = "api"
BATCH = "batch"


class Settings(Struct, frozen=True, kw_only=True):
    """
    Sizes and limits of one company.

    Intuit's pages contradict each other about batches (40 or 120 a minute); the lower one holds
    until somebody raises it. `page_rows` is the most a query answers, `ids_max` bounds the values
    that one statement asks for.
    """

    minor_version: int = 75
    page_rows: int = 1000
    ids_max: int = 500
    batch_items_max: int = 30
    batch_per_minute: int = 40
    requests_per_minute: int = 500
    requests_per_second: int = 10
    at_once_max: int = 10
    cdc_rows_max: int = 1000
    cdc_days_max: int = 30


def limits_of(settings: Settings) -> Mapping[str, tuple[Limit, ...]]:
    """The limits that each kind of call counts against, the narrowest first."""
    api = (
        Limit("requests a second", settings.requests_per_second, 1.0),
        Limit("requests a minute", settings.requests_per_minute, 60.0),
    )
    return {API: api, BATCH: (Limit("batches a minute", settings.batch_per_minute, 60.0), *api)}
