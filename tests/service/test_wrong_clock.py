"""The clock of our machine is ahead for a while, and is put right: nothing is passed over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import format_datetime

import pytest
from msgspec.structs import replace

from ledgerbridge.connectors.transport import HttpRequest, HttpResponse, Transport
from ledgerbridge.service.connectors import Workshop
from support.clock import JumpingClock
from support.pair import Pair

AHEAD = timedelta(hours=2)


class DatedTransport:
    """Another transport's answers, with the instant at which a vendor says that it answered."""

    def __init__(self, transport: Transport, now: Callable[[], datetime]) -> None:
        self._transport, self._now = transport, now

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Send it once."""
        answer = await self._transport.send(request)
        return replace(
            answer, headers={**answer.headers, "date": format_datetime(self._now(), usegmt=True)}
        )


class WrongClock(JumpingClock):
    """Another clock's time, and wrong by some."""

    def __init__(self, right: JumpingClock) -> None:
        super().__init__()
        self._right, self.ahead = right, timedelta()

    def now(self) -> datetime:
        """The wrong instant."""
        return self._right.now() + self.ahead


async def test_what_people_did_while_our_clock_was_ahead_still_travels(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, clock = pair.shop(), WrongClock(pair.clock)

    def ours() -> Workshop:
        dated = DatedTransport(pair.transport, pair.clock.now)
        return replace(shop, clock=clock, transport=dated)

    monkeypatch.setattr(pair, "shop", ours)
    customer = pair.customer("Ada Example", "ada@example.com", GivenName="Ada")
    await pair.begin("contacts")
    await pair.run()
    clock.ahead = AHEAD
    await pair.run()
    pair.edit_customer(customer, GivenName="Adele")
    contact = pair.contact_of("ada@example.com")["hs_object_id"]
    pair.portal.update("contacts", contact, {"lastname": "Sample"})
    clock.ahead = timedelta()
    await pair.run()

    assert pair.contact_of("ada@example.com")["firstname"] == "Adele"
    assert (pair.company.get("Customer", customer) or {})["FamilyName"] == "Sample"
