"""The one place that knows the time, randomness and new ids; simulation brings its own."""

from __future__ import annotations

import asyncio
import random
import secrets
import time
import uuid
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What the service asks of the world besides the network and the store."""

    def now(self) -> datetime:
        """The instant, UTC-aware."""

    def monotonic_s(self) -> float:
        """Seconds that only go forward, for pacing and time-outs."""

    async def sleep(self, wait_s: float) -> None:
        """Wait that many seconds."""

    def new_id(self) -> str:
        """A fresh id of 36 characters (QuickBooks takes no longer one with a batch)."""

    def jitter(self) -> float:
        """A number in [0, 1) to spread retries."""

    def nonce(self, size_bytes: int) -> bytes:
        """Unpredictable bytes for encryption."""


class SystemClock:
    """The real world."""

    def now(self) -> datetime:
        """The instant, UTC-aware."""
        return datetime.now(UTC)

    def monotonic_s(self) -> float:
        """Seconds that only go forward."""
        return time.monotonic()

    async def sleep(self, wait_s: float) -> None:
        """Wait that many seconds."""
        await asyncio.sleep(wait_s)

    def new_id(self) -> str:
        """A fresh random UUID as text."""
        return str(uuid.uuid4())

    def jitter(self) -> float:
        """A number in [0, 1)."""
        return random.random()  # noqa: S311 -- spreads retries, guards nothing

    def nonce(self, size_bytes: int) -> bytes:
        """Unpredictable bytes from the operating system."""
        return secrets.token_bytes(size_bytes)
