"""
A connected pair of emulated accounts with all syncs on, without sockets, on a clock that jumps.

Each run opens its world anew, as each command of a person does; only the database stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from msgspec.structs import replace as changed
from yarl import URL

from ledgerbridge.connectors.transport import HttpRequest, HttpResponse
from ledgerbridge.core.order import SYNC_ORDER
from ledgerbridge.core.plan import Status
from ledgerbridge.sandbox.faults import Match
from ledgerbridge.sandbox.http import App, Request, request_of
from ledgerbridge.sandbox.hubspot import ALL_SCOPES, HubSpot
from ledgerbridge.sandbox.quickbooks import REALM_ID, QuickBooks
from ledgerbridge.sandbox.quickbooks import Switches as BooksSwitches
from ledgerbridge.sandbox.quickbooks.switches import DEFAULTS
from ledgerbridge.service import retrying, switching
from ledgerbridge.service.connecting import Connected, connect_hubspot, connect_quickbooks
from ledgerbridge.service.connectors import Workshop
from ledgerbridge.service.cycle import RunResult, make_plan, run_once
from ledgerbridge.service.opening import open_world
from ledgerbridge.service.rules import as_stored, definition_of
from ledgerbridge.service.settings import load
from ledgerbridge.store import outcomes, syncs
from ledgerbridge.store.database import Store
from ledgerbridge.store.outcomes import RecordOutcome
from ledgerbridge.store.secrets import Secrets
from ledgerbridge.store.transaction import Transaction
from support.clock import JumpingClock
from support.transport import EmulatorTransport

HUBSPOT_URL, QUICKBOOKS_URL = "https://crm.example", "https://books.example"
Deed = Callable[[], object]
AFTER_A_RUN_S = 600.0
"""Longer than any overlap of what is read, so that a run sees only what came after the last."""


class Pair:
    """Both accounts, one installation, and the people who use them."""

    def __init__(self, folder: Path, books: BooksSwitches = DEFAULTS) -> None:
        self.clock = JumpingClock()
        self.hubspot = HubSpot(now=self.clock.now, sleep=self.clock.sleep)
        self.quickbooks = QuickBooks(now=self.clock.now, sleep=self.clock.sleep, switches=books)
        self.portal, self.company = self.hubspot.portal(), self.quickbooks.company()
        apps: dict[str, App] = {
            HUBSPOT_URL: self.hubspot.app,
            QUICKBOOKS_URL: self.quickbooks.app,
        }
        self.transport = WatchedTransport(apps)
        self.database_url = f"sqlite:///{folder / 'pair.db'}"
        environment = {
            "LEDGERBRIDGE_HUBSPOT_API_URL": HUBSPOT_URL,
            "LEDGERBRIDGE_QUICKBOOKS_API_URL": QUICKBOOKS_URL,
            "LEDGERBRIDGE_INTUIT_TOKEN_URL": f"{QUICKBOOKS_URL}/oauth2/v1/tokens/bearer",
            "LEDGERBRIDGE_INTUIT_CLIENT_ID": self.quickbooks.client_id,
            "LEDGERBRIDGE_INTUIT_CLIENT_SECRET": self.quickbooks.client_secret,
            "LEDGERBRIDGE_DATABASE_URL": self.database_url,
        }
        self.token = ""
        self.settings = load(environment, folder)
        self.store = Store.open(
            self.database_url, clock=self.clock, inline=True, lock_wait_s_max=0.0
        )

    def shop(self) -> Workshop:
        """What connectors are made of."""
        return Workshop(
            store=self.store,
            secrets=Secrets(b"k" * 32, "the tests", self.clock),
            clock=self.clock,
            transport=self.transport,
            settings=self.settings,
        )

    async def connect_hubspot(self, scopes: Iterable[str] = ALL_SCOPES) -> Connected:
        """Connect the portal, or connect it again, by a fresh token."""
        self.token = self.hubspot.issue_token(scopes=scopes)
        return await connect_hubspot(self.shop(), self.token)

    async def connect_quickbooks(self) -> Connected:
        """Connect the company, or connect it again, by a fresh refresh token."""
        refresh = self.quickbooks.issue_tokens()[1]
        return await connect_quickbooks(self.shop(), REALM_ID, refresh)

    async def begin(self, *names: str, scopes: Iterable[str] = ALL_SCOPES) -> None:
        """Connect both sides and switch the syncs on, all if none are named."""
        await self.connect_hubspot(scopes)
        await self.connect_quickbooks()
        await self.store.write(switching.enable, names or SYNC_ORDER, self.clock.now())

    async def set_up(self, name: str, **changes: object) -> None:
        """The owner changes the definition of a sync, as a configuration file would."""
        await self.store.write(_set_up, name, changes)

    async def run(self, *names: str) -> RunResult:
        """One run whose plan is agreed to; then some minutes pass."""
        world = await open_world(self.shop(), names)
        result = await run_once(world, lambda counts: True)
        self.pass_time(AFTER_A_RUN_S)
        return result

    async def plan(self) -> dict[str, int]:
        """What a plan would do, in numbers."""
        return await make_plan(await open_world(self.shop()))

    async def retry(self) -> int:
        """Let the next run try all failing records again; how many there are."""
        report = await self.store.write(retrying.retry, (), self.clock.now())
        return sum(report.records.values())

    def grant(self, scopes: Iterable[str]) -> None:
        """Somebody changes what the token may do, in the settings of the app."""
        tokens = self.hubspot.tokens
        grant = tokens._access[self.token]
        tokens._access[self.token] = replace(grant, scopes=frozenset(scopes))

    def pass_time(self, seconds: float) -> None:
        """Let time go by."""
        self.clock.elapsed_s += seconds

    async def outcomes(self, status: Status = Status.FAILING) -> list[RecordOutcome]:
        """The records that have this standing, of all syncs."""
        return await self.store.read(_outcomes, status)

    async def failing(self) -> RecordOutcome:
        """The one record that fails."""
        found = await self.outcomes()
        assert len(found) == 1, found
        return found[0]

    def customer(self, name: str, email: str | None = None, **fields: Any) -> str:
        """Somebody makes a customer; its id."""
        address = {} if email is None else {"PrimaryEmailAddr": {"Address": email}}
        return str(
            self.company.create("Customer", {"DisplayName": name, **address, **fields})["Id"]
        )

    def edit_customer(self, customer_id: str, **fields: Any) -> None:
        """Somebody edits a customer."""
        self.company.update("Customer", {"Id": customer_id, **fields})

    def item(self, name: str, **fields: Any) -> str:
        """Somebody makes an item; its id."""
        body = {"Name": name, "Type": "Service", "UnitPrice": 10, **fields}
        made = self.company.create("Item", {**body, "IncomeAccountRef": {"value": "1"}})
        return str(made["Id"])

    def invoice(self, customer_id: str, item_id: str, **fields: Any) -> str:
        """Somebody writes an invoice of 20; its id."""
        detail = {"ItemRef": {"value": item_id}, "Qty": 2, "UnitPrice": 10}
        line = {
            "DetailType": "SalesItemLineDetail",
            "Amount": 20,
            "SalesItemLineDetail": detail,
        }
        body = {"CustomerRef": {"value": customer_id}, "Line": [line], **fields}
        return str(self.company.create("Invoice", body)["Id"])

    def contact(self, email: str, *, qualifies: bool = False, **fields: str) -> str:
        """Somebody makes a contact, perhaps with an invoice of HubSpot's own; its id."""
        contact = str(self.portal.create("contacts", {"email": email, **fields})["hs_object_id"])
        if qualifies:
            self.portal.create("invoices", {"hs_currency": "USD"}, [("contacts", contact)])
        return contact

    def emails(self) -> list[str]:
        """The e-mail addresses of all contacts, in order."""
        return sorted(contact["email"] for contact in self.portal.all("contacts"))

    def contact_of(self, email: str) -> dict[str, str]:
        """The one contact with that address."""
        (found,) = [one for one in self.portal.all("contacts") if one["email"] == email]
        return found

    def mirrors(self) -> list[dict[str, str]]:
        """The HubSpot invoices that we made."""
        return [one for one in self.portal.all("invoices") if one.get("ledgerbridge_key")]

    def names(self) -> list[str]:
        """The display names of all customers, in order."""
        return sorted(customer["DisplayName"] for customer in self.company.all("Customer"))

    def written_to_quickbooks(self) -> dict[str, int]:
        """How often each kind of write was asked of QuickBooks."""
        kinds = ("create", "update", "delete", "void")
        return {
            kind: number
            for kind, number in self.quickbooks.calls.items()
            if any(word in kind for word in kinds)
        }


class WatchedTransport(EmulatorTransport):
    """The way to both emulators; `on_send` hears of every request before it leaves."""

    def __init__(self, apps: dict[str, App]) -> None:
        super().__init__(apps)
        self.on_send: Callable[[Request], None] = lambda _: None

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Tell, then ask the application."""
        target = str(URL(request.url, encoded=True).relative())
        self.on_send(request_of(request.method, target, request.headers, request.body))
        return await super().send(request)


class Countdown:
    """Does something once, before the request that is the so-manieth to match."""

    def __init__(self, match: Match, number: int, deed: Deed) -> None:
        self._match, self._left, self._deed = match, number, deed

    def __call__(self, request: Request) -> None:
        if self._match(request):
            self._left -= 1
            if self._left == 0:
                self._deed()


def to_hubspot(ending: str) -> Match:
    """Requests to HubSpot whose path ends so, e.g. `contacts/batch/create`."""
    return lambda request: "/crm/" in request.path and request.path.endswith(ending)


def to_quickbooks(ending: str) -> Match:
    """Requests to QuickBooks whose path ends so, e.g. `/batch`."""
    return lambda request: "/v3/company/" in request.path and request.path.endswith(ending)


def _outcomes(tx: Transaction, status: Status) -> list[RecordOutcome]:
    return [
        outcome
        for sync in syncs.every(tx)
        for code in {one.code for one in outcomes.counts(tx, sync.id) if one.status is status}
        for outcome in outcomes.page(tx, sync.id, status, code, limit=500)
    ]


def _set_up(tx: Transaction, name: str, changes: dict[str, Any]) -> None:
    (sync,) = [one for one in syncs.every(tx) if one.name == name]
    definition = changed(definition_of(sync), **changes)
    syncs.put(tx, changed(sync, definition=as_stored(definition)))
