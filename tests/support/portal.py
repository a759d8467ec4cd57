"""A connector on the HubSpot emulator, without sockets and without waiting; judged as it goes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from contract.hubspot_operations import checked
from ledgerbridge.connectors.hubspot import HubSpot, Settings
from ledgerbridge.connectors.port import Failed, Request, Stored, Wanted, Write, WriteKind
from ledgerbridge.connectors.tokens import StaticToken
from ledgerbridge.core.model import Record, Value
from ledgerbridge.sandbox import hubspot as emulated
from ledgerbridge.sandbox.http import Request as Incoming
from ledgerbridge.sandbox.http import Response
from ledgerbridge.sandbox.hubspot import ALL_SCOPES
from support.clock import JumpingClock
from support.transport import EmulatorTransport

URL = "https://crm.example"
REMEDY = "Connect again: ledgerbridge connect hubspot."
CONTACT = Wanted("contacts", ("email", "firstname", "lastname", "phone"))


class Crm:
    """An emulated portal, and our connector to it."""

    def __init__(
        self,
        *,
        scopes: Iterable[str] = ALL_SCOPES,
        settings: Settings | None = None,
        portal_id: str | None = None,
        **switches: Any,
    ) -> None:
        self.clock = JumpingClock()
        self.emulator = emulated.HubSpot(
            now=self.clock.now,
            switches=emulated.Switches(**switches),
            sleep=self.clock.sleep,
        )
        self.portal = self.emulator.portal()
        self.transport = EmulatorTransport({URL: self._judged})
        self.app = self.emulator.app
        self.token = self.emulator.issue_token(scopes=scopes)
        self.connector = HubSpot(
            transport=self.transport,
            clock=self.clock,
            tokens=StaticToken(self.token, service="HubSpot", remedy=REMEDY),
            url=URL,
            portal_id=portal_id,
            settings=settings or Settings(),
        )

    async def _judged(self, request: Incoming) -> Response:
        """Every exchange is held to the published operations, also where `app` was wrapped."""
        return await checked(self.app)(request)

    @property
    def calls(self) -> dict[str, int]:
        """The calls that left, by kind."""
        return dict(self.connector.counter.by_kind)

    def pass_time(self, seconds: float = 1.0) -> None:
        """Let time go by."""
        self.clock.elapsed_s += seconds

    def contact(self, email: str, **properties: str) -> str:
        """Somebody makes a contact; its id."""
        made = self.portal.create("contacts", {"email": email, **properties})
        return made["hs_object_id"]

    def contacts(self, count: int) -> list[str]:
        """Somebody imports contacts at one instant; their ids."""
        return [self.contact(f"p{n}@example.com") for n in range(count)]

    def invoice(self, **properties: str) -> str:
        """Somebody drafts an invoice; its id."""
        made = self.portal.create("invoices", {"hs_currency": "USD", **properties})
        return made["hs_object_id"]

    async def scanned(self, wanted: Wanted = CONTACT) -> list[Record]:
        """All records of a scan."""
        return [one async for page in self.connector.scan(wanted) for one in page.records]

    async def changed(self, since: str, wanted: Wanted = CONTACT) -> list[Record]:
        """All records of a look at changes."""
        pages = self.connector.changes([wanted], since)
        return [one async for page in pages for one in page.records]

    async def written(
        self, kind: WriteKind, *writes: Write, object_type: str = "contacts"
    ) -> list[Stored | Failed]:
        """What becomes of the rows of one request."""
        request = Request(id=self.clock.new_id(), kind=kind, object_type=object_type, writes=writes)
        return list(await self.connector.write(request))

    async def created(
        self, *rows: dict[str, Value], object_type: str = "contacts", key: str | None = None
    ) -> list[Stored | Failed]:
        """What becomes of new records."""
        writes = (Write(trace=f"t{n}", fields=row, key_field=key) for n, row in enumerate(rows))
        return await self.written(WriteKind.CREATE, *writes, object_type=object_type)


def record_of(outcome: Stored | Failed) -> Record:
    """The record of a row that went through."""
    assert isinstance(outcome, Stored), outcome
    assert outcome.record is not None
    return outcome.record


def failure_of(outcome: Stored | Failed) -> Failed:
    """The failure of a row that did not."""
    assert isinstance(outcome, Failed), outcome
    return outcome
