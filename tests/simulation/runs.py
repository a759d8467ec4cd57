"""What is simulated: a random life from a seed, and a script that dies at each of its steps."""

from __future__ import annotations

from functools import partial
from random import Random

from ledgerbridge.core.mapping import Rule
from simulation import machines, owners
from simulation.conflicts import ASKING, decide_some
from simulation.loop import VirtualLoop, run
from simulation.properties import check_all
from simulation.story import with_its_story
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
"""How often a world at rest, in which nobody merged anything, loses its database."""


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
            if world.deciding.random() < ASKING:
                world.rule = Rule.ASK
            watch(world)
            await world.begin(random.randint(3, 6), random.randint(2, 5))
            for number in range(rounds):
                chances = STORM if number or random.random() < 0.7 else {}
                await world.busy(actions, chances, partial(_between_runs, world))
                await machines.all_end(world)
                await owners.put_back(world)
                await world.settle()
                await check_all(world)
                await world.decide()
                if not world.people.merged and random.random() < RELINKED:
                    await world.lose_the_database()
            await check_tenant(world)
            return world.told()

        return run(with_its_story(world, life()), loop)


async def _between_runs(world: Simulation) -> None:
    """What else goes on: decisions, another set-up, a machine that is none of the best."""
    await decide_some(world)
    await owners.act(world)
    await machines.act(world)
