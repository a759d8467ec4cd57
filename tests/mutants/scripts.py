"""
Scripts for what a random life reaches too rarely or not at all: each brings about one situation,
and says by the name of a property what must hold in it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace as replaced
from functools import partial

from msgspec.structs import replace

from ledgerbridge.connectors.quickbooks.settings import Settings as QuickBooksSettings
from ledgerbridge.connectors.transport import HttpRequest, HttpResponse, NoResponse, NotSent
from ledgerbridge.core.definition import DeletionRule, LeavingScope, SyncDefinition
from ledgerbridge.core.endings import PAIRS_MET
from ledgerbridge.core.filters import Condition, Filter
from ledgerbridge.core.mapping import Rule
from ledgerbridge.core.model import Side
from ledgerbridge.core.plan import Status
from ledgerbridge.errors import Fenced, Interlock
from ledgerbridge.service import conflicts, connectors
from ledgerbridge.service.cycle import run_once
from ledgerbridge.service.opening import open_world
from ledgerbridge.service.undo_subjects import Target
from ledgerbridge.store import connections, outcomes, runs, syncs
from ledgerbridge.store.transaction import Transaction
from mutants.killers import RemovingWorld, in_a_world
from mutants.mutant import Killer, Surgery
from simulation.conflicts import check_conflicts
from simulation.endings import OUTSIDE
from simulation.network import Network
from simulation.people import both_edit
from simulation.properties import (
    check_all,
    check_conservation,
    check_idle_is_silent,
    check_no_lost_update,
)
from simulation.test_forgetting_lives import (
    test_whoever_is_forgotten_stays_forgotten_whatever_happens as _forgotten,
)
from simulation.test_undoing_lives import undo
from simulation.world import A_DAY_S, ARRIVES_WITHIN_S, QUICKBOOKS_URL, Simulation

OTHER_PORTAL = 147000002
WRITING = ("/batch/create", "/batch/update", "/batch/archive")


def _nothing(request: HttpRequest) -> None:
    """Nothing happens before a request arrives."""


def _as_it_is(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    return answer


class Watched(Network):
    """A network on which a script hears of every request, and of every answer before we do."""

    def __init__(self, world: Simulation) -> None:
        super().__init__(world.network._apps, world.fate)
        self.before: Callable[[HttpRequest], None] = _nothing
        self.after: Callable[[HttpRequest, HttpResponse], HttpResponse] = _as_it_is
        self.changed: Callable[[HttpRequest], HttpRequest] = lambda request: request
        world.network = self

    async def _deliver(self, request: HttpRequest) -> HttpResponse:
        self.before(request)
        return self.after(request, await super()._deliver(self.changed(request)))


def _is_batch_to_quickbooks(request: HttpRequest) -> bool:
    return request.url.startswith(QUICKBOOKS_URL) and "/batch?" in request.url


class FilteredWorld(Simulation):
    """
    Customers with a certain note are none of HubSpot's business, and rest as they are; what is
    deleted on one side is removed on the other.
    """

    def _ruled(self, definition: SyncDefinition) -> SyncDefinition:
        if definition.name != "contacts":
            return definition
        inside = Condition(field="Notes", operator="is not", value=OUTSIDE)
        return replace(
            definition,
            deletions=DeletionRule.ARCHIVE,
            leaving_scope=LeavingScope.FREEZE,
            to_hubspot=Filter(groups=((inside,),)),
        )


async def _renamed(world: Simulation) -> None:
    """A customer that we made is renamed before we know that we made it."""
    network = Watched(world)
    await world.begin(2, 8)

    def rename(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
        if not _is_batch_to_quickbooks(request):
            return answer
        network.after = _as_it_is
        for number, customer in enumerate(world.company.all("Customer")):
            if customer["Id"] not in world.people.made["Customer"]:
                body = {"Id": customer["Id"], "sparse": True, "DisplayName": f"Renamed {number}"}
                world.company.update("Customer", body)
        raise NoResponse("the answer was lost")

    network.after = rename
    await world.cycle()
    await world.settle()
    await check_all(world)


async def _edited_in_doubt(world: Simulation) -> None:
    """Contacts that we made are edited before we know that we made them."""
    network = Watched(world)
    await world.begin(4, 0)

    def edit(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
        if not request.url.endswith("/contacts/batch/create") or "/objects/" not in request.url:
            return answer
        network.after = _as_it_is
        for contact in world.portal.all("contacts"):
            world.people.edit_contact(contact["hs_object_id"], "firstname")
        raise NoResponse("the answer was lost")

    network.after = edit
    await world.cycle()
    await world.settle()
    await check_all(world)


async def _edited_at_once(world: Simulation) -> None:
    """Customers are edited at the moment at which an edit in HubSpot arrives for them."""
    network = Watched(world)
    await world.begin(4, 0)
    await world.settle()

    def edit(request: HttpRequest) -> None:
        if _is_batch_to_quickbooks(request):
            network.before = _nothing
            for customer in ("1", "2", "3"):
                world.people.edit_customer(customer, "GivenName")

    network.before = edit
    for contact in world.portal.all("contacts"):
        world.people.edit_contact(contact["hs_object_id"], "firstname")
    await world.settle()
    await check_all(world)


async def _unreadable(world: Simulation) -> None:
    """For some time, longer than any overlap, nothing can be read."""
    network = Watched(world)
    await world.begin(4, 3)
    await world.settle()
    world.people.edit_customer("1", "GivenName")

    def unreachable(request: HttpRequest) -> None:
        if "/cdc" in request.url:
            raise NotSent("the network is down")

    network.before = unreachable
    for _ in range(3):
        world.loop.pass_time(ARRIVES_WITHIN_S)
        await world.cycle()
    network.before = _nothing
    await world.settle()
    await check_all(world)


async def _left_out(world: Simulation) -> None:
    """A full read shows less than there is, as to a token that may not see everything."""
    network = Watched(world)
    await world.begin(6, 4)
    await world.settle()
    await world.store.write(_read_again)

    def some(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
        if request.method != "GET" or "/contacts?" not in request.url or "archived" in request.url:
            return answer
        body = json.loads(answer.body)
        return replace(answer, body=json.dumps({**body, "results": body["results"][2:]}).encode())

    network.after = some
    await world.cycle()
    network.after = _as_it_is
    await world.settle()
    await check_all(world)


def _read_again(tx: Transaction) -> None:
    """As if other fields were mapped: contacts are read whole."""
    (hubspot,) = [one.id for one in connections.every(tx) if one.service is Side.HUBSPOT]
    runs.drop_cursor(tx, hubspot, "contacts")


async def _many_changes(world: Simulation) -> None:
    """More changes at once than change data capture shows."""
    books = world.company.books
    books.switches = replaced(books.switches, cdc_rows_max=10)
    with Surgery() as surgery:
        few = partial(QuickBooksSettings, cdc_rows_max=10)
        surgery.attribute(connectors, "QuickBooksSettings", few)
        await world.begin(3, 2)
        await world.settle()
        for number in range(20, 40):
            world.people.customer(f"person{number}@example.com")
        await world.settle()
        await check_all(world)


async def _moving_pages(world: Simulation) -> None:
    """Two customers are merged while all are read, page by page."""
    network = Watched(world)
    people = world.people
    with Surgery() as surgery:
        few = partial(QuickBooksSettings, page_rows=4)
        surgery.attribute(connectors, "QuickBooksSettings", few)
        await world.begin(11, 2)
        world.loop.pass_time(A_DAY_S)  # changes alone show none of them any more

        def merge(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
            if b"from customer" in request.body.lower():
                network.after = _as_it_is
                people.sees_go("quickbooks", "2")
                world.company.merge("Customer", "1", "2")
                people.removed.add(("Customer", "2"))
                people.merged.append(("quickbooks", "1"))
            return answer

        network.after = merge
        await world.cycle()
        await world.settle()
        await check_all(world)


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


async def _begun_with_pairs(world: Simulation) -> None:
    await world.begin(4, 0)
    await world.settle()


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


async def _seen_in_doubt(world: Simulation) -> None:
    """Customers that we made show themselves before we know that we made them."""
    network = Watched(world)
    await world.begin(2, 8)

    def lose(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
        if _is_batch_to_quickbooks(request):
            raise NoResponse("the answer was lost")
        return answer

    network.after = lose
    for _ in range(3):
        await world.cycle()
        world.loop.pass_time(5.0)
    network.after = _as_it_is
    await world.settle()
    await check_all(world)


async def _stored_otherwise(world: Simulation) -> None:
    """HubSpot stores less of a first name than it is given."""
    network = Watched(world)

    def cut(request: HttpRequest) -> HttpRequest:
        if "/objects/" not in request.url or "/contacts/batch/" not in request.url:
            return request
        body = json.loads(request.body)
        for one in body["inputs"]:
            if one.get("properties", {}) and "firstname" in one["properties"]:
                one["properties"]["firstname"] = one["properties"]["firstname"][:2]
        return replace(request, body=json.dumps(body).encode())

    network.changed = cut
    await world.begin(3, 0)
    await world.settle()
    for customer in ("1", "2", "3"):
        world.people.edit_customer(customer, "FamilyName")
    await world.settle()
    await check_no_lost_update(world)
    await check_idle_is_silent(world)


async def _late_children(world: Simulation) -> None:
    """The first discounts and taxes arrive after we gave them up."""
    network = Watched(world)
    late: set[str] = set()

    def is_late(request: HttpRequest) -> None:
        child = request.url.endswith(("/discounts/batch/create", "/taxes/batch/create"))
        if child and request.url not in late:
            late.add(request.url)
            network._arrive_late(request)
            raise NoResponse("no answer in time")

    network.before = is_late
    await world.begin(5, 0)
    await world.cycle()
    await world.settle()
    await check_all(world)


class Frozen(Network):
    """The network of a worker that is frozen at its first write, until it is thawed."""

    def __init__(self, world: Simulation) -> None:
        super().__init__(world.network._apps, world.fate)
        self.is_frozen, self.thawed = asyncio.Event(), asyncio.Event()
        self.writes_after = 0

    async def send(self, request: HttpRequest) -> HttpResponse:
        if request.url.endswith(WRITING):
            if not self.is_frozen.is_set():
                self.is_frozen.set()
                await self.thawed.wait()
            else:
                self.writes_after += self.thawed.is_set()
        return await super().send(request)


async def _two_workers(world: Simulation) -> None:
    """A worker is frozen in the middle of its run; another one takes over; the first thaws."""
    await world.begin(5, 4)
    network = Frozen(world)
    first = await open_world(replace(world.shop(), transport=network))
    run = asyncio.get_running_loop().create_task(run_once(first, lambda counts: True))
    await network.is_frozen.wait()
    await world.cycle()
    for _ in range(4):
        both_edit(world.people)
    network.thawed.set()
    with suppress(Fenced):
        await run
    sent = network.writes_after
    assert not sent, f"I-EPOCH: a worker sent {sent} more requests after another one took over"
    await world.settle()
    await check_all(world)


async def _one_bad_row(world: Simulation) -> None:
    """One of three contacts cannot take the e-mail address of its customer."""
    await world.begin(3, 0)
    await world.settle()
    world.portal.create("contacts", {"email": "taken@example.com"})
    address = {"PrimaryEmailAddr": {"Address": "taken@example.com"}}
    world.company.update("Customer", {"Id": "1", "sparse": True, **address})
    world.people.edit_customer("2", "GivenName")
    world.people.edit_customer("3", "GivenName")
    world.loop.pass_time(ARRIVES_WITHIN_S)
    await world.cycle()
    failing = await world.store.read(_failing)
    assert failing == {"1"}, f"I-ISOL: one row was refused, and {sorted(failing)} fail"


def _failing(tx: Transaction) -> set[str]:
    return {
        told.record_id
        for sync in syncs.every(tx)
        for one in outcomes.counts(tx, sync.id)
        if one.status is Status.FAILING
        for told in outcomes.page(tx, sync.id, one.status, one.code, limit=100)
    }


async def _dead_after_renewal(world: Simulation) -> None:
    """The process dies at its first call with a renewed access token."""
    network = Watched(world)
    await world.begin(3, 2)
    await world.settle()
    world.loop.pass_time(4000.0)
    renewed: list[str] = []

    def die(request: HttpRequest) -> None:
        if request.url.endswith("/tokens/bearer"):
            renewed.append(request.url)
        elif renewed and request.url.startswith(QUICKBOOKS_URL):
            network.before = _nothing
            world.fate.die("with a renewed token")

    network.before = die
    await world.cycle()
    assert renewed, "the token was renewed"
    await world.settle()
    await check_all(world)


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


async def _another_portal(world: Simulation) -> None:
    """The stored token opens another portal by now."""
    await world.begin(3, 2)
    await world.settle()
    network, called = Watched(world), []
    token = world.hubspot.issue_token(OTHER_PORTAL)
    sealed = connectors.seal(connectors.StaticSecret(token))
    ids = {one.service: one.id for one in await world.store.read(connections.every)}
    shop = world.shop()
    await world.store.write(connections.put_token, shop.secrets, ids[Side.HUBSPOT], sealed)

    def note(request: HttpRequest) -> None:
        if token in request.headers["Authorization"] and "/account-info/" not in request.url:
            called.append(request.url)

    network.before = note
    for _ in range(2):
        world.loop.pass_time(ARRIVES_WITHIN_S)
        await world.cycle()
    assert not called, f"I-TENANT: another portal was asked {len(called)} times"


def _script(
    name: str,
    play: Callable[[Simulation], Awaitable[None]],
    world: type[Simulation] = Simulation,
) -> Killer:
    return Killer(name=name, play=lambda seed: in_a_world(seed, play, world), scripted=True)


RENAMED = _script("a customer is renamed before its creation is known", _renamed)
EDITED_IN_DOUBT = _script("what we made is edited before we know of it", _edited_in_doubt)
EDITED_AT_ONCE = _script("customers are edited as we write to them", _edited_at_once)
UNREADABLE = _script("nothing can be read for a while", _unreadable)
LEFT_OUT = _script("a full read shows less than there is", _left_out, RemovingWorld)
MANY_CHANGES = _script("more changes than change data capture shows", _many_changes)
MOVING_PAGES = _script("customers are merged while they are read", _moving_pages)
MERGED_IN_HUBSPOT = _script("two paired contacts are merged", _merged_in_hubspot)
MERGED_IN_QUICKBOOKS = _script("two paired customers are merged", _merged_in_quickbooks)
ASKED = _script("what a person decided is out of date", _asked)
OWN_MIRROR = _script(
    "a pair leaves the filter and has mirrored payments", _own_mirror, FilteredWorld
)
LEAVING = _script("a pair leaves the filter", _leaving, FilteredWorld)
SEEN_IN_DOUBT = _script("what we made is seen while it is in doubt", _seen_in_doubt)
STORED_OTHERWISE = _script("HubSpot stores less than it is given", _stored_otherwise)
LATE_CHILDREN = _script("discounts and taxes arrive late", _late_children)
TWO_WORKERS = _script("a frozen worker thaws after another one took over", _two_workers)
ONE_BAD_ROW = _script("one row of a batch is refused", _one_bad_row)
DEAD_AFTER_RENEWAL = _script("death with a renewed token", _dead_after_renewal)
EDITED_SINCE = _script("a run is undone after somebody edited what it wrote", _edited_since)
MANY_ARCHIVED = _script("most contacts are archived at once", _many_archived, RemovingWorld)
ANOTHER_PORTAL = _script("the token opens another portal", _another_portal)
FORGETTING = Killer(name="somebody is forgotten in a life under faults", play=_forgotten)
