"""Scripts of requests: lost, late, doubled or refused, and who may send them."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress

from msgspec.structs import replace

from ledgerbridge.connectors.transport import HttpRequest, HttpResponse, NoResponse, NotSent
from ledgerbridge.core.definition import SyncDefinition
from ledgerbridge.core.mapping import Rule
from ledgerbridge.core.model import Side
from ledgerbridge.core.plan import Status
from ledgerbridge.errors import Fenced
from ledgerbridge.service import connectors
from ledgerbridge.service.cycle import run_once
from ledgerbridge.service.opening import open_world
from ledgerbridge.store import connections, outcomes, syncs
from ledgerbridge.store.transaction import Transaction
from mutants.stage import Watched, as_it_is, is_batch_to_quickbooks, nothing, script
from simulation.network import Network
from simulation.people import both_edit
from simulation.properties import (
    check_all,
    check_idle_is_silent,
    check_no_lost_update,
)
from simulation.world import ARRIVES_WITHIN_S, QUICKBOOKS_URL, Simulation

OTHER_PORTAL = 147000002
WRITING = ("/batch/create", "/batch/update", "/batch/archive")


async def _renamed(world: Simulation) -> None:
    """A customer that we made is renamed before we know that we made it."""
    network = Watched(world)
    await world.begin(2, 8)

    def rename(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
        if not is_batch_to_quickbooks(request):
            return answer
        network.after = as_it_is
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
        network.after = as_it_is
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
        if is_batch_to_quickbooks(request):
            network.before = nothing
            for customer in ("1", "2", "3"):
                world.people.edit_customer(customer, "GivenName")

    network.before = edit
    for contact in world.portal.all("contacts"):
        world.people.edit_contact(contact["hs_object_id"], "firstname")
    await world.settle()
    await check_all(world)


async def _seen_in_doubt(world: Simulation) -> None:
    """Customers that we made show themselves before we know that we made them."""
    network = Watched(world)
    await world.begin(2, 8)

    def lose(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
        if is_batch_to_quickbooks(request):
            raise NoResponse("the answer was lost")
        return answer

    network.after = lose
    for _ in range(3):
        await world.cycle()
        world.loop.pass_time(5.0)
    network.after = as_it_is
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


async def _overdue(world: Simulation) -> None:
    """A batch for QuickBooks arrives when we have looked for it in vain, and before the next."""
    network = Watched(world)
    await world.begin(4, 0)
    await world.settle()
    held: list[HttpRequest] = []

    def delay(request: HttpRequest) -> None:
        if is_batch_to_quickbooks(request):
            held.append(request)
            raise NoResponse("no answer in time") if len(held) == 1 else NotSent("no network")

    network.before = delay
    for _ in range(4):
        both_edit(world.people)
    world.loop.pass_time(ARRIVES_WITHIN_S)
    for _ in range(2):
        await world.cycle()
    network.before = nothing
    assert held, "something was to be written to QuickBooks"
    await network._deliver(held[0])
    await world.settle()
    await check_all(world)


class HubSpotWins(Simulation):
    """Whatever both sides edited, HubSpot's value is taken."""

    def _ruled(self, definition: SyncDefinition) -> SyncDefinition:
        return replace(super()._ruled(definition), rule=Rule.HUBSPOT)


class Frozen(Network):
    """The network of a worker that is frozen at its first write, until it is thawed."""

    def __init__(self, world: Simulation) -> None:
        super().__init__(world.network._apps, world.fate, world.clock.true_now)
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
            network.before = nothing
            world.fate.die("with a renewed token")

    network.before = die
    await world.cycle()
    assert renewed, "the token was renewed"
    await world.settle()
    again = world.counts["connected again"]
    assert not again, "I-TERM: nothing went on until somebody connected QuickBooks again"
    await check_all(world)


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


RENAMED = script("a customer is renamed before its creation is known", _renamed)
EDITED_IN_DOUBT = script("what we made is edited before we know of it", _edited_in_doubt)
EDITED_AT_ONCE = script("customers are edited as we write to them", _edited_at_once)
SEEN_IN_DOUBT = script("what we made is seen while it is in doubt", _seen_in_doubt)
STORED_OTHERWISE = script("HubSpot stores less than it is given", _stored_otherwise)
LATE_CHILDREN = script("discounts and taxes arrive late", _late_children)
OVERDUE = script("an update arrives after it was given up", _overdue, HubSpotWins)
TWO_WORKERS = script("a frozen worker thaws after another one took over", _two_workers)
ONE_BAD_ROW = script("one row of a batch is refused", _one_bad_row)
DEAD_AFTER_RENEWAL = script("death with a renewed token", _dead_after_renewal)
ANOTHER_PORTAL = script("the token opens another portal", _another_portal)
