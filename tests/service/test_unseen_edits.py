"""An edit in HubSpot that our update overwrites, because nobody could see it in time."""

from __future__ import annotations

from contextlib import suppress

import pytest

from ledgerbridge.core.mapping import Direction, Rule
from ledgerbridge.errors import Retry
from ledgerbridge.sandbox.faults import Kind
from ledgerbridge.sandbox.http import Request
from ledgerbridge.service import conflicts
from ledgerbridge.service.history import Wanted, entries_report
from ledgerbridge.service.recovery import MAY_BE_LATE
from support.pair import Countdown, Deed, Pair, to_hubspot

UPDATES = to_hubspot("contacts/batch/update")


async def _edit_both(pair: Pair) -> None:
    """The customer is edited, and its contact in the moment before our update arrives."""
    customer = pair.customer("Ada Poe", "ada@example.com", GivenName="Ada")
    await pair.run()
    contact = pair.contact_of("ada@example.com")["hs_object_id"]
    pair.edit_customer(customer, GivenName="Adah")
    pair.transport.on_send = Countdown(
        UPDATES,
        1,
        lambda: pair.portal.update("contacts", contact, {"firstname": "Adele"}),
    )


async def _run_until_the_second_update(pair: Pair, breaks: Deed) -> None:
    """One run, in which something breaks just before the edit would be put back."""
    edit, second = pair.transport.on_send, Countdown(UPDATES, 2, breaks)

    def hears(request: Request) -> None:
        edit(request)
        second(request)

    pair.transport.on_send = hears
    with suppress(Retry):
        await pair.run()
    pair.transport.plug()


def _names(pair: Pair) -> tuple[str, str]:
    (customer,) = pair.company.all("Customer")
    return pair.contact_of("ada@example.com")["firstname"], customer["GivenName"]


async def test_where_hubspot_wins_it_is_put_back_and_travels(pair: Pair) -> None:
    await pair.begin("contacts")
    await pair.set_up("contacts", rule=Rule.HUBSPOT)
    await _edit_both(pair)

    result = await pair.run()

    assert _names(pair) == ("Adele", "Adele")
    report = await pair.store.read(entries_report, 9, Wanted(losses=True), values=True)
    assert ("Adah", "Adele") in [tuple(*(one.values or {}).values()) for one in report.entries]
    assert result.losses == 2
    assert (await pair.run()).writes == 0


@pytest.mark.parametrize("fault", [None, "drop_before", "drop_after"])
async def test_it_is_put_back_though_the_network_fails(pair: Pair, fault: Kind | None) -> None:
    await pair.begin("contacts")
    await pair.set_up("contacts", rule=Rule.HUBSPOT)
    await _edit_both(pair)

    def breaks() -> None:
        pair.transport.unplug() if fault is None else pair.hubspot.faults.next(fault, UPDATES)

    await _run_until_the_second_update(pair, breaks)

    await pair.run()

    assert _names(pair) == ("Adele", "Adele")
    assert (await pair.run()).writes == 0


async def test_it_is_told_and_not_put_back_where_nothing_travels_to_hubspot_any_more(
    pair: Pair,
) -> None:
    await pair.begin("contacts")
    await pair.set_up("contacts", rule=Rule.HUBSPOT)
    await _edit_both(pair)
    await _run_until_the_second_update(pair, pair.transport.unplug)
    pair.pass_time(MAY_BE_LATE.total_seconds())
    await pair.set_up("contacts", direction=Direction.TO_QUICKBOOKS)

    await pair.run()

    assert _names(pair) == ("Adah", "Adah")
    report = await pair.store.read(entries_report, 9, Wanted(losses=True), values=True)
    assert "Adele" in [
        before for one in report.entries for before, _ in (one.values or {}).values()
    ]
    assert (await pair.run()).writes == 0


async def test_where_the_newest_wins_a_person_sees_both_edits(pair: Pair) -> None:
    await pair.begin("contacts")
    await pair.set_up("contacts", rule=Rule.NEWEST)
    await _edit_both(pair)

    await pair.run()

    assert _names(pair) == ("Adele", "Adah")
    (one,) = (await pair.store.read(conflicts.report)).conflicts
    assert (one.hubspot, one.quickbooks) == ({"firstname": "Adele"}, {"GivenName": "Adah"})


async def test_where_quickbooks_wins_it_is_told_as_a_loss(pair: Pair) -> None:
    await pair.begin("contacts")
    await _edit_both(pair)

    result = await pair.run()

    assert _names(pair) == ("Adah", "Adah")
    assert result.losses == 1
    assert (await pair.run()).writes == 0
