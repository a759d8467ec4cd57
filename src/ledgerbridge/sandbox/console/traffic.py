"""
The latest requests of an emulator with their bodies, for people to read.

No credential is kept: headers are not, what an authorization server says is not, and the token of a
request is struck out of everything that repeats it.
"""

from __future__ import annotations

import re
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ledgerbridge.sandbox.console.markup import with_query
from ledgerbridge.sandbox.http import App, NoAnswer, Request, Response

KEPT_MAX = 500
BODY_BYTES_MAX = 32 * 1024
TOKEN_ECHO = 60  # as much of a token as QuickBooks repeats in a 401
SECRET_PATHS = ("/oauth", "/sandbox")
SECRET_PARAMETERS = frozenset({"access_token", "hapikey", "token", "code", "client_secret"})
TOKEN_PATH = re.compile(r"(/oauth/[^/]+/(?:access|refresh)-tokens/).*", re.DOTALL)
STRUCK = "…"
WITHHELD = "Not kept: it holds credentials."


@dataclass(frozen=True, slots=True)
class Body:
    """What of a body is kept: its beginning, and how long it was."""

    text: str
    length: int

    @property
    def is_cut(self) -> bool:
        """Whether there was more."""
        return self.length > BODY_BYTES_MAX


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer; the status is 0 where nothing was answered."""

    number: int
    at: datetime
    method: str
    target: str
    status: int
    took_ms: float
    sent: Body
    answered: Body


class Traffic:
    """The latest exchanges, newest last, and how many there were by status."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now, self._number = now, 0
        self.exchanges: deque[Exchange] = deque(maxlen=KEPT_MAX)
        self.statuses: Counter[int] = Counter()

    def find(self, number: int) -> Exchange | None:
        """One exchange, unless it is too long ago."""
        return next((one for one in self.exchanges if one.number == number), None)

    async def answer(self, app: App, request: Request) -> Response:
        """An application's answer, noted. Raises NoAnswer as it does."""
        at, began_s = self._now(), time.perf_counter()
        try:
            answer = await app(request)
        except NoAnswer:
            self._note(request, Response(0), at, began_s)
            raise
        self._note(request, answer, at, began_s)
        return answer

    def _note(self, request: Request, answer: Response, at: datetime, began_s: float) -> None:
        took_ms = (time.perf_counter() - began_s) * 1000
        self._number += 1
        self.statuses[answer.status] += 1
        strike = _striking(request)
        withheld = request.path.startswith(SECRET_PATHS)
        sent, answered = (_kept(one.body, strike, withheld) for one in (request, answer))
        self.exchanges.append(
            Exchange(
                self._number,
                at,
                request.method,
                strike(_target(request)),
                answer.status,
                took_ms,
                sent,
                answered,
            )
        )


def _target(request: Request) -> str:
    query = [
        (name, STRUCK if name.lower() in SECRET_PARAMETERS else value)
        for name, value in request.query
    ]
    path = TOKEN_PATH.sub(rf"\1{STRUCK}", request.path)
    return with_query(path, query)


def _striking(request: Request) -> Callable[[str], str]:
    """Takes a request's own token out of a text, whole or in the part that answers repeat."""
    _, _, token = request.headers.get("authorization", "").partition(" ")
    token = token.strip()
    if not token:
        return lambda text: text
    return lambda text: text.replace(token, STRUCK).replace(token[:TOKEN_ECHO], STRUCK)


def _kept(body: bytes, strike: Callable[[str], str], withheld: bool) -> Body:
    if withheld and body:
        return Body(WITHHELD, 0)
    return Body(strike(body[:BODY_BYTES_MAX].decode("utf-8", "replace")), len(body))
