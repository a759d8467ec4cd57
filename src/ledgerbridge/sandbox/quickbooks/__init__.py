"""An offline QuickBooks Online: `QuickBooks(now=…)` is an application for `sandbox.http`."""

from ledgerbridge.sandbox.quickbooks.app import REALM_ID, Entry, QuickBooks
from ledgerbridge.sandbox.quickbooks.company import Company
from ledgerbridge.sandbox.quickbooks.faultbodies import Refused
from ledgerbridge.sandbox.quickbooks.switches import Switches

__all__ = ["REALM_ID", "Company", "Entry", "QuickBooks", "Refused", "Switches"]
