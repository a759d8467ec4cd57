"""Ledgerbridge keeps a HubSpot portal and a QuickBooks Online company in step."""
