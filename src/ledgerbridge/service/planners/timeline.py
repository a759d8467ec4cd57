"""The planner of the timeline: allocations, with the deals that their invoices are on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ledgerbridge.core.app_events import APP_EVENTS
from ledgerbridge.core.definition import Entries
from ledgerbridge.core.model import Link, Record, Side
from ledgerbridge.core.plan import Planned
from ledgerbridge.service.planners import payments
from ledgerbridge.service.planners.chunk import Chunk, Subject, half_of, halves_of
from ledgerbridge.service.planners.deals import deals_by_invoice
from ledgerbridge.syncs.allocations import ALLOCATION, INVOICE, OF_INVOICE
from ledgerbridge.syncs.timeline import EntrySituation, plan_entry, plan_withdrawal

NOTES = "notes"


def plan_quickbooks(chunk: Chunk, ids: Sequence[str]) -> list[Subject]:
    """What the entries of these allocations need."""
    rules = chunk.sync.rules
    return [
        Subject(Side.QUICKBOOKS, one.allocation.id, plan_entry(rules, one))
        for one in situations(chunk, ids)
    ]


def plan_gone(chunk: Chunk, link: Link, evidence: str, note: Record | None) -> Planned:
    """The entry of an allocation that is no more."""
    event = chunk.read(Side.HUBSPOT, APP_EVENTS, [half_of(link)]).get(half_of(link))
    if event is None:
        return payments.plan_gone(chunk, link, evidence, note)
    return plan_withdrawal(chunk.sync.rules, link, event, evidence, events=_takes_events(chunk))


def _takes_events(chunk: Chunk) -> bool:
    """Whether entries are to be app events, and HubSpot did not refuse them in this run."""
    wanted = chunk.sync.rules.definition.entries is Entries.APP_EVENTS
    return wanted and APP_EVENTS not in chunk.world.refuses


def situations(chunk: Chunk, ids: Sequence[str]) -> list[EntrySituation]:
    """The situations of these allocations; those that are not stored are left out."""
    found = chunk.read(Side.QUICKBOOKS, ALLOCATION, ids)
    linked = chunk.links(Side.QUICKBOOKS, found)
    halves = halves_of(linked.values())
    entries = chunk.read(Side.HUBSPOT, NOTES, halves) | chunk.read(Side.HUBSPOT, APP_EVENTS, halves)
    wanted = {_invoice(record) for record in found.values()} - {""}
    invoices = chunk.read(Side.QUICKBOOKS, INVOICE, wanted)
    deals = deals_by_invoice(chunk, wanted)
    return [
        EntrySituation(
            allocation=record,
            link=linked.get(record.id),
            entry=entries.get(half_of(linked.get(record.id))),
            invoice=invoices.get(_invoice(record)),
            deals=tuple(_sorted(deals.get(_invoice(record), ()))),
            events=_takes_events(chunk),
        )
        for record in found.values()
    ]


def _invoice(record: Record) -> str:
    return next(iter(record.references.get(OF_INVOICE, ())), "")


def _sorted(ids: Iterable[str]) -> list[str]:
    return sorted(ids, key=lambda x: (len(x), x))
