"""
What goes first: the syncs in the order in which their records refer to one another, and within a
sync the stages of one aggregate (promise 8, parents before children).
"""

from __future__ import annotations

from enum import IntEnum

SYNC_ORDER = ("contacts", "companies", "products", "invoices", "payments", "deals", "timeline")


class Stage(IntEnum):
    """
    Within one sync. Links and bases are ours alone and come first; an invoice's creation names its
    lines, so they are made before it; lines that changed follow once the invoice is known.
    """

    LOCAL = 0
    QUICKBOOKS = 1
    LINES = 2
    HUBSPOT = 3
    LINES_AFTER = 4


def waits_for(sync: str, record_id: str) -> str:
    """The key by which a blocked record is woken: `contacts:12`."""
    return f"{sync}:{record_id}"
