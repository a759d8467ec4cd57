"""
The seam of both emulators: an application is a function from a request to an answer.

The same function is called directly in simulation and served over loopback HTTP by `Server`.
`Sender` is the way back, for webhooks.
Faults of the network are values too: an answer may be cut short, or never be sent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import parse_qsl, unquote

from aiohttp import ClientError, ClientSession, ClientTimeout, web

from ledgerbridge.sandbox.delivery import Post

BODY_BYTES_MAX = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Request:
    """What arrived: `path` is decoded, `headers` have lower-case names, `query` keeps order."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def first(self, name: str) -> str | None:
        """The first value of a query parameter, or None."""
        return next((value for key, value in self.query if key == name), None)


@dataclass(frozen=True, slots=True)
class Response:
    """What is answered. With `cut`, only half of the body leaves before the connection closes."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False


class NoAnswer(Exception):
    """Raised by an application: the connection closes and nothing is answered."""


App = Callable[[Request], Awaitable[Response]]


def request_of(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Request:
    """The request for a raw target such as `/a%20b?x=1`; header names are lower-cased."""
    path, _, query = target.partition("?")
    return Request(
        method.upper(),
        unquote(path),
        tuple(parse_qsl(query, keep_blank_values=True)),
        {name.lower(): value for name, value in headers.items()},
        body,
    )


class Server:
    """Serves one application on loopback; `port` 0 takes a free one. Stops with its block."""

    def __init__(self, app: App, port: int = 0) -> None:
        self._app, self._port = app, port
        self._runner: web.ServerRunner | None = None

    @property
    def url(self) -> str:
        """Where it listens, e.g. `http://127.0.0.1:8801`, without a final slash."""
        return f"http://127.0.0.1:{self._port}"

    async def __aenter__(self) -> Self:
        server = web.Server(self._handle, access_log=None)
        self._runner = web.ServerRunner(server, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        if self._port == 0:
            self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        await self._runner.cleanup()
        self._runner = None

    async def _handle(self, incoming: web.BaseRequest) -> web.StreamResponse:
        body = await _read(incoming)
        if body is None:
            return web.Response(status=413)
        request = request_of(incoming.method, incoming.raw_path, incoming.headers, body)
        try:
            answer = await self._app(request)
        except NoAnswer:
            return await _hang_up(incoming)
        headers: Any = dict(answer.headers)
        if answer.cut:
            return await _half(incoming, answer)
        return web.Response(status=answer.status, body=answer.body, headers=headers)


class Sender:
    """Posts webhooks to subscribers; redirects are not followed. Ends with its block."""

    def __init__(self, timeout_s: float) -> None:
        self._timeout = ClientTimeout(total=timeout_s)
        self._session: ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = ClientSession(timeout=self._timeout)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._session is not None
        await self._session.close()

    async def __call__(self, post: Post) -> int:
        """The status of the answer, 0 where none came in time."""
        assert self._session is not None
        sending = self._session.post(
            post.url, data=post.body, headers=post.headers, allow_redirects=False
        )
        try:
            async with sending as answer:
                return answer.status
        except (ClientError, OSError, ValueError):
            return 0


async def _read(incoming: web.BaseRequest) -> bytes | None:
    """The whole body, or None where it is larger than the limit."""
    body = bytearray()
    async for chunk in incoming.content.iter_any():
        body += chunk
        if len(body) > BODY_BYTES_MAX:
            return None
    return bytes(body)


async def _hang_up(incoming: web.BaseRequest) -> web.StreamResponse:
    if incoming.transport is not None:
        incoming.transport.abort()
    await asyncio.sleep(0)
    return web.Response(status=500)


async def _half(incoming: web.BaseRequest, answer: Response) -> web.StreamResponse:
    headers = {**answer.headers, "Content-Length": str(len(answer.body))}
    response = web.StreamResponse(status=answer.status, headers=headers)
    await response.prepare(incoming)
    await response.write(answer.body[: len(answer.body) // 2])
    if incoming.transport is not None:
        incoming.transport.close()
    return response
