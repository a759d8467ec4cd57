"""What follows from a write: history and index, sums of invoices, counts on associated records."""

from __future__ import annotations

from collections.abc import Mapping

from ledgerbridge.sandbox.hubspot import invoices, linking
from ledgerbridge.sandbox.hubspot.happenings import tell
from ledgerbridge.sandbox.hubspot.instants import iso
from ledgerbridge.sandbox.hubspot.records import Change, Record, Shelf, Source
from ledgerbridge.sandbox.hubspot.state import CALCULATED, PortalState

PAYMENTS = "commerce_payments"
SETTLING = frozenset({"line_items", "discounts", "fees", "taxes", PAYMENTS})


def put(
    state: PortalState,
    shelf: Shelf,
    record: Record,
    values: Mapping[str, str],
    source: Source,
    *,
    touched: bool = True,
) -> None:
    """Writes what differs; with it the history, the modification time and the index."""
    new = {n: v for n, v in values.items() if record.values.get(n, "") != v}
    if not new:
        return
    now_ms = state.now_ms()
    for name, value in new.items():
        record.remember(name, Change(value, now_ms, source))
    record.values = {**record.values, **new}
    if touched:
        record.updated_ms = max(now_ms, record.updated_ms)
        record.values[shelf.kind.modified] = iso(record.updated_ms)
    if record.archived_ms is None:
        shelf.reindex(record)
    tell(state, "propertyChange", shelf, record, source=source, changes=new)


def after_write(state: PortalState, shelf: Shelf, record: Record) -> None:
    """Computes the invoices that a written record belongs to."""
    if shelf.kind.name == "invoices":
        _settle(state, record)
    elif shelf.kind.name in SETTLING:
        for invoice in state.linked(record, "invoices"):
            _unpin(state, invoice, shelf.kind.name)
            _settle(state, invoice, paying=shelf.kind.name == PAYMENTS)


def _settle(state: PortalState, invoice: Record, *, paying: bool = False) -> None:
    """Computes an invoice anew; only the arrival of a payment can make it paid."""
    shelf = state.shelves["invoices"]
    put(state, shelf, invoice, invoices.computed(state, invoice), CALCULATED)
    paid = invoices.paid_by_payments(state, invoice) if paying else {}
    if paid:
        put(state, shelf, invoice, paid, CALCULATED)
        put(state, shelf, invoice, invoices.computed(state, invoice), CALCULATED)


def after_association(
    state: PortalState, from_type: str, origin: Record, to_type: str, other: Record
) -> None:
    """Counts and computes on both ends of an association that came or went."""
    ends = ((from_type, origin, to_type), (to_type, other, from_type))
    touched = state.switches.association_touches_modified
    for type_name, record, opposite in ends:
        shelf = state.shelves[type_name]
        counted = linking.counted(state, record, type_name, opposite)
        put(state, shelf, record, counted, CALCULATED, touched=touched)
        if touched:
            touch(state, shelf, record)
        if type_name == "invoices" and not _stuck(state, record, opposite):
            _unpin(state, record, opposite)
            _settle(state, record, paying=opposite == PAYMENTS)


def _unpin(state: PortalState, invoice: Record, changed: str) -> None:
    """Some portals may compute amounts anew although somebody wrote them."""
    if changed in SETTLING - {PAYMENTS} and not state.switches.written_amounts_kept:
        invoice.pinned = frozenset()


def _stuck(state: PortalState, invoice: Record, came: str) -> bool:
    """Whether a further line leaves the total as it is, which some portals were seen to do."""
    lines = len(state.linked(invoice, "line_items"))
    return state.switches.total_stuck_at_first_line and came == "line_items" and lines > 1


def touch(state: PortalState, shelf: Shelf, record: Record) -> None:
    """Moves the modification time of a record to now, and tells search."""
    record.updated_ms = max(state.now_ms(), record.updated_ms)
    record.values = {**record.values, shelf.kind.modified: iso(record.updated_ms)}
    if record.archived_ms is None:
        shelf.reindex(record)


def links_changed(state: PortalState, shelf: Shelf, record: Record) -> None:
    """Counts and computes anew on a record that took over links, and on what is at their ends."""
    for to_type in tuple(record.links):
        counted = linking.counted(state, record, shelf.kind.name, to_type)
        put(state, shelf, record, counted, CALCULATED, touched=False)
    neighbours_changed(state, shelf, record)


def neighbours_changed(state: PortalState, shelf: Shelf, record: Record) -> None:
    """Counts anew on what is associated with a record that went or came back."""
    for to_type in tuple(record.links):
        for other in state.linked(record, to_type):
            counted = linking.counted(state, other, to_type, shelf.kind.name)
            put(state, state.shelves[to_type], other, counted, CALCULATED, touched=False)
            if to_type == "invoices":
                _unpin(state, other, shelf.kind.name)
                _settle(state, other)
