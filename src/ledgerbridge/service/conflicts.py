"""The conflict inbox: what waits for a person, and what the person decides (engine.md, *ask*)."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from ledgerbridge.core.mapping import Rule
from ledgerbridge.core.model import LinkStatus, Side, Value
from ledgerbridge.errors import UsageError
from ledgerbridge.service.rules import as_stored, definition_of
from ledgerbridge.store import conflicts, links, operations, pending, syncs
from ledgerbridge.store.conflicts import OpenConflict
from ledgerbridge.store.tables import instant_text
from ledgerbridge.store.transaction import Transaction

SEE = "See which are with: ledgerbridge conflicts list"


class ConflictReport(Struct, frozen=True, kw_only=True):
    """
    One field that both sides changed: `field` is the mapping's name, the two objects hold each
    side's fields with their values. `take` is whose value was chosen, null while nobody chose;
    `note` says why it is asked again.
    """

    sync: str
    records: tuple[str, str]
    field: str
    hubspot: dict[str, Value]
    quickbooks: dict[str, Value]
    since: datetime
    take: Side | None
    decided_at: datetime | None
    note: str


class ConflictsReport(Struct, frozen=True, kw_only=True):
    """Open conflicts, sync by sync, the oldest first."""

    conflicts: tuple[ConflictReport, ...]


def report(tx: Transaction, pair: tuple[str, Side, str] | None = None) -> ConflictsReport:
    """
    All open conflicts, or those of one pair: its sync, and one half of it.

    Raises UsageError where that pair has none.
    """
    if pair is not None:
        sync, found = _of_pair(tx, *pair)
        return ConflictsReport(conflicts=tuple(_report(sync.name, one) for one in found))
    return ConflictsReport(
        conflicts=tuple(
            _report(sync.name, one)
            for sync in syncs.every(tx)
            for one in conflicts.every(tx, sync.id)
        )
    )


def decide(
    tx: Transaction,
    name: str,
    side: Side,
    record_id: str,
    *,
    field: str,
    take: Side,
    now: datetime,
    remember: bool = False,
) -> ConflictsReport:
    """
    A person says whose value is right, for the values as they are listed; the next run does it.

    With `remember` that side wins from now on wherever both change this field in this sync.
    Raises UsageError for what is no open conflict, and for a pair that does not stand.
    """
    sync, found = _of_pair(tx, name, side, record_id)
    one = next((each for each in found if each.mapping == field), None)
    if one is None:
        fields = ", ".join(each.mapping for each in found)
        raise UsageError(f"{field!r} is no open conflict of that pair; these are: {fields}.")
    _check_link(tx, one)
    chosen = replace(one, take=take, decided_at=instant_text(now), note="")
    conflicts.put(tx, [chosen])
    pending.mark(tx, sync.id, Side.QUICKBOOKS, [one.quickbooks_id], now)
    if remember:
        syncs.put(tx, replace(sync, definition=_remembered(sync, field, take)))
    return ConflictsReport(conflicts=(_report(sync.name, chosen),))


def _remembered(sync: syncs.Sync, field: str, take: Side) -> str:
    """The stored definition, with one mapping in which this side wins."""
    definition = definition_of(sync)
    mappings = tuple(
        replace(mapping, rule=Rule(take.value)) if mapping.name == field else mapping
        for mapping in definition.mappings
    )
    return as_stored(replace(definition, mappings=mappings))


def _check_link(tx: Transaction, one: OpenConflict) -> None:
    link = links.get_many(tx, [one.link]).get(one.link)
    if link is None or link.status is LinkStatus.DEAD:
        what = "is not made yet" if link is None else "has ended"
        raise UsageError(f"The pair {what}. Nothing was decided. Run first: ledgerbridge run")
    if any(unit.partition("#")[0] == one.link for unit in operations.units_in_flight(tx)):
        raise UsageError(
            "A write to this pair left and was not answered yet. Nothing was decided. Let a run "
            "find out what became of it: ledgerbridge run"
        )


def _of_pair(
    tx: Transaction, name: str, side: Side, record_id: str
) -> tuple[syncs.Sync, list[OpenConflict]]:
    sync = next((one for one in syncs.every(tx) if one.name == name), None)
    if sync is None:
        raise UsageError(f"There is no sync {name!r}. See: ledgerbridge sync list")
    found = [
        one
        for one in conflicts.every(tx, sync.id)
        if record_id == (one.hubspot_id if side is Side.HUBSPOT else one.quickbooks_id)
    ]
    if not found:
        raise UsageError(f"{side}:{record_id} has no open conflict in {name}. {SEE}")
    return sync, found


def _report(name: str, one: OpenConflict) -> ConflictReport:
    return ConflictReport(
        sync=name,
        records=(f"{Side.HUBSPOT}:{one.hubspot_id}", f"{Side.QUICKBOOKS}:{one.quickbooks_id}"),
        field=one.mapping,
        hubspot=one.hubspot,
        quickbooks=one.quickbooks,
        since=datetime.fromisoformat(one.since),
        take=one.take,
        decided_at=datetime.fromisoformat(one.decided_at) if one.decided_at else None,
        note=one.note,
    )
