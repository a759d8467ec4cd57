"""
Payments on the timeline of the deal: one entry for each payment and invoice that it settles,
changed and withdrawn with it, and none for a backfill (business-rules.md, the first run).

An entry is a note, or an app event where the owner asks for it and the account takes them. An event
is taken for good: a further one says what is right now, or that the payment was withdrawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from html import escape

from msgspec import Struct
from msgspec.structs import replace

from ledgerbridge.core.app_events import (
    APP_EVENTS,
    CORRECTED,
    DEAL_ID,
    ENTRY,
    EVENT_ID,
    EVENT_TYPE,
    TOLD,
)
from ledgerbridge.core.app_events import WITHDRAWN as WITHDRAWAL
from ledgerbridge.core.definition import DeletionRule, SyncDefinition
from ledgerbridge.core.filters import Filter
from ledgerbridge.core.mapping import Direction
from ledgerbridge.core.model import Link, LinkStatus, Record, Side
from ledgerbridge.core.plan import Ended, Operation, Planned, Pointer, WriteKind
from ledgerbridge.core.planning import (
    KEY_FIELD,
    STAGES,
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
BODY = "hs_note_body"
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
            shown("body", BODY, "@body"),
            shown("date", "hs_timestamp", "TxnDate"),
        ),
        matching=("key",),
    ),
    matching=("key",),
    own_properties=(KEY_PROPERTY, STATE_PROPERTY),
    derived=(KEY_DERIVED, derived("state"), derived("body")),
)


class EntrySituation(Struct, frozen=True, kw_only=True):
    """
    Everything known around the entry of one allocation: its invoice, and the deals that this is on.

    `entry` is the note, or the latest event; `events` says whether new entries are app events.
    """

    allocation: Record
    link: Link | None
    entry: Record | None
    invoice: Record | None
    deals: tuple[str, ...]
    events: bool = False


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


def plan_entry(rules: Rules, situation: EntrySituation) -> Planned:
    """What the entry of one allocation needs: to be kept in step, to be made, or a reason."""
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
        if situation.entry is None:
            return Planned()
        if situation.entry.object_type == APP_EVENTS:
            return _plan_correction(rules, situation, allocation)
        return plan_pair(rules, link, situation.entry, allocation)
    if allocation.created_at < rules.enabled_at:
        message = "the payment is from before this sync was switched on; a backfill writes no notes"
        return excluded(Side.QUICKBOOKS, allocation.id, "backfill", message)
    if not situation.deals:
        message = "its invoice is on no deal, so there is no timeline to put it on"
        return excluded(Side.QUICKBOOKS, allocation.id, "no_deal", message)
    planned = plan_creation(
        rules,
        Side.HUBSPOT,
        allocation,
        points=_on(situation.deals),
        generation=generation,
        reason="a payment for the timeline of its deal",
    )
    return _as_event(rules, planned, situation.deals[0]) if situation.events else planned


def _on(deals: Sequence[str]) -> tuple[Pointer, ...]:
    return tuple(Pointer(object_type="deals", sync="deals", known=deal) for deal in deals)


def _as_event(rules: Rules, planned: Planned, deal: str) -> Planned:
    """The entry as an app event: it belongs to one record, the oldest deal."""
    (operation,) = planned.operations
    event_id = f"{operation.fields[KEY_FIELD]}/{deal}/{operation.generation}/1"
    told = _event(rules, operation, deal, _Another(event_id, TOLD))
    return replace(planned, operations=(told,))


class _Another(Struct, frozen=True):
    """An event to be told: its id, which is ours and may be sent again, and what it is."""

    event_id: str
    entry: str


def _event(rules: Rules, operation: Operation, deal: str, another: _Another) -> Operation:
    """The operation of a note as one that tells an event."""
    words = {
        EVENT_ID: another.event_id,
        EVENT_TYPE: rules.definition.event_type,
        DEAL_ID: deal,
        ENTRY: another.entry,
    }
    return replace(
        operation,
        object_type=APP_EVENTS,
        fields={**operation.fields, **words},
        points=(),
        key_field=None,
    )


def _plan_correction(rules: Rules, situation: EntrySituation, allocation: Record) -> Planned:
    """A further entry where the books say something else than the last event told."""
    link, event = situation.link, situation.entry
    assert link is not None
    assert event is not None
    planned = plan_creation(
        rules,
        Side.HUBSPOT,
        allocation,
        generation=link.generation,
        reason="the payment was changed, and an app event stays as it is",
    )
    (operation,) = planned.operations
    told = link.base_quickbooks
    if all(told.get(name, value) == value for name, value in operation.sources.items()):
        return replace(planned, operations=())
    further = _further(rules, event, operation, CORRECTED, events=situation.events)
    return replace(planned, operations=(further,))


def plan_withdrawal(
    rules: Rules, link: Link, event: Record, evidence: str, *, events: bool
) -> Planned:
    """
    The payment of an event is no more: a further entry says so, and the pair ends.

    With the rule *nothing* what was told stays, and the pair ends.
    """
    reason = WITHDRAWN + evidence
    if rules.definition.deletions is DeletionRule.NOTHING:
        return Planned(ended=(Ended(link=link.id, reason=reason),))
    told = {name: event.fields.get(name) for one in rules.mappings for name in one.hubspot}
    operation = Operation(
        sync=rules.sync,
        link=link.id,
        side=Side.HUBSPOT,
        object_type=rules.hubspot_type,
        kind=WriteKind.CREATE,
        stage=STAGES[Side.HUBSPOT],
        fields={name: value for name, value in told.items() if value is not None},
        partner=link.quickbooks_id,
        generation=link.generation,
        key_field=rules.key_field,
        reason=reason,
        ends=reason,
    )
    return Planned(operations=(_further(rules, event, operation, WITHDRAWAL, events=events),))


def _further(
    rules: Rules, event: Record, operation: Operation, entry: str, *, events: bool
) -> Operation:
    """An entry after an event, on the deal where that was told: an event too, or else a note."""
    deal = event.fields.get(DEAL_ID) or ""
    if events:
        base, _, number = event.id.rpartition("/")
        return _event(rules, operation, deal, _Another(f"{base}/{int(number) + 1}", entry))
    text = operation.fields.get(BODY)
    marked = {} if text is None else {BODY: f"{entry.capitalize()}: {text}"}
    return replace(operation, fields={**operation.fields, **marked}, points=_on([deal]))
