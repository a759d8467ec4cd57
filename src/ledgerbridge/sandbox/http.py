"""
The seam of both emulators: an application is a function from a request to an answer.

The same function is called directly in simulation and served over loopback HTTP by `Server`.
`Sender` is the way back, for webhooks.
Faults of the network are values too: an answer may be cut short, or never be sent.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from typing import Any, Self
from urllib.parse import parse_qsl, unquote

from aiohttp import ClientError, ClientSession, ClientTimeout, http_exceptions, web
from aiohttp.web_protocol import RequestHandler

from ledgerbridge.sandbox.delivery import Post

BODY_BYTES_MAX = 64 * 1024 * 1024
HEAD_LINE_BYTES_MAX = 64 * 1024
PATIENCE_S = 60.0
CLIENTS_FAULTS = (http_exceptions.HttpProcessingError, web.RequestPayloadError, ConnectionError)
ONCE = ("host", "authorization", "content-type", "content-length")


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
    """
    The request for a raw target such as `/a%20b?x=1`; header names are lower-cased.

    Bytes that are no UTF-8 become replacement characters, so that answers may repeat all of it.
    """
    path, _, query = _readable(target).partition("?")
    return Request(
        method.upper(),
        unquote(path),
        tuple(parse_qsl(query, keep_blank_values=True)),
        {name.lower(): _readable(value) for name, value in headers.items()},
        body,
    )


def _readable(text: str) -> str:
    if text.isascii():
        return text
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


class _OnlyDefects(logging.Filter):
    """Leaves out what clients did wrong: they are told, and nobody else needs to be."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a record is about us."""
        error = record.exc_info[1] if record.exc_info else None
        return not isinstance(error, CLIENTS_FAULTS)


LOGGER = logging.getLogger(__name__)
LOGGER.addFilter(_OnlyDefects())


class _Patience(web.Server):
    """Closes connections that stay silent, or dawdle over a request's head, for too long."""

    def __init__(self, handler: Any, patience_s: float) -> None:
        super().__init__(
            handler,
            access_log=None,
            logger=LOGGER,
            max_line_size=HEAD_LINE_BYTES_MAX,
            max_field_size=HEAD_LINE_BYTES_MAX,
            keepalive_timeout=patience_s,
            lingering_time=1.0,
        )
        self._patience_s = patience_s
        self._timers: dict[RequestHandler, asyncio.TimerHandle] = {}

    def connection_made(self, handler: RequestHandler, transport: asyncio.Transport) -> None:
        """A client came."""
        super().connection_made(handler, transport)
        self.wait_for(handler)

    def connection_lost(self, handler: RequestHandler, exc: BaseException | None = None) -> None:
        """A client went."""
        self.heard(handler)
        super().connection_lost(handler, exc)

    def wait_for(self, handler: RequestHandler) -> None:
        """The next request's head has to arrive in time from now on."""
        self.heard(handler)
        loop = asyncio.get_running_loop()
        self._timers[handler] = loop.call_later(self._patience_s, handler.force_close)

    def heard(self, handler: RequestHandler) -> None:
        """A head arrived."""
        timer = self._timers.pop(handler, None)
        if timer is not None:
            timer.cancel()


class Server:
    """
    Serves one application on loopback; `port` 0 takes a free one. Stops with its block.

    What is no HTTP gets a 4xx before the application sees it. Head and body of a request have to
    arrive within `patience_s` each. With `now` its answers are dated by that clock.
    """

    def __init__(
        self,
        app: App,
        port: int = 0,
        *,
        patience_s: float = PATIENCE_S,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        self._app, self._port, self._patience_s, self._now = app, port, patience_s, now
        self._runner: web.ServerRunner | None = None

    @property
    def url(self) -> str:
        """Where it listens, e.g. `http://127.0.0.1:8801`, without a final slash."""
        return f"http://127.0.0.1:{self._port}"

    async def __aenter__(self) -> Self:
        self._server = _Patience(self._handle, self._patience_s)
        self._runner = web.ServerRunner(self._server, shutdown_timeout=0.5)
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
        connection = incoming.protocol
        self._server.heard(connection)
        try:
            return await self._answered(incoming)
        finally:
            if incoming.transport is not None:
                self._server.wait_for(connection)

    async def _answered(self, incoming: web.BaseRequest) -> web.StreamResponse:
        twice = [name for name in ONCE if len(incoming.headers.getall(name, ())) > 1]
        if twice:
            return _refused(400, f"The header {twice[0]} stands there more than once.")
        expected = incoming.headers.get("expect", "")
        if expected.lower() == "100-continue":
            await incoming.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            incoming.writer.output_size = 0
        elif expected:
            return _refused(417, "Only 100-continue can be expected.")
        try:
            async with asyncio.timeout(self._patience_s):
                body = await _read(incoming)
        except TimeoutError:
            return _refused(408, f"The body did not arrive within {self._patience_s:g} s.")
        except CLIENTS_FAULTS:
            return _refused(400, "The body is not encoded as its headers say.")
        if body is None:
            return _refused(413, f"A body has at most {BODY_BYTES_MAX} bytes.")
        request = request_of(incoming.method, incoming.raw_path, incoming.headers, body)
        try:
            answer = await self._app(request)
        except NoAnswer:
            return await _hang_up(incoming)
        headers: Any = dict(answer.headers)
        if self._now is not None:
            headers.setdefault("Date", format_datetime(self._now(), usegmt=True))
        if answer.cut:
            return await _half(incoming, answer)
        return web.Response(status=answer.status, body=answer.body, headers=headers)


def _refused(status: int, text: str) -> web.Response:
    """A refusal by the server itself; the connection ends, for what follows cannot be trusted."""
    response = web.Response(status=status, text=f"{text}\n")
    response.force_close()
    return response


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
    """The whole body, or None where it is larger than the limit, or says that it will be."""
    if (incoming.content_length or 0) > BODY_BYTES_MAX:
        return None
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
