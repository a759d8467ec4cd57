"""One installation on this machine, between two emulators that are served from a thread."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from ledgerbridge.cli.root import root
from ledgerbridge.cli.sandbox import SandboxReport, report_of
from ledgerbridge.sandbox.http import Server
from ledgerbridge.sandbox.hubspot import HubSpot
from ledgerbridge.sandbox.quickbooks import QuickBooks

CONNECT_HUBSPOT = ("connect", "hubspot", "--token-env", "SANDBOX_HUBSPOT_TOKEN")
REFRESH = ("--refresh-token-env", "SANDBOX_QUICKBOOKS_REFRESH_TOKEN")
LONG_AGO = "2020-01-01T00:00:00.000Z"
SYNCS = ("contacts", "companies", "products", "invoices", "payments", "deals", "timeline")


def now() -> datetime:
    """The real time: the commands run by the real clock."""
    return datetime.now(UTC)


class Emulators:
    """Both emulators, empty at first, and what leads to them."""

    def __init__(self) -> None:
        self.hubspot = HubSpot(now=now)
        self.quickbooks = QuickBooks(now=now)
        self.report: SandboxReport | None = None
        self._ready, self._loop = threading.Event(), asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._work, name="emulators")

    @contextmanager
    def served(self) -> Iterator[None]:
        """Serve them while the block lasts."""
        self._thread.start()
        assert self._ready.wait(30)
        try:
            yield
        finally:
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(30)

    def _work(self) -> None:
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        async with Server(self.hubspot.app) as portal, Server(self.quickbooks.app) as books:
            self.report = report_of(self.hubspot, self.quickbooks, portal.url, books.url)
            self._ready.set()
            await self._stop.wait()


class Installation:
    """What a person has: a database of their own, and the commands."""

    def __init__(self, emulators: Emulators, folder: Path) -> None:
        assert emulators.report is not None
        self.hubspot, self.quickbooks = emulators.hubspot, emulators.quickbooks
        self.portal, self.company = self.hubspot.portal(), self.quickbooks.company()
        self.database = folder / "ledgerbridge.db"
        self.environment: dict[str, str | None] = {
            **emulators.report.environment,
            "LEDGERBRIDGE_DATABASE_URL": f"sqlite:///{self.database}",
            "LEDGERBRIDGE_SECRET_KEY": None,
            "LEDGERBRIDGE_CHANGES_MAX": None,
        }

    def do(self, *arguments: str, answer: str | None = None) -> Result:
        """Run one command as a person types it."""
        return CliRunner().invoke(root, list(arguments), input=answer, env=self.environment)

    def done(self, *arguments: str, exit_code: int = 0) -> Result:
        """Run a command that must end with this code."""
        result = self.do(*arguments)

        assert result.exit_code == exit_code, (arguments, result.exit_code, result.output)
        return result

    def asked(self, *arguments: str, exit_code: int = 0) -> Any:
        """Run a command with --json; its answer."""
        return json.loads(self.done(*arguments, "--json", exit_code=exit_code).stdout)

    def connect(self) -> None:
        """Connect both sides."""
        self.done(*CONNECT_HUBSPOT)
        self.done("connect", "quickbooks", "--realm-id", self.quickbooks.realm_id, *REFRESH)

    def begin(self, *names: str) -> None:
        """Connect both sides and switch syncs on, contacts if none are named."""
        self.connect()
        self.done("sync", "enable", *(names or ("contacts",)))

    def forget_the_last_sweep(self) -> None:
        """As if the daily look at the recycle bin were a day ago."""
        with closing(sqlite3.connect(self.database)) as raw, raw:
            raw.execute("UPDATE cursor SET value = ? WHERE feed LIKE 'archived:%'", (LONG_AGO,))

    def customer(self, name: str, email: str | None = None, **fields: Any) -> str:
        """Somebody makes a customer; its id."""
        address = {} if email is None else {"PrimaryEmailAddr": {"Address": email}}
        return str(
            self.company.create("Customer", {"DisplayName": name, **address, **fields})["Id"]
        )

    def contact(self, email: str, **fields: str) -> str:
        """Somebody makes a contact; its id."""
        return str(self.portal.create("contacts", {"email": email, **fields})["hs_object_id"])

    def contacts(self) -> list[dict[str, Any]]:
        """The contacts of the portal."""
        return list(self.portal.all("contacts"))
