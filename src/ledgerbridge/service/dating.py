"""
Rule *newest*: the times of conflicting edits are looked up, then the plan is made again with them.

HubSpot's time of an edit comes from the property history. QuickBooks' edit lies between the time
when the record was made and its own time (decision 0023).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from ledgerbridge.connectors.port import Version
from ledgerbridge.core.conflicts import Conflict
from ledgerbridge.core.mapping import Rule
from ledgerbridge.core.merge import deferred_to
from ledgerbridge.core.model import Link, Record, Side, Value
from ledgerbridge.core.newest import Window, judged
from ledgerbridge.service.planners.chunk import Chunk, Subject
from ledgerbridge.service.world import ActiveSync, Undated, World
from ledgerbridge.store import links, pending
from ledgerbridge.store.transaction import Transaction


def _by_age(sync: ActiveSync) -> frozenset[str]:
    """The mappings of a sync whose conflicts the newest edit decides."""
    rules = sync.rules
    return frozenset(
        mapping.name
        for mapping in rules.mappings
        if mapping.decided_by(rules.definition.rule) is Rule.NEWEST
    )


def note_undated(chunk: Chunk, planned: Sequence[Subject]) -> None:
    """
    Remember which conflicts have to be dated before they are decided.

    Those of a pair that this plan makes are looked at again once it is made.
    """
    names, world, rules = _by_age(chunk.sync), chunk.world, chunk.sync.rules
    held = [one for subject in planned for one in subject.planned.held] if names else []
    found = chunk.read(Side.QUICKBOOKS, rules.quickbooks_type, [x.quickbooks_id for x in held])
    stored = links.get_many(chunk.tx, [one.link for one in held])
    for one in held:
        undated = [
            Undated(
                sync=chunk.sync.id,
                link=one.link,
                object_type=rules.hubspot_type,
                hubspot_id=one.hubspot_id,
                quickbooks_id=one.quickbooks_id,
                conflict=conflict,
                window=_window(found[one.quickbooks_id]),
                first=not _in_step_once(stored.get(one.link), conflict),
            )
            for conflict in one.conflicts
            if conflict.mapping in names and not _judged(world, one.link, conflict)
        ]
        if one.link in stored:
            world.undated.extend(undated)
        elif undated:
            _look_again(chunk.tx, world, undated)


def _in_step_once(link: Link | None, conflict: Conflict) -> bool:
    if link is None or deferred_to(link, conflict.mapping) is not None:
        return False
    return conflict.quickbooks.keys() <= link.base_quickbooks.keys()


def _judged(world: World, link: str, conflict: Conflict) -> bool:
    known = world.dated.get((link, conflict.mapping))
    return known is not None and known.conflict == conflict


def _look_again(tx: Transaction, world: World, undated: Sequence[Undated]) -> None:
    now = world.clock.now()
    for one in undated:
        pending.mark(tx, one.sync, Side.QUICKBOOKS, [one.quickbooks_id], now)


def _window(record: Record) -> Window:
    made, changed = (datetime.fromisoformat(x) for x in (record.created_at, record.modified_at))
    return Window(made, changed)


async def date_conflicts(world: World) -> bool:
    """
    Look up when HubSpot's values were written; returns whether the plan is to be made again.

    Raises CallFailed.
    """
    waiting = tuple(world.undated)
    world.undated.clear()
    for object_type in sorted({one.object_type for one in waiting}):
        some = [one for one in waiting if one.object_type == object_type]
        fields = sorted({name for one in some for name in one.conflict.hubspot})
        ids = [one.hubspot_id for one in some]
        history = await world.hubspot.history(object_type, ids, fields)
        for one in some:
            versions = history.get(one.hubspot_id, {})
            edited = _written_at(one.conflict.hubspot, versions, by_apps=not one.first)
            dated = judged(one.conflict, edited, one.window)
            world.dated[one.link, one.conflict.mapping] = dated
    if waiting:
        await world.commit(_look_again, world, waiting)
    return bool(waiting)


def _written_at(
    shown: Mapping[str, Value], history: Mapping[str, Sequence[Version]], *, by_apps: bool
) -> datetime | None:
    """
    When the latest of these values was written, by the history, newest first.

    None where it shows another value by now, or none at all. Without `by_apps` also where an
    app wrote it: before the two sides were ever in step that may have been a lost database of ours,
    which brought an old value at a late time.
    """
    times = []
    for name, value in shown.items():
        versions = history.get(name, ())
        newest = versions[0] if versions else None
        if (newest.value if newest is not None else None) != (value or None):
            return None
        if newest is not None and newest.by_app and not by_apps:
            return None
        if newest is not None:
            times.append(datetime.fromisoformat(newest.at))
    return max(times, default=None)
