"""
What is still seen of people who were forgotten is stored bare, whoever shows it and how often.

Both sides go on showing them: QuickBooks is the controller's to decide, and HubSpot may show them
until they are erased there, too (business-rules.md, privacy).
"""

from __future__ import annotations

from collections.abc import Sequence

from ledgerbridge.core import erasure
from ledgerbridge.core.model import Record, Side
from ledgerbridge.errors import StoreProblem
from ledgerbridge.service.world import World
from ledgerbridge.store import erasures
from ledgerbridge.store.secrets import Secrets
from ledgerbridge.store.transaction import Transaction

KEY_IDENTITY = "installation"
"""Remembered with every erasure: by it we know that digests were made with the key of today."""


def check_key(tx: Transaction, connections: dict[Side, str], secrets: Secrets) -> None:
    """Raises StoreProblem where forgotten people could not be known again with this key."""
    digest = secrets.digest(KEY_IDENTITY)
    for connection in connections.values():
        if erasures.any_of(tx, connection) and not erasures.known(tx, connection, [digest]):
            raise StoreProblem(
                f"People of {connection} were forgotten under another key than today's, so they "
                "could not be known again, and would be made anew. Nothing was read or written. "
                "Bring back the key that was used: the file beside the database, or "
                "LEDGERBRIDGE_SECRET_KEY."
            )


def spared(tx: Transaction, world: World, side: Side, found: Sequence[Record]) -> Sequence[Record]:
    """These records as they may be stored: bare where they are about a forgotten person."""
    connection = world.connections[side]
    if not found or not erasures.any_of(tx, connection):
        return found
    digests = {
        record.id: {world.secrets.digest(one) for one in erasure.identities(side, record)}
        for record in found
    }
    known = erasures.known(tx, connection, set().union(*digests.values()))
    return [erasure.bare(record) if digests[record.id] & known else record for record in found]
