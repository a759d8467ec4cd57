"""A run is undone in the middle of a life under faults, and by a process that dies at any step."""

from __future__ import annotations

from random import Random

import pytest

from ledgerbridge.core.model import Side
from ledgerbridge.service.undo_subjects import Target
from ledgerbridge.store import journal, links, syncs
from ledgerbridge.store.transaction import Transaction
from simulation.loop import VirtualLoop, run
from simulation.properties import check_conservation, check_idle_is_silent
from simulation.runs import STORM
from simulation.undoing import undo
from simulation.world import Folder, Simulation

SEEDS = range(300, 310)
DONE_MIN = 4
ASKED_MAX = 9
STEPS = range(1, 240, 24)


def _runs(tx: Transaction) -> list[str]:
    """The runs that wrote for contacts or products, the newest first."""
    kept = {one.id for one in syncs.every(tx) if one.name in ("contacts", "products")}
    found = [one for one in journal.newest(tx, 200, kind="write") if one.sync in kept]
    return list(dict.fromkeys(one.run for one in found))


def _pairs(tx: Transaction) -> list[tuple[str, str]]:
    (sync,) = [one for one in syncs.every(tx) if one.name == "contacts"]
    found = [(one.quickbooks_id, one.hubspot_id) for one in links.page(tx, sync.id, "", 100)]
    return [(theirs, ours) for theirs, ours in found if theirs and ours]


def _undone_under_faults(seed: int) -> bool:
    """Whether an undo in the middle of a life came to its end."""
    loop = VirtualLoop()
    with Folder() as folder:

        async def life() -> bool:
            world = Simulation(loop, seed, folder)
            report = None
            await world.begin(5, 4)
            await world.busy(8, STORM)
            found = await world.store.read(_runs)
            if found:
                world.fate.chances = STORM
                target = Target(run=Random(seed).choice(found))
                for _ in range(ASKED_MAX):
                    report = report or await undo(world, target)
            await world.busy(4, STORM)
            await world.settle()
            await check_conservation(world)
            await check_idle_is_silent(world)
            return report is not None

        return run(life(), loop)


def test_runs_that_are_undone_under_faults_stay_undone_and_harm_nobody() -> None:
    done = sum(_undone_under_faults(seed) for seed in SEEDS)

    assert done >= DONE_MIN, f"{done} of {len(SEEDS)} undos came to their end"


def _dies_at(step: int) -> bool:
    """Whether the undo got so far; after it was asked for again, all is as it was before."""
    loop = VirtualLoop()
    with Folder() as folder:

        async def life() -> bool:
            world = Simulation(loop, 1, folder)
            await world.begin(4, 3)
            await world.settle()
            before = {one["hs_object_id"]: dict(one) for one in world.portal.all("contacts")}
            for customer, _ in await world.store.read(_pairs):
                world.people.edit_customer(customer, "GivenName")
            loop.pass_time(400.0)
            done = await world.cycle()
            assert done is not None
            target = Target(run=done.run)
            world.fate.steps, world.fate.dies_at = 0, step
            report = await undo(world, target)
            reached = world.counts["deaths"] > 0
            world.fate.dies_at = None
            assert reached == (report is None)
            loop.pass_time(400.0)
            again = await undo(world, target)
            assert again is not None
            listed = {(x.record, name) for x in again.left for name in x.fields}
            for one in world.portal.all("contacts"):
                name = f"{Side.HUBSPOT}:{one['hs_object_id']}", "firstname"
                was = before[one["hs_object_id"]].get("firstname")
                assert one.get("firstname") == was or name in listed, "I-UNDO"
            await world.settle()
            await check_idle_is_silent(world)
            return reached

        return run(life(), loop)


@pytest.mark.parametrize("step", STEPS)
def test_an_undo_that_dies_goes_on_when_it_is_asked_for_again(step: int) -> None:
    _dies_at(step)


def test_deaths_happen_in_the_middle_of_an_undo() -> None:
    assert _dies_at(STEPS.start)
