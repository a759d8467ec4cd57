"""
Delivery of webhooks, for any emulator: events are gathered into batches, signed, posted, and tried
again by the vendor's schedule, until the subscriber takes them or the vendor gives up.

Nothing here waits: time is the emulator's clock, and whoever serves the emulator calls `deliver`
with the way to send. Every event is kept with what became of it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any, Literal

KEPT_MAX = 10_000
# How much later an event arrives: seconds, at least and at most.
REORDERED_S = (5.0, 60.0)
DOUBLED_S = (1.0, 60.0)
LATE_S = (60.0, 3600.0)
HELD_BACK = {"webhook_reordered": REORDERED_S, "webhook_late": LATE_S}

Outcome = Literal["waiting", "on its way", "delivered", "lost", "superseded", "given up"]
State = Literal["waiting", "sending", "delivered", "given up"]


@dataclass(frozen=True, slots=True)
class Post:
    """A signed request to a subscriber."""

    url: str
    headers: dict[str, str]
    body: bytes


# Sends a request and returns the status, 0 where no answer came; it may raise OSError for that.
Send = Callable[[Post], Awaitable[int]]
# The request for a batch: address, bodies of the events, which attempt it is (from 0), and when.
Write = Callable[[str, Sequence[dict[str, Any]], int, datetime], Post]


@dataclass(frozen=True, slots=True)
class Rules:
    """
    How a vendor delivers: events of one batch, requests at once, how long it waits for an answer,
    the pauses between attempts (the last repeats), and how long events are gathered.
    """

    batch_max: int
    concurrency_max: int
    timeout_s: float
    retry_after_s: tuple[float, ...]
    retries_max: int
    accepts: Callable[[int], bool]
    delay_s: float = 0.0
    supersedes: bool = False
    """Whether of several events with one key in a batch only the last is sent."""
    withholds: bool = False
    """Whether new events wait while a delivery to their address is still to be tried again."""


@dataclass(slots=True, eq=False)
class Event:
    """One event for one address. `label` says what it is, `key` which record it is about."""

    id: int
    url: str
    label: str
    key: str
    body: dict[str, Any]
    at: datetime
    ready: datetime
    faults: tuple[str, ...] = ()
    outcome: Outcome = "waiting"
    delivery_id: int | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of a delivery; the status is 0 where no answer came."""

    at: datetime
    status: int


@dataclass(slots=True, eq=False)
class Delivery:
    """A batch on its way. `due` is when it is tried next."""

    id: int
    url: str
    events: list[Event]
    due: datetime
    state: State = "waiting"
    attempts: list[Attempt] = field(default_factory=list)


class Outbox:
    """
    All events and deliveries of one emulator.

    `fault_of` names what a fault does to an event of a label (see `faults`), drawn or asked for.
    """

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        write: Write,
        rules: Rules,
        fault_of: Callable[[str], str | None],
        seed: int = 0,
    ) -> None:
        self.now, self._write, self._fault_of = now, write, fault_of
        self._random = Random(f"deliveries:{seed}")
        self.rules = rules
        self.events: deque[Event] = deque(maxlen=KEPT_MAX)
        self.deliveries: dict[int, Delivery] = {}
        self._waiting: list[Event] = []
        self._gathered_until: dict[str, datetime] = {}
        self._last_event_id = 0
        self._last_delivery_id = 0

    def put(self, url: str, label: str, key: str, body: dict[str, Any]) -> Event:
        """Takes an event in, together with what is to go wrong with it."""
        now = self.now()
        event = self._entered(Event(0, url, label, key, body, now, self._ready(url, now)))
        fault = self._fault_of(label)
        if fault is None:
            self._waiting.append(event)
            return event
        event.faults = (fault,)
        if fault == "webhook_lost":
            event.outcome = "lost"
            return event
        if fault == "webhook_doubled":
            later = event.ready + self._span(DOUBLED_S)
            copy = replace(event, ready=later, faults=("copy",))
            self._waiting.append(self._entered(copy))
        else:
            event.ready += self._span(HELD_BACK[fault])
        self._waiting.append(event)
        return event

    def next_due(self) -> datetime | None:
        """When `deliver` will next have something to do, or None."""
        resumed = self._withheld()
        ready = [max(event.ready, resumed.get(event.url, event.ready)) for event in self._waiting]
        due = [one.due for one in self.deliveries.values() if one.state == "waiting"]
        return min([*ready, *due], default=None)

    async def deliver(self, send: Send) -> list[Delivery]:
        """Tries everything that is due once, some at a time; what was tried, in order."""
        self._form_batches()
        now = self.now()
        due = [one for one in self.deliveries.values() if one.state == "waiting" and one.due <= now]
        due.sort(key=lambda one: (one.due, one.id))
        gate = asyncio.Semaphore(self.rules.concurrency_max)
        for one in due:
            one.state = "sending"
        await asyncio.gather(*(self._try(one, send, gate) for one in due))
        self._forget_old()
        return due

    def replay(self, delivery_id: int) -> Delivery:
        """Sends a delivery's events once more, now. Raises KeyError for an unknown id."""
        return self._enclosed(list(self.deliveries[delivery_id].events))

    def take_up(self) -> None:
        """After a saved state was loaded: what was being sent is sent again."""
        for one in self.deliveries.values():
            if one.state == "sending":
                one.state = "waiting"

    def _entered(self, event: Event) -> Event:
        self._last_event_id += 1
        event.id = self._last_event_id
        self.events.append(event)
        return event

    def _ready(self, url: str, now: datetime) -> datetime:
        """The end of the span in which events for an address are gathered now."""
        until = self._gathered_until.get(url)
        if until is None or until <= now:
            until = now + timedelta(seconds=self.rules.delay_s)
            self._gathered_until[url] = until
        return until

    def _span(self, seconds: tuple[float, float]) -> timedelta:
        return timedelta(seconds=self._random.uniform(*seconds))

    def _form_batches(self) -> None:
        now, withheld = self.now(), self._withheld()
        ready = [
            event for event in self._waiting if event.ready <= now and event.url not in withheld
        ]
        leaving = set(map(id, ready))
        self._waiting = [event for event in self._waiting if id(event) not in leaving]
        ready.sort(key=lambda event: (event.ready, event.id))
        by_url: dict[str, list[Event]] = {}
        for event in ready:
            by_url.setdefault(event.url, []).append(event)
        size = self.rules.batch_max
        for events in by_url.values():
            left = self._without_superseded(events) if self.rules.supersedes else events
            for start in range(0, len(left), size):
                self._enclosed(left[start : start + size])

    def _withheld(self) -> dict[str, datetime]:
        """The addresses whose events wait, and when a delivery to them is tried again."""
        if not self.rules.withholds:
            return {}
        again: dict[str, datetime] = {}
        for one in self.deliveries.values():
            if one.state in {"waiting", "sending"} and one.attempts:
                again[one.url] = min(one.due, again.get(one.url, one.due))
        return again

    def _without_superseded(self, events: list[Event]) -> list[Event]:
        last = {event.key: event for event in events}
        for event in events:
            if last[event.key] is not event:
                event.outcome = "superseded"
        return [event for event in events if last[event.key] is event]

    def _enclosed(self, events: list[Event]) -> Delivery:
        self._last_delivery_id += 1
        made = Delivery(self._last_delivery_id, events[0].url, events, self.now())
        self.deliveries[made.id] = made
        for event in events:
            event.delivery_id, event.outcome = made.id, "on its way"
        return made

    async def _try(self, one: Delivery, send: Send, gate: asyncio.Semaphore) -> None:
        async with gate:
            at = self.now()
            bodies = [event.body for event in one.events]
            try:
                status = await send(self._write(one.url, bodies, len(one.attempts), at))
            except OSError:
                status = 0
        one.attempts.append(Attempt(at, status))
        if self.rules.accepts(status):
            self._close(one, "delivered")
        elif len(one.attempts) > self.rules.retries_max:
            self._close(one, "given up")
        else:
            pauses = self.rules.retry_after_s
            pause_s = pauses[min(len(one.attempts), len(pauses)) - 1]
            one.due, one.state = at + timedelta(seconds=pause_s), "waiting"

    def _close(self, one: Delivery, state: Literal["delivered", "given up"]) -> None:
        one.state = state
        for event in one.events:
            event.outcome = state

    def _forget_old(self) -> None:
        done = [
            one.id for one in self.deliveries.values() if one.state in {"delivered", "given up"}
        ]
        for old in done[: max(len(self.deliveries) - KEPT_MAX, 0)]:
            del self.deliveries[old]
