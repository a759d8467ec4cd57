"""The clock of our machine is wrong for a while, and is put right: nothing is passed over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import format_datetime

import pytest
from msgspec.structs import replace

from ledgerbridge.connectors.transport import HttpRequest, HttpResponse, Transport
from ledgerbridge.sandbox.http import Request
from ledgerbridge.service.connectors import Workshop
from ledgerbridge.service.recovery import MAY_BE_LATE
from support.clock import JumpingClock
from support.pair import Pair, to_hubspot

A_DAY_S = 90_000
AHEAD, BEHIND = timedelta(hours=2), timedelta(hours=-2)


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

    def monotonic_s(self) -> float:
        """The other's: nobody puts it right."""
        return self._right.monotonic_s()

    async def sleep(self, wait_s: float) -> None:
        """Wait as the other does."""
        await self._right.sleep(wait_s)


@pytest.fixture
def clock(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> WrongClock:
    """The clock that the service goes by from now on; vendors date their answers by another."""
    shop, clock = pair.shop(), WrongClock(pair.clock)

    def ours() -> Workshop:
        dated = DatedTransport(pair.transport, pair.clock.now)
        return replace(shop, clock=clock, transport=dated)

    monkeypatch.setattr(pair, "shop", ours)
    return clock


async def test_what_people_did_while_our_clock_was_ahead_still_travels(
    pair: Pair, clock: WrongClock
) -> None:
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


async def test_the_recycle_bin_is_looked_at_after_a_day_though_our_clock_was_ahead(
    pair: Pair, clock: WrongClock
) -> None:
    contact = pair.contact("ada@example.com")
    pair.portal.archive("contacts", contact)
    clock.ahead = AHEAD
    await pair.begin("contacts")
    await pair.run()
    clock.ahead = timedelta()
    pair.portal.restore("contacts", contact)
    pair.pass_time(A_DAY_S)
    await pair.run()

    pair.portal.create("invoices", {"hs_currency": "USD"}, [("contacts", contact)])
    await pair.run()

    assert len(pair.company.all("Customer")) == 1


async def test_a_clock_that_was_behind_and_is_put_right_gives_late_requests_their_time_all_the_same(
    pair: Pair, clock: WrongClock
) -> None:
    clock.ahead = BEHIND
    await pair.begin("products")
    await pair.run()
    pair.item("Hours")
    sent_s: list[float] = []

    def watch(request: Request) -> None:
        if to_hubspot("products/batch/create")(request):
            sent_s.append(pair.clock.elapsed_s)
        elif sent_s and to_hubspot("products/batch/read")(request):
            clock.ahead = timedelta()

    pair.transport.on_send = watch
    pair.hubspot.faults.next("drop_before", to_hubspot("products/batch/create"))
    await pair.run()

    first_s, second_s = sent_s
    assert second_s - first_s >= MAY_BE_LATE.total_seconds()
    assert len(pair.portal.all("products")) == 1
