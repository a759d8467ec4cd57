"""What the demo plays on: two emulated accounts, and a database that ends with it."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from ledgerbridge.cli.sandbox import SandboxReport, report_of
from ledgerbridge.clock import Clock, SystemClock
from ledgerbridge.connectors.transport import AiohttpTransport
from ledgerbridge.core.model import Side
from ledgerbridge.sandbox.hubspot import HubSpot, Portal
from ledgerbridge.sandbox.quickbooks import Company, QuickBooks
from ledgerbridge.sandbox.serving import served
from ledgerbridge.service.connectors import Workshop
from ledgerbridge.service.cycle import RunResult, run_once
from ledgerbridge.service.opening import open_world
from ledgerbridge.service.settings import load
from ledgerbridge.service.world import Progress
from ledgerbridge.store.database import Store
from ledgerbridge.store.secrets import KEY_SIZE_BYTES, KEY_VARIABLE, Secrets

DATABASE_VARIABLE = "LEDGERBRIDGE_DATABASE_URL"
ONES = {
    "contacts": "contact",
    "companies": "company",
    "products": "product",
    "invoices": "invoice",
    "line_items": "line item",
    "discounts": "discount",
    "taxes": "tax",
    "commerce_payments": "commerce payment",
    "deals": "deal",
    "Customer": "customer",
    "Item": "item",
    "Invoice": "invoice",
    "Payment": "payment",
}


@dataclass(frozen=True)
class Stage:
    """
    Both emulators as they are served, and our own side of it.

    `environment` is all that another terminal needs to work with the same database and accounts.
    `surprises` collects what was not as the story says it should be.
    """

    hubspot: HubSpot
    quickbooks: QuickBooks
    accounts: SandboxReport
    shop: Workshop
    environment: dict[str, str]
    surprises: list[str] = field(default_factory=list)

    @property
    def portal(self) -> Portal:
        """The emulated portal itself."""
        return self.hubspot.portal()

    @property
    def company(self) -> Company:
        """The emulated books themselves."""
        return self.quickbooks.company()

    def expect(self, holds: object, otherwise: str) -> None:
        """Note a surprise unless something holds."""
        if not holds:
            self.surprises.append(otherwise)

    def count(self, side: Side, object_type: str) -> int:
        """How many records of a type an emulator holds now, inactive ones too."""
        if side is Side.HUBSPOT:
            return len(self.portal.all(object_type))
        return len(self.company.all(object_type))

    def held(self, side: Side, object_type: str, record_id: str, name: str) -> str | None:
        """A field of a record as the emulator has it; nested QuickBooks fields are dotted."""
        if side is Side.HUBSPOT:
            return (self.portal.get(object_type, record_id) or {}).get(name)
        value: object = self.company.get(object_type, record_id) or {}
        for part in name.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        return None if value is None else str(value)

    def clear_calls(self) -> None:
        """Let both emulators count calls from zero."""
        self.hubspot.calls.clear()
        self.quickbooks.calls.clear()

    def calls(self) -> dict[Side, dict[str, int]]:
        """The calls that both emulators counted, without those for tokens."""
        return {
            Side.HUBSPOT: {k: n for k, n in self.hubspot.calls.items() if k != "oauth"},
            Side.QUICKBOOKS: {
                k: n
                for k, n in self.quickbooks.calls.items()
                if k != "token" and not k.startswith("batch: ")
            },
        }

    async def run(
        self, *, accept: bool = False, tell: Callable[[Progress], None] = lambda _: None
    ) -> RunResult:
        """
        One full cycle, as `ledgerbridge run` does it; `accept` agrees to the plan it makes.

        Raises AlreadyRunning while another command is at work, and what `run_once` raises.
        """
        with self.shop.store.claim():
            world = await open_world(self.shop, progress=Progress(tell=tell))
            return await run_once(world, lambda _: accept)


@asynccontextmanager
async def staged(hubspot: HubSpot, quickbooks: QuickBooks) -> AsyncIterator[Stage]:
    """
    Both emulators served from this very process, so that they end with it however it ends, and a
    database in a temporary folder, which is removed with the block.
    """
    clock = SystemClock()
    async with served(hubspot) as (portal, _), served(quickbooks) as (books, _):
        accounts = report_of(hubspot, quickbooks, portal.url, books.url)
        with TemporaryDirectory(prefix="ledgerbridge-demo-") as folder:
            environment = _environment(accounts, Path(folder), clock)
            settings = load(environment, Path(folder))
            with Store.open(settings.database_url, clock=clock) as store:
                async with AiohttpTransport() as transport:
                    shop = Workshop(
                        store=store,
                        secrets=Secrets.load(environment, store.path, clock),
                        clock=clock,
                        transport=transport,
                        settings=settings,
                    )
                    yield Stage(hubspot, quickbooks, accounts, shop, environment)


def _environment(accounts: SandboxReport, folder: Path, clock: Clock) -> dict[str, str]:
    key = base64.b64encode(clock.nonce(KEY_SIZE_BYTES)).decode("ascii")
    ours = {
        name: value
        for name, value in accounts.environment.items()
        if name.startswith("LEDGERBRIDGE_")
    }
    return {DATABASE_VARIABLE: f"sqlite:///{folder}/demo.db", KEY_VARIABLE: key, **ours}
