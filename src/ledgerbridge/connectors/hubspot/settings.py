"""What may be set about a HubSpot connection, with HubSpot's published values as defaults."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from ledgerbridge.connectors.pacing import Limit

API = "api"
SEARCH = "search"
ASSOCIATIONS = "associations"

REQUESTS = "requests"
"""The limit that the headers of an answer speak of."""


class Settings(Struct, frozen=True, kw_only=True):
    """
    Version, sizes and limits of one portal.

    The limits are those of a private app in a Professional account; the headers of the answers
    """

    version: str = "2026-09"
    page_rows: int = 100
    search_rows: int = 200
    batch_rows: int = 100
    history_rows: int = 50
    association_rows: int = 1000
    requests_per_10_s: int = 190
    associations_per_10_s: int = 100
    searches_per_s: int = 5
    at_once_max: int = 10
    bisections_max: int = 40


def limits_of(settings: Settings) -> Mapping[str, tuple[Limit, ...]]:
    """The limits that each kind of call counts against, the narrowest first."""
    requests = Limit(REQUESTS, settings.requests_per_10_s, 10.0)
    return {
        API: (requests,),
        SEARCH: (Limit("searches", settings.searches_per_s, 1.0), requests),
        ASSOCIATIONS: (Limit("associations", settings.associations_per_10_s, 10.0), requests),
    }
