"""
What must hold at every step, whatever else goes on: no creation before what it refers to, no call
too many, no word in the history that nobody wrote, nothing that changed and was not seen, and not
one call for another account.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from ledgerbridge.connectors.transport import HttpRequest
from ledgerbridge.core import undo
from ledgerbridge.core.model import Record, Side
from ledgerbridge.core.plan import WriteKind
from ledgerbridge.errors import WrongTenant
from ledgerbridge.service.aftermath import PUT_BACK
from ledgerbridge.service.connectors import StaticSecret, seal
from ledgerbridge.service.switching import stored
from ledgerbridge.store import connections, journal, records
from ledgerbridge.store.transaction import Transaction
from simulation.people import CONTACT_FIELDS
from simulation.world import PORTAL_ID, Simulation

OTHER_PORTAL_ID = PORTAL_ID + 1
TOO_MANY = 429


def watch(world: Simulation) -> None:
    """Hold each request that arrives to what must hold of it."""

    def look(request: HttpRequest, status: int) -> None:
        world.counts["requests"] += 1
        if status == TOO_MANY:
            world.broken.append(f"I-LIMIT: {request.method} {request.url} was one too many")
        for reference in _references(request):
            if not reference.isdigit():
                world.broken.append(f"I-ORD: a creation refers to {reference!r}")
            world.counts["references of creations"] += 1

    world.network.on_answer = look


def _references(request: HttpRequest) -> Iterator[str]:
    """The ids that the creations of a request refer to."""
    if request.method != "POST" or not request.url.endswith("/batch/create"):
        return
    for one in msgspec.json.decode(request.body)["inputs"]:
        for association in one.get("associations", ()):
            yield str(association["to"]["id"])


async def check_watched(world: Simulation) -> None:
    """What was seen on the way, and what can only be looked at when the world rests."""
    assert not world.broken, world.broken[0]
    await _check_observed(world)
    await _check_told(world)


async def _check_observed(world: Simulation) -> None:
    """I-CURS: what the store remembers of a record is what the record shows."""
    ours = {str(one["hs_object_id"]): one for one in world.portal.all("contacts")}
    theirs = {str(one["Id"]): one for one in world.company.all("Customer")}
    seen = await world.store.read(_seen, ours, theirs)
    for side, shown in ((Side.HUBSPOT, ours), (Side.QUICKBOOKS, theirs)):
        names = CONTACT_FIELDS if side is Side.HUBSPOT else CONTACT_FIELDS.values()
        word = "contact" if side is Side.HUBSPOT else "customer"
        for record_id, record in shown.items():
            if record_id in world.people.restored and side is Side.HUBSPOT:
                continue  # it may have been in the bin between two looks (engine.md, the windows)
            fields = seen[side][record_id].fields if record_id in seen[side] else {}
            for name in names:
                now, then = record.get(name) or None, fields.get(name) or None
                assert now == then, f"I-CURS: {name} of {word} {record_id} is {now}, not {then}"
            world.counts["observed records"] += 1


def _seen(
    tx: Transaction, ours: dict[str, Any], theirs: dict[str, Any]
) -> dict[Side, dict[str, Record]]:
    sync = stored(tx, "contacts")
    return {
        Side.HUBSPOT: records.get_many(tx, sync.hubspot_connection, "contacts", ours),
        Side.QUICKBOOKS: records.get_many(tx, sync.quickbooks_connection, "Customer", theirs),
    }


async def _check_told(world: Simulation) -> None:
    """
    I-SPUR: people wrote what the history calls lost; it is told once, if no undo revived it and it
    was not put back after an update had overwritten it unseen.
    """
    entries = await world.store.read(journal.newest, 100_000)
    _check_kept(world, entries)
    back = {
        str(after)
        for one in entries
        if isinstance(one, journal.WriteEntry) and one.reason == PUT_BACK
        for _, after in one.changes.values()
    } | world.people.brought_back
    told: Counter[tuple[str, str, str]] = Counter()
    for one in entries:
        if not isinstance(one, journal.LossEntry) or one.field not in _TOKENS:
            continue
        value = str(one.value)
        known = value in world.people.written or value in world.people.fixed
        assert known, f"I-SPUR: {value} of {one.side} record {one.record_id} was nobody's"
        once = value in world.people.written and value not in back
        told[value, one.field, one.record_id] += once
        world.counts["losses looked at"] += 1
    # A write that met an archived record told its loss; it is told again after a restoration.
    again = world.people.restored
    twice = [one for one, number in told.items() if number > 1 and one[2] not in again]
    assert not twice, f"I-SPUR: {twice} are told twice"


_TOKENS = {*CONTACT_FIELDS, *CONTACT_FIELDS.values()}
OURS = "ledgerbridge_"
"""How the properties begin that are ours to empty: nobody writes to them but we."""


def _check_kept(world: Simulation, entries: Sequence[journal.Entry]) -> None:
    """I-WIPE: a field that nobody emptied is emptied on neither side, not even for a moment."""
    for one in entries:
        if not isinstance(one, journal.WriteEntry) or one.operation != WriteKind.UPDATE:
            continue
        if one.reason == undo.PUT_BACK:
            continue  # it was empty before the run that is undone
        for name, (before, after) in one.changes.items():
            if name.startswith(OURS) or name in world.people.emptied:
                continue
            world.counts["written fields"] += after is not None
            wiped = before and not after
            assert not wiped, f"I-WIPE: {one.side} record {one.record_id} lost {name} {before}"


async def check_tenant(world: Simulation) -> None:
    """I-TENANT: of another portal nothing is asked but who it is, and nothing is written there."""
    secret = seal(StaticSecret(world.hubspot.issue_token(OTHER_PORTAL_ID)))
    await world.store.write(_put_token, world, secret)
    before, books = world.hubspot.calls.copy(), world.quickbooks.calls.copy()
    assert await world.cycle() is None, "I-TENANT: a run went on in another portal"
    assert isinstance(world.stopped_by, WrongTenant), f"I-TENANT: {world.stopped_by!r}"
    asked = world.hubspot.calls - before
    assert asked.total() == 1, f"I-TENANT: {dict(asked)} were asked of another portal"
    assert world.quickbooks.calls == books, "I-TENANT: the books were asked all the same"
    assert not world.hubspot.portal(OTHER_PORTAL_ID).all("contacts"), "I-TENANT: it wrote there"
    world.counts["other tenants met"] += 1


def _put_token(tx: Transaction, world: Simulation, secret: bytes) -> None:
    connection = stored(tx, "contacts").hubspot_connection
    connections.put_token(tx, world.shop().secrets, connection, secret)
