"""Serving an emulator: its API, the control API, and the delivery of its webhooks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import aiohttp

from ledgerbridge.sandbox.clock import Clock
from ledgerbridge.sandbox.control import Control, with_control
from ledgerbridge.sandbox.delivery import Post
from ledgerbridge.sandbox.http import Server
from ledgerbridge.sandbox.hubspot import HubSpot
from ledgerbridge.sandbox.quickbooks import QuickBooks

LOOK_S = 0.05  # how often it is looked whether a webhook is due, since the clock may jump


class HttpSender:
    """Posts to subscribers over HTTP; redirects are not followed, answers are not read."""

    def __init__(self, session: aiohttp.ClientSession, timeout_s: float) -> None:
        self._session = session
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)

    async def __call__(self, post: Post) -> int:
        """The status of the answer, 0 where none came in time."""
        try:
            async with self._session.post(
                post.url,
                data=post.body,
                headers=post.headers,
                timeout=self._timeout,
                allow_redirects=False,
            ) as answer:
                return answer.status
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
            return 0


@asynccontextmanager
async def served(
    emulator: HubSpot | QuickBooks, port: int = 0, *, clock: Clock | None = None, seed: int = 0
) -> AsyncIterator[tuple[Server, Control]]:
    """
    The emulator on loopback while the block lasts, with its controls, its webhooks on their way.

    Raises OSError where the port cannot be listened on.
    """
    async with aiohttp.ClientSession() as session:
        send = HttpSender(session, emulator.outbox.rules.timeout_s)
        control = Control(emulator, clock=clock, send=send, seed=seed)
        async with Server(with_control(control), port) as server:
            delivering = asyncio.create_task(_deliver(control, send))
            try:
                yield server, control
            finally:
                delivering.cancel()
                with suppress(asyncio.CancelledError):
                    await delivering


async def _deliver(control: Control, send: HttpSender) -> None:
    """Delivers what is due, for ever."""
    while True:
        outbox = control.emulator.outbox
        due = outbox.next_due()
        if due is not None and due <= outbox.now():
            await outbox.deliver(send)
        await asyncio.sleep(LOOK_S)
