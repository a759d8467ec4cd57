"""
The network between the service and the emulators, and the death of the service's process.

Faults: a request is lost before it arrives, or its answer is; it is throttled, turned away by a
tired server, or arrives late, after the sender gave up. Death comes at a send or at a commit.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from hashlib import sha256
from random import Random

from ledgerbridge.connectors.transport import HttpRequest, HttpResponse, NoResponse, NotSent
from ledgerbridge.sandbox.http import App, request_of

FAULTS = ("drop", "lost", "late", "throttle", "tired", "die before", "die after")
LATE_S_MAX = 30.0


class Died(BaseException):
    """The process is dead. Not an Exception, so that no handler can swallow it."""


@dataclass
class Fate:
    """
    What goes wrong, and when: `chances` by fault, and `dies_at` the count of steps at which the
    process dies (steps are sends and commits, before and after).
    """

    random: Random
    chances: Mapping[str, float] = field(default_factory=dict)
    dies_at: int | None = None
    steps: int = 0
    dead: bool = False
    happened: Counter[str] = field(default_factory=Counter)

    def draw(self) -> str | None:
        """The fault of one request, or None."""
        roll = self.random.random()
        for fault in FAULTS:
            roll -= self.chances.get(fault, 0.0)
            if roll < 0:
                self.happened[fault] += 1
                return fault
        return None

    def step(self, what: str) -> None:
        """One more chance to die. Raises Died."""
        if self.dead:
            raise Died
        self.steps += 1
        if self.dies_at is not None and self.steps >= self.dies_at:
            self.die(what)

    def die(self, what: str) -> None:
        """From now on this process does nothing any more. Raises Died."""
        self.dead = True
        self.happened[f"death {what}"] += 1
        raise Died

    def count_from_here(self, dies_at: int | None) -> None:
        """Steps are counted anew, up to the one at which the process dies."""
        self.steps, self.dies_at = 0, dies_at

    def reborn(self) -> None:
        """A new process starts."""
        self.dead, self.dies_at, self.steps = False, None, 0


class Network:
    """A `Transport` onto the emulators' functions; keeps a digest of all that passed."""

    def __init__(self, apps: Mapping[str, App], fate: Fate, now: Callable[[], datetime]) -> None:
        self._apps, self.fate, self._now = apps, fate, now
        self._digest = sha256()
        self._late: set[asyncio.Task[None]] = set()
        self.sent_late: list[bytes] = []
        self.on_answer: Callable[[HttpRequest, int], None] = lambda _, __: None

    @property
    def digest(self) -> str:
        """Of every request and status so far: the same seed gives the same."""
        return self._digest.hexdigest()

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Let it pass, or not."""
        fate = self.fate
        fate.step("before a send")
        fault = fate.draw()
        await asyncio.sleep(0.02 + fate.random.random() * 0.3)
        fate.step("during a send")
        if fault == "drop":
            raise NotSent("the connection was refused")
        if fault == "die before":
            fate.die("before a send")
        if fault == "throttle":
            return HttpResponse(status=429, headers={"content-type": "application/json"})
        if fault == "tired" and request.method == "GET":
            return HttpResponse(status=503, body=b"<html>Service Unavailable</html>")
        if fault == "late" and may_be_late(request):
            self._arrive_late(request)
            raise NoResponse("no answer in time")
        answer = await self._deliver(request)
        if fault == "die after":
            fate.die("after a send")
        fate.step("after a send")
        if fault == "lost":
            raise NoResponse("the answer was lost")
        return answer

    def beside(self, fate: Fate) -> Network:
        """The same network, as another process meets it that dies by itself."""
        other = copy(self)
        other.fate = fate
        return other

    def _arrive_late(self, request: HttpRequest) -> None:
        self.sent_late.append(request.body)

        async def later() -> None:
            await asyncio.sleep(self.fate.random.random() * LATE_S_MAX)
            await self._deliver(request)

        task = asyncio.get_running_loop().create_task(later())
        self._late.add(task)
        task.add_done_callback(self._late.discard)

    async def all_arrived(self) -> None:
        """Wait for everything that is still on its way."""
        while self._late:
            await asyncio.gather(*self._late)

    async def _deliver(self, request: HttpRequest) -> HttpResponse:
        base = next(url for url in self._apps if request.url.startswith(url))
        target = request.url.removeprefix(base)
        incoming = request_of(request.method, target, request.headers, request.body)
        answer = await self._apps[base](incoming)
        self._digest.update(f"{request.method} {target} {answer.status}".encode())
        self._digest.update(request.body)
        self.on_answer(request, answer.status)
        headers = {name.lower(): value for name, value in answer.headers.items()}
        headers.setdefault("date", format_datetime(self._now(), usegmt=True))
        return HttpResponse(status=answer.status, headers=headers, body=answer.body)


def may_be_late(request: HttpRequest) -> bool:
    """
    Creations may arrive after the sender gave up: keys and `requestid` catch them.

    A HubSpot update that arrives that late overwrites whatever is there, and no API call could
    tell: that window is documented, not simulated.
    """
    return request.url.endswith("/batch/create") or "requestid=" in request.url
