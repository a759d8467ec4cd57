"""
Payments on the timeline of the deal: one note for each payment and invoice that it settles, changed
and withdrawn with it, and none for a backfill (business-rules.md, the first run).
"""

from __future__ import annotations

from decimal import Decimal
from html import escape

from msgspec import Struct
from msgspec.structs import replace

from ledgerbridge.core.definition import SyncDefinition
from ledgerbridge.core.filters import Filter
from ledgerbridge.core.mapping import Direction
from ledgerbridge.core.model import Link, LinkStatus, Record, Side
from ledgerbridge.core.plan import Planned, Pointer
from ledgerbridge.core.planning import (
    KEY_FIELD,
    Rules,
    excluded,
    filtered_out,
    plan_creation,
    plan_pair,
    why_excluded,
)
from ledgerbridge.syncs.allocations import ALLOCATION, PAYMENT, money
from ledgerbridge.syncs.kind import (
    KEY,
    KEY_DERIVED,
    KEY_PROPERTY,
    STATE_PROPERTY,
    SyncKind,
    derived,
    shown,
)
from ledgerbridge.syncs.payments import WITHDRAWN

NAME = "timeline"
CENT = Decimal("0.01")

KIND = SyncKind(
    name=NAME,
    hubspot_type="notes",
    quickbooks_type=ALLOCATION,
    reads=PAYMENT,
    unread=True,
    defaults=SyncDefinition(
        name=NAME,
        direction=Direction.TO_HUBSPOT,
        to_hubspot=Filter(),
        to_quickbooks=Filter(groups=()),
        mappings=(
            KEY,
            shown("state", "ledgerbridge_state", "@state"),
            shown("body", "hs_note_body", "@body"),
            shown("date", "hs_timestamp", "TxnDate"),
        ),
        matching=("key",),
    ),
    matching=("key",),
    own_properties=(KEY_PROPERTY, STATE_PROPERTY),
    derived=(KEY_DERIVED, derived("state"), derived("body")),
)


class NoteSituation(Struct, frozen=True, kw_only=True):
    """
    Everything known around the note of one allocation: its invoice, and the deals that this is on.
    """

    allocation: Record
    link: Link | None
    note: Record | None
    invoice: Record | None
    deals: tuple[str, ...]


def match_keys(side: Side, record: Record) -> tuple[tuple[str, str], ...]:
    """The key of ours."""
    key = record.fields.get("@key" if side is Side.QUICKBOOKS else KEY_FIELD)
    return (("key", key),) if key else ()


def body(allocation: Record, invoice: Record | None) -> str:
    """What the note says, as HTML."""
    fields = allocation.fields
    amount = money(fields.get("@amount")).quantize(CENT)
    number = invoice.fields.get("DocNumber") or invoice.id if invoice is not None else "?"
    parts = [f"Payment of {amount} {fields.get('CurrencyRef') or ''}".strip()]
    if fields.get("PaymentMethodRef.name"):
        parts.append(f"by {fields['PaymentMethodRef.name']}")
    if fields.get("PaymentRefNum"):
        parts.append(f"(reference {fields['PaymentRefNum']})")
    return escape(f"{' '.join(parts)} for invoice {number}, recorded in QuickBooks.")


def derive(allocation: Record, invoice: Record | None) -> Record:
    """The allocation with what its note says."""
    computed = {"@body": body(allocation, invoice), "@state": allocation.state.value}
    return replace(allocation, fields={**allocation.fields, **computed})


def plan_note(rules: Rules, situation: NoteSituation) -> Planned:
    """What the note of one allocation needs: to be kept in step, to be made, or a reason."""
    allocation = derive(situation.allocation, situation.invoice)
    link, generation = situation.link, 1
    if link is not None and link.status is LinkStatus.DEAD:
        if allocation.state.gone or not link.reason.startswith(WITHDRAWN):
            return excluded(Side.QUICKBOOKS, allocation.id, "link_ended", link.reason)
        generation, link = link.generation + 1, None
    reasons = why_excluded(rules, Side.HUBSPOT, allocation)
    if reasons:
        return filtered_out(Side.QUICKBOOKS, allocation.id, reasons, linked=link is not None)
    if link is not None:
        if situation.note is None:
            return Planned()
        return plan_pair(rules, link, situation.note, allocation)
    if allocation.created_at < rules.enabled_at:
        message = "the payment is from before this sync was switched on; a backfill writes no notes"
        return excluded(Side.QUICKBOOKS, allocation.id, "backfill", message)
    if not situation.deals:
        message = "its invoice is on no deal, so there is no timeline to put it on"
        return excluded(Side.QUICKBOOKS, allocation.id, "no_deal", message)
    return plan_creation(
        rules,
        Side.HUBSPOT,
        allocation,
        points=tuple(
            Pointer(object_type="deals", sync="deals", known=deal) for deal in situation.deals
        ),
        generation=generation,
        reason="a payment for the timeline of its deal",
    )
