"""
What was decided of a QuickBooks record and a HubSpot record, by a rule or by a person: remembered
for ever, and respected by every later plan.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from ledgerbridge.core.model import Side
from ledgerbridge.store.tables import instant_text
from ledgerbridge.store.transaction import Transaction

_PUT = """
    INSERT INTO decision (sync, quickbooks_id, hubspot_id, verdict, at) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (sync, quickbooks_id, hubspot_id) DO UPDATE SET
        verdict = excluded.verdict, at = excluded.at
"""
_SELECT = "SELECT quickbooks_id, hubspot_id, verdict, at FROM decision WHERE sync = ? AND "
_BY_SIDE = {side: _SELECT + f"{side}_id IN (*) ORDER BY at, hubspot_id" for side in Side}

_DROP_PROPOSED = {
    Side.HUBSPOT: "DELETE FROM decision WHERE sync = ? AND hubspot_id = ? AND verdict = ?",
    Side.QUICKBOOKS: "DELETE FROM decision WHERE sync = ? AND quickbooks_id = ? AND verdict = ?",
}
_PROPOSE = """
    INSERT OR IGNORE INTO decision (sync, quickbooks_id, hubspot_id, verdict, at)
    VALUES (?, ?, ?, ?, ?)
"""


class Verdict(StrEnum):
    """By whom, and which way: `associated` and `proposed` by a rule, the others by a person."""

    ASSOCIATED = "associated"
    CHOSEN = "chosen"
    REMOVED = "removed"
    REFUSED = "refused"
    PROPOSED = "proposed"

    @property
    def holds(self) -> bool:
        """Whether the two belong together."""
        return self in (Verdict.ASSOCIATED, Verdict.CHOSEN)


class Decision(Struct, frozen=True, kw_only=True):
    """One decision; `at` is ISO text as `instant_text` writes it."""

    quickbooks_id: str
    hubspot_id: str
    verdict: Verdict
    at: str


def put(
    tx: Transaction,
    sync: str,
    pairs: Iterable[tuple[str, str]],
    verdict: Verdict,
    now: datetime,
) -> None:
    """Store the verdict on these pairs of QuickBooks and HubSpot ids; a later one replaces it."""
    at = instant_text(now)
    tx.many(_PUT, ((sync, theirs, ours, verdict, at) for theirs, ours in pairs))


def by_ids(tx: Transaction, sync: str, side: Side, ids: Iterable[str]) -> dict[str, list[Decision]]:
    """The decisions about these records of one side, the oldest first."""
    found: dict[str, list[Decision]] = {}
    for theirs, ours, verdict, at in tx.rows_in(_BY_SIDE[side], (sync,), ids):
        one = _decision(theirs, ours, verdict, at)
        found.setdefault(ours if side is Side.HUBSPOT else theirs, []).append(one)
    return found


def forget_proposals(tx: Transaction, sync: str, side: Side, ids: Iterable[str]) -> None:
    """Forget what was proposed of these records of one side; what a person said stays."""
    tx.many(_DROP_PROPOSED[side], ((sync, one, Verdict.PROPOSED) for one in ids))


def propose(tx: Transaction, sync: str, pairs: Iterable[tuple[str, str]], now: datetime) -> None:
    """Leave these pairs of QuickBooks and HubSpot ids to a person, unless one has spoken."""
    at = instant_text(now)
    tx.many(_PROPOSE, ((sync, theirs, ours, Verdict.PROPOSED, at) for theirs, ours in pairs))


def proposed(tx: Transaction, sync: str) -> list[Decision]:
    """The pairs that wait for a person to say yes or no."""
    rows = tx.rows(
        "SELECT quickbooks_id, hubspot_id, verdict, at FROM decision WHERE sync = ?"
        " AND verdict = ? ORDER BY length(quickbooks_id), quickbooks_id, hubspot_id",
        (sync, Verdict.PROPOSED),
    )
    return [_decision(*row) for row in rows]


def by_people(tx: Transaction, sync: str) -> list[Decision]:
    """What people said of pairs of this sync, the oldest first."""
    rows = tx.rows(
        "SELECT quickbooks_id, hubspot_id, verdict, at FROM decision WHERE sync = ?"
        " AND verdict IN (?, ?) ORDER BY at, quickbooks_id, hubspot_id",
        (sync, Verdict.CHOSEN, Verdict.REFUSED),
    )
    return [_decision(*row) for row in rows]


def _decision(theirs: str, ours: str, verdict: str, at: str) -> Decision:
    return Decision(quickbooks_id=theirs, hubspot_id=ours, verdict=Verdict(verdict), at=at)
