"""
What mutants are exposed to: the random life of the simulation, and shorter lives in which one kind
of trouble comes thick. Chance alone rarely brings about what some defects need.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from msgspec.structs import replace

from ledgerbridge.connectors.transport import HttpRequest, HttpResponse
from ledgerbridge.core.definition import DeletionRule, SyncDefinition
from mutants.mutant import Killer
from simulation.loop import VirtualLoop, run
from simulation.network import Network
from simulation.people import CONTACT_FIELDS, both_edit
from simulation.properties import check_all
from simulation.runs import live
from simulation.world import A_DAY_S, Folder, Simulation

DOUBTS = {"lost": 0.2, "late": 0.2, "die after": 0.08, "die before": 0.04}
EDITED = 0.4
ACTIONS = 16
"""One busy time of a life shows as much as three short ones, and costs half."""


def in_a_world(
    seed: int,
    play: Callable[[Simulation], Awaitable[None]],
    world: type[Simulation] = Simulation,
) -> None:
    """Play something in a fresh world of a seed."""
    loop = VirtualLoop()
    with Folder() as folder:

        async def life() -> None:
            await play(world(loop, seed, folder))

        run(life(), loop)


def _life(seed: int) -> None:
    live(seed, rounds=1, actions=ACTIONS)


async def _doubts(world: Simulation) -> None:
    races = Races(world)
    await world.begin(6, 8)
    await world.busy(6, DOUBTS)
    races.on = False
    await world.settle()
    await check_all(world)


class Races(Network):
    """Somebody edits the very record that we write, at the moment at which we do."""

    def __init__(self, world: Simulation) -> None:
        super().__init__(world.network._apps, world.fate, world.clock.true_now)
        self._people, self.on = world.people, True
        world.network = self

    async def _deliver(self, request: HttpRequest) -> HttpResponse:
        self._perhaps(_updated(request))
        answer = await super()._deliver(request)
        if request.url.endswith("/contacts/batch/create") and "/objects/" in request.url:
            made = json.loads(answer.body).get("results", [])
            self._perhaps([("hubspot", one["id"]) for one in made])
        return answer

    def _perhaps(self, written: Sequence[tuple[str, str]]) -> None:
        for side, record_id in written:
            if self.on and self._people.random.random() < EDITED:
                self._edit(side, record_id)

    def _edit(self, side: str, record_id: str) -> None:
        people = self._people
        ours, theirs = people.random.choice(list(CONTACT_FIELDS.items()))
        if side == "hubspot":
            if people.portal.get("contacts", record_id):
                people.edit_contact(record_id, ours)
        elif (people.company.get("Customer", record_id) or {}).get("Active"):
            people.edit_customer(record_id, theirs)


def _updated(request: HttpRequest) -> list[tuple[str, str]]:
    """The contacts or customers that a request updates."""
    if request.url.endswith("/contacts/batch/update"):
        return [("hubspot", one["id"]) for one in json.loads(request.body)["inputs"]]
    if "/batch?" in request.url and "v3/company" in request.url:
        items = json.loads(request.body)["BatchItemRequest"]
        customers = [one["Customer"] for one in items if "Customer" in one]
        return [("quickbooks", one["Id"]) for one in customers if "Id" in one]
    return []


async def _losers(world: Simulation) -> None:
    """Both sides edit the same fields, and then the answers to our writes are lost."""
    await world.begin(5, 5)
    await world.settle()
    for _ in range(3):
        for _ in range(4):
            both_edit(world.people)
        await world.busy(2, DOUBTS)
    await world.settle()
    await check_all(world)


async def _races(world: Simulation) -> None:
    races = Races(world)
    await world.begin(4, 4)
    await world.busy(8, {}, partial(asyncio.sleep, 0.1))
    races.on = False
    await world.settle()
    await check_all(world)


class DeadlyRaces(Races):
    """Besides, the process dies now and then just before a removal leaves."""

    async def _deliver(self, request: HttpRequest) -> HttpResponse:
        removes = b'"Active":false' in request.body
        if self.on and removes and self._people.random.random() < EDITED:
            self.fate.die("before a removal")
        return await super()._deliver(request)


class RemovingWorld(Simulation):
    """What is deleted on one side is removed on the other."""

    def _ruled(self, definition: SyncDefinition) -> SyncDefinition:
        ruled = super()._ruled(definition)
        contacts = definition.name == "contacts"
        return replace(ruled, deletions=DeletionRule.ARCHIVE) if contacts else ruled


async def _removals(world: Simulation) -> None:
    """Contacts are archived; customers are edited while they are removed, and the process dies."""
    races = DeadlyRaces(world)
    await world.begin(6, 3)
    await world.settle()
    people = world.people
    for contact in world.portal.all("contacts")[:5]:
        people.sees_go("hubspot", contact["hs_object_id"])
        world.portal.archive("contacts", contact["hs_object_id"])
        people.removed.add(("contacts", contact["hs_object_id"]))
    world.loop.pass_time(A_DAY_S)
    for _ in range(4):
        await world.cycle()
    races.on = False
    await world.settle()
    await check_all(world)


LIFE = Killer(name="a short random life", play=_life)
DOUBTFUL = Killer(name="a first sync with many lost answers", play=lambda s: in_a_world(s, _doubts))
RACING = Killer(name="edits at the moment of our writes", play=lambda s: in_a_world(s, _races))
CONFLICTING = Killer(name="conflicts with many lost answers", play=lambda s: in_a_world(s, _losers))
REMOVING = Killer(
    name="customers are removed, edited meanwhile, and the process dies",
    play=lambda s: in_a_world(s, _removals, RemovingWorld),
)
