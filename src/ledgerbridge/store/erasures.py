"""
Digests of what people who were forgotten were known by (business-rules.md, privacy).

A digest is made with the installation's key, so that nobody without it can try out addresses.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from ledgerbridge.store.tables import instant_text
from ledgerbridge.store.transaction import Transaction


def remember(tx: Transaction, connection: str, digests: Iterable[str], now: datetime) -> None:
    """Keep these digests for good."""
    at = instant_text(now)
    tx.many(
        "INSERT OR IGNORE INTO erasure (connection, digest, at) VALUES (?, ?, ?)",
        [(connection, digest, at) for digest in digests],
    )


def known(tx: Transaction, connection: str, digests: Iterable[str]) -> set[str]:
    """Those of these digests that are remembered."""
    rows = tx.rows_in(
        "SELECT digest FROM erasure WHERE connection = ? AND digest IN (*)",
        (connection,),
        dict.fromkeys(digests),
    )
    return {digest for (digest,) in rows}


def any_of(tx: Transaction, connection: str) -> bool:
    """Whether anybody was forgotten."""
    return bool(tx.rows("SELECT 1 FROM erasure WHERE connection = ? LIMIT 1", (connection,)))
