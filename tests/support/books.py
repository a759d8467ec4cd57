"""A connector on the QuickBooks emulator, without sockets and without waiting."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from ledgerbridge.connectors.calls import CallCounter
from ledgerbridge.connectors.port import Page, Request, Wanted, Write, WriteKind
from ledgerbridge.connectors.quickbooks import QuickBooks, Settings
from ledgerbridge.connectors.tokens import Client, RefreshingToken, Tokens
from ledgerbridge.core.model import Record, Value
from ledgerbridge.sandbox import quickbooks as emulated
from support.clock import JumpingClock
from support.transport import EmulatorTransport

BASE_URL = "https://books.example"
REMEDY = "Connect again: ledgerbridge connect quickbooks."


class Books:
    """An emulated company, and our connector to it."""

    def __init__(
        self,
        settings: Settings | None = None,
        switches: emulated.Switches | None = None,
        realm_id: str = emulated.REALM_ID,
        counter: CallCounter | None = None,
    ) -> None:
        self.clock = JumpingClock()
        self.emulator = emulated.QuickBooks(
            now=self.clock.now,
            switches=switches or emulated.Switches(),
            sleep=self.clock.sleep,
        )
        self.company = self.emulator.company()
        self.transport = EmulatorTransport({BASE_URL: self.emulator.app})
        self.saved: list[Tokens] = []
        self.connector = QuickBooks(
            transport=self.transport,
            clock=self.clock,
            tokens=self._tokens(),
            base_url=BASE_URL,
            realm_id=realm_id,
            settings=settings,
            counter=counter,
        )

    def _tokens(self) -> RefreshingToken:
        access, refresh = self.emulator.issue_tokens()
        url = f"{BASE_URL}/oauth2/v1/tokens/bearer"
        return RefreshingToken(
            Tokens(
                access=access, refresh=refresh, expires_at=self.clock.now() + timedelta(hours=1)
            ),
            client=Client(
                id=self.emulator.client_id, secret=self.emulator.client_secret, token_url=url
            ),
            transport=self.transport,
            clock=self.clock,
            save=self._save,
            service="QuickBooks",
            remedy=REMEDY,
        )

    async def _save(self, tokens: Tokens) -> None:
        self.saved.append(tokens)

    def pass_time(self, seconds: float = 1.0) -> None:
        """Let time go by."""
        self.clock.elapsed_s += seconds

    def customer(self, name: str, **fields: Any) -> str:
        """Somebody makes a customer; its id."""
        return str(self.company.create("Customer", {"DisplayName": name, **fields})["Id"])

    def invoice(self, customer_id: str, amount: int = 100) -> str:
        """Somebody writes an invoice; its id."""
        line = {
            "DetailType": "SalesItemLineDetail",
            "Amount": amount,
            "SalesItemLineDetail": {"ItemRef": {"value": self.item()}},
        }
        body = {"CustomerRef": {"value": customer_id}, "Line": [line]}
        return str(self.company.create("Invoice", body)["Id"])

    def item(self, name: str = "Hours") -> str:
        """The service item of this name; its id."""
        for item in self.company.all("Item"):
            if item["Name"] == name:
                return str(item["Id"])
        body = {"Name": name, "Type": "Service", "IncomeAccountRef": {"value": "1"}}
        return str(self.company.create("Item", body)["Id"])

    async def scanned(self, object_type: str) -> list[Record]:
        """All records of a scan, with repetitions."""
        pages = [page async for page in self.connector.scan(Wanted(object_type))]
        return [record for page in pages for record in page.records]

    async def changed(self, object_types: list[str], since: str) -> list[Page]:
        """The pages of a look at changes."""
        wanted = [Wanted(object_type) for object_type in object_types]
        return [page async for page in self.connector.changes(wanted, since)]

    def create(self, *rows: dict[str, Value], object_type: str = "Customer") -> Request:
        """A request that makes records."""
        writes = tuple(Write(trace=f"t{n}", fields=row) for n, row in enumerate(rows))
        return self.request(WriteKind.CREATE, *writes, object_type=object_type)

    def request(self, kind: WriteKind, *writes: Write, object_type: str = "Customer") -> Request:
        """A request of a kind."""
        return Request(id=self.clock.new_id(), kind=kind, object_type=object_type, writes=writes)
