"""What the delivery of webhooks holds, whatever the vendor: nothing vanishes without a word."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.deliveries import Subscriber
from ledgerbridge.sandbox.delivery import Outbox, Post, Rules

START = datetime(2026, 5, 1, 9, tzinfo=UTC)
URL = "https://example.com/hook"
KINDS = ("webhook_lost", "webhook_doubled", "webhook_late", "webhook_reordered")


class Vendor:
    """An outbox on a clock that jumps, with the simplest body: the list of events."""

    def __init__(self, faults: Sequence[str | None] = (), seed: int = 0, **rules: Any) -> None:
        self.now = START
        self.faults = list(faults)
        chosen = {
            "batch_max": 3,
            "concurrency_max": 2,
            "timeout_s": 5.0,
            "retry_after_s": (10.0, 60.0),
            "retries_max": 4,
            "accepts": lambda status: status == 200,
            **rules,
        }
        self.outbox = Outbox(
            now=lambda: self.now,
            write=self._written,
            rules=Rules(**chosen),
            fault_of=lambda _: self.faults.pop(0) if self.faults else None,
            seed=seed,
        )

    def _written(
        self, url: str, events: Sequence[dict[str, Any]], attempt: int, at: datetime
    ) -> Post:
        headers = {"attempt": str(attempt), "at": at.isoformat()}
        return Post(url, headers, msgspec.json.encode(list(events)))

    def put(self, number: int, key: str | None = None) -> None:
        """One event, told apart by its number."""
        self.outbox.put(URL, f"thing {number}", key or str(number), {"number": number})

    async def all_delivered(self, subscriber: Subscriber) -> None:
        """Lets time pass until nothing is left to do."""
        while (due := self.outbox.next_due()) is not None:
            self.now = max(self.now, due)
            await self.outbox.deliver(subscriber)


def _numbers(subscriber: Subscriber) -> list[int]:
    return [event["number"] for event in subscriber.events]


@given(count=st.integers(0, 30), answers=st.lists(st.sampled_from([200, 500, 404, 0]), max_size=40))
@settings(max_examples=60, deadline=None)
async def test_without_loss_everything_arrives_at_least_once_or_is_given_up(
    count: int, answers: list[int]
) -> None:
    vendor, subscriber = Vendor(), Subscriber(*answers)
    for number in range(count):
        vendor.put(number)

    await vendor.all_delivered(subscriber)

    assert set(_numbers(subscriber)) == set(range(count))
    assert {event.outcome for event in vendor.outbox.events} <= {"delivered", "given up"}
    accepted = sum(1 for event in vendor.outbox.events if event.outcome == "delivered")
    if all(answer == 200 for answer in answers):
        assert accepted == count


@given(
    faults=st.lists(st.sampled_from([None, *KINDS]), max_size=25),
    seed=st.integers(0, 1000),
)
@settings(max_examples=60, deadline=None)
async def test_every_event_arrives_or_is_logged_as_lost(
    faults: list[str | None], seed: int
) -> None:
    vendor, subscriber = Vendor(faults, seed), Subscriber()
    for number in range(len(faults)):
        vendor.put(number)

    await vendor.all_delivered(subscriber)

    arrived = Counter(_numbers(subscriber))
    wanted = {None: 1, "webhook_lost": 0, "webhook_doubled": 2}
    assert arrived == +Counter(
        {number: wanted.get(fault, 1) for number, fault in enumerate(faults)}
    )
    lost = [event.body["number"] for event in vendor.outbox.events if event.outcome == "lost"]
    assert lost == [number for number, fault in enumerate(faults) if fault == "webhook_lost"]


async def test_the_same_seed_delivers_in_the_same_order_and_another_in_another() -> None:
    async def order(seed: int) -> list[int]:
        rng = Random(4)
        vendor = Vendor([rng.choice([None, *KINDS]) for _ in range(40)], seed)
        subscriber = Subscriber()
        for number in range(40):
            vendor.put(number)
            vendor.now += timedelta(seconds=5)
            await vendor.outbox.deliver(subscriber)
        await vendor.all_delivered(subscriber)
        return _numbers(subscriber)

    first = await order(1)

    assert first == await order(1)
    assert first != await order(2)
    assert first != sorted(first)


@pytest.mark.parametrize("fault", ["webhook_reordered", "webhook_late"])
async def test_what_is_held_back_is_overtaken(fault: str) -> None:
    vendor, subscriber = Vendor([fault]), Subscriber()
    vendor.put(1)
    vendor.put(2)
    await vendor.outbox.deliver(subscriber)

    assert _numbers(subscriber) == [2]
    await vendor.all_delivered(subscriber)

    waited_s = (vendor.now - START).total_seconds()
    assert _numbers(subscriber) == [2, 1]
    assert waited_s <= 60 if fault == "webhook_reordered" else 60 <= waited_s <= 3600


async def test_retries_follow_the_schedule_whose_last_pause_repeats() -> None:
    vendor, subscriber = Vendor(), Subscriber(500, 500, 500, 500)
    vendor.put(1)

    await vendor.all_delivered(subscriber)

    times = [datetime.fromisoformat(post.headers["at"]) for post in subscriber.posts]
    assert [(at - START).total_seconds() for at in times] == [0, 10, 70, 130, 190]
    (delivery,) = vendor.outbox.deliveries.values()
    assert [one.status for one in delivery.attempts] == [500, 500, 500, 500, 200]


async def test_after_the_last_retry_the_vendor_gives_up() -> None:
    vendor, subscriber = Vendor(), Subscriber(*[500] * 9)
    vendor.put(1)

    await vendor.all_delivered(subscriber)

    assert len(subscriber.posts) == 5
    assert [event.outcome for event in vendor.outbox.events] == ["given up"]


async def test_events_are_gathered_while_the_delay_lasts() -> None:
    vendor, subscriber = Vendor(delay_s=10.0, batch_max=100), Subscriber()
    vendor.put(1)
    vendor.now += timedelta(seconds=9)
    vendor.put(2)
    await vendor.outbox.deliver(subscriber)
    assert subscriber.posts == []

    vendor.now += timedelta(seconds=1)
    vendor.put(3)
    await vendor.all_delivered(subscriber)

    assert [[one["number"] for one in body] for body in subscriber.bodies] == [[1, 2], [3]]


async def test_superseded_events_of_one_record_are_logged_and_not_sent() -> None:
    vendor, subscriber = Vendor(supersedes=True), Subscriber()
    for number, key in ((1, "a"), (2, "b"), (3, "a")):
        vendor.put(number, key)

    await vendor.all_delivered(subscriber)

    assert _numbers(subscriber) == [2, 3]
    outcomes = [event.outcome for event in vendor.outbox.events]
    assert outcomes == ["superseded", "delivered", "delivered"]


@pytest.mark.parametrize("withholds", [True, False])
async def test_later_events_wait_for_an_earlier_delivery_only_where_that_is_the_rule(
    withholds: bool,
) -> None:
    vendor, subscriber = Vendor(withholds=withholds), Subscriber(500, 500)
    vendor.put(1)
    await vendor.outbox.deliver(subscriber)
    vendor.put(2)

    await vendor.all_delivered(subscriber)

    assert _numbers(subscriber) == ([1, 1, 1, 2] if withholds else [1, 2, 1, 2])
    assert {event.outcome for event in vendor.outbox.events} == {"delivered"}


async def test_no_more_requests_are_on_their_way_at_once_than_allowed() -> None:
    vendor = Vendor(batch_max=1, concurrency_max=2)
    for number in range(7):
        vendor.put(number)
    on_their_way, most = 0, 0

    async def send(_: Post) -> int:
        nonlocal on_their_way, most
        on_their_way += 1
        most = max(most, on_their_way)
        for _turn in range(3):
            await asyncio.sleep(0)
        on_their_way -= 1
        return 200

    await vendor.outbox.deliver(send)

    assert most == 2
    assert {event.outcome for event in vendor.outbox.events} == {"delivered"}


async def test_a_delivery_can_be_replayed() -> None:
    vendor, subscriber = Vendor(), Subscriber()
    vendor.put(1)
    await vendor.all_delivered(subscriber)
    (delivery,) = vendor.outbox.deliveries.values()

    again = vendor.outbox.replay(delivery.id)
    await vendor.all_delivered(subscriber)

    assert _numbers(subscriber) == [1, 1]
    assert again.id != delivery.id
    with pytest.raises(KeyError):
        vendor.outbox.replay(999)
