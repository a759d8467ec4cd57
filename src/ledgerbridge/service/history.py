"""
The history as data: runs, entries of the journal, and the whole story of one record.

Every value here is what `history --json` prints (docs/users/json.md). Values of fields appear only
where they are asked for.
"""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from ledgerbridge.core.model import Link, LinkStatus, Side, Value
from ledgerbridge.errors import UsageError
from ledgerbridge.service.reporting import RunSummary, run_summary, without_addresses
from ledgerbridge.store import conflicts, journal, links, outcomes, runs, syncs
from ledgerbridge.store.transaction import Transaction

IN_SYNC, ENDED, NO_PAIR = "in sync", "ended", "no pair"
Named = tuple[Side, str]


class Wanted(Struct, frozen=True, kw_only=True):
    """
    Which entries: of a run, of a record and its pairs, losses alone, not before `since`, before
    `until`.
    """

    run: str | None = None
    record: Named | None = None
    losses: bool = False
    since: datetime | None = None
    until: datetime | None = None


class JournalReport(Struct, frozen=True, kw_only=True):
    """
    One entry of the journal: a write of ours, or a person's value that was lost to a rule.
    `operation` says what a write did: create, update, archive, associate or disassociate.

    `values` holds for each field what was there before and what came after; null unless asked for.
    """

    kind: str
    at: datetime
    run: str
    sync: str
    record: str
    object_type: str
    fields: tuple[str, ...]
    reason: str
    values: dict[str, tuple[Value, Value]] | None
    operation: str


class PairStanding(Struct, frozen=True, kw_only=True):
    """
    How one record stands in one sync. `records` are both halves of its pair, as far as they are
    there. `status` is in sync, ended, no pair, or that of its outcome; `reason` and `remedy` say
    why and what to do. `conflicts` are the fields that wait for a person.
    """

    sync: str
    records: tuple[str, ...]
    status: str
    reason: str
    remedy: str
    conflicts: tuple[str, ...]


class HistoryReport(Struct, frozen=True, kw_only=True):
    """
    The newest runs, or the newest entries of one run, of one record, or of the losses. Of a record
    also how it stands in each sync, in `pairs`.
    """

    runs: tuple[RunSummary, ...] = ()
    pairs: tuple[PairStanding, ...] = ()
    entries: tuple[JournalReport, ...] = ()


def runs_report(tx: Transaction, limit: int) -> HistoryReport:
    """The newest runs."""
    return HistoryReport(runs=tuple(run_summary(run) for run in runs.newest(tx, limit)))


def entries_report(
    tx: Transaction, limit: int, wanted: Wanted, *, values: bool = False
) -> HistoryReport:
    """
    The newest entries of the journal that are wanted; of a record its whole story, both halves.

    Raises UsageError for an unknown run.
    """
    found = newest(tx, limit, wanted)
    names = {sync.id: sync.name for sync in syncs.every(tx)}
    return HistoryReport(
        pairs=() if wanted.record is None else _standings(tx, wanted.record),
        entries=tuple(_entry(names, one, values=values) for one in found),
    )


def newest(
    tx: Transaction, limit: int, wanted: Wanted, before: int | None = None
) -> list[journal.Entry]:
    """The newest entries that are wanted, behind `before`. Raises UsageError for an unknown run."""
    if wanted.run is not None and runs.get(tx, wanted.run) is None:
        raise UsageError(
            f"There is no run {wanted.run!r}. The newest are shown by: ledgerbridge history"
        )
    pairs = [] if wanted.record is None else _links(tx, wanted.record)
    return journal.newest(
        tx,
        limit,
        before=before,
        run=wanted.run,
        record=wanted.record,
        links=[link.id for _, link in pairs],
        kind=journal.LossEntry.kind if wanted.losses else None,
        since=wanted.since,
        until=wanted.until,
    )


def _links(tx: Transaction, record: Named) -> list[tuple[syncs.Sync, Link]]:
    """All pairs of a record in all syncs, the ended ones included."""
    side, record_id = record
    return [
        (sync, link)
        for sync in syncs.every(tx)
        for link in links.all_by_ids(tx, sync.id, side, [record_id])
    ]


def _standings(tx: Transaction, record: Named) -> tuple[PairStanding, ...]:
    side, record_id = record
    paired = _links(tx, record)
    found = [_of_pair(tx, sync, link) for sync, link in paired]
    alone = [sync for sync in syncs.every(tx) if sync.id not in {one.id for one, _ in paired}]
    for sync in alone:
        told = outcomes.get_many(tx, sync.id, side, [record_id]).get(record_id)
        if told is not None:
            found.append(_standing(sync.name, (f"{side}:{record_id}",), told))
    return tuple(found)


def _of_pair(tx: Transaction, sync: syncs.Sync, link: Link) -> PairStanding:
    halves = tuple(f"{side}:{link.id_of(side)}" for side in Side if link.id_of(side))
    if link.status is LinkStatus.DEAD:
        return PairStanding(
            sync=sync.name,
            records=halves,
            status=ENDED,
            reason=link.reason,
            remedy="",
            conflicts=(),
        )
    theirs = link.quickbooks_id or ""
    told = outcomes.get_many(tx, sync.id, Side.QUICKBOOKS, [theirs]).get(theirs)
    waiting = tuple(one.mapping for one in conflicts.of_links(tx, sync.id, [link.id]))
    return _standing(sync.name, halves, told, waiting)


def _standing(
    name: str,
    halves: tuple[str, ...],
    told: outcomes.RecordOutcome | None,
    waiting: tuple[str, ...] = (),
) -> PairStanding:
    return PairStanding(
        sync=name,
        records=halves,
        status=IN_SYNC if told is None else told.status.value,
        reason="" if told is None else without_addresses(told.message),
        remedy="" if told is None else told.remedy,
        conflicts=waiting,
    )


def _entry(names: dict[str, str], entry: journal.Entry, *, values: bool) -> JournalReport:
    if isinstance(entry, journal.LossEntry):
        changes = {entry.field: (entry.value, entry.winner)}
        reason = entry.reason
    else:
        changes, reason = entry.changes, entry.reason
    return JournalReport(
        kind=entry.kind,
        at=entry.at,
        run=entry.run,
        sync=names.get(entry.sync, entry.sync),
        record=f"{entry.side}:{entry.record_id}",
        object_type=entry.object_type,
        fields=tuple(changes),
        reason=reason,
        values=changes if values else None,
        operation=entry.operation if isinstance(entry, journal.WriteEntry) else "",
    )
