"""
The product at work: connect, switch on, run; perhaps an idle cycle much later.

`python -m bench.product WORK` tells one line: what it took, in a process that did nothing else.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

import aiohttp
import msgspec
from msgspec import Struct
from msgspec.structs import replace

from bench.served import Counted, Cycles, Measured, Served, memory_mb, tell
from ledgerbridge.clock import SystemClock
from ledgerbridge.connectors.transport import AiohttpTransport
from ledgerbridge.core.filters import Filter
from ledgerbridge.service.connecting import connect_hubspot, connect_quickbooks
from ledgerbridge.service.connectors import Workshop
from ledgerbridge.service.cycle import run_once
from ledgerbridge.service.opening import open_world
from ledgerbridge.service.rules import as_stored, definition_of
from ledgerbridge.service.settings import load
from ledgerbridge.service.switching import enable
from ledgerbridge.service.world import Progress
from ledgerbridge.store import syncs
from ledgerbridge.store.database import Store
from ledgerbridge.store.secrets import Secrets
from ledgerbridge.store.transaction import Transaction

CONTACTS, PRODUCTS, INVOICES, PAYMENTS = "contacts", "products", "invoices", "payments"
LATER = timedelta(minutes=10)
"""Longer than the overlap in which changes are read twice."""

LIMIT_WINDOW_S = 1.1
"""Longer than a second's searches, and a second's queries, count."""


class Work(Struct, frozen=True, kw_only=True):
    """
    Bring so many records across; `to_quickbooks` takes every contact, `idle` looks again, `sales`
    are so many invoices that follow with their payments, customers and products being there.
    """

    served: Served
    records: int
    to_quickbooks: bool = False
    idle: bool = False
    sales: int = 0


class AheadClock(SystemClock):
    """The real clock, which can be moved ahead together with that of the emulators."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        """The real instant, moved ahead."""
        return super().now() + self.ahead


class Stopwatch:
    """How long each stage took: from the end of the stage before to its own last step."""

    def __init__(self) -> None:
        self.spent_s: dict[str, float] = {}
        self._last_s = time.monotonic()

    def __call__(self, progress: Progress) -> None:
        """Hear of a step."""
        now_s, stage = time.monotonic(), progress.stage
        self.spent_s[stage] = self.spent_s.get(stage, 0.0) + now_s - self._last_s
        self._last_s = now_s


class Product:
    """An installation between two served emulators."""

    def __init__(self, work: Work, shop: Workshop, clock: AheadClock) -> None:
        self._work, self._shop, self._clock = work, shop, clock

    async def connect(self) -> None:
        """Connect both sides."""
        served = self._work.served
        await connect_hubspot(self._shop, served.hubspot_token)
        await connect_quickbooks(self._shop, served.realm_id, served.refresh_token)

    async def switch_on(self, *names: str) -> None:
        """Switch on these syncs, as a person would."""
        if self._work.to_quickbooks:
            await self._shop.store.write(_take_every, CONTACTS)
        if self._work.sales:
            await self._shop.store.write(_take_every, INVOICES)
        await self._shop.store.write(enable, names, self._clock.now())

    async def run(self, records: int) -> Measured:
        """One run, accepted whatever it plans, and what it took."""
        before = await self._control("/seen")
        watch, clock_s, cpu_s = Stopwatch(), time.monotonic(), time.process_time()
        world = await open_world(self._shop, progress=Progress(tell=watch))
        result = await run_once(world, lambda counts: True)
        seconds, cpu_s = time.monotonic() - clock_s, time.process_time() - cpu_s
        after = await self._control("/seen")
        assert result.failing == 0, f"{result.failing} of the records did not arrive"
        return Measured(
            records=records,
            seconds=seconds,
            cpu_s=cpu_s,
            calls=after.calls - before.calls,
            memory_mb=memory_mb(),
            by_kind=result.calls,
            stages_s=watch.spent_s,
            throttled=after.throttled,
        )

    async def later(self) -> None:
        """Let ten minutes pass, for everybody; the pacer's windows pass only by themselves."""
        await self._clock.sleep(LIMIT_WINDOW_S)
        self._clock.ahead += LATER
        await self._control(f"/ahead?seconds={LATER.total_seconds()}")

    async def _control(self, path: str) -> Counted:
        async with (
            aiohttp.ClientSession() as session,
            session.get(self._work.served.control_url + path) as answer,
        ):
            return msgspec.json.decode(await answer.read(), type=Counted)


def _take_every(tx: Transaction, name: str) -> None:
    """The sync without its filters."""
    sync = next(one for one in syncs.every(tx) if one.name == name)
    definition = replace(definition_of(sync), to_hubspot=Filter(), to_quickbooks=Filter())
    syncs.put(tx, replace(sync, definition=as_stored(definition)))


async def measure(work: Work, folder: Path) -> Cycles:
    """Everything once; then, if asked, a cycle of three syncs that finds nothing to do."""
    clock, served = AheadClock(), work.served
    environment = {
        "LEDGERBRIDGE_HUBSPOT_API_URL": served.hubspot_url,
        "LEDGERBRIDGE_QUICKBOOKS_API_URL": served.quickbooks_url,
        "LEDGERBRIDGE_INTUIT_TOKEN_URL": f"{served.quickbooks_url}/oauth2/v1/tokens/bearer",
        "LEDGERBRIDGE_INTUIT_CLIENT_ID": served.client_id,
        "LEDGERBRIDGE_INTUIT_CLIENT_SECRET": served.client_secret,
        "LEDGERBRIDGE_DATABASE_URL": f"sqlite:///{folder / 'bench.db'}",
    }
    settings = load(environment, folder)
    with Store.open(settings.database_url, clock=clock) as store:
        async with AiohttpTransport() as transport:
            shop = Workshop(
                store=store,
                secrets=Secrets.load({}, store.path, clock),
                clock=clock,
                transport=transport,
                settings=settings,
            )
            product = Product(work, shop, clock)
            await product.connect()
            await product.switch_on(CONTACTS, *([PRODUCTS] if work.sales else []))
            first = await product.run(work.records)
            if work.sales:
                await product.switch_on(INVOICES, PAYMENTS)
                return Cycles(first=first, sales=await product.run(work.sales))
            if not work.idle:
                return Cycles(first=first)
            await product.switch_on(CONTACTS, PRODUCTS, INVOICES)
            for _ in range(2):
                await product.later()
                idle = await product.run(work.records)
            return Cycles(first=first, idle=idle)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        tell(asyncio.run(measure(msgspec.json.decode(sys.argv[1], type=Work), Path(temporary))))
