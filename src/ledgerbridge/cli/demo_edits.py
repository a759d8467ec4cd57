"""What people do in the demo, and where it arrived: from the journal, checked at the emulators."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from random import Random
from typing import TypeAlias

from msgspec import Struct

from ledgerbridge.cli.demo_stage import ONES, Stage
from ledgerbridge.cli.demo_text import WORDS, item, paragraph, short
from ledgerbridge.cli.output import SIDE_NAMES, duration, number
from ledgerbridge.core.model import Side, Value
from ledgerbridge.core.planning import KEY_FIELD
from ledgerbridge.sandbox.company import Edit, draw_edits, perform
from ledgerbridge.sandbox.company.people import KINDS
from ledgerbridge.store import journal, links, outcomes, syncs
from ledgerbridge.store.transaction import Transaction
from ledgerbridge.syncs.children import CHILD_TYPES

EDITS = len(KINDS)
"""One of every kind."""

ENTRIES_MAX = 10_000
CHANGES_SHOWN = 2
SYNC_OF = {
    "Customer": "contacts",
    "contacts": "contacts",
    "Item": "products",
    "Invoice": "invoices",
}
ORDER = {field: place for place, field in enumerate(WORDS)}
Touched: TypeAlias = tuple[str, Side, str]


class Arrival(Struct, frozen=True, kw_only=True):
    """One record that was written because of an edit, line items counted with their invoice."""

    side: Side
    object_type: str
    record_id: str
    is_new: bool
    changes: dict[str, tuple[Value, Value]]
    lines: int = 0


async def show_edits(stage: Stage, seed: int) -> None:
    """Let drawn edits happen on both sides, run once, and show for each where it arrived."""
    today = stage.shop.clock.now().date()
    drawn = Random(seed)  # noqa: S311 -- a story, no secret
    edits = draw_edits(stage.company, stage.portal, drawn, EDITS, today=today)
    touched = [_done(stage, edit) for edit in edits]
    known = await stage.shop.store.read(_linked, [one for group in touched for one in group])
    stayed = [await stage.shop.store.read(_why_not, group) for group in touched]
    result = await stage.run()
    for edit, group, before in zip(edits, touched, stayed, strict=True):
        item(edit.description, mark="•")
        found = await stage.shop.store.read(_arrivals, result.run, group, known)
        for arrival in found:
            item(arrival_in_words(arrival), mark="  →")
            check_held(stage, arrival)
        if not found:
            reason = await stage.shop.store.read(_why_not, group) or before
            item(f"stays where it is: {reason}", mark="  ·")
            stage.expect(reason, f"This edit arrived nowhere, without a reason: {edit.description}")
    calls = sum(result.calls.values())
    paragraph(
        f"{number(result.writes, 'record')} written in {calls} calls and "
        f"{duration(result.seconds)}."
    )


def _done(stage: Stage, edit: Edit) -> list[Touched]:
    """The edit is made; the records of ours that it is about, once each."""
    freed = [
        ("invoices", Side.QUICKBOOKS, linked["TxnId"])
        for step in edit.steps
        if step.type == "Payment" and step.id is not None
        for line in (stage.company.get("Payment", step.id) or {})["Line"]
        for linked in line["LinkedTxn"]
    ]
    about = _touched(edit, perform(edit, stage.company, stage.portal))
    return list(dict.fromkeys((*about, *freed)))


def _touched(edit: Edit, ids: Sequence[str]) -> list[Touched]:
    """The records of ours that an edit is about; a payment is about the invoices it settles."""
    found: list[Touched] = []
    for step, record_id in zip(edit.steps, ids, strict=True):
        side = Side(step.side)
        if step.type == "Payment":
            found += [
                ("invoices", side, linked["TxnId"])
                for line in step.body["Line"]
                for linked in line["LinkedTxn"]
            ]
        elif step.type in SYNC_OF:
            found.append((SYNC_OF[step.type], side, record_id))
    return [one for one in found if (one[0], one[1]) != ("invoices", Side.HUBSPOT)]


def _ids_of_syncs(tx: Transaction) -> dict[str, str]:
    return {sync.name: sync.id for sync in syncs.every(tx)}


def _linked(tx: Transaction, touched: Iterable[Touched]) -> set[str]:
    """The links that these records have, with a partner on the other side."""
    ids = _ids_of_syncs(tx)
    return {
        link.id
        for name, side, record_id in touched
        for link in links.by_ids(tx, ids[name], side, [record_id]).values()
        if link.id_of(side.other) is not None
    }


def written(tx: Transaction, run: str) -> list[Arrival]:
    """All that a run wrote, record by record; of new ones every field is a change."""
    return [_arrival(group, is_new=False) for group in _by_link(tx, run).values()]


def _by_link(tx: Transaction, run: str) -> dict[tuple[str, Side], list[journal.WriteEntry]]:
    """What a run wrote, in its order, by link and side."""
    found: dict[tuple[str, Side], list[journal.WriteEntry]] = {}
    for entry in reversed(journal.newest(tx, ENTRIES_MAX, run=run, kind=journal.WriteEntry.kind)):
        if isinstance(entry, journal.WriteEntry):
            found.setdefault((entry.link, entry.side), []).append(entry)
    return found


def _arrivals(
    tx: Transaction, run: str, touched: Iterable[Touched], known: set[str]
) -> list[Arrival]:
    """What one run wrote on the other side of these records; `known` are the links before it."""
    ids, entries = _ids_of_syncs(tx), _by_link(tx, run)
    return [
        _arrival(entries[link.id, side.other], is_new=link.id not in known)
        for name, side, record_id in touched
        for link in links.by_ids(tx, ids[name], side, [record_id]).values()
        if (link.id, side.other) in entries
    ]


def _arrival(entries: Sequence[journal.WriteEntry], *, is_new: bool) -> Arrival:
    whole = [one for one in entries if one.object_type not in CHILD_TYPES]
    last = whole[-1] if whole else entries[-1]
    changes: dict[str, tuple[Value, Value]] = {}
    for one in whole:
        for name, (before, after) in one.changes.items():
            changes[name] = (changes.get(name, (before, after))[0], after)
    return Arrival(
        side=last.side,
        object_type=last.object_type,
        record_id=last.record_id,
        is_new=is_new,
        changes=changes,
        lines=sum(one.object_type in CHILD_TYPES for one in entries),
    )


def arrival_in_words(arrival: Arrival) -> str:
    """Where something arrived, and what is there now."""
    one = f"{SIDE_NAMES[arrival.side]} {ONES[arrival.object_type]} {arrival.record_id}"
    if not arrival.changes and arrival.lines:
        return f"HubSpot: {number(arrival.lines, 'line')} of it withdrawn; it was never whole there"
    lines = f", {number(arrival.lines, 'line')}" if arrival.lines else ""
    if arrival.is_new:
        return f"{one} is new{lines.replace(',', ' with', 1)}"
    told = [
        f"{word} {short(', '.join(before))} → {short(', '.join(after))}"
        for word, (before, after) in _by_word(arrival).items()
    ]
    more = f" and {len(told) - CHANGES_SHOWN} more" if len(told) > CHANGES_SHOWN else ""
    return f"{one}: {', '.join(told[:CHANGES_SHOWN])}{more}{lines}"


def _by_word(arrival: Arrival) -> dict[str, tuple[list[str], list[str]]]:
    """The values before and after by the name of their mapping; an address has several parts."""
    found: dict[str, tuple[list[str], list[str]]] = {}
    for name in sorted(arrival.changes, key=lambda name: ORDER.get((arrival.object_type, name), 0)):
        before, after = arrival.changes[name]
        if before != after and name != KEY_FIELD:
            word = WORDS.get((arrival.object_type, name), name)
            parts = found.setdefault(word, ([], []))
            parts[0].extend([before] if before else [])
            parts[1].extend([after] if after else [])
    return found


def check_held(stage: Stage, arrival: Arrival) -> None:
    """What the journal says was written must be what the emulator has."""
    for name, (_, after) in arrival.changes.items():
        held = stage.held(arrival.side, arrival.object_type, arrival.record_id, name)
        stage.expect(
            (held or None) == (after or None),
            f"{name} of {arrival.object_type} {arrival.record_id} is {held!r}, not {after!r}.",
        )


def _why_not(tx: Transaction, touched: Sequence[Touched]) -> str:
    """Why nothing was written for these records; empty if nobody knows."""
    ids = _ids_of_syncs(tx)
    for name, side, record_id in touched:
        if side is Side.QUICKBOOKS:
            leaning = links.attachments(tx, ids[name], [record_id])
            if record_id in leaning:
                return leaning[record_id].reason
        known = outcomes.get_many(tx, ids[name], side, [record_id])
        if record_id in known:
            return known[record_id].message
    return ""
