"""What is simulated: a random life from a seed, and a script that dies at each of its steps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import partial
from random import Random

from msgspec import Struct

from ledgerbridge.core.mapping import Rule
from simulation.conflicts import decide_some, drawn_rule, edit_apart
from simulation.loop import VirtualLoop, run
from simulation.properties import check_all
from simulation.world import Folder, Simulation

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


class Told(Struct, frozen=True):
    """What one world went through, and the digest of its requests."""

    seed: int
    digest: str
    counts: Mapping[str, int]


def live(seed: int, *, rounds: int = 3, actions: int = 8) -> Told:
    """
    A life under faults: first sync, busy times, rest, checks; again and again.

    Raises AssertionError, with the invariant's name, when something does not hold.
    """
    loop = VirtualLoop()
    with Folder() as folder:

        async def life() -> Told:
            world = Simulation(loop, seed, folder)
            random = Random(seed)
            world.rule = drawn_rule(world.deciding)
            await world.begin(random.randint(3, 6), random.randint(2, 5))
            for number in range(rounds):
                if number and world.rule is Rule.NEWEST:
                    await edit_apart(world)
                chances = STORM if number or random.random() < 0.7 else {}
                await world.busy(actions, chances, partial(decide_some, world))
                await world.settle()
                await check_all(world)
                await world.decide()
                if not world.people.merged and random.random() < RELINKED:
                    await world.lose_the_database()
            return _told(world, seed)

        return run(life(), loop)


def die_at(step: int, seed: int = 1) -> tuple[Told, bool]:
    """
    A first sync and a busy cycle, with death at one step; then restart, rest, checks.

    Returns also whether that step was reached at all.
    """
    loop = VirtualLoop()
    with Folder() as folder:

        async def life() -> tuple[Told, bool]:
            world = Simulation(loop, seed, folder)
            await world.begin(4, 3)
            world.fate.steps, world.fate.dies_at = 0, step
            await world.cycle()
            for _ in range(6):
                world.people.act()
            await world.cycle()
            reached = world.counts["deaths"] > 0
            await world.settle()
            await check_all(world)
            return _told(world, seed), reached

        return run(life(), loop)


def _told(world: Simulation, seed: int) -> Told:
    counts: Counter[str] = Counter(world.counts)
    counts.update({f"fault: {k}": n for k, n in world.fate.happened.items()})
    counts.update({f"deed: {k}": n for k, n in world.people.did.items()})
    return Told(seed, world.network.digest, dict(counts))
