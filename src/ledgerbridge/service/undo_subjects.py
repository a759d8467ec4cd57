"""What is to be undone, from the history and the store: each record with what is known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from ledgerbridge.core.model import LineLink, Link, LinkStatus, Record, Side
from ledgerbridge.core.order import SYNC_ORDER
from ledgerbridge.core.plan import WriteKind
from ledgerbridge.core.undo import Own, Undone, Written, undo
from ledgerbridge.errors import StoreProblem, UsageError
from ledgerbridge.service.undo_associations import Associated, of_people
from ledgerbridge.service.world import World
from ledgerbridge.store import journal, links, records, runs
from ledgerbridge.store.journal import WriteEntry
from ledgerbridge.store.transaction import Transaction
from ledgerbridge.syncs.lines import LINE_TYPE

HANGS: dict[str, tuple[tuple[str, str], ...]] = {
    "contacts": (("invoices", "contacts"), ("deals", "contacts")),
    "companies": (("invoices", "companies"), ("deals", "companies")),
    "invoices": (("commerce_payments", "invoices"),),
    "Customer": (("Invoice", "CustomerRef"), ("Payment", "CustomerRef")),
}
"""Which records keep one of a type from going: their own type, and the kind of the reference."""
Key = tuple[Side, str, str]


class Target(Struct, frozen=True, kw_only=True):
    """What is to be undone: a run, or what was written to a record, of one type if need be."""

    run: str | None = None
    record: tuple[Side, str] | None = None
    object_type: str | None = None


def chosen_entries(tx: Transaction, target: Target) -> list[WriteEntry]:
    """The entries to undo. Raises UsageError where there are none, or where it is not clear."""
    if target.run is not None:
        if runs.get(tx, target.run) is None:
            raise UsageError(
                f"There is no run {target.run!r} in this database. The newest are shown by: "
                "ledgerbridge history"
            )
        found = journal.writes_of(tx, target.run)
        if not found:
            raise UsageError(f"Run {target.run} wrote nothing that the history still knows.")
        return found
    assert target.record is not None
    side, record_id = target.record
    found = journal.writes_to(tx, side, [record_id])
    types = sorted({one.object_type for one in found})
    if target.object_type is not None:
        found = [one for one in found if one.object_type == target.object_type]
    elif len(types) > 1:
        raise UsageError(
            f"{side}:{record_id} is a record of several types. Say which with --type: "
            f"{', '.join(types)}."
        )
    if not found:
        raise UsageError(f"The history knows of nothing that was written to {side}:{record_id}.")
    made = [one.link for one in found if one.operation == WriteKind.CREATE]
    lines = [one for one in journal.writes_for(tx, made) if one.object_type == LINE_TYPE]
    return [*found, *lines]


def unknown_writes(tx: Transaction, target: Target) -> int:
    """How many writes of a run the history has lost since: it was pruned, or cut short."""
    run = runs.get(tx, target.run) if target.run is not None else None
    if run is None:
        return 0
    return max(0, int(run.counts.get("write", 0)) - len(journal.writes_of(tx, run.id)))


def check_whole(tx: Transaction, target: Target) -> None:
    """
    Raises StoreProblem where the history lacks entries that pruning did not take: one of them may
    be a later write to the same record, so what is to be put back cannot be proved.
    """
    missing = journal.missing(tx, target.run)
    if not missing and journal.oldest_run(tx) != target.run:  # pruning did not reach into it
        missing = unknown_writes(tx, target)
    if missing:
        raise StoreProblem(
            f"The history is not whole: it lacks {missing} of its entries, and not for their "
            "age. What they say of these records cannot be known, so nothing was planned or "
            "undone, and neither account was written to. Restore the database from a backup that "
            "has them; or put back by hand what is known: ledgerbridge history --values"
        )


def undo_all(
    tx: Transaction,
    world: World,
    target: Target,
    associated: Associated,
    *,
    assume: bool,
    only: str | None = None,
) -> list[tuple[Written, Undone]]:
    """
    Everything that is to be undone, decided, children first; `associated` was read just now.

    With `assume`, what is planned to go counts as gone already for what it hangs on.
    """
    chosen = [one for one in chosen_entries(tx, target) if only is None or one.sync == only]
    seqs = {one.seq for one in chosen}
    keys = {(one.side, one.object_type, one.record_id): one for one in chosen}
    order = {sync.id: SYNC_ORDER.index(name) for name, sync in world.syncs.items()}
    known = _own_writes(tx, keys)
    found: list[tuple[Written, Undone]] = []
    going: set[Key] = set()
    for key, entry in sorted(keys.items(), key=lambda pair: -order.get(pair[1].sync, 0)):
        own = tuple(
            Own(run=one.run, kind=one.operation, changes=one.changes, chosen=one.seq in seqs)
            for one in known[key]
        )
        written = _written(tx, world, entry, own, _hanging(tx, world, entry, associated, going))
        undone = undo(written)
        found.append((written, undone))
        if assume and any(operation.ends for operation in undone.operations):
            going.add(key)
    return found


def _own_writes(tx: Transaction, keys: Iterable[Key]) -> dict[Key, list[WriteEntry]]:
    wanted: dict[Side, set[str]] = {}
    for side, _, record_id in keys:
        wanted.setdefault(side, set()).add(record_id)
    found: dict[Key, list[WriteEntry]] = {}
    for side, ids in wanted.items():
        for one in journal.writes_to(tx, side, ids):
            found.setdefault((side, one.object_type, one.record_id), []).append(one)
    return found


def _written(
    tx: Transaction,
    world: World,
    entry: WriteEntry,
    own: tuple[Own, ...],
    hanging: Sequence[str],
) -> Written:
    side, sync = entry.side, world.sync_of(entry.sync)
    link = links.get_many(tx, [entry.link]).get(entry.link)
    record = _read(tx, world, side, entry.object_type, entry.record_id)
    line = None
    if entry.object_type == LINE_TYPE:
        line = _line(tx, link, entry.record_id)
    return Written(
        side=side,
        object_type=entry.object_type,
        record_id=entry.record_id,
        rules=sync.rules if sync is not None else None,
        link=_free(tx, entry.sync, link),
        record=record,
        partner=_partner(tx, world, side, link, sync.rules.object_type(side.other) if sync else ""),
        writes=own,
        hanging=tuple(hanging),
        line=line,
    )


def _free(tx: Transaction, sync_id: str, link: Link | None) -> Link | None:
    """The link, unless it is dead and one of its halves is in a living one now."""
    if link is None or link.status is LinkStatus.LIVE:
        return link
    for side in Side:
        half = link.id_of(side)
        other = links.by_ids(tx, sync_id, side, [half]).get(half) if half else None
        if other is not None and other.status is LinkStatus.LIVE:
            return None
    return link


def _line(tx: Transaction, link: Link | None, record_id: str) -> LineLink | None:
    found = links.lines_of(tx, [link.id]).get(link.id, {}) if link is not None else {}
    gone = LineLink(key="", hubspot_id=record_id, base_hubspot={}, base_quickbooks={})
    return next((one for one in found.values() if one.hubspot_id == record_id), gone)


def _read(
    tx: Transaction, world: World, side: Side, object_type: str, record_id: str
) -> Record | None:
    connection = world.connections[side]
    return records.get_many(tx, connection, object_type, [record_id]).get(record_id)


def _partner(
    tx: Transaction, world: World, side: Side, link: Link | None, object_type: str
) -> Record | None:
    half = link.id_of(side.other) if link is not None else None
    return _read(tx, world, side.other, object_type, half) if half is not None else None


def _hanging(
    tx: Transaction, world: World, entry: WriteEntry, associated: Associated, going: set[Key]
) -> list[str]:
    """What would lose this record if it went, without what goes as well."""
    side, connection = entry.side, world.connections[entry.side]
    found: dict[Key, None] = {}
    for object_type, kind in HANGS.get(entry.object_type, ()):
        ids = records.referring(tx, connection, object_type, kind, [entry.record_id])
        near = records.get_many(tx, connection, object_type, ids.get(entry.record_id, ()))
        there = [(side, object_type, x) for x, record in near.items() if not record.state.gone]
        found |= dict.fromkeys(there)
    if side is Side.HUBSPOT:
        of_theirs = of_people(tx, world, entry.object_type, entry.record_id, associated)
        found |= dict.fromkeys((side, *one) for one in of_theirs)
    return [
        f"{side}:{x} ({object_type})"
        for side, object_type, x in found
        if (side, object_type, x) not in going
    ]
