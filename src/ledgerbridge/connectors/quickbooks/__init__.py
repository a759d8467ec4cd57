"""QuickBooks Online as a connector."""

from ledgerbridge.connectors.quickbooks.client import QuickBooks
from ledgerbridge.connectors.quickbooks.settings import Settings

__all__ = ["QuickBooks", "Settings"]
