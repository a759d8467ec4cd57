"""Which records are referred to by others, answered without reading either."""

from __future__ import annotations

from collections.abc import Iterable

from ledgerbridge.core.model import State
from ledgerbridge.store.transaction import Transaction


def referred_to(
    tx: Transaction, connection: str, object_type: str, kind: str, target_ids: Iterable[str]
) -> set[str]:
    """Those of the targets that a live record of this type refers to."""
    rows = tx.rows_in(
        "SELECT DISTINCT target_id FROM record_reference JOIN record"
        " ON record.connection = record_reference.connection"
        " AND record.object_type = record_reference.object_type"
        " AND record.id = record_reference.record_id"
        " WHERE record_reference.connection = ? AND record_reference.object_type = ?"
        " AND record_reference.kind = ? AND record.state = ? AND target_id IN (*)",
        (connection, object_type, kind, State.LIVE.value),
        dict.fromkeys(target_ids),
    )
    return {target_id for (target_id,) in rows}
