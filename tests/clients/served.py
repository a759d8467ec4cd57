"""Emulators on loopback HTTP, served from a thread: the clients of others wait while they ask."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from ledgerbridge.sandbox.http import App, Server

MOMENT = datetime(2026, 3, 12, 7, 33, 46, 615000, tzinfo=UTC)


def now() -> datetime:
    """The moment at which everything in these tests happens."""
    return MOMENT


@contextmanager
def served(app: App) -> Iterator[str]:
    """Where the application listens while the block lasts, e.g. `http://127.0.0.1:8801`."""
    loop, ready, stop = asyncio.new_event_loop(), threading.Event(), asyncio.Event()
    urls: list[str] = []

    async def serve() -> None:
        async with Server(app) as server:
            urls.append(server.url)
            ready.set()
            await stop.wait()

    def work() -> None:
        loop.run_until_complete(serve())
        loop.close()

    thread = threading.Thread(target=work, name="emulator")
    thread.start()
    assert ready.wait(30)
    try:
        yield urls[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(30)
