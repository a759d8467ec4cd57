"""Serving an emulator: its API, its pages, the control API, and the delivery of its webhooks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from ledgerbridge.sandbox.clock import Clock
from ledgerbridge.sandbox.console import with_console
from ledgerbridge.sandbox.control import Control, with_control
from ledgerbridge.sandbox.http import Sender, Server
from ledgerbridge.sandbox.hubspot import HubSpot
from ledgerbridge.sandbox.quickbooks import QuickBooks

LOOK_S = 0.05  # how often it is looked whether a webhook is due, since the clock may jump


@asynccontextmanager
async def served(
    emulator: HubSpot | QuickBooks, port: int = 0, *, clock: Clock | None = None, seed: int = 0
) -> AsyncIterator[tuple[Server, Control]]:
    """
    The emulator on loopback while the block lasts, with its pages, its controls, its webhooks on
    their way.

    Raises OSError where the port cannot be listened on.
    """
    async with Sender(emulator.outbox.rules.timeout_s) as send:
        control = Control(emulator, clock=clock, send=send, seed=seed)
        app = with_console(emulator, with_control(control))
        async with Server(app, port, now=emulator.outbox.now) as server:
            delivering = asyncio.create_task(_deliver(control, send))
            try:
                yield server, control
            finally:
                delivering.cancel()
                with suppress(asyncio.CancelledError):
                    await delivering


async def _deliver(control: Control, send: Sender) -> None:
    """Delivers what is due, for ever."""
    while True:
        outbox = control.emulator.outbox
        due = outbox.next_due()
        if due is not None and due <= outbox.now():
            await outbox.deliver(send)
        await asyncio.sleep(LOOK_S)
