"""
What happens to the machine: its clock jumps, tokens end early, and a second process works on the
same database, is frozen in a call, and is thawed when the first one has gone on.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from random import Random

from ledgerbridge.connectors.transport import HttpRequest, HttpResponse
from ledgerbridge.errors import Fenced, LedgerbridgeError
from ledgerbridge.service.cycle import run_once
from ledgerbridge.service.opening import open_world
from ledgerbridge.store.database import Store
from simulation.network import Died, Fate, Network, may_be_late
from simulation.world import REMOVALS_ALLOWED, Simulation

HAPPENS = 0.3
"""How often something happens to the machine between two runs."""
JUMPS_S = (-7200.0, -600.0, 600.0, 7200.0)
CALLS_BEFORE_FROZEN_MAX = 25
FROZEN_S = (3.0, 400.0)
WITHOUT_KEYS = ("/discounts/batch/create", "/taxes/batch/create")
"""Creations that nothing refuses the second time."""
READS = ("/search", "/batch/read", "/batch/property-history", "/query")


async def act(world: Simulation) -> None:
    """Now and then something happens to the machine."""
    if world.breaking.random() < HAPPENS:
        world.breaking.choice(DEEDS)(world)


def clock_jumps(world: Simulation) -> None:
    """The clock of the service is wrong from now on, and put right before the world rests."""
    world.clock.wrong_by_s = world.breaking.choice(JUMPS_S)
    world.counts["clock jumps"] += 1
    world.people.say(f"our clock is wrong by {world.clock.wrong_by_s} s")


def clock_is_right(world: Simulation) -> None:
    """Somebody puts the clock right."""
    if world.clock.wrong_by_s:
        world.counts["clocks put right"] += 1
        world.people.say("our clock was put right")
    world.clock.wrong_by_s = 0.0


def tokens_end(world: Simulation) -> None:
    """All access tokens of QuickBooks end now; the refresh token is replaced by its next use."""
    world.quickbooks.expire_access_tokens()
    world.counts["tokens ended"] += 1
    world.people.say("the access tokens ended")


def second_process(world: Simulation) -> None:
    """Another process runs on the same database, and freezes in one of its calls."""
    if world.second is None or world.second.done():
        world.second = asyncio.get_running_loop().create_task(_second(world))


DEEDS = (clock_jumps, clock_is_right, tokens_end, second_process, second_process)


class Freezing:
    """A `Transport` that lets its process freeze before or after one call, for so long."""

    def __init__(self, network: Network, random: Random) -> None:
        self._network = network
        self._left = random.randrange(CALLS_BEFORE_FROZEN_MAX)
        self._frozen_s = random.uniform(*FROZEN_S)
        self._before = random.random() < 0.5
        self.froze = False

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Pass it on; what may not leave so late is a known window (engine.md)."""
        self._left -= 1
        here = not self.froze and self._left <= 0
        if here and self._before and (request.method == "GET" or _harmless_late(request)):
            await self._freeze()
            here = False
        answer = await self._network.send(request)
        if here and not self._before:
            await self._freeze()
        return answer

    async def _freeze(self) -> None:
        self.froze = True
        await asyncio.sleep(self._frozen_s)


def _harmless_late(request: HttpRequest) -> bool:
    if request.url.endswith(WITHOUT_KEYS):
        return False
    return may_be_late(request) or request.url.partition("?")[0].endswith(READS)


async def _second(world: Simulation) -> None:
    """One run of it, with a store of its own; then it ends."""
    fate = Fate(world.breaking, world.fate.chances, happened=world.fate.happened)
    freezing = Freezing(world.network.beside(fate), world.breaking)
    with Store.open(world.settings.database_url, clock=world.clock, inline=True) as store:
        store.before_commit = partial(fate.step, "before a commit")
        store.after_commit = partial(fate.step, "after a commit")
        shop = world.shop_with(store, freezing)
        try:
            opened = replace(await open_world(shop), removals_allowed=REMOVALS_ALLOWED)
            await run_once(opened, lambda counts: True)
        except Fenced:
            world.counts["fenced processes"] += 1
        except LedgerbridgeError:
            world.counts["second processes stopped"] += 1
        except (Died, BaseExceptionGroup):
            world.counts["second processes died"] += 1
        store.before_commit = store.after_commit = None
    world.counts["frozen and thawed"] += freezing.froze
    world.people.say(f"a second process ended{' after it was frozen' if freezing.froze else ''}")
    world.counts["second processes"] += 1


async def all_end(world: Simulation) -> None:
    """The clock is right again, and the second process is thawed and ends."""
    clock_is_right(world)
    if world.second is not None:
        await world.second
