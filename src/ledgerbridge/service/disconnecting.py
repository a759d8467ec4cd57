"""
Disconnect an account: its token goes, its syncs stop, its links stay.

Connecting it again goes on where it stopped. Another account may take its place once nothing is
linked any more.
"""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from ledgerbridge.core.model import LinkStatus
from ledgerbridge.core.plan import Status
from ledgerbridge.errors import UsageError
from ledgerbridge.store import connections, links, operations, outcomes, pending, syncs
from ledgerbridge.store.transaction import Transaction


class OwedReport(Struct, frozen=True, kw_only=True):
    """
    What a disconnection leaves undone, and what it keeps.

    `in_doubt` are writes that left and whose fate is unknown, `to_look_at` records whose changes
    have not travelled yet, `failing` and `cases` those that fail or wait for a person,
    `links_kept` the pairs that are still known when it is connected again, `syncs_stopped` the
    syncs that are switched off by it.
    """

    id: str
    in_doubt: int
    to_look_at: int
    failing: int
    cases: int
    links_kept: int
    syncs_stopped: tuple[str, ...]
    disconnected: bool


def owed(tx: Transaction, connection_id: str) -> OwedReport:
    """What would be left undone. Raises UsageError for an unknown connection."""
    known = [connection.id for connection in connections.every(tx)]
    if connection_id not in known:
        raise UsageError(
            f"There is no connection {connection_id!r}. "
            f"The connections are {', '.join(known) or 'none'}."
        )
    theirs = _syncs_of(tx, connection_id)
    return OwedReport(
        id=connection_id,
        in_doubt=sum(
            len(found.operations)
            for found in operations.in_flight(tx)
            if found.request.connection == connection_id
        ),
        to_look_at=pending.count(tx, [sync.id for sync in theirs if sync.enabled]),
        failing=_told(tx, theirs, Status.FAILING),
        cases=_told(tx, theirs, Status.CASE),
        links_kept=sum(links.counts(tx, sync.id)[LinkStatus.LIVE] for sync in theirs),
        syncs_stopped=tuple(sync.name for sync in theirs if sync.enabled),
        disconnected=False,
    )


def _told(tx: Transaction, theirs: list[syncs.Sync], status: Status) -> int:
    found = [one for sync in theirs for one in outcomes.counts(tx, sync.id)]
    return sum(one.number for one in found if one.status is status)


def disconnect(tx: Transaction, connection_id: str) -> OwedReport:
    """Do it; returns what was owed. Raises UsageError for an unknown connection."""
    report = owed(tx, connection_id)
    for sync in _syncs_of(tx, connection_id):
        syncs.put(tx, replace(sync, enabled=False))
    connections.drop_token(tx, connection_id)
    return replace(report, disconnected=True)


def take_over(tx: Transaction, connection: connections.Connection) -> None:
    """
    Let a stored connection take the place of a disconnected one: the syncs keep their set-up.

    Raises UsageError while the other one is connected, or while its syncs have links.
    """
    for other in connections.every(tx):
        if other.service is not connection.service or other.id == connection.id:
            continue
        refused = (
            f"{other.service} account {other.account_id} is connected already, and this version "
            f"keeps one pair. Account {connection.account_id} was not connected."
        )
        if connections.has_token(tx, other.id):
            remedy = f"Disconnect the other first: ledgerbridge connections disconnect {other.id}"
            raise UsageError(f"{refused} {remedy}")
        theirs = _syncs_of(tx, other.id)
        linked = [sync.name for sync in theirs if any(links.counts(tx, sync.id).values())]
        if linked:
            raise UsageError(
                f"{refused} The links of the other one are kept, for when it comes back. To forget "
                f"them: {' and '.join(f'ledgerbridge sync delete {name}' for name in linked)}"
            )
        for sync in theirs:
            syncs.remove(tx, sync.id)
            syncs.put(tx, _moved(sync, other.id, connection.id))
        connections.remove(tx, other.id)


def _moved(sync: syncs.Sync, old: str, new: str) -> syncs.Sync:
    """A sync with its set-up, between other accounts, switched off."""
    return syncs.Sync(
        id=sync.id,
        name=sync.name,
        hubspot_connection=new if sync.hubspot_connection == old else sync.hubspot_connection,
        quickbooks_connection=new
        if sync.quickbooks_connection == old
        else sync.quickbooks_connection,
        definition=sync.definition,
    )


def _syncs_of(tx: Transaction, connection_id: str) -> list[syncs.Sync]:
    return [
        sync
        for sync in syncs.every(tx)
        if connection_id in (sync.hubspot_connection, sync.quickbooks_connection)
    ]
