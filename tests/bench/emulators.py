"""
Both emulators in a process of their own, so that they share no processor with what is measured.

`python -m bench.emulators FILLING` tells in one line where they answer, and serves until its
standard input ends. Their clock is the real one, and can be moved ahead.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime, timedelta

import msgspec

from bench.served import Counted, Filling, Served, memory_mb, tell
from ledgerbridge.sandbox.company import load_bulk
from ledgerbridge.sandbox.company.bulk import bulk
from ledgerbridge.sandbox.company.bulk_sales import load_bulk_sales
from ledgerbridge.sandbox.http import App, Request, Response, Server
from ledgerbridge.sandbox.hubspot import HubSpot, Switches
from ledgerbridge.sandbox.quickbooks import QuickBooks
from ledgerbridge.sandbox.quickbooks import Switches as BooksSwitches

SEED = 1


class Emulators:
    """A filled pair, the clock they go by, and what they saw since they were filled."""

    def __init__(self, filling: Filling) -> None:
        self._ahead = timedelta()
        self._throttled = 0
        self.hubspot = HubSpot(now=self.now, switches=Switches(rate_limits=filling.limits))
        self.quickbooks = QuickBooks(now=self.now, switches=BooksSwitches(limits=filling.limits))
        load_bulk(self.quickbooks.company(), filling.customers, SEED)
        load_bulk_sales(self.quickbooks.company(), filling.invoices, filling.payments)
        portal = self.hubspot.portal()
        for body in bulk(filling.contacts, SEED):
            portal.create(
                "contacts",
                {
                    "email": body["PrimaryEmailAddr"]["Address"],
                    "firstname": body["GivenName"],
                    "lastname": body["FamilyName"],
                    "phone": body["PrimaryPhone"]["FreeFormNumber"],
                },
            )

        for number in range(filling.deals):
            portal.create("deals", {"dealname": f"Deal {number}", "amount": str(number)})

    def now(self) -> datetime:
        """The real instant, moved ahead."""
        return datetime.now(UTC) + self._ahead

    def counting(self, app: App) -> App:
        """The application, its refusals for their rate counted."""

        async def counted(request: Request) -> Response:
            answer = await app(request)
            self._throttled += answer.status == 429
            return answer

        return counted

    async def control(self, request: Request) -> Response:
        """`/ahead?seconds=600` moves the clock; every path answers what was seen so far."""
        if request.path == "/ahead":
            self._ahead += timedelta(seconds=float(request.first("seconds") or 0))
        books = self.quickbooks.calls
        outside = {"token", "revoke", "discovery"}
        seen = Counted(
            calls=sum(n for kind, n in self.hubspot.calls.items() if kind != "oauth")
            + sum(n for k, n in books.items() if k not in outside and not k.startswith("batch: ")),
            throttled=self._throttled,
            contacts=len(self.hubspot.portal().all("contacts")),
            customers=len(self.quickbooks.company().all("Customer")),
            memory_mb=memory_mb(),
        )
        return Response(200, msgspec.json.encode(seen), {"Content-Type": "application/json"})


async def serve(filling: Filling) -> None:
    """Serve until standard input ends."""
    pair = Emulators(filling)
    access_token, refresh_token = pair.quickbooks.issue_tokens()
    async with (
        Server(pair.counting(pair.hubspot.app), now=pair.now) as portal,
        Server(pair.counting(pair.quickbooks.app), now=pair.now) as books,
        Server(pair.control) as control,
    ):
        tell(
            Served(
                hubspot_url=portal.url,
                quickbooks_url=books.url,
                control_url=control.url,
                realm_id=pair.quickbooks.realm_id,
                client_id=pair.quickbooks.client_id,
                client_secret=pair.quickbooks.client_secret,
                hubspot_token=pair.hubspot.issue_token(),
                access_token=access_token,
                refresh_token=refresh_token,
            )
        )
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve(msgspec.json.decode(sys.argv[1], type=Filling)))
