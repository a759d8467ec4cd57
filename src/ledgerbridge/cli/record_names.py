"""How a person names a record on the command line."""

from __future__ import annotations

from ledgerbridge.core.model import Side
from ledgerbridge.errors import UsageError


def record_named(text: str) -> tuple[Side, str]:
    """`hubspot:501` as side and id. Raises UsageError for another form."""
    side, _, record_id = text.partition(":")
    if side not in set(Side) or not record_id:
        raise UsageError(
            f"{text!r} names no record. Write it like hubspot:501 or quickbooks:12, as plan, "
            "status and history show them."
        )
    return Side(side), record_id
