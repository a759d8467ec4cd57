"""
`make crashes`: death before and after every external call and every commit of two scripts.

Each point is a world of its own: the script runs up to it, the process dies, the next one finds the
same database, all comes to rest, and every property is checked.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter

from msgspec import Struct

from simulation.cores import each
from simulation.loop import VirtualLoop, run
from simulation.properties import check_all
from simulation.scripts import SCRIPTS
from simulation.story import with_its_story
from simulation.watching import watch
from simulation.world import Folder, Simulation, Told

SEED = 1


class Point(Struct, frozen=True):
    """One step of a script at which the process dies; 0 is none, and the script ends in peace."""

    script: str
    step: int


class Survived(Struct, frozen=True):
    """What became of one point: where it died, how many steps there were, what was counted."""

    point: Point
    steps: int
    told: Told


def survive(point: Point) -> Survived:
    """
    Run a script, die at a step, restart, rest, check.

    Raises AssertionError, with the property's name and the record's story, where it does not hold.
    """
    script, loop = SCRIPTS[point.script], VirtualLoop()
    with Folder() as folder:
        world = Simulation(loop, SEED, folder)

        async def life() -> Survived:
            watch(world)
            books = await script.before(world)
            world.fate.count_from_here(point.step or None)
            await script.happens(world, books)
            steps = world.fate.steps
            died = world.counts["deaths"]
            assert died == bool(point.step), f"{point} died {died} times"
            await world.settle()
            await check_all(world)
            return Survived(point, steps, world.told())

        return run(with_its_story(world, life()), loop)


def points(script: str) -> list[Point]:
    """Every step of a script at which a process can die."""
    return [Point(script, step) for step in range(1, survive(Point(script, 0)).steps + 1)]


def main() -> int:
    """Die at every point, tell where, and return 1 if any property broke."""
    parser = argparse.ArgumentParser(prog="make crashes")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--every", type=int, default=1, help="only each so many'th point")
    asked = parser.parse_args()
    started_s = time.monotonic()
    failures: list[str] = []
    for script in SCRIPTS:
        deaths: Counter[str] = Counter()
        chosen = points(script)[:: asked.every]
        for point, survived in each(survive, chosen, asked.workers):
            if isinstance(survived, str):
                failures.append(f"{script}, step {point.step}: {survived}")
                print(failures[-1], flush=True)
            else:
                counts = survived.told.counts
                deaths.update({k: n for k, n in counts.items() if k.startswith("fault: death")})
        print(f"{script}: {len(chosen)} points")
        for where, number in sorted(deaths.items()):
            print(f"{number:8} {where.removeprefix('fault: ')}")
    print(f"{len(failures)} failed, {(time.monotonic() - started_s) / 60:.1f} minutes")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
