"""
Faults on demand, for any emulator: what a network and a tired server do to a request.

The script is a list: the first entry whose `match` accepts a request is used up by it. Throttle and
server-error bodies are the emulator's own, given by it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Literal

from ledgerbridge.sandbox.http import App, NoAnswer, Request, Response

Kind = Literal["throttle", "error500", "html", "drop_before", "drop_after", "cut", "slow"]
Match = Callable[[Request], bool]

HTML = b"<html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>"


@dataclass(slots=True)
class _Entry:
    kind: Kind
    match: Match
    times: int
    status: int
    slow_s: float


class Faults:
    """
    The script of one emulator.

    throttle and error500 answer without applying; html answers a page of HTML (502, or the status
    given) without applying; drop_before loses the request; drop_after applies it and loses the
    answer; cut applies it and breaks off in the answer; slow applies it after so many seconds.
    """

    def __init__(
        self,
        *,
        throttle: Callable[[], Response],
        error500: Callable[[], Response],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._throttle, self._error500, self._sleep = throttle, error500, sleep
        self._script: list[_Entry] = []
        self.injected: list[tuple[Kind, str, str]] = []

    def next(
        self,
        kind: Kind,
        match: Match = lambda _: True,
        times: int = 1,
        *,
        status: int = 502,
        slow_s: float = 1.0,
    ) -> None:
        """Does this to the next requests that match, so many times."""
        self._script.append(_Entry(kind, match, times, status, slow_s))

    def clear(self) -> None:
        """Forgets what has not happened yet."""
        self._script.clear()

    async def __call__(self, request: Request, app: App) -> Response:
        """The answer to a request under the script. Raises NoAnswer where it gets none."""
        entry = self._due(request)
        if entry is None:
            return await app(request)
        self.injected.append((entry.kind, request.method, request.path))
        if entry.kind == "throttle":
            return self._throttle()
        if entry.kind == "error500":
            return self._error500()
        if entry.kind == "html":
            return Response(entry.status, HTML, {"Content-Type": "text/html"})
        if entry.kind == "drop_before":
            raise NoAnswer
        if entry.kind == "slow":
            await self._sleep(entry.slow_s)
            return await app(request)
        answer = await app(request)
        if entry.kind == "drop_after":
            raise NoAnswer
        return replace(answer, cut=True)

    def _due(self, request: Request) -> _Entry | None:
        for entry in self._script:
            if entry.match(request):
                entry.times -= 1
                if entry.times <= 0:
                    self._script.remove(entry)
                return entry
        return None
