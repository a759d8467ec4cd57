"""
Faults on demand, for any emulator: what a network and a tired server do to a request, and what
happens to a webhook on its way.

The script is a list of entries. The first one that is alive, accepts the request, and whose chance
comes true is what happens. Throttle, server-error and maintenance bodies are the emulator's own.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Literal, get_args

from ledgerbridge.sandbox.http import App, NoAnswer, Request, Response

RequestKind = Literal[
    "throttle", "error500", "html", "drop_before", "drop_after", "cut", "slow", "maintenance"
]
TokenKind = Literal["token_expired", "token_revoked"]
WebhookKind = Literal["webhook_lost", "webhook_doubled", "webhook_late", "webhook_reordered"]
StaleKind = Literal["stale"]
Kind = RequestKind | TokenKind | WebhookKind | StaleKind
Match = Callable[[Request], bool]

REQUEST_KINDS: frozenset[str] = frozenset(get_args(RequestKind))
TOKEN_KINDS: frozenset[str] = frozenset(get_args(TokenKind))
WEBHOOK_KINDS: frozenset[str] = frozenset(get_args(WebhookKind))
KINDS: tuple[str, ...] = (
    *get_args(RequestKind),
    *get_args(TokenKind),
    *get_args(WebhookKind),
    *get_args(StaleKind),
)
HTML = b"<html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>"
INJECTED_MAX = 10_000


def anything(_: Request) -> bool:
    """The match of an entry that takes every request."""
    return True


@dataclass(frozen=True, slots=True)
class Pattern:
    """
    A match that can be written down: a regular expression, searched in `POST /the/path?query` of a
    request, or in the label of a webhook event such as `contact.creation` or `Customer Update`.
    """

    text: str

    def __call__(self, request: Request) -> bool:
        """Whether a request fits."""
        query = "&".join(f"{name}={value}" for name, value in request.query)
        return self.fits(f"{request.method} {request.path}" + (f"?{query}" if query else ""))

    def fits(self, label: str) -> bool:
        """Whether a label fits."""
        return re.search(self.text, label) is not None


@dataclass(slots=True, eq=False)
class Fault:
    """
    One entry of the script: happens to what matches, so many `times` (None: always), each time
    with a `chance`, and no later than `until`.
    """

    id: int
    kind: Kind
    match: Match
    times: int | None = 1
    chance: float = 1.0
    until: datetime | None = None
    status: int = 502
    slow_s: float = 1.0


@dataclass(frozen=True, slots=True)
class FaultEffects:
    """The emulator's own answers to a fault, and what it does when its tokens die or it ages."""

    throttle: Callable[[], Response]
    error500: Callable[[], Response]
    maintenance: Callable[[int, int], Response]
    """From the status asked for and the seconds that are left."""
    kill_tokens: Callable[[str], None]
    go_stale: Callable[[datetime], None]


class Faults:
    """
    The script of one emulator.

    throttle and error500 answer without applying; html answers a page of HTML (502, or the status
    given) without applying; drop_before loses the request; drop_after applies it and loses the
    answer; cut applies it and breaks off in the answer; slow applies it after so many seconds;
    maintenance refuses everything. token_expired and token_revoked kill the tokens before the
    request is looked at. stale shows reads an older state for a while, from now on. The webhook
    kinds happen to events: see `delivery`.
    """

    def __init__(
        self,
        effects: FaultEffects,
        *,
        now: Callable[[], datetime],
        seed: int = 0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._effects, self._now, self._sleep = effects, now, sleep
        self._random = Random(f"faults:{seed}")
        self._next_id = 1
        self.script: list[Fault] = []
        self.injected: deque[tuple[str, str, str]] = deque(maxlen=INJECTED_MAX)

    def next(
        self,
        kind: Kind,
        match: Match = anything,
        times: int | None = 1,
        *,
        status: int | None = None,
        slow_s: float = 1.0,
        chance: float = 1.0,
        for_s: float | None = None,
    ) -> Fault:
        """
        Does this to the next requests (or events) that match, so many times; with `for_s` to all
        of them for so many seconds.
        """
        until = None
        if for_s is not None:
            until, times = self._now() + timedelta(seconds=for_s), None
        default = 503 if kind == "maintenance" else 502
        fault = Fault(self._next_id, kind, match, times, chance, until, status or default, slow_s)
        self._next_id += 1
        if kind == "stale":
            self._effects.go_stale(until or self._now())
        self.script.append(fault)
        return fault

    def reseed(self, seed: int) -> None:
        """Draws all further chances anew from a seed."""
        self._random = Random(f"faults:{seed}")

    def pending(self) -> list[Fault]:
        """What may still happen."""
        now = self._now()
        self.script = [one for one in self.script if one.until is None or now < one.until]
        return list(self.script)

    def clear(self, fault_id: int | None = None) -> int:
        """Forgets what has not happened yet, or one entry of it; how many were forgotten."""
        kept = [one for one in self.script if fault_id is not None and one.id != fault_id]
        cleared = [one for one in self.script if one not in kept]
        if any(one.kind == "stale" for one in cleared):
            self._effects.go_stale(self._now())
        self.script = kept
        return len(cleared)

    def strike_tokens(self, request: Request) -> None:
        """Kills the tokens if that is due: to be called before a request is looked at."""
        fault = self._due(TOKEN_KINDS, lambda one: one.match(request))
        if fault is not None:
            self.injected.append((fault.kind, request.method, request.path))
            self._effects.kill_tokens(fault.kind)

    def of_event(self, label: str) -> str | None:
        """The kind of what happens to a webhook event of that label, or None."""
        fault = self._due(WEBHOOK_KINDS, lambda one: _fits(one.match, label))
        if fault is None:
            return None
        self.injected.append((fault.kind, "event", label))
        return fault.kind

    async def __call__(self, request: Request, app: App) -> Response:
        """The answer to a request under the script. Raises NoAnswer where it gets none."""
        fault = self._due(REQUEST_KINDS, lambda one: one.match(request))
        if fault is None:
            return await app(request)
        self.injected.append((fault.kind, request.method, request.path))
        instead = self._instead(fault)
        if instead is not None:
            return instead
        if fault.kind == "drop_before":
            raise NoAnswer
        if fault.kind == "slow":
            await self._sleep(fault.slow_s)
            return await app(request)
        answer = await app(request)
        if fault.kind == "drop_after":
            raise NoAnswer
        return replace(answer, cut=True)

    def _instead(self, fault: Fault) -> Response | None:
        """The answer that a fault gives without applying the request, or None."""
        if fault.kind == "throttle":
            return self._effects.throttle()
        if fault.kind == "error500":
            return self._effects.error500()
        if fault.kind == "maintenance":
            left = (fault.until - self._now()) if fault.until else timedelta(seconds=60)
            return self._effects.maintenance(fault.status, max(int(left.total_seconds()), 1))
        if fault.kind == "html":
            return Response(fault.status, HTML, {"Content-Type": "text/html"})
        return None

    def _due(self, kinds: frozenset[str], accepts: Callable[[Fault], bool]) -> Fault | None:
        for fault in self.pending():
            if fault.kind not in kinds or not accepts(fault):
                continue
            if fault.chance < 1 and self._random.random() >= fault.chance:
                continue
            if fault.times is not None:
                fault.times -= 1
                if fault.times <= 0:
                    self.script.remove(fault)
            return fault
        return None


def _fits(match: Match, label: str) -> bool:
    return match.fits(label) if isinstance(match, Pattern) else match is anything
