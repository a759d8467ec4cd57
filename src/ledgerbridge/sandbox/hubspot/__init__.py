"""An offline HubSpot: portals, tokens and the CRM API behind one application."""

from __future__ import annotations

from ledgerbridge.sandbox.hubspot.app import HubSpot, LogEntry
from ledgerbridge.sandbox.hubspot.errors import ApiError
from ledgerbridge.sandbox.hubspot.portal import Portal
from ledgerbridge.sandbox.hubspot.scopes import ALL_SCOPES
from ledgerbridge.sandbox.hubspot.switches import Switches

__all__ = ["ALL_SCOPES", "ApiError", "HubSpot", "LogEntry", "Portal", "Switches"]
