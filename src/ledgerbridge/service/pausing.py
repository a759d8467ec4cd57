"""
Pause and resume, ignore and take it back. What rests is neither read nor written, and nothing is
lost by it: what changed meanwhile is found by value afterwards.
"""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from ledgerbridge.core.model import Side
from ledgerbridge.core.plan import Status
from ledgerbridge.errors import UsageError
from ledgerbridge.service.ignoring import as_ignored
from ledgerbridge.service.keeping import place_of
from ledgerbridge.service.switching import stored
from ledgerbridge.store import connections, links, outcomes, pending, records, rests, syncs
from ledgerbridge.store.outcomes import RecordOutcome
from ledgerbridge.store.rests import RECORDS, Rest, RestKind
from ledgerbridge.store.transaction import Transaction

PAUSED, IGNORED = "paused", "ignored"
PAGE_RECORDS = 500
Named = tuple[Side, str]


class RestReport(Struct, frozen=True, kw_only=True):
    """
    One thing that rests. `kind` is paused connection, paused sync, paused record, ignored record or
    ignored group; `sync`, `record` and `code` say which, as far as it has them.
    """

    kind: RestKind
    connection: str = ""
    sync: str = ""
    record: str = ""
    code: str = ""
    since: datetime
    until: datetime | None = None


class RestsReport(Struct, frozen=True, kw_only=True):
    """All that rests, and how many records the next run looks at again because of this command."""

    resting: tuple[RestReport, ...]
    looked_at_again: int


def report(tx: Transaction, again: int = 0) -> RestsReport:
    """All that rests."""
    return RestsReport(resting=resting(tx), looked_at_again=again)


def resting(tx: Transaction) -> tuple[RestReport, ...]:
    """All that rests, for people."""
    names = {sync.id: sync.name for sync in syncs.every(tx)}
    return tuple(_told(rest, names) for rest in rests.every(tx))


def _told(rest: Rest, names: dict[str, str]) -> RestReport:
    sync_id, _, rest_of = rest.target.partition(" ")
    name = names.get(sync_id, "")
    told = RestReport(kind=rest.kind, sync=name, since=rest.since, until=rest.until)
    if rest.kind is RestKind.CONNECTION:
        return replace(told, connection=rest.target)
    if rest.kind in RECORDS:
        return replace(told, record=rest_of)
    return replace(told, code=rest_of)


def pause(tx: Transaction, target: str, record: Named | None, now: datetime) -> RestsReport:
    """
    Let an account, a sync, or a record of a sync rest until it is resumed.

    Raises UsageError for a name that is neither, and for a record that is not known.
    """
    kind, key = _target(tx, target, record)
    rests.put(tx, Rest(kind=kind, target=key, reason=PAUSED, since=now))
    return report(tx, _mark(tx, target, record, now) if record else 0)


def resume(tx: Transaction, target: str, record: Named | None, now: datetime) -> RestsReport:
    """Let it go on, with what changed meanwhile. Raises UsageError where it does not rest."""
    kind, key = _target(tx, target, record)
    if not rests.drop(tx, kind, key):
        what = f"Record {record[0]}:{record[1]} of {target}" if record else target
        raise UsageError(f"{what} is not paused. See what is with: ledgerbridge status")
    return report(tx, _mark(tx, target, record, now) if record else 0)


def ignore(
    tx: Transaction, name: str, record: Named, until: datetime | None, now: datetime
) -> RestsReport:
    """Leave a record out, for good or until an instant. Raises UsageError for an unknown one."""
    if until is not None and until <= now:
        raise UsageError(f"{until:%Y-%m-%d} is over already. Nothing was changed.")
    _, key = _target(tx, name, record)
    rests.put(tx, Rest(kind=RestKind.IGNORED, target=key, reason=IGNORED, since=now, until=until))
    return report(tx, _mark(tx, name, record, now))


def unignore(tx: Transaction, name: str, record: Named, now: datetime) -> RestsReport:
    """Take it back. Raises UsageError where the record is not ignored."""
    _, key = _target(tx, name, record)
    if not rests.drop(tx, RestKind.IGNORED, key):
        raise UsageError(f"Record {record[0]}:{record[1]} of {name} is not ignored.")
    return report(tx, _mark(tx, name, record, now))


def ignore_group(
    tx: Transaction, name: str, code: str, until: datetime | None, now: datetime
) -> RestsReport:
    """
    Leave out whatever fails for one reason, now and later: it is not tried again by itself.

    Raises UsageError where nothing fails for it.
    """
    if until is not None and until <= now:
        raise UsageError(f"{until:%Y-%m-%d} is over already. Nothing was changed.")
    sync = stored(tx, name)
    found = _of_code(tx, sync.id, Status.FAILING, code)
    if not found:
        raise UsageError(
            f"No record of {name} fails with {code!r}. See the reasons with: ledgerbridge status"
        )
    rest = Rest(
        kind=RestKind.GROUP, target=f"{sync.id} {code}", reason=IGNORED, since=now, until=until
    )
    rests.put(tx, rest)
    outcomes.put(tx, as_ignored(tx, sync.id, found))
    return report(tx)


def unignore_group(tx: Transaction, name: str, code: str, now: datetime) -> RestsReport:
    """Look at those records again. Raises UsageError where the group is not ignored."""
    sync = stored(tx, name)
    if not rests.drop(tx, RestKind.GROUP, f"{sync.id} {code}"):
        raise UsageError(f"The group {code!r} of {name} is not ignored.")
    return report(tx, _wake_group(tx, sync.id, code, now))


def end_due(tx: Transaction, now: datetime) -> None:
    """What was to rest until an instant that is over goes on."""
    for rest in rests.every(tx):
        if rest.until is None or rest.until > now:
            continue
        rests.drop(tx, rest.kind, rest.target)
        sync_id, _, rest_of = rest.target.partition(" ")
        if rest.kind is RestKind.GROUP:
            _wake_group(tx, sync_id, rest_of, now)
        else:
            side, _, record_id = rest_of.partition(":")
            _look_again(tx, sync_id, (Side(side), record_id), now)


def _wake_group(tx: Transaction, sync_id: str, code: str, now: datetime) -> int:
    found = _of_code(tx, sync_id, Status.EXCLUDED, code)
    for side in Side:
        pending.mark(tx, sync_id, side, [x.record_id for x in found if x.side is side], now)
    return len(found)


def _of_code(tx: Transaction, sync_id: str, status: Status, code: str) -> list[RecordOutcome]:
    found: list[RecordOutcome] = []
    after = ("", "")
    while page := outcomes.page(tx, sync_id, status, code, limit=PAGE_RECORDS, after=after):
        found += page
        after = (page[-1].side, page[-1].record_id)
    return found


def _target(tx: Transaction, target: str, record: Named | None) -> tuple[RestKind, str]:
    known = {one.id for one in connections.every(tx)}
    if target in known:
        if record is not None:
            raise UsageError("A record is named with its sync: ledgerbridge pause contacts RECORD")
        return RestKind.CONNECTION, target
    names = {sync.name for sync in syncs.every(tx)}
    if target not in names:
        raise UsageError(
            f"{target!r} is neither a sync nor a connection. There are "
            f"{', '.join(sorted(names | known)) or 'none yet: connect both sides first'}."
        )
    sync = stored(tx, target)
    if record is None:
        return RestKind.SYNC, sync.id
    side, record_id = record
    place = place_of(sync, side)
    linked = links.by_ids(tx, sync.id, side, [record_id])
    if not linked and record_id not in records.get_many(tx, *place, [record_id]):
        raise UsageError(
            f"There is no {place[1]} {record_id} in {side.shown}, as far as was read. "
            "Nothing was changed."
        )
    return RestKind.RECORD, f"{sync.id} {side}:{record_id}"


def _mark(tx: Transaction, name: str, record: Named, now: datetime) -> int:
    return _look_again(tx, stored(tx, name).id, record, now)


def _look_again(tx: Transaction, sync_id: str, record: Named, now: datetime) -> int:
    """At this record, and at those that are said to rest because of it; how many they are."""
    side, record_id = record
    pending.mark(tx, sync_id, side, [record_id], now)
    return 1 + pending.wake(tx, [rests.until_it_ends(f"{sync_id} {side}:{record_id}")], now)
