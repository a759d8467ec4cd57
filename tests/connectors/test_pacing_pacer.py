"""The waiting shell, against a vendor that counts strictly."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping

import pytest

from ledgerbridge.connectors.pacing import Limit, Pacer
from ledgerbridge.connectors.quickbooks.settings import API, BATCH, Settings, limits_of
from support.clock import JumpingClock

SEARCHES = {
    "api": (Limit("requests", 20, 10.0),),
    "search": (Limit("search", 2, 1.0), Limit("requests", 20, 10.0)),
}


class StrictVendor:
    """Raises as soon as a rolling window or the number at once is exceeded."""

    def __init__(self, clock: JumpingClock, limits: Mapping[str, tuple[Limit, ...]]) -> None:
        self._clock, self._limits = clock, limits
        self._arrivals: dict[str, deque[float]] = {}
        self.at_once = self.at_once_most = self.calls = 0

    async def serve(self, kind: str, latency_s: float) -> None:
        now_s = self._clock.monotonic_s()
        for limit in self._limits[kind]:
            arrivals = self._arrivals.setdefault(limit.name, deque())
            while arrivals and arrivals[0] <= now_s - limit.window_s:
                arrivals.popleft()
            arrivals.append(now_s)
            assert len(arrivals) <= limit.count, f"{limit.name} exceeded at {now_s}"
        self.calls += 1
        self.at_once += 1
        self.at_once_most = max(self.at_once_most, self.at_once)
        await self._clock.sleep(latency_s)
        self.at_once -= 1


async def work(pacer: Pacer, vendor: StrictVendor, kind: str, calls: int, latency_s: float) -> None:
    for _ in range(calls):
        async with pacer.slot(kind):
            await vendor.serve(kind, latency_s)


async def test_a_long_run_meets_no_refusal_and_takes_hardly_longer_than_the_limits_allow() -> None:
    clock, limits = JumpingClock(), dict(limits_of(Settings()))
    pacer, vendor = Pacer(clock, limits, at_once_max=10), StrictVendor(clock, limits)

    await asyncio.gather(*(work(pacer, vendor, API, 150, 0.01) for _ in range(10)))

    assert vendor.calls == 1500
    # 500 leave in each minute, ten a second: the last of them 49 s after the second minute began.
    assert clock.elapsed_s <= (120 + 49) * 1.10


async def test_batches_leave_forty_a_minute_and_no_faster() -> None:
    clock, limits = JumpingClock(), dict(limits_of(Settings()))
    pacer, vendor = Pacer(clock, limits, at_once_max=10), StrictVendor(clock, limits)

    await asyncio.gather(*(work(pacer, vendor, BATCH, 20, 0.1) for _ in range(6)))

    assert vendor.calls == 120
    assert clock.elapsed_s <= 123 * 1.10


async def test_at_most_so_many_calls_are_under_way_together() -> None:
    clock, limits = JumpingClock(), {"api": (Limit("requests", 1000, 1.0),)}
    pacer, vendor = Pacer(clock, limits, at_once_max=3), StrictVendor(clock, limits)

    await asyncio.gather(*(work(pacer, vendor, "api", 10, 0.5) for _ in range(10)))

    assert vendor.at_once_most == 3


async def test_two_kinds_that_share_a_limit_do_not_starve_each_other() -> None:
    clock = JumpingClock()
    pacer, vendor = Pacer(clock, SEARCHES, at_once_max=10), StrictVendor(clock, SEARCHES)
    ended: dict[str, float] = {}

    async def run(kind: str, calls: int) -> None:
        await work(pacer, vendor, kind, calls, 0.01)
        ended[kind] = clock.elapsed_s

    await asyncio.gather(*(run("api", 20) for _ in range(10)), run("search", 10))

    assert ended["search"] <= ended["api"]


async def test_a_refusal_lets_all_later_calls_rest() -> None:
    clock, limits = JumpingClock(), {"api": (Limit("requests", 100, 10.0),)}
    pacer, vendor = Pacer(clock, limits, at_once_max=1), StrictVendor(clock, limits)
    async with pacer.slot("api"):
        waiting = asyncio.create_task(work(pacer, vendor, "api", 1, 0.0))
        await asyncio.sleep(0)
        pacer.throttled("api", 30.0)

    await waiting
    assert clock.elapsed_s == 30.0


async def test_a_cancelled_call_gives_its_place_back() -> None:
    clock, limits = JumpingClock(), {"api": (Limit("requests", 1, 1.0),)}
    pacer = Pacer(clock, limits, at_once_max=1)

    async def hang() -> None:
        async with pacer.slot("api"):
            await asyncio.Event().wait()

    hanging = asyncio.create_task(hang())
    await asyncio.sleep(0)
    hanging.cancel()
    with pytest.raises(asyncio.CancelledError):
        await hanging

    async with pacer.slot("api"):
        assert clock.elapsed_s == pytest.approx(1.01)
