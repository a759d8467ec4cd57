"""Commerce payments: what HubSpot or Stripe collected is theirs, the rest is on record only."""

from __future__ import annotations

from ledgerbridge.sandbox.hubspot.errors import invalid
from ledgerbridge.sandbox.hubspot.records import Record

COLLECTORS = frozenset({"hs_payments", "byo_stripe"})


def check_changeable(payment: Record) -> None:
    """Raises 400 for a payment that was collected, not recorded by an app."""
    processor = payment.values.get("hs_processor_type")
    if processor in COLLECTORS and payment.source.type != "INTEGRATION":
        raise invalid(f"Payment {payment.id} was processed by {processor} and cannot be changed")
