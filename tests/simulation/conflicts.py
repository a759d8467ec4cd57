"""Conflicts that wait for a person: people who decide some of them, and what must then hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from random import Random

from ledgerbridge.core.mapping import Rule
from ledgerbridge.core.merge import CHOSEN
from ledgerbridge.core.model import LinkStatus, Side
from ledgerbridge.core.plan import Status
from ledgerbridge.errors import UsageError
from ledgerbridge.service import conflicts
from ledgerbridge.service.conflicts import ConflictReport
from ledgerbridge.store import journal, links, outcomes, syncs
from ledgerbridge.store.transaction import Transaction
from simulation.moving import SHARED
from simulation.people import CONTACT_FIELDS
from simulation.world import Simulation

DECIDED = "a person decided"
APART_S = 30.0
DATED = "value is the newer one"
SHARES = {Rule.ASK: 3, Rule.NEWEST: 3, Rule.HUBSPOT: 2, Rule.QUICKBOOKS: 2}
"""How often a world has each of the rules."""


def drawn_rule(random: Random) -> Rule:
    """What one world does with conflicts."""
    return random.choices(list(SHARES), list(SHARES.values()))[0]


async def edit_apart(world: Simulation) -> None:
    """Somebody edits a name on one side, and later somebody on the other, before anything runs."""
    pairs = [pair for pair in await world.store.read(_alive) if _both_there(world, *pair)]
    for customer_id, contact_id in pairs:
        deeds = [
            partial(world.people.edit_customer, customer_id, "GivenName"),
            partial(world.people.edit_contact, contact_id, "firstname"),
        ]
        world.deciding.shuffle(deeds)
        for deed in deeds:
            deed()
            world.loop.pass_time(APART_S)


def _alive(tx: Transaction) -> list[tuple[str, str]]:
    return [
        (link.quickbooks_id, link.hubspot_id)
        for sync in syncs.every(tx)
        if sync.name == "contacts"
        for link in links.page(tx, sync.id, "", 1000)
        if link.status is LinkStatus.LIVE and link.quickbooks_id and link.hubspot_id
    ]


def _both_there(world: Simulation, customer_id: str, contact_id: str) -> bool:
    customer = world.company.get("Customer", customer_id)
    contact = world.portal.get("contacts", contact_id)
    return bool(customer and customer["Active"] and contact)


async def decide_some(world: Simulation) -> None:
    """People look at the inbox and decide some of it, on either side's behalf."""
    for one in (await world.store.read(conflicts.report)).conflicts:
        world.counts["conflicts seen"] += 1
        if world.deciding.random() < 0.5:
            continue
        side = world.deciding.choice(list(Side))
        with suppress(UsageError):  # a pair that is not made yet, or with a write on its way
            await world.store.write(
                conflicts.decide,
                one.sync,
                Side.QUICKBOOKS,
                one.records[1].partition(":")[2],
                field=one.field,
                take=side,
                now=world.clock.now(),
            )
            given_up = one.quickbooks if side is Side.HUBSPOT else one.hubspot
            world.given_up |= {value for value in given_up.values() if value}
            world.counts["conflicts decided"] += 1


async def check_conflicts(world: Simulation) -> None:
    """
    I-ASK: at rest nothing that was decided is left over, what waits is as people left it, and
    what a decision replaced is told once.
    """
    open_now = (await world.store.read(conflicts.report)).conflicts
    assert world.rule in CHOSEN or not open_now, "I-ASK: a rule decides, and yet it asks"
    failing = await world.store.read(_failing)
    for one in open_now:
        if one.records[1].partition(":")[2] not in failing:  # a refused write does nothing decided
            _check_held(world, one)
    await _check_others_travelled(world, open_now)
    entries = await world.store.read(journal.newest, 100_000, kind="loss")
    losses = [one for one in entries if isinstance(one, journal.LossEntry)]
    # In doubt over a record that was merged away it is told, and done and told of its survivor.
    done = [one for one in losses if one.reason.startswith(DECIDED)]
    told = Counter((one.value, one.record_id) for one in done)
    for (value, _), times in told.items():
        assert value in world.given_up, f"I-ASK: {value} was lost to a decision nobody made"
        assert times == 1 or value in SHARED, f"I-ASK: {value} was lost {times} times"
    _check_newest(world, losses)
    world.counts["decisions done"] = max(world.counts["decisions done"], sum(told.values()))


def _check_newest(world: Simulation, losses: Iterable[journal.LossEntry]) -> None:
    """I-NEWEST: where the times decided, what gave way was written before what took its place."""
    if world.people.merged:
        return  # a merge writes an old value anew, and no token tells of it
    for one in losses:
        if DATED in one.reason and {one.value, one.winner} <= world.people.written.keys():
            lost, kept = (int((x or "")[1:-1]) for x in (one.value, one.winner))
            assert lost < kept, f"I-NEWEST: {one.value} was replaced by {one.winner}: {one.reason}"
            world.counts["newer edits told"] += 1


async def _check_others_travelled(world: Simulation, open_now: Iterable[ConflictReport]) -> None:
    """Of a pair that only waits for a person, all other fields are in step."""
    held: dict[tuple[str, str], set[str]] = {}
    for one in open_now:
        held.setdefault(one.records, set()).update(one.hubspot)
    waiting = await world.store.read(_only_waiting)
    for (ours, theirs), fields in held.items():
        contact = world.portal.get("contacts", ours.partition(":")[2])
        customer = world.company.get("Customer", theirs.partition(":")[2])
        if theirs.partition(":")[2] not in waiting or contact is None or customer is None:
            continue  # I-MERGE says of which half that is gone a pair must know
        for name in set(CONTACT_FIELDS) - fields:
            mine, other = contact.get(name) or None, customer.get(CONTACT_FIELDS[name]) or None
            assert mine == other, f"I-ASK: {name} of {ours} waits with {fields}"
            world.counts["fields beside a held one"] += 1


def _only_waiting(tx: Transaction) -> set[str]:
    return {
        one.record_id
        for sync in syncs.every(tx)
        if sync.name == "contacts"
        for one in outcomes.page(tx, sync.id, Status.CASE, "both_changed", limit=1000)
    }


def _failing(tx: Transaction) -> set[str]:
    found: set[str] = set()
    for sync in syncs.every(tx):
        codes = {x.code for x in outcomes.counts(tx, sync.id) if x.status is Status.FAILING}
        for code in codes if sync.name == "contacts" else ():
            page = outcomes.page(tx, sync.id, Status.FAILING, code, limit=1000)
            found |= {one.record_id for one in page if one.side is Side.QUICKBOOKS}
    return found


def _check_held(world: Simulation, one: ConflictReport) -> None:
    contact_id, customer_id = (record.partition(":")[2] for record in one.records)
    contact = world.portal.get("contacts", contact_id) or {}
    customer = world.company.get("Customer", customer_id) or {}
    if not customer or contact_id in world.people.restored:
        return  # what nothing told of is seen with the next change (engine.md, the windows)
    where = f"{one.field} of {one.records}"
    assert one.take is None, f"I-ASK: what was decided of {where} was not done"
    fields = set(CONTACT_FIELDS) & set(one.hubspot)
    for ours in fields:
        theirs = CONTACT_FIELDS[ours]
        shown = contact.get(ours) or None, customer.get(theirs) or None
        listed = one.hubspot.get(ours) or None, one.quickbooks.get(theirs) or None
        assert shown == listed, f"I-ASK: {where} shows {shown} and is listed as {listed}"
        assert shown[0] != shown[1], f"I-ASK: {where} is the same on both sides and waits"
        if not world.people.merged and not world.counts["lost databases"]:
            _check_authors(world, where, shown)
        world.counts["held fields"] += 1


def _check_authors(world: Simulation, where: str, shown: tuple[str | None, str | None]) -> None:
    """Each side shows what its own people wrote, or what was on its way: we wrote to neither."""
    for side, token in zip(Side, shown, strict=True):
        author = world.people.written.get(token or "")
        late = any((token or "").encode() in body for body in world.network.sent_late)
        ours = author is not None and author[0] != side and not late
        assert not ours, f"I-ASK: {where} was written while it waits"
