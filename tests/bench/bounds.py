"""
The smallest possible number of calls, and the shortest possible time that the limits allow.

Limits and sizes are the vendors' published ones (the emulators enforce the same when switched on).
"""

from __future__ import annotations

from math import ceil

from msgspec import Struct

QUERY_ROWS, CREATE_ROWS, BOOKS_BATCH_ROWS = 1000, 100, 30


class Limit(Struct, frozen=True):
    """At most so many calls in any stretch of so many seconds."""

    calls: int
    window_s: float

    def wait_s(self, calls: int) -> float:
        """When the last of these calls may leave, if the first ones leave together at 0."""
        return (ceil(calls / self.calls) - 1) * self.window_s if calls else 0.0


HUBSPOT_CALLS = Limit(190, 10)
BOOKS_CALLS = Limit(10, 1)
BOOKS_BATCHES = Limit(40, 60)


def calls_to_hubspot(records: int) -> int:
    """Full pages of customers and full batches of contacts."""
    return ceil(records / QUERY_ROWS) + ceil(records / CREATE_ROWS)


def calls_of_sales(invoices: int, lines: int, payments: int) -> int:
    """Full pages of invoices and payments; full batches of lines, invoices and payments."""
    pages = ceil(invoices / QUERY_ROWS) + ceil(payments / QUERY_ROWS)
    return pages + sum(ceil(rows / CREATE_ROWS) for rows in (invoices * lines, invoices, payments))


def wait_to_hubspot_s(records: int) -> float:
    """All pages first, for a plan needs them all; then the batches."""
    pages, batches = ceil(records / QUERY_ROWS), ceil(records / CREATE_ROWS)
    return BOOKS_CALLS.wait_s(pages) + HUBSPOT_CALLS.wait_s(batches)


def wait_to_quickbooks_s(records: int) -> float:
    """Pages and stamps of contacts are few; the batches into the books are what waits."""
    return BOOKS_BATCHES.wait_s(ceil(records / BOOKS_BATCH_ROWS))
