"""The HubSpot connector."""

from __future__ import annotations

from ledgerbridge.connectors.hubspot.client import HubSpot, Tenant
from ledgerbridge.connectors.hubspot.properties import (
    Ensured,
    PropertyDefinition,
    PropertyProblem,
)
from ledgerbridge.connectors.hubspot.settings import Settings

__all__ = [
    "Ensured",
    "HubSpot",
    "PropertyDefinition",
    "PropertyProblem",
    "Settings",
    "Tenant",
]
