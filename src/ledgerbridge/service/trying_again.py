"""
When a failing record is tried again: later and later, as long as it fails for the same reason.

What stands in the way may go without the record changing: an option is added, a scope granted.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from ledgerbridge.core.plan import Outcome, Status
from ledgerbridge.store import outcomes
from ledgerbridge.store.outcomes import RecordOutcome

BACK_OFF = tuple(timedelta(minutes=m) for m in (1, 5, 30, 120, 360, 1440))


class Tried(Struct, frozen=True):
    """How often in a row a record failed for one reason, and since when."""

    code: str
    times: int
    since: datetime


def tried(before: RecordOutcome | None) -> Tried | None:
    """What a record's last outcome says of that; None where it did not fail."""
    if before is None or before.status is not Status.FAILING:
        return None
    return Tried(before.code, before.attempts, before.since)


def failed(sync: str, outcome: Outcome, before: Tried | None, now: datetime) -> RecordOutcome:
    """A record that failed just now: once more, if the reason is still the same."""
    same = before if before is not None and before.code == outcome.code else None
    times = 1 + (same.times if same is not None else 0)
    return outcomes.of(
        sync,
        outcome,
        now if same is None else same.since,
        attempts=times,
        retry_at=now + BACK_OFF[min(times, len(BACK_OFF)) - 1],
    )


def planned(
    sync: str, outcome: Outcome, before: RecordOutcome | None, now: datetime
) -> RecordOutcome:
    """What planning says of a record; a look before its time leaves that time as it was."""
    if outcome.status is not Status.FAILING:
        return outcomes.of(sync, outcome, now)
    again = failed(sync, outcome, tried(before), now)
    if before is None or before.code != again.code or before.status is not Status.FAILING:
        return again
    if before.retry_at is None or before.retry_at <= now:
        return again
    return replace(again, attempts=before.attempts, retry_at=before.retry_at)
