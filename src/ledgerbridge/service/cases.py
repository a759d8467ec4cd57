"""Cases: what only a person can decide, with the evidence (engine.md, vocabulary)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct

from ledgerbridge.core.model import Side
from ledgerbridge.core.plan import Status
from ledgerbridge.errors import UsageError
from ledgerbridge.service.storing import DEAL_MARK, DEALS
from ledgerbridge.store import decisions, outcomes, pending, records, syncs
from ledgerbridge.store.decisions import Verdict
from ledgerbridge.store.transaction import Transaction

PAGE_RECORDS = 500


class Case(Struct, frozen=True, kw_only=True):
    """One record for a person to look at: which, why, since when, and what to do."""

    sync: str
    record: str
    code: str
    message: str
    remedy: str
    since: datetime


class CasesReport(Struct, frozen=True, kw_only=True):
    """All open cases, sync by sync."""

    cases: tuple[Case, ...]


def cases_report(tx: Transaction) -> CasesReport:
    """The cases that the last plans left to a person."""
    return CasesReport(cases=tuple(_cases(tx)))


def _cases(tx: Transaction) -> Iterator[Case]:
    for sync in syncs.every(tx):
        codes = [one.code for one in outcomes.counts(tx, sync.id) if one.status is Status.CASE]
        for code in codes:
            after = ("", "")
            while found := outcomes.page(
                tx, sync.id, Status.CASE, code, limit=PAGE_RECORDS, after=after
            ):
                after = (found[-1].side, found[-1].record_id)
                for one in found:
                    yield Case(
                        sync=sync.name,
                        record=f"{one.side}:{one.record_id}",
                        code=one.code,
                        message=one.message,
                        remedy=one.remedy,
                        since=one.since,
                    )


def decide(tx: Transaction, invoice: str, deal: str | None, now: datetime) -> None:
    """
    A person says on which deal an invoice belongs, or on none: respected for ever.

    `invoice` is `invoice:12` or `12`. Raises UsageError for what is no open case, and for a deal
    that is not known.
    """
    sync = next((one for one in syncs.every(tx) if one.name == DEALS), None)
    mark = DEAL_MARK + invoice.removeprefix("quickbooks:").removeprefix(DEAL_MARK)
    known = {}
    if sync is not None:
        known = outcomes.get_many(tx, sync.id, Side.QUICKBOOKS, [mark])
    if sync is None or mark not in known:
        raise UsageError(f"{mark} is no open case. See which are with: ledgerbridge cases")
    connection = sync.hubspot_connection
    if deal is not None and deal not in records.get_many(tx, connection, DEALS, [deal]):
        raise UsageError(f"There is no deal {deal} in HubSpot. Nothing was decided.")
    told = [deal] if deal is not None else _named(tx, connection, known[mark].message)
    verdict = Verdict.REFUSED if deal is None else Verdict.CHOSEN
    pairs = [(mark.removeprefix(DEAL_MARK), one) for one in told]
    decisions.put(tx, sync.id, pairs, verdict, now)
    pending.mark(tx, sync.id, Side.QUICKBOOKS, [mark], now)


def _named(tx: Transaction, connection: str, message: str) -> list[str]:
    """The deals that the words of a case name."""
    ids = [word.strip(",") for word in message.split()]
    return list(records.get_many(tx, connection, DEALS, [x for x in ids if x.isdigit()]))
