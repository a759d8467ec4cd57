"""What is simulated: a random life from a seed."""

from __future__ import annotations

from functools import partial
from random import Random

from ledgerbridge.core.mapping import Rule
from ledgerbridge.core.model import Side
from ledgerbridge.store import journal
from ledgerbridge.store.transaction import Transaction
from simulation import machines, owners
from simulation.conflicts import decide_some, drawn_rule, edit_apart
from simulation.loop import VirtualLoop, run
from simulation.properties import check_all, check_converged, pairs
from simulation.story import with_its_story
from simulation.undoing import undo_what_was_written
from simulation.watching import check_tenant, watch
from simulation.world import Folder, Simulation, Told

STORM = {
    "drop": 0.04,
    "lost": 0.05,
    "late": 0.04,
    "throttle": 0.03,
    "tired": 0.02,
    "die before": 0.02,
    "die after": 0.02,
}


RELINKED = 0.3
"""How often a world at rest loses its database."""


UNDONE = 0.5
"""How often somebody undoes something in the end."""


def live(seed: int, *, rounds: int = 3, actions: int = 8) -> Told:
    """
    A life under faults: first sync, busy times, rest, checks; again and again.

    Raises AssertionError, with the invariant's name and the stories of the records that it
    concerns, when something does not hold.
    """
    loop = VirtualLoop()
    with Folder() as folder:
        world = Simulation(loop, seed, folder)

        async def life() -> Told:
            random = Random(seed)
            world.rule = drawn_rule(world.deciding)
            watch(world)
            await world.begin(random.randint(3, 6), random.randint(2, 5))
            for number in range(rounds):
                if number and world.rule is Rule.NEWEST:
                    await edit_apart(world)
                chances = STORM if number or random.random() < 0.7 else {}
                await world.busy(actions, chances, partial(_between_runs, world))
                await machines.all_end(world)
                await owners.put_back(world)
                await world.settle()
                await check_all(world)
                await world.decide()
                if random.random() < RELINKED:
                    await world.lose_the_database()
            if random.random() < UNDONE:
                await _undo_some(world)
            await check_tenant(world)
            return world.told()

        return run(with_its_story(world, life()), loop)


async def _undo_some(world: Simulation) -> None:
    """Somebody undoes what was written to a contact that people made, and goes on."""
    made = world.people.made["contacts"]
    written = [
        (customer, contact)
        for customer, contact in await world.store.read(pairs)
        if contact in made
        and world.portal.get("contacts", contact)
        and world.company.get("Customer", customer)
        and await world.store.read(_was_written, contact)
    ]
    if written:
        await undo_what_was_written(world, *world.owning.choice(written))
        await world.settle()
        await check_converged(world)
        world.counts["undos"] += 1


def _was_written(tx: Transaction, contact: str) -> bool:
    found = journal.writes_to(tx, Side.HUBSPOT, [contact])
    return any(one.object_type == "contacts" for one in found)


async def _between_runs(world: Simulation) -> None:
    """What else goes on: decisions, another set-up, a machine that is none of the best."""
    await decide_some(world)
    await owners.act(world)
    await machines.act(world)
