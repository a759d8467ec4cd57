"""Reads that fail: tried again a bounded number of times, never taken for an empty answer."""

from __future__ import annotations

import pytest

from ledgerbridge.connectors.calls import ATTEMPTS_MAX, CallCounter
from ledgerbridge.connectors.port import Wanted
from ledgerbridge.errors import CallFailed, Retry
from ledgerbridge.sandbox.faults import Kind
from ledgerbridge.sandbox.quickbooks import Switches
from ledgerbridge.sandbox.quickbooks.switches import ThrottleForm
from support.books import Books

FAULTS: list[tuple[Kind, str]] = [
    ("throttle", "rate_limited"),
    ("error500", "server_error"),
    ("html", "html_answer"),
    ("drop_before", "no_answer"),
    ("drop_after", "no_answer"),
    ("cut", "no_answer"),
]


@pytest.mark.parametrize(("fault", "_code"), FAULTS)
async def test_a_read_that_fails_twice_is_read_a_third_time(fault: Kind, _code: str) -> None:
    books = Books()
    customer = books.customer("Alder Works")
    books.emulator.faults.next(fault, times=2)

    assert [record.id for record in await books.scanned("Customer")] == [customer]
    assert books.connector.counter.total == 3
    assert books.connector.counter.metered == 1, "only what succeeded is charged"
    assert books.clock.elapsed_s > 0, "it waited in between"


@pytest.mark.parametrize(("fault", "code"), FAULTS)
async def test_a_read_that_keeps_failing_raises_and_is_no_empty_page(
    fault: Kind, code: str
) -> None:
    books = Books()
    books.customer("Alder Works")
    books.emulator.faults.next(fault, times=100)

    with pytest.raises(Retry) as caught:
        await books.scanned("Customer")

    assert caught.value.code == code
    assert books.connector.counter.total == ATTEMPTS_MAX


@pytest.mark.parametrize("form", ["Fault", "fault", "xml", "empty"])
async def test_every_form_of_a_429_is_understood(form: ThrottleForm) -> None:
    books = Books(switches=Switches(throttle_form=form, retry_after_s=3))
    books.emulator.faults.next("throttle")

    await books.scanned("Customer")

    assert books.connector.counter.total == 2
    assert books.clock.elapsed_s == pytest.approx(3, abs=0.1)


async def test_without_a_retry_after_a_429_rests_a_minute() -> None:
    books = Books()
    books.emulator.faults.next("throttle")

    await books.scanned("Customer")

    assert books.clock.elapsed_s == pytest.approx(60, abs=0.1)


async def test_a_wait_longer_than_a_call_may_take_is_handed_on_at_once() -> None:
    books = Books(switches=Switches(retry_after_s=3600))
    books.emulator.faults.next("throttle")

    with pytest.raises(Retry) as caught:
        await books.scanned("Customer")

    assert caught.value.wait_s == 3600
    assert books.connector.counter.total == 1
    assert books.clock.elapsed_s == 0


async def test_every_call_is_heard_as_it_leaves() -> None:
    heard: list[str] = []
    books = Books(counter=CallCounter(heard.append))
    books.emulator.faults.next("error500")

    await books.scanned("Customer")

    assert heard == ["query Customer", "query Customer"]


async def test_an_html_page_says_what_to_check() -> None:
    books = Books()
    books.emulator.faults.next("html", times=100)

    with pytest.raises(CallFailed, match="is the URL right, is a proxy in between"):
        await books.connector.describe(["Customer"])


async def test_a_failure_in_the_middle_of_a_look_is_no_deletion() -> None:
    books = Books()
    customer = books.customer("Alder Works")
    invoice = books.invoice(customer)
    books.company.delete("Invoice", invoice)
    books.emulator.faults.next(
        "error500", lambda request: f"/invoice/{invoice}" in request.path, times=100
    )

    with pytest.raises(Retry):
        await books.connector.look(Wanted("Invoice"), [invoice])


async def test_a_network_that_comes_back_is_used_again() -> None:
    books = Books()
    customer = books.customer("Alder Works")
    books.transport.unplug()
    with pytest.raises(Retry, match="could not be reached"):
        await books.scanned("Customer")

    books.transport.plug()
    assert [record.id for record in await books.scanned("Customer")] == [customer]
