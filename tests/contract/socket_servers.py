"""Both emulators behind real sockets in a thread of their own, spoken to byte by byte."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from ledgerbridge.sandbox.console import with_console
from ledgerbridge.sandbox.http import Server
from ledgerbridge.sandbox.hubspot import HubSpot
from ledgerbridge.sandbox.quickbooks import QuickBooks

PATIENCE_S = 0.3
SOCKET_S_MAX = 20.0


@contextmanager
def served() -> Iterator[tuple[int, int]]:
    """The ports of both emulators; HubSpot's first."""
    ready, loop = threading.Event(), asyncio.new_event_loop()
    stop = asyncio.Event()
    ports: list[int] = []

    async def serve() -> None:
        hubspot = with_console(HubSpot(now=_now))
        quickbooks = with_console(QuickBooks(now=_now))
        async with (
            Server(hubspot, patience_s=PATIENCE_S) as portal,
            Server(quickbooks, patience_s=PATIENCE_S) as books,
        ):
            ports.extend(int(one.url.rpartition(":")[2]) for one in (portal, books))
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    ready.wait(SOCKET_S_MAX)
    try:
        yield ports[0], ports[1]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(SOCKET_S_MAX)
        loop.close()


def said(port: int, *pieces: bytes) -> bytes:
    """All that a server says to these bytes until it hangs up. Raises TimeoutError if it hangs."""
    with socket.create_connection(("127.0.0.1", port), timeout=SOCKET_S_MAX) as client:
        answer = bytearray()
        try:
            for piece in pieces:
                client.sendall(piece)
            while chunk := client.recv(65_536):
                answer += chunk
        except ConnectionError:
            pass
        return bytes(answer)


def status(answer: bytes) -> int:
    """The status of an answer, 0 where there is none."""
    words = answer.split(b" ", 2)
    return int(words[1]) if len(words) > 1 and answer.startswith(b"HTTP/1.") else 0


def _now() -> datetime:
    return datetime.now(UTC)
