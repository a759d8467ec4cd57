"""Cases: what only a person can decide, with the evidence (engine.md, vocabulary)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct

from ledgerbridge.core.plan import Status
from ledgerbridge.store import outcomes, syncs
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
