"""Payments as app events on the timeline: told once, corrected by further events, else in notes."""

from __future__ import annotations

from typing import Any

import pytest

from ledgerbridge.core.definition import DeletionRule, Entries
from ledgerbridge.sandbox.faults import Kind
from ledgerbridge.sandbox.http import Request
from ledgerbridge.service.opening import open_world
from ledgerbridge.service.undo_subjects import Target
from ledgerbridge.service.undoing import plan_undo
from service.test_deals import Shop
from support.pair import Countdown, Pair

TYPE = "ledgerbridge_payment"
PROPERTIES = ("text", "state", "key", "entry")
FIVE = "Payment of 5.00 USD for invoice A-7, recorded in QuickBooks."
EIGHT = "Payment of 8.00 USD for invoice A-7, recorded in QuickBooks."


def to_the_timeline(request: Request) -> bool:
    """Whether a request tells app events."""
    return request.path.startswith("/integrators/timeline/")


class Told(Shop):
    """A customer with a deal that was won, whose payments are to be told as app events."""

    def __init__(self, pair: Pair) -> None:
        super().__init__(pair)
        pair.hubspot.set_switches(app_events_of_private_apps=True)
        self.won = self.deal("500")
        self.billed = ""

    async def begin(self, *, typed: bool = True) -> None:
        """Both sides are in step, and the customer was billed."""
        if typed:
            self.pair.portal.add_event_type(TYPE, "deals", *PROPERTIES)
        await self.pair.begin()
        await self.pair.set_up("timeline", entries=Entries.APP_EVENTS)
        self.billed = self.invoice(DocNumber="A-7")
        await self.pair.run()

    def changes(self, payment: str, amount: int) -> None:
        """Somebody corrects the amount of a payment in the books."""
        line = {"Amount": amount, "LinkedTxn": [{"TxnId": self.billed, "TxnType": "Invoice"}]}
        self.pair.company.update("Payment", {"Id": payment, "TotalAmt": amount, "Line": [line]})

    @property
    def events(self) -> list[tuple[str, str]]:
        """What the timeline tells by events: what each is, and its text."""
        found = self.pair.portal.app_events.values()
        return [(one.properties["entry"], one.properties["text"]) for one in found]

    @property
    def notes(self) -> list[str]:
        """What the timeline tells by notes."""
        return sorted(one["hs_note_body"] for one in self.pair.portal.all("notes"))


@pytest.fixture
def told(pair: Pair) -> Told:
    return Told(pair)


async def test_a_payment_is_told_once_on_its_deal_and_is_no_note(pair: Pair, told: Told) -> None:
    await told.begin()
    payment = told.pays(told.billed, 5)
    result = await pair.run()

    assert (told.events, told.notes, result.notices) == ([("payment", FIVE)], [], {})
    (event,) = pair.portal.app_events.values()
    assert (event.event_type, event.object_id) == (TYPE, told.won)
    assert event.properties["key"].endswith(f":{payment}:{told.billed}")
    assert await pair.plan() == {}
    assert (await pair.run()).writes == 0


async def test_a_changed_payment_is_corrected_by_a_further_event(pair: Pair, told: Told) -> None:
    await told.begin()
    payment = told.pays(told.billed, 5)
    await pair.run()
    for amount in (8, 5):
        told.changes(payment, amount)
        await pair.run()
        await pair.run()

    assert told.events == [("payment", FIVE), ("correction", EIGHT), ("correction", FIVE)]
    assert await pair.plan() == {}


async def test_a_deleted_payment_is_withdrawn_by_a_further_event(pair: Pair, told: Told) -> None:
    await told.begin()
    payment = told.pays(told.billed, 5)
    await pair.run()
    pair.company.delete("Payment", payment)
    await pair.run()

    assert told.events == [("payment", FIVE), ("withdrawal", FIVE)]
    assert await pair.plan() == {}


async def test_with_the_rule_nothing_a_withdrawn_payment_stays_told(pair: Pair, told: Told) -> None:
    await told.begin()
    await pair.set_up("timeline", deletions=DeletionRule.NOTHING)
    payment = told.pays(told.billed, 5)
    await pair.run()
    pair.company.delete("Payment", payment)
    await pair.run()

    assert told.events == [("payment", FIVE)]


async def test_a_backfill_tells_no_events(pair: Pair, told: Told) -> None:
    pair.portal.add_event_type(TYPE, "deals", *PROPERTIES)
    told.pays(told.invoice(), 5)
    pair.pass_time(60)
    await pair.begin()
    await pair.set_up("timeline", entries=Entries.APP_EVENTS)
    await pair.run()

    assert (told.events, told.notes) == ([], [])


@pytest.mark.parametrize("fault", ["drop_before", "drop_after"])
async def test_an_event_whose_answer_was_lost_is_told_once(
    pair: Pair, told: Told, fault: Kind
) -> None:
    await told.begin()
    told.pays(told.billed, 5)
    pair.hubspot.faults.next(fault, to_the_timeline)
    await pair.run()
    await pair.run()

    assert (told.events, told.notes) == ([("payment", FIVE)], [])
    assert await pair.outcomes() == []
    assert await pair.plan() == {}


@pytest.mark.parametrize("way", ["row", "whole"])
async def test_of_a_batch_half_told_the_rest_follows(pair: Pair, told: Told, way: str) -> None:
    pair.hubspot.set_switches(taken_event_in_batch=way)
    await told.begin()
    told.pays(told.billed, 5)
    told.pays(told.billed, 8)
    pair.hubspot.faults.next("drop_after", to_the_timeline, times=None)
    await pair.run()
    pair.hubspot.faults.script.clear()
    del pair.portal.app_events[min(pair.portal.app_events)]
    await pair.run()

    assert sorted(text for _, text in told.events) == [FIVE, EIGHT]
    assert await pair.outcomes() == []


def lack_nothing_but(pair: Pair, lack: str) -> dict[str, Any]:
    """Take away what an account needs for app events; how to begin then."""
    if lack == "a token of an installation":
        pair.hubspot.set_switches(app_events_of_private_apps=False)
    if lack == "the type, by 404":
        pair.hubspot.set_switches(unknown_event_type_status=404)
    return {"typed": not lack.startswith("the type")}


@pytest.mark.parametrize("lack", ["a token of an installation", "the type", "the type, by 404"])
async def test_where_the_account_takes_no_events_payments_are_told_in_notes_and_it_is_said_once(
    pair: Pair, told: Told, lack: str
) -> None:
    await told.begin(**lack_nothing_but(pair, lack))
    payment = told.pays(told.billed, 5)
    result = await pair.run()

    assert (told.events, told.notes) == ([], [FIVE])
    assert list(result.notices) == ["timeline"]
    assert "told in notes" in result.notices["timeline"]
    assert (result.failing, result.unavailable) == (0, {})
    told.changes(payment, 8)
    result = await pair.run()
    assert (told.notes, result.notices) == ([EIGHT], {})
    assert (await pair.run()).notices == {}
    assert await pair.plan() == {}


async def test_what_an_event_told_is_corrected_in_a_note_once_events_are_refused(
    pair: Pair, told: Told
) -> None:
    await told.begin()
    payment = told.pays(told.billed, 5)
    await pair.run()
    pair.hubspot.set_switches(app_events_of_private_apps=False)
    told.changes(payment, 8)
    await pair.run()

    assert (told.events, told.notes) == ([("payment", FIVE)], [f"Correction: {EIGHT}"])
    pair.company.delete("Payment", payment)
    await pair.run()
    assert told.notes == []
    assert await pair.plan() == {}


async def test_notes_that_were_there_stay_notes_and_later_payments_are_events(
    pair: Pair, told: Told
) -> None:
    await told.begin()
    await pair.set_up("timeline", entries=Entries.NOTES)
    payment = told.pays(told.billed, 5)
    await pair.run()
    await pair.set_up("timeline", entries=Entries.APP_EVENTS)
    told.changes(payment, 8)
    told.pays(told.billed, 5)
    await pair.run()

    assert (told.events, told.notes) == ([("payment", FIVE)], [EIGHT])


async def test_a_missing_property_of_the_type_is_said_in_hubspots_words(
    pair: Pair, told: Told
) -> None:
    pair.portal.add_event_type(TYPE, "deals", "text", "state", "key")
    await told.begin(typed=False)
    told.pays(told.billed, 5)
    result = await pair.run()

    assert told.notes == [FIVE]
    assert "has no property entry" in result.notices["timeline"]


async def test_an_undo_says_that_an_event_cannot_be_taken_back(pair: Pair, told: Told) -> None:
    await told.begin()
    told.pays(told.billed, 5)
    run = (await pair.run()).run
    report = await plan_undo(await open_world(pair.shop()), Target(run=run))

    (left,) = [one for one in report.left if one.object_type == "app_events"]
    assert left.for_good
    assert "app event" in left.reason


async def test_a_deal_that_is_gone_fails_its_payment_alone_and_no_note_stands_in(
    pair: Pair, told: Told
) -> None:
    await told.begin()
    payment = told.pays(told.billed, 5)

    def archived() -> None:
        pair.portal.archive("deals", told.won)

    pair.transport.on_send = Countdown(to_the_timeline, 1, archived)
    result = await pair.run()

    assert (told.events, told.notes, result.notices) == ([], [], {})
    found = await pair.failing()
    assert (found.code, found.record_id) == ("not_found", f"{payment}:{told.billed}")
