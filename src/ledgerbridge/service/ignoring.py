"""What fails for a reason that a person ignores is left out instead of failing."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from ledgerbridge.core.plan import Status
from ledgerbridge.store import rests
from ledgerbridge.store.outcomes import RecordOutcome
from ledgerbridge.store.rests import RestKind
from ledgerbridge.store.transaction import Transaction


def as_ignored(tx: Transaction, sync_id: str, told: Sequence[RecordOutcome]) -> list[RecordOutcome]:
    """What is said of records, with those that fail for an ignored reason left out."""
    groups = {rest.target for rest in rests.of_kinds(tx, [RestKind.GROUP])}
    return [
        replace(
            one,
            status=Status.EXCLUDED,
            message=f"ignored by a person: {one.message}",
            attempts=0,
            retry_at=None,
        )
        if one.status is Status.FAILING and f"{sync_id} {one.code}" in groups
        else one
        for one in told
    ]
