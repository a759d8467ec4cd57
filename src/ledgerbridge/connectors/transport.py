"""
The one narrow way out: send(request) -> response.

aiohttp in production; in simulation the emulator's function. A failure says whether the request
may have been applied: `NotSent` never left, `NoResponse` may have arrived.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Protocol, Self

import aiohttp
from msgspec import Struct, field
from yarl import URL

from ledgerbridge.errors import LedgerbridgeError

CONNECT_WAIT_S_MAX = 10.0
ANSWER_WAIT_S_MAX = 125.0


class HttpRequest(Struct, frozen=True, kw_only=True):
    """One request: `url` is complete and already percent-encoded."""

    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


class HttpResponse(Struct, frozen=True, kw_only=True):
    """One whole answer; header names are lower-case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


def answered_at(response: HttpResponse) -> datetime | None:
    """The UTC instant of an answer by its sender's own clock, None where it does not say."""
    try:
        said = parsedate_to_datetime(response.headers["date"])
    except (KeyError, ValueError):
        return None
    return said if said.tzinfo is not None else None


class NotSent(LedgerbridgeError):
    """The request never left: no network, no such host, connection refused."""


class NoResponse(LedgerbridgeError):
    """It left, and no whole answer came back: it may have been applied."""


class Transport(Protocol):
    """Sends one request and returns its whole answer, or raises `NotSent` or `NoResponse`."""

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Send it once; there are no retries here."""


class AiohttpTransport:
    """Real HTTP, one connection pool for all. Use as an asynchronous context manager."""

    def __init__(self, connections_max: int = 32) -> None:
        self._connections_max = connections_max
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._connections_max),
            timeout=aiohttp.ClientTimeout(total=ANSWER_WAIT_S_MAX, sock_connect=CONNECT_WAIT_S_MAX),
            auto_decompress=True,
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Send it once. Redirects are not followed: a token goes only where it was meant to go."""
        assert self._session is not None, "the transport is used inside its `async with` block"
        host = URL(request.url).host or "?"
        try:
            async with self._session.request(
                request.method,
                URL(request.url, encoded=True),
                headers=request.headers,
                data=request.body or None,
                allow_redirects=False,
            ) as answer:
                body = await answer.read()
                headers = {name.lower(): value for name, value in answer.headers.items()}
                return HttpResponse(status=answer.status, headers=headers, body=body)
        except aiohttp.ClientConnectorError as error:
            raise NotSent(f"No connection to {host}: {error.os_error.strerror}.") from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            what = type(error).__name__
            raise NoResponse(f"No whole answer came from {host} ({what}).") from error
