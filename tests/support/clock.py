"""A clock whose time moves only by sleeping, for tests of one thing at a time."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from datetime import UTC, datetime, timedelta

START = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)


class JumpingClock:
    """
    Everybody who sleeps is woken in order of time, as soon as nobody has anything else to do.

    Time jumps; a sleeper yields a few turns of the loop first, so that others may run meanwhile.
    """

    TURNS_BEFORE_JUMP = 20

    def __init__(self) -> None:
        self.elapsed_s = 0.0
        self._ids = itertools.count(1)
        self._sleepers: list[tuple[float, int]] = []

    def now(self) -> datetime:
        """The instant, UTC-aware."""
        return START + timedelta(seconds=self.elapsed_s)

    def monotonic_s(self) -> float:
        """Seconds since the start."""
        return self.elapsed_s

    async def sleep(self, wait_s: float) -> None:
        """Wait until every earlier sleeper was woken, then jump."""
        sleeper = (self.elapsed_s + wait_s, next(self._ids))
        heapq.heappush(self._sleepers, sleeper)
        turns = 0
        try:
            while turns < self.TURNS_BEFORE_JUMP:
                await asyncio.sleep(0)
                turns = turns + 1 if self._sleepers[0] == sleeper else 0
            self.elapsed_s = max(self.elapsed_s, sleeper[0])
        finally:
            self._sleepers.remove(sleeper)
            heapq.heapify(self._sleepers)

    def new_id(self) -> str:
        """Numbered ids of 36 characters."""
        return f"{next(self._ids):036d}"

    def jitter(self) -> float:
        """Always one half."""
        return 0.5

    def nonce(self, size_bytes: int) -> bytes:
        """Zeros."""
        return bytes(size_bytes)
