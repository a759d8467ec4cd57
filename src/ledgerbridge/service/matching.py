"""
Who is whom, as people see and say it: certain pairs of the plan, proposals with their evidence,
and decisions that are kept for ever (business-rules.md, who is whom).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from ledgerbridge.core.endings import UNPAIRED
from ledgerbridge.core.model import LinkStatus, Side
from ledgerbridge.core.plan import MadeLink
from ledgerbridge.errors import UsageError
from ledgerbridge.service import spool
from ledgerbridge.store import decisions, links, operations, outcomes, pending, records, syncs
from ledgerbridge.store.decisions import Decision, Verdict
from ledgerbridge.store.transaction import Transaction
from ledgerbridge.syncs import companies, contacts, invoices
from ledgerbridge.syncs.catalogue import KINDS
from ledgerbridge.syncs.invoice_likeness import billed

MATCHED = (contacts.NAME, companies.NAME, invoices.NAME)
PAGE_ROWS = 1000


class MatchClass(StrEnum):
    """How sure a pair is, or that a person has spoken."""

    CERTAIN = "certain"
    PROPOSED = "proposed"
    AMBIGUOUS = "ambiguous"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class Match(Struct, frozen=True, kw_only=True):
    """Two records that are, may be, or are not one thing, with the evidence in words."""

    sync: str
    match: MatchClass
    quickbooks_id: str
    hubspot_id: str
    evidence: str


class MatchesReport(Struct, frozen=True, kw_only=True):
    """Pairs by sync: those a plan makes, those that wait for a person, those a person decided."""

    matches: tuple[Match, ...]


class Decided(Struct, frozen=True, kw_only=True):
    """What was decided: the next run acts by it."""

    sync: str
    quickbooks_id: str
    hubspot_ids: tuple[str, ...]


def report(tx: Transaction, only: MatchClass | None = None) -> MatchesReport:
    """All pairs, or those of one class; the certain ones are there while a plan is in the store."""
    found = [one for sync in _stored(tx) for one in _matches(tx, sync)]
    return MatchesReport(matches=tuple(one for one in found if only in (None, one.match)))


def _stored(tx: Transaction) -> list[syncs.Sync]:
    by_name = {sync.name: sync for sync in syncs.every(tx)}
    return [by_name[name] for name in MATCHED if name in by_name]


def _matches(tx: Transaction, sync: syncs.Sync) -> Iterator[Match]:
    yield from _certain(tx, sync)
    proposed = decisions.proposed(tx, sync.id)
    for one in proposed:
        rivals = [
            x
            for x in proposed
            if x.quickbooks_id == one.quickbooks_id or x.hubspot_id == one.hubspot_id
        ]
        clear = len(rivals) == 1 and not _taken(tx, sync, one)
        kind = MatchClass.PROPOSED if clear else MatchClass.AMBIGUOUS
        yield _match(sync, kind, one, _evidence(tx, sync, one))
    for one in decisions.by_people(tx, sync.id):
        kind = MatchClass.ACCEPTED if one.verdict is Verdict.CHOSEN else MatchClass.REJECTED
        yield _match(sync, kind, one, f"decided by a person on {one.at[:10]}")


def _match(sync: syncs.Sync, kind: MatchClass, one: Decision, evidence: str) -> Match:
    return Match(
        sync=sync.name,
        match=kind,
        quickbooks_id=one.quickbooks_id,
        hubspot_id=one.hubspot_id,
        evidence=evidence,
    )


def _certain(tx: Transaction, sync: syncs.Sync) -> Iterator[Match]:
    after = (-1, 0)
    while rows := operations.planned(tx, sync.id, PAGE_ROWS, after):
        after = (rows[-1].stage, rows[-1].seq)
        for item in (spool.read(one).item for one in rows):
            if isinstance(item, MadeLink):
                yield Match(
                    sync=sync.name,
                    match=MatchClass.CERTAIN,
                    quickbooks_id=item.quickbooks_id,
                    hubspot_id=item.hubspot_id,
                    evidence=item.reason,
                )


def _taken(tx: Transaction, sync: syncs.Sync, one: Decision) -> bool:
    """Whether the HubSpot record is paired already, or was, or carries another key."""
    return bool(links.by_ids(tx, sync.id, Side.HUBSPOT, [one.hubspot_id]))


def _evidence(tx: Transaction, sync: syncs.Sync, one: Decision) -> str:
    for side, record_id in ((Side.QUICKBOOKS, one.quickbooks_id), (Side.HUBSPOT, one.hubspot_id)):
        told = outcomes.get_many(tx, sync.id, side, [record_id]).get(record_id)
        if told is not None:
            return told.message
    return ""


def accept(tx: Transaction, name: str, quickbooks_id: str, now: datetime) -> Decided:
    """
    A person says yes to the one pair that is proposed for a QuickBooks record.

    Raises UsageError where none or several are proposed, and for what `pair_by_hand` refuses.
    """
    sync = _sync(tx, name)
    waiting = _waiting(tx, sync, quickbooks_id)
    if len(waiting) != 1:
        many = "several pairs are" if waiting else "no pair is"
        raise UsageError(
            f"For {_called(name)} {quickbooks_id} {many} proposed. See them with: "
            "ledgerbridge matches list; name both with: "
            f"ledgerbridge matches pair {name} {quickbooks_id} HUBSPOT_ID"
        )
    return pair_by_hand(tx, name, quickbooks_id, waiting[0], now)


def pair_by_hand(
    tx: Transaction, name: str, quickbooks_id: str, hubspot_id: str, now: datetime
) -> Decided:
    """
    A person says that two records are one thing: the next run pairs them.

    Raises UsageError for a record that is not known or has a partner, and for an invoice that
    HubSpot bills: a mirror never is one.
    """
    sync = _sync(tx, name)
    for side, record_id in ((Side.QUICKBOOKS, quickbooks_id), (Side.HUBSPOT, hubspot_id)):
        _check_free(tx, sync, side, record_id)
    if name == invoices.NAME:
        _check_not_billed(tx, sync, hubspot_id)
    pending.mark(tx, sync.id, Side.QUICKBOOKS, links.leant_on(tx, sync.id, [quickbooks_id]), now)
    links.detach(tx, sync.id, [quickbooks_id])
    return _decide(tx, sync, quickbooks_id, [hubspot_id], Verdict.CHOSEN, now=now)


def reject(
    tx: Transaction, name: str, quickbooks_id: str, hubspot_id: str | None, now: datetime
) -> Decided:
    """
    A person says that two records are not one thing; without the second, none that is proposed.

    Raises UsageError where nothing is proposed.
    """
    sync = _sync(tx, name)
    waiting = [hubspot_id] if hubspot_id is not None else _waiting(tx, sync, quickbooks_id)
    if not waiting:
        called = f"{_called(name)} {quickbooks_id}"
        raise UsageError(f"For {called} no pair is proposed. Nothing was decided.")
    for one in waiting:
        _check_known(tx, sync, Side.HUBSPOT, one)
    _check_known(tx, sync, Side.QUICKBOOKS, quickbooks_id)
    return _decide(tx, sync, quickbooks_id, waiting, Verdict.REFUSED, now=now)


def unpair(tx: Transaction, name: str, quickbooks_id: str, now: datetime) -> Decided:
    """
    End a pair: both records stay as they are, and are not paired again by any rule.

    Raises UsageError where there is no pair, or a write of it is under way.
    """
    sync = _sync(tx, name)
    link = links.by_ids(tx, sync.id, Side.QUICKBOOKS, [quickbooks_id]).get(quickbooks_id)
    if link is None or link.status is LinkStatus.DEAD or link.hubspot_id is None:
        called = f"{_called(name).capitalize()} {quickbooks_id}"
        raise UsageError(f"{called} has no partner in the sync {name}.")
    if any(unit.partition("#")[0] == link.id for unit in operations.units_in_flight(tx)):
        raise UsageError("A write of this pair is in doubt. Settle it first: ledgerbridge run")
    links.kill(tx, [link.id], UNPAIRED)
    return _decide(tx, sync, quickbooks_id, [link.hubspot_id], Verdict.REFUSED, now=now)


def _sync(tx: Transaction, name: str) -> syncs.Sync:
    if name not in MATCHED:
        raise UsageError(f"Pairs are decided for {', '.join(MATCHED)}, not for {name!r}.")
    found = next((one for one in _stored(tx) if one.name == name), None)
    if found is None:
        raise UsageError("Both sides have to be connected first. See: ledgerbridge connect --help")
    return found


def _called(name: str) -> str:
    """What people call the QuickBooks records of a sync."""
    return "invoice" if name == invoices.NAME else "customer"


def _check_not_billed(tx: Transaction, sync: syncs.Sync, hubspot_id: str) -> None:
    found = records.get_many(tx, sync.hubspot_connection, "invoices", [hubspot_id])
    if billed(found[hubspot_id]):
        raise UsageError(
            f"HubSpot bills its own customer by invoice {hubspot_id}, so it cannot be the mirror "
            "of one of QuickBooks. Nothing was decided. Void or delete it in HubSpot, or let both "
            f"be with: ledgerbridge matches reject {sync.name} QUICKBOOKS_ID {hubspot_id}"
        )


def _waiting(tx: Transaction, sync: syncs.Sync, quickbooks_id: str) -> list[str]:
    proposed = decisions.proposed(tx, sync.id)
    return [one.hubspot_id for one in proposed if one.quickbooks_id == quickbooks_id]


def _check_known(tx: Transaction, sync: syncs.Sync, side: Side, record_id: str) -> None:
    kind = KINDS[sync.name]
    object_type = kind.hubspot_type if side is Side.HUBSPOT else kind.quickbooks_type
    connection = sync.hubspot_connection if side is Side.HUBSPOT else sync.quickbooks_connection
    record = records.get_many(tx, connection, object_type, [record_id]).get(record_id)
    if record is None or record.state.gone:
        raise UsageError(
            f"There is no {object_type} {record_id} in {side.shown}, as far as was read. "
            "Nothing was decided. Read again with: ledgerbridge plan"
        )


def _check_free(tx: Transaction, sync: syncs.Sync, side: Side, record_id: str) -> None:
    _check_known(tx, sync, side, record_id)
    link = links.by_ids(tx, sync.id, side, [record_id]).get(record_id)
    if link is not None and link.status is LinkStatus.LIVE:
        partner = link.id_of(side.other) or "one that is being made"
        raise UsageError(
            f"{side.shown} record {record_id} is paired with {partner} already. End that pair "
            f"first: ledgerbridge matches unpair {sync.name} {link.quickbooks_id}"
        )


def _decide(
    tx: Transaction,
    sync: syncs.Sync,
    quickbooks_id: str,
    hubspot_ids: Sequence[str],
    verdict: Verdict,
    *,
    now: datetime,
) -> Decided:
    decisions.put(tx, sync.id, [(quickbooks_id, one) for one in hubspot_ids], verdict, now)
    pending.mark(tx, sync.id, Side.QUICKBOOKS, [quickbooks_id], now)
    pending.mark(tx, sync.id, Side.HUBSPOT, hubspot_ids, now)
    return Decided(sync=sync.name, quickbooks_id=quickbooks_id, hubspot_ids=tuple(hubspot_ids))
