"""
How it stands, as data: what is connected, which syncs there are, what ran, what was written.

Every value here is what `--json` prints (docs/users/json.md). Records appear by their ids; values
of their fields only where they are asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from ledgerbridge.connectors.port import Lack
from ledgerbridge.core.model import LinkStatus, Side
from ledgerbridge.core.order import SYNC_ORDER
from ledgerbridge.core.plan import Status
from ledgerbridge.service import descriptions
from ledgerbridge.service.connecting import Connected
from ledgerbridge.service.pausing import RestReport, resting
from ledgerbridge.service.rules import definition_of
from ledgerbridge.store import connections, journal, links, operations, outcomes, pending, runs
from ledgerbridge.store import syncs as stored_syncs
from ledgerbridge.store.transaction import Transaction

EXAMPLES_MAX = 5
ADDRESS = re.compile(r"[^\s<>\"'(),;:]+@[^\s<>\"'(),;:]+")


class ConnectionReport(Struct, frozen=True, kw_only=True):
    """
    One account. `connected` is false once it was disconnected and only its links are kept;
    `heard_at` is when it last described itself.
    """

    id: str
    service: Side
    account_id: str
    name: str
    connected: bool
    time_zone: str
    home_currency: str
    currencies: tuple[str, ...]
    connected_at: datetime
    heard_at: str | None


class PropertyProblemReport(Struct, frozen=True, kw_only=True):
    """A property of ours (`contacts.ledgerbridge_key`) that cannot be used, and what to do."""

    property: str
    message: str
    remedy: str


class LackReport(Struct, frozen=True, kw_only=True):
    """A permission or feature that is missing, what cannot be done without it, the remedy."""

    what: str
    consequence: str
    remedy: str


class ConnectReport(Struct, frozen=True, kw_only=True):
    """
    Who answered, what became of our properties there, what is missing, and how many invoices other
    apps keep in the portal.
    """

    connection: ConnectionReport
    properties_created: tuple[str, ...]
    properties_existing: tuple[str, ...]
    property_problems: tuple[PropertyProblemReport, ...]
    lacks: tuple[LackReport, ...]
    invoices_of_other_apps: int


class ConnectionsReport(Struct, frozen=True, kw_only=True):
    """All accounts."""

    connections: tuple[ConnectionReport, ...]


class Reason(Struct, frozen=True, kw_only=True):
    """
    Records that are not in step for one reason: how many, the words, the remedy, some of them.

    `examples` are `side:id`; `status` is excluded, blocked, failing, waiting, in doubt or case.
    `next_try` is when the first of them is tried again by itself.
    """

    status: Status
    code: str
    records: int
    message: str
    remedy: str
    examples: tuple[str, ...]
    next_try: datetime | None = None


class SyncStatus(Struct, frozen=True, kw_only=True):
    """
    One sync in numbers. `in_sync` are pairs without any complaint, `leaning` records that share
    the pair of another one, `ended` pairs of which one half is gone, `to_look_at` records that the
    next run plans, `reasons` why others are not in step.
    """

    name: str
    enabled: bool
    direction: str
    in_sync: int
    leaning: int
    ended: int
    to_look_at: int
    reasons: tuple[Reason, ...]


class SyncsReport(Struct, frozen=True, kw_only=True):
    """All syncs in numbers, parents first."""

    syncs: tuple[SyncStatus, ...]


class RunSummary(Struct, frozen=True, kw_only=True):
    """
    One run: `status` is done, failed, `stopped: …`, or running (also if it was cut short).

    `planned` counts by `sync.side.kind`; `failing` and `to_look_at` are what was left at its end.
    """

    id: str
    started_at: datetime
    finished_at: datetime | None
    status: str
    planned: dict[str, int]
    writes: int
    losses: int
    failing: int
    to_look_at: int
    calls: int


class StatusReport(Struct, frozen=True, kw_only=True):
    """
    How it stands. `resting` is what a person paused or ignores, `in_doubt` are requests whose fate
    the next run finds out.
    """

    connections: tuple[ConnectionReport, ...]
    syncs: tuple[SyncStatus, ...]
    resting: tuple[RestReport, ...]
    in_doubt: int
    last_run: RunSummary | None


def connection_report(tx: Transaction, found: connections.Connection) -> ConnectionReport:
    """One account as it is remembered."""
    return ConnectionReport(
        id=found.id,
        service=found.service,
        account_id=found.account_id,
        name=found.name,
        connected=connections.has_token(tx, found.id),
        time_zone=found.time_zone,
        home_currency=found.home_currency,
        currencies=found.currencies,
        connected_at=found.connected_at,
        heard_at=descriptions.heard_at(found),
    )


def connect_report(tx: Transaction, connected: Connected) -> ConnectReport:
    """What became of a connection that was just made."""
    ensured = connected.ensured
    lacks = (*connected.description.lacks, *(ensured.lacks if ensured else ()))
    problems = ensured.problems if ensured else ()
    return ConnectReport(
        connection=connection_report(tx, connected.connection),
        properties_created=ensured.created if ensured else (),
        properties_existing=ensured.existing if ensured else (),
        property_problems=tuple(
            PropertyProblemReport(
                property=f"{one.object_type}.{one.name}", message=one.message, remedy=one.remedy
            )
            for one in problems
        ),
        lacks=lack_reports(lacks),
        invoices_of_other_apps=connected.invoices_of_other_apps,
    )


def lack_reports(lacks: Iterable[Lack]) -> tuple[LackReport, ...]:
    """Lacks as they are shown, each once."""
    return tuple(
        LackReport(what=one.what, consequence=one.consequence, remedy=one.remedy)
        for one in dict.fromkeys(lacks)
    )


def connections_report(tx: Transaction) -> ConnectionsReport:
    """All accounts."""
    found = connections.every(tx)
    return ConnectionsReport(connections=tuple(connection_report(tx, one) for one in found))


def status_report(tx: Transaction) -> StatusReport:
    """How it stands, from what is remembered: no call is made."""
    newest = runs.newest(tx, 1)
    return StatusReport(
        connections=connections_report(tx).connections,
        syncs=syncs_report(tx).syncs,
        resting=resting(tx),
        in_doubt=len(operations.in_flight(tx)),
        last_run=run_summary(newest[0]) if newest else None,
    )


def syncs_report(tx: Transaction) -> SyncsReport:
    """All syncs in numbers, parents first."""
    stored = sorted(stored_syncs.every(tx), key=lambda sync: SYNC_ORDER.index(sync.name))
    return SyncsReport(syncs=tuple(_sync_status(tx, sync) for sync in stored))


def _sync_status(tx: Transaction, sync: stored_syncs.Sync) -> SyncStatus:
    return SyncStatus(
        name=sync.name,
        enabled=sync.enabled,
        direction=definition_of(sync).direction,
        in_sync=outcomes.in_step(tx, sync.id),
        leaning=links.attached(tx, sync.id),
        ended=links.counts(tx, sync.id)[LinkStatus.DEAD],
        to_look_at=pending.count(tx, [sync.id]),
        reasons=reasons_of(tx, sync.id),
    )


def reasons_of(tx: Transaction, sync_id: str) -> tuple[Reason, ...]:
    """Why records of a sync are not in step, the most frequent reason first."""
    return tuple(
        Reason(
            status=found.status,
            code=found.code,
            records=found.number,
            message=without_addresses(found.message),
            remedy=found.remedy,
            examples=tuple(
                f"{one.side}:{one.record_id}"
                for one in outcomes.page(tx, sync_id, found.status, found.code, limit=EXAMPLES_MAX)
            ),
            next_try=found.next_try,
        )
        for found in outcomes.counts(tx, sync_id)
    )


def without_addresses(message: str) -> str:
    """A vendor's words without the e-mail addresses that they quote."""
    return ADDRESS.sub("(an e-mail address)", message)


def failing(tx: Transaction, syncs: Iterable[tuple[str, str]]) -> dict[str, tuple[Reason, ...]]:
    """Why records fail, by the name of their sync; `syncs` are names and ids."""
    found = {
        name: tuple(one for one in reasons_of(tx, sync_id) if one.status is Status.FAILING)
        for name, sync_id in syncs
    }
    return {name: reasons for name, reasons in found.items() if reasons}


def run_summary(run: runs.Run) -> RunSummary:
    """One run in numbers; those of a run that is under way are still zero."""
    counts = run.counts
    return RunSummary(
        id=run.id,
        started_at=run.started_at,
        finished_at=run.finished_at,
        status=run.status,
        planned=counts.get("planned", {}),
        writes=counts.get(journal.WriteEntry.kind, 0),
        losses=counts.get(journal.LossEntry.kind, 0),
        failing=counts.get("failing", 0),
        to_look_at=counts.get("pending", 0),
        calls=counts.get("calls", 0),
    )
