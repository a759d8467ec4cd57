"""Mutants of what is decided about a pair, and of what is remembered of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from ledgerbridge.core import endings, merge, planning, undo
from ledgerbridge.core.mapping import CompiledMapping, Rule, Unconvertible
from ledgerbridge.core.model import Choice, Link, Record, Side, Value
from ledgerbridge.core.plan import Operation, Planned
from ledgerbridge.service import aftermath, entering, settling
from ledgerbridge.service.entering import SentRow
from ledgerbridge.service.world import World
from ledgerbridge.store import connections, journal
from ledgerbridge.syncs import contacts
from mutants.mutant import Surgery


def no_base(surgery: Surgery) -> None:
    """A write moves no base."""
    moved = settling._moved

    def unmoved(operation: Operation, link: Link | None, record: Record | None) -> Link:
        before = link or Link(id="", hubspot_id=None, quickbooks_id=None)
        return replace(
            moved(operation, link, record),
            base_hubspot=before.base_hubspot,
            base_quickbooks=before.base_quickbooks,
        )

    surgery.function(moved, unmoved)


def intended_base(surgery: Surgery) -> None:
    """The base is what was meant, not what the side stored."""
    moved = settling._moved

    def meant(operation: Operation, link: Link | None, record: Record | None) -> Link:
        if record is not None:
            record = replace(record, fields={**record.fields, **operation.fields})
        return moved(operation, link, record)

    surgery.function(moved, meant)


def whole_record(surgery: Surgery) -> None:
    """A write carries all fields of the pair, not only those that changed."""
    decide = merge.decide

    def all_of_it(
        link: Link,
        hubspot: Record,
        quickbooks: Record,
        mappings: Sequence[CompiledMapping],
        rule: Rule,
    ) -> merge.Decision:
        decision = decide(link, hubspot, quickbooks, mappings, rule)
        shown = {Side.HUBSPOT: hubspot.fields, Side.QUICKBOOKS: quickbooks.fields}
        patches = {
            side: _whole(patch, side, shown[side.other], shown[side], mappings)
            for side, patch in decision.patches.items()
        }
        return replace(decision, patches=patches)

    surgery.function(decide, all_of_it)


def _whole(
    patch: merge.Patch, to: Side, source: Any, target: Any, mappings: Sequence[CompiledMapping]
) -> merge.Patch:
    fields: dict[str, Value] = {}
    covers: list[str] = []
    sources: dict[str, Value] = {}
    for mapping in mappings:
        if not mapping.allows(to):
            continue
        image = {name: source.get(name) for name in mapping.fields(to.other)}
        converted = mapping.convert(to, image, {n: target.get(n) for n in mapping.fields(to)})
        if not isinstance(converted, Unconvertible):
            fields.update(converted)
            covers.extend(mapping.fields(to))
            sources.update(image)
    return replace(
        patch,
        fields={**fields, **patch.fields},
        covers=tuple(dict.fromkeys((*covers, *patch.covers))),
        sources={**sources, **patch.sources},
    )


def no_history_check(surgery: Surgery) -> None:
    """Nobody looks whether an update in HubSpot overwrote an edit unseen."""

    async def nothing(world: World, rows: Sequence[SentRow]) -> aftermath.UnseenEdits:
        return {}

    surgery.function(aftermath.unseen_edits, nothing)


def no_journal(surgery: Surgery) -> None:
    """A value that lost is not journalled."""
    surgery.function(entering.loss_entries, lambda world, now, operation, record_id: [])


def late_journal(surgery: Surgery) -> None:
    """What lost is journalled in a transaction of its own, after the write is settled."""
    settle = settling.settle
    entries: list[journal.Entry] = []

    def kept(world: World, now: Any, operation: Operation, record_id: str) -> list[Any]:
        entries.extend(told(world, now, operation, record_id))
        return []

    async def then_tell(*args: Any, **named: Any) -> None:
        entries.clear()
        await settle(*args, **named)
        await args[0].commit(journal.enter, entries)

    told = entering.loss_entries
    surgery.function(told, kept)
    surgery.function(settle, then_tell)


def clearing_is_no_edit(surgery: Surgery) -> None:
    """A field that somebody empties is filled again, or stays as it is on the other side."""
    one_dirty = merge._one_dirty

    def unless_empty(gathering: Any, mapping: Any, dirty: Side, loss_reason: str) -> None:
        if not mapping.empty(dirty, gathering.shown[dirty]):
            one_dirty(gathering, mapping, dirty, loss_reason)

    surgery.function(one_dirty, unless_empty)


def stale_choice(surgery: Surgery) -> None:
    """What a person decided is carried out although the values are others by now."""
    surgery.attribute(Choice, "holds", lambda self, hubspot, quickbooks: True)


def asking_holds_the_pair(surgery: Surgery) -> None:
    """One field that waits for a person keeps all the others waiting."""
    decision = merge._Gathering.decision

    def all_wait(self: merge._Gathering) -> merge.Decision:
        found = decision(self)
        return replace(found, patches={}, moved={}) if found.held else found

    surgery.attribute(merge._Gathering, "decision", all_wait)


def epoch_unchecked(surgery: Surgery) -> None:
    """A worker goes on after another one claimed the connections."""
    surgery.function(connections.check_epoch, lambda tx, connection_ids, epoch: None)


def undo_over_edit(surgery: Surgery) -> None:
    """An undo puts back what was there before, whatever somebody wrote since."""
    before = undo._before

    def whatever(
        written: undo.Written, mapping: CompiledMapping, record: Record
    ) -> dict[str, Value] | undo.Left | None:
        ours = {name: pair[1] for own in written.writes for name, pair in own.changes.items()}
        return before(written, mapping, replace(record, fields={**record.fields, **ours}))

    surgery.function(before, whatever)


def match_not_deferred(surgery: Surgery) -> None:
    """What a closed direction kept from being written counts as in step."""
    gathering = merge._Gathering
    surgery.attribute(gathering, "defer", lambda self, mapping, to: self.move(mapping))


def contact_untold(surgery: Surgery) -> None:
    """Of a match that no filter lets pass only the customer says so."""
    joined = planning.joined

    def the_first(*plans: Planned) -> Planned:
        told = [one.side for plan in plans for one in plan.outcomes]
        return plans[0] if told == [Side.QUICKBOOKS, Side.HUBSPOT] else joined(*plans)

    surgery.attribute(contacts, "joined", the_first)


def silence_empties(surgery: Surgery) -> None:
    """All bases stay when a merge is followed, also where the survivor says nothing."""
    goes_on = endings.goes_on
    surgery.function(
        goes_on,
        lambda key, link, survivors, now, mappings: goes_on(key, link, survivors, now, ()),
    )
