"""An update of QuickBooks that nobody waits for any more, and that arrives all the same."""

from __future__ import annotations

import pytest

from ledgerbridge.connectors.transport import HttpRequest, HttpResponse, NoResponse, NotSent
from ledgerbridge.core.mapping import Rule
from ledgerbridge.core.model import Value
from ledgerbridge.errors import Retry
from ledgerbridge.service.forgetting import forget
from ledgerbridge.service.history import Wanted, entries_report
from ledgerbridge.store.transaction import Transaction
from support.pair import Countdown, Pair, to_quickbooks


class Delaying:
    """A network that holds back the first batch for QuickBooks; the next ones do not leave."""

    def __init__(self, pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
        self._send, self._held = pair.transport.send, list[HttpRequest]()
        self.broken = True
        monkeypatch.setattr(pair.transport, "send", self.send)

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Keep the first batch, and say that no answer came."""
        if "/batch?" not in request.url or not self.broken:
            return await self._send(request)
        if self._held:
            raise NotSent("the connection was refused")
        self._held.append(request)
        raise NoResponse("no answer in time")

    async def arrives(self) -> HttpResponse:
        """What was held back arrives, and all goes through again."""
        self.broken = False
        return await self._send(self._held[0])


async def _given_back(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> Delaying:
    """Both sides edited, HubSpot wins, and our update was not there when we looked for it."""
    customer = pair.customer("Ada Poe", "ada@example.com", GivenName="Ada")
    await pair.begin("contacts")
    await pair.set_up("contacts", rule=Rule.HUBSPOT)
    await pair.run()
    contact = pair.contact_of("ada@example.com")["hs_object_id"]
    pair.edit_customer(customer, GivenName="Adah")
    pair.portal.update("contacts", contact, {"firstname": "Adele"})
    delaying = Delaying(pair, monkeypatch)
    with pytest.raises(Retry):
        await pair.run()
    return delaying


async def _told(pair: Pair) -> list[tuple[str, tuple[Value, Value]]]:
    """What the history says of the given name in QuickBooks."""
    report = await pair.store.read(entries_report, 20, Wanted(), values=True)
    return [
        (one.kind, (one.values or {})["GivenName"])
        for one in report.entries
        if "GivenName" in one.fields
    ]


def _given_name(pair: Pair) -> str:
    (customer,) = pair.company.all("Customer")
    return str(customer["GivenName"])


def _kept(tx: Transaction) -> int:
    return len(tx.rows("SELECT * FROM overdue"))


async def test_what_it_replaces_is_told_and_it_is_in_the_history(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    delaying = await _given_back(pair, monkeypatch)
    await delaying.arrives()

    await pair.run()

    assert _given_name(pair) == "Adele"
    assert sorted(await _told(pair)) == [("loss", ("Adah", "Adele")), ("write", ("Adah", "Adele"))]
    assert (await pair.run()).writes == 0
    assert await pair.store.read(_kept) == 0


async def test_after_our_next_write_quickbooks_refuses_it_and_nothing_is_told_twice(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    delaying = await _given_back(pair, monkeypatch)
    delaying.broken = False
    await pair.run()

    answer = await delaying.arrives()
    await pair.run()

    assert b'"5010"' in answer.body
    assert sorted(await _told(pair)) == [("loss", ("Adah", "Adele")), ("write", ("Adah", "Adele"))]
    assert await pair.store.read(_kept) == 0


async def test_who_is_forgotten_leaves_nothing_overdue(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _given_back(pair, monkeypatch)
    assert await pair.store.read(_kept) == 1

    await pair.store.write(
        forget, "ada@example.com", pair.shop().secrets, pair.clock.now(), do=True
    )

    assert await pair.store.read(_kept) == 0


async def test_what_it_replaced_is_told_though_the_customer_was_merged_away_by_then(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    delaying = await _given_back(pair, monkeypatch)
    await delaying.arrives()
    (ada,) = pair.company.all("Customer")
    pair.company.merge("Customer", pair.customer("Bo Lind", "bo@example.com"), ada["Id"])

    await pair.run()

    assert await _told(pair) == [("loss", ("Adah", "Adele"))]
    assert await pair.store.read(_kept) == 0


async def test_of_two_that_met_a_merged_customer_what_they_replaced_is_told_once(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    delaying = await _given_back(pair, monkeypatch)
    delaying.broken = False
    (ada,) = pair.company.all("Customer")
    bo = pair.customer("Bo Lind", "bo@example.com")
    pair.quickbooks.faults.next("drop_before", to_quickbooks("/batch"))
    pair.transport.on_send = Countdown(
        to_quickbooks("/batch"), 1, lambda: pair.company.merge("Customer", bo, ada["Id"])
    )

    await pair.run()

    assert await _told(pair) == [("loss", ("Adah", "Adele"))]
    assert await pair.store.read(_kept) == 0
