"""Scripts of what people do: each brings about one situation, and says what must hold in it."""

from __future__ import annotations

from functools import partial

from msgspec.structs import replace

from ledgerbridge.core.definition import SyncDefinition
from ledgerbridge.core.endings import PAIRS_MET
from ledgerbridge.core.mapping import Direction, Rule
from ledgerbridge.core.model import Side
from ledgerbridge.core.plan import Status
from ledgerbridge.errors import Interlock
from ledgerbridge.service import conflicts, switching
from ledgerbridge.service.cycle import run_once
from ledgerbridge.service.opening import open_world
from ledgerbridge.service.rules import as_stored, definition_of
from ledgerbridge.service.undo_subjects import Target
from ledgerbridge.store import outcomes, syncs
from ledgerbridge.store.transaction import Transaction
from mutants.killers import RemovingWorld
from mutants.mutant import Killer
from mutants.stage import FilteredWorld, script
from simulation.conflicts import check_conflicts
from simulation.endings import OUTSIDE, merge_customers, place
from simulation.people import is_sold
from simulation.properties import (
    check_all,
    check_conservation,
)
from simulation.test_forgetting_lives import (
    test_whoever_is_forgotten_stays_forgotten_whatever_happens as _forgotten,
)
from simulation.undoing import undo
from simulation.world import A_DAY_S, ARRIVES_WITHIN_S, Simulation


async def _cleared(world: Simulation) -> None:
    """Somebody empties a field on either side."""
    await world.begin(4, 0)
    await world.settle()
    contact = next(
        one for one in world.portal.all("contacts") if one["ledgerbridge_key"].endswith(":2")
    )
    customer = world.company.get("Customer", "1") or {}
    world.people.replaced |= {contact["firstname"], customer["GivenName"]}
    world.people.emptied |= {"firstname", "GivenName"}
    world.portal.update("contacts", contact["hs_object_id"], {"firstname": ""})
    world.company.update("Customer", {"Id": "1", "sparse": True, "GivenName": ""})
    await world.settle()
    await check_all(world)


async def _silent_survivor(world: Simulation) -> None:
    """A customer with a last name is merged into one that has neither that nor a contact."""
    await world.begin(2, 0)
    await world.settle()
    world.people.edit_customer("1", "FamilyName")
    await world.settle()
    other = world.company.create("Customer", {"DisplayName": "Of few words", "GivenName": "Few"})
    world.people.fixed.add("Few")
    world.people.made["Customer"].add(str(other["Id"]))
    merge_customers(world.people, str(other["Id"]), "1")
    await world.settle()
    await check_all(world)


class TowardsTheBooks(Simulation):
    """At first contacts go to QuickBooks alone, and what both sides say is the books' to say."""

    def _ruled(self, definition: SyncDefinition) -> SyncDefinition:
        ruled = replace(super()._ruled(definition), rule=Rule.QUICKBOOKS)
        contacts = definition.name == "contacts"
        return replace(ruled, direction=Direction.TO_QUICKBOOKS) if contacts else ruled


async def _opened(world: Simulation) -> None:
    """The direction is opened after contacts and customers of other names were matched."""
    await world.begin(4, 4)
    await world.settle()
    await world.store.write(_open_both_ways)
    await world.settle()
    await check_all(world)


def _open_both_ways(tx: Transaction) -> None:
    sync = switching.stored(tx, "contacts")
    opened = replace(definition_of(sync), direction=Direction.BOTH)
    syncs.put(tx, replace(sync, definition=as_stored(opened)))


async def _both_outside(world: Simulation) -> None:
    """Neither a customer nor the contact of its e-mail passes a filter."""
    await world.begin(3, 4)
    for customer in world.company.all("Customer"):
        place(world.people, customer["Id"], inside=False)
    await world.settle()
    await check_all(world)


async def _billed_deal(world: Simulation) -> None:
    """An invoice on a deal grows."""
    await world.begin(2, 0)
    await world.settle()
    for contact in world.portal.all("contacts"):
        body = {"dealname": "Deal", "dealstage": "closedwon", "pipeline": "default"}
        body |= {"amount": "500", "closedate": "2026-03-04T12:00:00Z"}
        world.portal.create("deals", body, [("contacts", contact["hs_object_id"])])
    world.people.invoice("1", "1")
    await world.settle()
    for invoice in world.company.all("Invoice"):
        sold = [line for line in invoice["Line"] if is_sold(line)]
        more = {name: value for name, value in sold[0].items() if name != "Id"}
        change = {"Id": invoice["Id"], "sparse": True, "Line": [*sold, more]}
        world.company.update("Invoice", change)
    await world.settle()
    await check_all(world)
    assert world.counts["deals with invoices"], "some invoice is on a deal"


async def _asked(world: Simulation) -> None:
    """A field waits for a person; what they decide of it is out of date when it is to be done."""
    world.rule = Rule.ASK
    people = world.people
    await world.begin(4, 0)
    await world.settle()
    for contact in world.portal.all("contacts"):
        customer = contact["ledgerbridge_key"].rpartition(":")[2]
        people.edit_contact(contact["hs_object_id"], "firstname")
        people.edit_customer(customer, "GivenName")
        people.edit_customer(customer, "FamilyName")
    await world.settle()
    await check_conflicts(world)
    for one in (await world.store.read(conflicts.report)).conflicts:
        customer = one.records[1].partition(":")[2]
        decide = partial(conflicts.decide, field=one.field, take=Side.QUICKBOOKS)
        now = world.clock.now()
        await world.store.write(decide, one.sync, Side.QUICKBOOKS, customer, now=now)
        world.given_up |= {value for value in one.hubspot.values() if value}
    for contact in world.portal.all("contacts"):
        people.edit_contact(contact["hs_object_id"], "firstname")
    await world.settle()
    await check_all(world)


async def _begun_with_pairs(world: Simulation) -> None:
    await world.begin(4, 0)
    await world.settle()


async def _merged_in_hubspot(world: Simulation) -> None:
    """Two contacts become one; both were paired."""
    await _begun_with_pairs(world)
    first, second = [one["hs_object_id"] for one in world.portal.all("contacts")][:2]
    world.people.sees_go("hubspot", second)
    world.portal.merge("contacts", first, second)
    await _check_met(world)


async def _merged_in_quickbooks(world: Simulation) -> None:
    """Two customers become one; both were paired."""
    await _begun_with_pairs(world)
    world.people.sees_go("quickbooks", "2")
    world.company.merge("Customer", "1", "2")
    await _check_met(world)


async def _check_met(world: Simulation) -> None:
    await world.settle()
    met = await world.store.read(_told, PAIRS_MET)
    assert met == {"1", "2"}, f"I-MERGE: pairs of 1 and 2 met, and {sorted(met)} are told of"


def _told(tx: Transaction, code: str) -> set[str]:
    return {
        told.record_id
        for sync in syncs.every(tx)
        if sync.name == "contacts"
        for told in outcomes.page(tx, sync.id, Status.CASE, code, limit=100)
    }


async def _leaving(world: Simulation) -> None:
    """A customer leaves the filter."""
    await world.begin(4, 2)
    await world.settle()
    world.company.update("Customer", {"Id": "1", "sparse": True, "Notes": OUTSIDE})
    world.people.made.setdefault("contacts", set()).update(
        one["hs_object_id"] for one in world.portal.all("contacts")
    )
    await world.settle()
    await check_conservation(world)


async def _own_mirror(world: Simulation) -> None:
    """A customer leaves the filter; the payments of its contact are mirrors of ours."""
    await world.begin(4, 0)
    invoices = world.company.all("Invoice")
    for invoice in invoices:
        line = {"Amount": invoice["Balance"]}
        line["LinkedTxn"] = [{"TxnId": invoice["Id"], "TxnType": "Invoice"}]
        body = {"CustomerRef": invoice["CustomerRef"], "TotalAmt": invoice["Balance"]}
        world.company.create("Payment", {**body, "Line": [line]})
    await world.settle()
    world.company.update("Customer", {"Id": "1", "sparse": True, "Notes": OUTSIDE})
    await world.settle()
    contact = next(
        one for one in world.portal.all("contacts") if one["ledgerbridge_key"].endswith(":1")
    )
    world.people.edit_customer("1", "GivenName")
    await world.settle()
    now = world.portal.get("contacts", contact["hs_object_id"]) or {}
    assert now.get("firstname") == contact.get("firstname"), (
        "I-SCOPE: what left the filter travels, for a mirror of ours counts for it"
    )


async def _edited_since(world: Simulation) -> None:
    """Somebody edits what a run wrote; then the run is undone."""
    await world.begin(4, 0)
    await world.settle()
    for customer in world.company.all("Customer"):
        world.people.edit_customer(customer["Id"], "GivenName")
    world.loop.pass_time(ARRIVES_WITHIN_S)
    done = await world.cycle()
    assert done is not None
    for contact in world.portal.all("contacts"):
        world.people.edit_contact(contact["hs_object_id"], "firstname")
    before = {one["hs_object_id"]: one["firstname"] for one in world.portal.all("contacts")}
    world.loop.pass_time(ARRIVES_WITHIN_S)
    await undo(world, Target(run=done.run))
    after = {one["hs_object_id"]: one["firstname"] for one in world.portal.all("contacts")}
    assert after == before, f"I-UNDO: {before} were written since, and now stand {after}"


async def _many_archived(world: Simulation) -> None:
    """Somebody archives most contacts, perhaps by mistake; nobody allowed any removal."""
    await world.begin(12, 0)
    await world.settle()
    for contact in world.portal.all("contacts")[:10]:
        world.people.sees_go("hubspot", contact["hs_object_id"])
        world.portal.archive("contacts", contact["hs_object_id"])
        world.people.removed.add(("contacts", contact["hs_object_id"]))
    world.loop.pass_time(A_DAY_S)
    try:
        await run_once(await open_world(world.shop()), lambda counts: True)
    except Interlock:
        world.counts["stopped by an interlock"] += 1
    removed = [one["Id"] for one in world.company.all("Customer") if not one["Active"]]
    assert not removed, f"I-CONS: {len(removed)} customers were removed, and nobody was asked"


SILENT_SURVIVOR = script("a customer is merged into one of fewer words", _silent_survivor)
MERGED_IN_HUBSPOT = script("two paired contacts are merged", _merged_in_hubspot)
MERGED_IN_QUICKBOOKS = script("two paired customers are merged", _merged_in_quickbooks)
ASKED = script("what a person decided is out of date", _asked)
OPENED = script("a direction is opened after a first match", _opened, TowardsTheBooks)
BOTH_OUTSIDE = script("no filter lets either half of a match pass", _both_outside, FilteredWorld)
CLEARED = script("a field is emptied on either side", _cleared)
BILLED_DEAL = script("an invoice on a deal grows", _billed_deal)
OWN_MIRROR = script(
    "a pair leaves the filter and has mirrored payments", _own_mirror, FilteredWorld
)
LEAVING = script("a pair leaves the filter", _leaving, FilteredWorld)
EDITED_SINCE = script("a run is undone after somebody edited what it wrote", _edited_since)
MANY_ARCHIVED = script("most contacts are archived at once", _many_archived, RemovingWorld)
FORGETTING = Killer(name="somebody is forgotten in a life under faults", play=_forgotten)
