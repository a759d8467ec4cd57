"""An event loop whose time jumps to the next timer: nobody waits, nothing touches a socket."""

from __future__ import annotations

import asyncio
import selectors
import uuid
from collections.abc import Coroutine, Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, TypeVar

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
T = TypeVar("T")


class _Jump(selectors.BaseSelector):
    """Instead of waiting for sockets, lets virtual time pass."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self._keys: dict[int, selectors.SelectorKey] = {}

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        key = selectors.SelectorKey(fileobj, _descriptor(fileobj), events, data)
        self._keys[key.fd] = key
        return key

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._keys.pop(_descriptor(fileobj))

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._keys

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        assert timeout is not None, "everybody waits and nobody will ever wake them"
        self.now_s += max(0.0, timeout)
        return []


def _descriptor(fileobj: Any) -> int:
    return fileobj if isinstance(fileobj, int) else int(fileobj.fileno())


class VirtualLoop(asyncio.SelectorEventLoop):
    """`time()` is virtual; it only moves when there is nothing to do at this instant."""

    def __init__(self) -> None:
        self._jump = _Jump()
        super().__init__(self._jump)

    def time(self) -> float:
        """Virtual seconds since the start."""
        return self._jump.now_s

    def pass_time(self, seconds: float) -> None:
        """Let time go by while nothing runs."""
        self._jump.now_s += seconds


def run(main: Coroutine[Any, Any, T], loop: VirtualLoop) -> T:
    """Run to the end on that loop, and close it."""
    try:
        return loop.run_until_complete(main)
    finally:
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.close()


class SimulatedClock:
    """
    The service's clock on a virtual loop; all its chance comes from one seed.

    It may be wrong, by `wrong_by_s`: what it says is then not the instant that it is.
    """

    def __init__(self, loop: VirtualLoop, random: Random) -> None:
        self._loop, self._random = loop, random
        self.wrong_by_s = 0.0
        self._last = (0.0, START)

    def true_now(self) -> datetime:
        """The virtual instant, as both vendors know it."""
        now_s = self._loop.time()
        if now_s != self._last[0]:
            self._last = now_s, START + timedelta(seconds=now_s)
        return self._last[1]

    def now(self) -> datetime:
        """What the clock of the service says."""
        return self.true_now() + timedelta(seconds=self.wrong_by_s)

    def monotonic_s(self) -> float:
        """Virtual seconds."""
        return self._loop.time()

    async def sleep(self, wait_s: float) -> None:
        """Jump."""
        await asyncio.sleep(wait_s)

    def new_id(self) -> str:
        """A UUID drawn from the seed."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def jitter(self) -> float:
        """A number in [0, 1) drawn from the seed."""
        return self._random.random()

    def nonce(self, size_bytes: int) -> bytes:
        """Bytes drawn from the seed."""
        return self._random.randbytes(size_bytes)
