"""The planner of the timeline: allocations, with the deals that their invoices are on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ledgerbridge.core.model import Record, Side
from ledgerbridge.service.planners.chunk import Chunk, Subject, half_of, halves_of
from ledgerbridge.service.planners.deals import deals_by_invoice
from ledgerbridge.syncs.allocations import ALLOCATION, INVOICE, OF_INVOICE
from ledgerbridge.syncs.timeline import NoteSituation, plan_note

NOTES = "notes"


def plan_quickbooks(chunk: Chunk, ids: Sequence[str]) -> list[Subject]:
    """What the notes of these allocations need."""
    rules = chunk.sync.rules
    return [
        Subject(Side.QUICKBOOKS, one.allocation.id, plan_note(rules, one))
        for one in situations(chunk, ids)
    ]


def situations(chunk: Chunk, ids: Sequence[str]) -> list[NoteSituation]:
    """The situations of these allocations; those that are not stored are left out."""
    found = chunk.read(Side.QUICKBOOKS, ALLOCATION, ids)
    linked = chunk.links(Side.QUICKBOOKS, found)
    notes = chunk.read(Side.HUBSPOT, NOTES, halves_of(linked.values()))
    wanted = {_invoice(record) for record in found.values()} - {""}
    invoices = chunk.read(Side.QUICKBOOKS, INVOICE, wanted)
    deals = deals_by_invoice(chunk, wanted)
    return [
        NoteSituation(
            allocation=record,
            link=linked.get(record.id),
            note=notes.get(half_of(linked.get(record.id))),
            invoice=invoices.get(_invoice(record)),
            deals=tuple(_sorted(deals.get(_invoice(record), ()))),
        )
        for record in found.values()
    ]


def _invoice(record: Record) -> str:
    return next(iter(record.references.get(OF_INVOICE, ())), "")


def _sorted(ids: Iterable[str]) -> list[str]:
    return sorted(ids, key=lambda x: (len(x), x))
