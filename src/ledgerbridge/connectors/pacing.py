"""
Staying inside a vendor's limits without leaning on its refusals.

- Limit: so many calls in any stretch of `window_s` seconds.
- Window: what is known about one limit of one account now. A call takes a place when it leaves and
  gives it back `window_s` after its answer came: it reached the vendor somewhere in between, so no
  stretch of the vendor's time can hold more of our calls than the limit allows.
- After a 429 the whole window rests, then allows less: times `CUT`, plus `STEP` of the full count
  for each quiet window (additive increase, multiplicative decrease).

`step` is pure; `Pacer` is the shell that waits on the injected clock.
"""

from __future__ import annotations

import asyncio
import math
from bisect import bisect_right
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from ledgerbridge.clock import Clock

CUT = 0.6
STEP = 0.1
SLACK_S = 0.01
"""Added to every stay, so that equal instants on two clocks do not collide."""

WAIT_S_MIN = 0.001


class Limit(Struct, frozen=True):
    """At most `count` calls in any `window_s` seconds; limits of one name share one window."""

    name: str
    count: int
    window_s: float


class Window(Struct, frozen=True):
    """
    One limit as it stands: `under_way` calls left without an answer, `ends` are the ascending
    instants at which answered ones stop counting, `foreign` calls were made by somebody else.
    """

    limit: Limit
    under_way: int = 0
    ends: tuple[float, ...] = ()
    share: float = 1.0
    share_since_s: float = -math.inf
    resting_until_s: float = -math.inf
    foreign: int = 0
    foreign_until_s: float = -math.inf


class Ask(Struct, frozen=True):
    """A call would like to leave. With a wait of 0 it has left and is counted."""


class Answered(Struct, frozen=True):
    """A call that left was answered or given up."""


class Throttled(Struct, frozen=True):
    """The vendor answered 429; `wait_s` is its Retry-After if it gave one."""

    wait_s: float | None = None


class Told(Struct, frozen=True):
    """The vendor's headers: what the limit is, and how many calls it still allows."""

    count: int
    remaining: int
    window_s: float


Event: TypeAlias = Ask | Answered | Throttled | Told


def step(window: Window, now_s: float, event: Event) -> tuple[Window, float]:
    """
    The window after an event, and for `Ask` the seconds to wait before asking again.

    A wait of infinity means: until some call is answered. Other events answer 0.
    """
    window = _at(window, now_s)
    match event:
        case Ask():
            wait_s = _wait_s(window, now_s)
            return (window if wait_s else replace(window, under_way=window.under_way + 1)), wait_s
        case Answered():
            end_s = now_s + window.limit.window_s + SLACK_S
            ends = (*window.ends, end_s)
            # A window whose length was just learned may end out of order.
            ends = ends if len(ends) < 2 or ends[-2] <= end_s else tuple(sorted(ends))
            return replace(window, under_way=window.under_way - 1, ends=ends), 0.0
        case Throttled(wait_s=wait_s):
            return _throttled(window, now_s, wait_s), 0.0
        case Told():
            return _told(window, now_s, event), 0.0


def _at(window: Window, now_s: float) -> Window:
    """The window with what has ended by now taken out, and the share grown by quiet stretches."""
    if window.ends and window.ends[0] <= now_s:
        window = replace(window, ends=window.ends[bisect_right(window.ends, now_s) :])
    if window.foreign and window.foreign_until_s <= now_s:
        window = replace(window, foreign=0)
    if window.share < 1.0:
        quiet = int((now_s - window.share_since_s) / window.limit.window_s)
        if quiet > 0:
            since_s = window.share_since_s + quiet * window.limit.window_s
            share = min(1.0, window.share + STEP * quiet)
            window = replace(window, share=share, share_since_s=since_s)
    return window


def _wait_s(window: Window, now_s: float) -> float:
    if now_s < window.resting_until_s:
        return max(window.resting_until_s - now_s, WAIT_S_MIN)
    allowed = max(1, int(window.limit.count * window.share))
    excess = window.under_way + len(window.ends) + window.foreign + 1 - allowed
    if excess <= 0:
        return 0.0
    if window.foreign:
        ends = sorted((*window.ends, *[window.foreign_until_s] * window.foreign))
    else:
        ends = list(window.ends)
    if excess > len(ends):
        return math.inf
    return max(ends[excess - 1] - now_s, WAIT_S_MIN)


def _throttled(window: Window, now_s: float, wait_s: float | None) -> Window:
    until_s = now_s + (window.limit.window_s if wait_s is None else wait_s)
    if now_s < window.resting_until_s:
        # Calls that were already under way are refused for the same reason: one cut is enough.
        return replace(window, resting_until_s=max(window.resting_until_s, until_s))
    share = max(window.share * CUT, 1 / window.limit.count)
    return replace(window, share=share, share_since_s=until_s, resting_until_s=until_s)


def _told(window: Window, now_s: float, told: Told) -> Window:
    if told.count < 1 or told.window_s <= 0:
        return window
    if (told.count, told.window_s) != (window.limit.count, window.limit.window_s):
        limit = Limit(window.limit.name, told.count, told.window_s)
        window = replace(window, limit=limit)
    foreign = told.count - told.remaining - window.under_way - len(window.ends)
    if foreign <= window.foreign:
        return window
    until_s = now_s + told.window_s + SLACK_S
    return replace(window, foreign=foreign, foreign_until_s=until_s)


class Pacer:
    """
    Lets calls of one account leave as fast as its limits allow, first come, first served.

    `limits` names the limits that each kind of call counts against, the narrowest first;
    `at_once_max` bounds the calls under way together.
    """

    def __init__(
        self, clock: Clock, limits: Mapping[str, tuple[Limit, ...]], at_once_max: int
    ) -> None:
        self._clock = clock
        self._names = {kind: [limit.name for limit in some] for kind, some in limits.items()}
        self._windows = {limit.name: Window(limit) for some in limits.values() for limit in some}
        self._queues = {name: asyncio.Lock() for name in self._windows}
        self._answers = {name: asyncio.Event() for name in self._windows}
        self._at_once = asyncio.Semaphore(at_once_max)

    @asynccontextmanager
    async def slot(self, kind: str) -> AsyncIterator[None]:
        """Wait until a call of this kind may leave; leave the block when it was answered."""
        taken: list[str] = []
        try:
            for name in self._names[kind]:
                await self._take(name)
                taken.append(name)
            async with self._at_once:
                await self._rest(taken)
                yield
        finally:
            for name in taken:
                self._step(name, Answered())
                self._answers[name].set()

    def throttled(self, kind: str, wait_s: float | None) -> None:
        """The vendor refused a call of this kind for its rate; rest `wait_s`, else a window."""
        for name in self._names[kind]:
            self._step(name, Throttled(wait_s))

    def told(self, name: str, told: Told) -> None:
        """The vendor's headers spoke of the limit of this name."""
        self._step(name, told)

    async def _take(self, name: str) -> None:
        async with self._queues[name]:
            while (wait_s := self._step(name, Ask())) > 0:
                if wait_s == math.inf:
                    self._answers[name].clear()
                    await self._answers[name].wait()
                else:
                    await self._clock.sleep(wait_s)

    async def _rest(self, names: list[str]) -> None:
        """A 429 may have come while this call waited for its turn; then it rests like the rest."""
        while (now_s := self._clock.monotonic_s()) < (
            until_s := max((self._windows[name].resting_until_s for name in names), default=now_s)
        ):
            await self._clock.sleep(max(until_s - now_s, WAIT_S_MIN))

    def _step(self, name: str, event: Event) -> float:
        window, wait_s = step(self._windows[name], self._clock.monotonic_s(), event)
        self._windows[name] = window
        return wait_s
