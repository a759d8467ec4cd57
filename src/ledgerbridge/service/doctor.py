"""
Ask both sides again and look at everything that a sync stands on: tenants, permissions, our
properties, mappings that do not serve, the clock, the database, writes in doubt.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from ledgerbridge.clock import Clock
from ledgerbridge.connectors.port import Description
from ledgerbridge.connectors.transport import (
    HttpRequest,
    HttpResponse,
    Transport,
    answered_at,
)
from ledgerbridge.core.model import Side
from ledgerbridge.core.schema import Field, FieldType, ObjectSchema, Writable
from ledgerbridge.errors import LedgerbridgeError
from ledgerbridge.service import descriptions, pausing
from ledgerbridge.service.connectors import Workshop, hubspot_of, quickbooks_of
from ledgerbridge.service.describing import describe
from ledgerbridge.store import conflicts, connections, journal, operations, syncs
from ledgerbridge.store.transaction import Transaction
from ledgerbridge.syncs.catalogue import KINDS

CLOCKS_APART_MAX = timedelta(seconds=60)
DISK_FREE_BYTES_MIN = 200 * 1024 * 1024
CONNECT_AGAIN = "Connect again with: ledgerbridge connect hubspot --token-env VARIABLE"
PLAIN_TYPES = {FieldType.MONEY: FieldType.NUMBER, FieldType.URL: FieldType.TEXT}
"""HubSpot has one type for numbers and one for text; the finer ones are read from names."""


class State(StrEnum):
    """How a check ended: fine, good to know, or in need of somebody."""

    OK = "ok"
    NOTE = "note"
    PROBLEM = "problem"


class Check(Struct, frozen=True, kw_only=True):
    """
    One thing that was looked at. `area` groups: connection, permission, property, mapping, clock,
    database, write, resting, conflict.
    """

    area: str
    subject: str
    state: State
    message: str
    remedy: str = ""


class DoctorReport(Struct, frozen=True, kw_only=True):
    """All checks; `healthy` unless one of them is a problem."""

    healthy: bool
    checks: tuple[Check, ...]


class ListeningTransport:
    """Hears what time a server says it is; the network itself is another transport's."""

    def __init__(self, transport: Transport, clock: Clock) -> None:
        self._transport, self._clock = transport, clock
        self.apart: timedelta | None = None

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Send it once, and note how far its `Date` is from our clock."""
        response = await self._transport.send(request)
        said = answered_at(response)
        if said is not None:
            self.apart = self._clock.now() - said
        return response


async def examine(shop: Workshop) -> DoctorReport:
    """Look at everything. What one side does not answer is a finding, not a failure."""
    checks: list[Check] = []
    heard: dict[Side, Description] = {}
    known = {one.service: one for one in await shop.store.read(connections.every)}
    resting = await shop.store.read(pausing.resting)
    paused = {one.connection for one in resting if one.connection}
    for side in Side:
        if side not in known:
            remedy = f"Connect it with: ledgerbridge connect {side} --help"
            checks.append(_problem("connection", side, "It is not connected.", remedy))
            continue
        if known[side].id in paused:
            message = "It is paused, so it was not asked."
            remedy = f"Go on with: ledgerbridge resume {known[side].id}"
            checks.append(
                Check(
                    area="connection",
                    subject=known[side].id,
                    state=State.NOTE,
                    message=message,
                    remedy=remedy,
                )
            )
            continue
        checks += await _ask(shop, known[side], heard)
    if Side.HUBSPOT in heard:
        checks += _properties(heard[Side.HUBSPOT])
    if len(heard) == len(Side):
        stored = await shop.store.read(syncs.every)
        checks += [check for sync in stored for check in _mappings(sync, heard)]
    checks += [_rests(one) for one in resting if not one.connection]
    checks += await shop.store.read(_waiting)
    checks += await shop.store.read(_database, shop)
    healthy = all(check.state is not State.PROBLEM for check in checks)
    return DoctorReport(healthy=healthy, checks=tuple(checks))


def _waiting(tx: Transaction) -> list[Check]:
    """Conflicts that wait for a person, by sync."""
    return [
        Check(
            area="conflict",
            subject=sync.name,
            state=State.NOTE,
            message=f"{number} {'field waits' if number == 1 else 'fields wait'} for a decision.",
            remedy="ledgerbridge conflicts list",
        )
        for sync in syncs.every(tx)
        if (number := len([one for one in conflicts.every(tx, sync.id) if one.take is None]))
    ]


def _rests(rest: pausing.RestReport) -> Check:
    """What a person paused or ignores, so that nobody wonders why it stands still."""
    what = " ".join(x for x in (rest.record, rest.code) if x) or "the sync"
    message = f"{what}: {rest.kind}, since {rest.since:%Y-%m-%d}"
    return Check(area="resting", subject=rest.sync, state=State.NOTE, message=message)


async def _ask(
    shop: Workshop, found: connections.Connection, heard: dict[Side, Description]
) -> list[Check]:
    """Ask one side who it is and what it has; what it said is put into `heard`."""
    listening = ListeningTransport(shop.transport, shop.clock)
    connector_of = hubspot_of if found.service is Side.HUBSPOT else quickbooks_of
    try:
        connector = await connector_of(replace(shop, transport=listening), found)
        said = await descriptions.refresh(shop.store, found, connector, shop.clock.now())
    except LedgerbridgeError as error:
        return [_problem("connection", found.id, str(error))]
    heard[found.service] = said
    account = f"{said.name} answers as account {said.account_id}, the one that was connected."
    checks = [Check(area="connection", subject=found.id, state=State.OK, message=account)]
    for lack in said.lacks:
        words = f"{lack.what} {lack.consequence}"
        checks.append(_problem("permission", found.id, words, lack.remedy))
    return [*checks, *_clock(found.id, listening.apart)]


def _clock(subject: str, apart: timedelta | None) -> Iterator[Check]:
    if apart is None:
        return
    seconds = abs(round(apart.total_seconds()))
    if abs(apart) <= CLOCKS_APART_MAX:
        message = "This machine's clock and theirs agree."
        yield Check(area="clock", subject=subject, state=State.OK, message=message)
        return
    which = "ahead of" if apart > timedelta() else "behind"
    message = f"This machine's clock is {seconds} s {which} theirs."
    yield _problem("clock", subject, message, "Set the clock of this machine by the network.")


def _properties(heard: Description) -> Iterator[Check]:
    """Our properties in the portal, against what they must be."""
    for kind in KINDS.values():
        schema = heard.schemas.get(kind.hubspot_type)
        if schema is None:
            continue
        wrong = list(_wrong_properties(schema, kind.own_properties))
        yield from wrong
        if not wrong:
            number = len(kind.own_properties)
            message = f"All {number} properties of ours are there as they must be."
            yield Check(area="property", subject=kind.hubspot_type, state=State.OK, message=message)


def _wrong_properties(schema: ObjectSchema, wanted: tuple[Field, ...]) -> Iterator[Check]:
    for one in wanted:
        subject = f"{schema.object_type}.{one.name}"
        there = schema.fields.get(one.name)
        if there is None:
            yield _problem("property", subject, "It is missing.", CONNECT_AGAIN)
            continue
        differences = []
        if _plain(there.type) is not _plain(one.type):
            differences.append(f"is of type {there.type} instead of {one.type}")
        if one.unique and not there.unique:
            differences.append("does not have unique values")
        if there.writable is Writable.NEVER:
            differences.append("is read-only")
        if differences:
            message = f"It {' and '.join(differences)}."
            remedy = f"Delete it in HubSpot for good, then make it anew. {CONNECT_AGAIN}"
            yield _problem("property", subject, message, remedy)


def _plain(kind: FieldType) -> FieldType:
    return PLAIN_TYPES.get(kind, kind)


def _mappings(sync: syncs.Sync, heard: dict[Side, Description]) -> Iterator[Check]:
    """Mappings that do not serve between these accounts, and fields that nobody may write."""
    for mapping in describe(sync, heard).mappings:
        if not mapping.enabled:
            continue
        subject = f"{sync.name}: {mapping.name}"
        if mapping.left_out:
            message = f"The mapping is left out here: {mapping.left_out}."
            yield Check(area="mapping", subject=subject, state=State.NOTE, message=message)
        elif mapping.read_only:
            message = f"It goes one way only, for {', '.join(mapping.read_only)} is read-only."
            yield Check(area="mapping", subject=subject, state=State.NOTE, message=message)


def _database(tx: Transaction, shop: Workshop) -> list[Check]:
    """Its pages were all looked at when it was claimed; what is damaged is refused there."""
    path = shop.store.path
    free = shutil.disk_usage(path.parent).free
    checks = []
    if free < DISK_FREE_BYTES_MIN:
        message = f"Only {free // 1024 // 1024} MB are free on its disk."
        checks.append(_problem("database", str(path), message, "Free some space on that disk."))
    else:
        message = f"It is sound; {path.stat().st_size // 1024:,} KB."
        checks.append(Check(area="database", subject=str(path), state=State.OK, message=message))
    missing = journal.missing(tx)
    if missing:
        message = f"It lacks {missing} of its entries, and not for their age."
        remedy = "Syncing goes on, undo refuses. Restore the file from a backup that has them."
        checks.append(_problem("database", "history", message, remedy))
    for found in operations.in_flight(tx):
        request = found.request
        subject = f"{request.side}: {request.kind} {request.object_type}"
        rows, at = len(found.operations), f"{request.created_at:%Y-%m-%d %H:%M}"
        message = f"{rows} writes left at {at} UTC, and nobody knows what became of them."
        remedy = "The next run finds out: ledgerbridge run"
        checks.append(
            Check(area="write", subject=subject, state=State.NOTE, message=message, remedy=remedy)
        )
    return checks


def _problem(area: str, subject: str, message: str, remedy: str = "") -> Check:
    return Check(area=area, subject=subject, state=State.PROBLEM, message=message, remedy=remedy)
