"""Scripts of reading: what is not shown, not in full, or not at once."""

from __future__ import annotations

import json
from dataclasses import replace as replaced
from functools import partial

from msgspec.structs import replace

from ledgerbridge.connectors.quickbooks.settings import Settings as QuickBooksSettings
from ledgerbridge.connectors.transport import HttpRequest, HttpResponse, NotSent
from ledgerbridge.core.model import Side
from ledgerbridge.service import connectors
from ledgerbridge.store import connections, runs
from ledgerbridge.store.transaction import Transaction
from mutants.killers import RemovingWorld
from mutants.mutant import Surgery
from mutants.stage import Watched, as_it_is, nothing, script
from simulation.properties import check_all
from simulation.world import A_DAY_S, ARRIVES_WITHIN_S, Simulation


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
    network.before = nothing
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
    network.after = as_it_is
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
                network.after = as_it_is
                people.sees_go("quickbooks", "2")
                world.company.merge("Customer", "1", "2")
                people.removed.add(("Customer", "2"))
                people.merged.append(("quickbooks", "1"))
            return answer

        network.after = merge
        await world.cycle()
        await world.settle()
        await check_all(world)


UNREADABLE = script("nothing can be read for a while", _unreadable)
LEFT_OUT = script("a full read shows less than there is", _left_out, RemovingWorld)
MANY_CHANGES = script("more changes than change data capture shows", _many_changes)
MOVING_PAGES = script("customers are merged while they are read", _moving_pages)
