"""A served emulator on a frozen clock, with a client for its API and for its control."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from typing import Any

import aiohttp

from ledgerbridge.sandbox.clock import Clock
from ledgerbridge.sandbox.control import Control
from ledgerbridge.sandbox.hubspot import HubSpot
from ledgerbridge.sandbox.quickbooks import QuickBooks
from ledgerbridge.sandbox.serving import served

START = datetime(2026, 5, 1, 9, tzinfo=UTC)
EMULATORS = ("hubspot", "quickbooks")
CONTACTS = "/crm/objects/2026-09/contacts"


@dataclass
class Served:
    """An emulator on a frozen clock, and a client with the right to read it."""

    control: Control
    clock: Clock
    url: str
    session: aiohttp.ClientSession
    headers: dict[str, str]
    read_path: str

    async def ask(
        self, method: str, path: str, body: Any = None, **more: Any
    ) -> tuple[int, dict[str, Any]]:
        """Status and body of an answer of the control API."""
        sent = {} if body is None else {"json": body}
        async with self.session.request(
            method, f"{self.url}/sandbox{path}", **sent, **more
        ) as answer:
            return answer.status, await answer.json()

    async def good(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """The body of an answer that must be a success."""
        status, answered = await self.ask(method, path, body)

        assert status == 200, answered
        return answered

    async def read(self) -> int:
        """The status of a read of the vendor's API; 0 where the connection broke."""

        def once() -> int:  # aiohttp would send a read again by itself
            connection = HTTPConnection("127.0.0.1", int(self.url.rpartition(":")[2]), timeout=30)
            try:
                connection.request("GET", self.read_path, headers=self.headers)
                answer = connection.getresponse()
                answer.read()
            except (OSError, HTTPException):
                return 0
            finally:
                connection.close()
            return answer.status

        return await asyncio.to_thread(once)


@asynccontextmanager
async def serving(name: str) -> AsyncIterator[Served]:
    """The emulator of that name with two customers, while the block lasts."""
    clock = Clock(lambda: datetime.now(UTC), at=START, frozen=True)
    emulator: HubSpot | QuickBooks
    if name == "hubspot":
        emulator = HubSpot(now=clock.now)
        token, path = emulator.issue_oauth()[0], CONTACTS
        emulator.portal().create("contacts", {"email": "ada@example.com", "firstname": "Ada"})
        emulator.portal().create("contacts", {"email": "eve@example.com"})
    else:
        emulator = QuickBooks(now=clock.now)
        token = emulator.issue_tokens()[0]
        path = f"/v3/company/{emulator.realm_id}/query?query=select%20*%20from%20Customer"
        for display in ("Ada", "Eve"):
            emulator.company().create("Customer", {"DisplayName": display})
    async with (
        served(emulator, clock=clock) as (server, control),
        aiohttp.ClientSession() as session,
    ):
        headers = {"Authorization": f"Bearer {token}"}
        yield Served(control, clock, server.url, session, headers, path)
