"""What every command works with: settings, database, secrets, network; opened and closed once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, nullcontext
from typing import Any, TypeVar

from ledgerbridge.clock import SystemClock
from ledgerbridge.connectors.transport import AiohttpTransport
from ledgerbridge.service.connectors import Workshop
from ledgerbridge.service.settings import load
from ledgerbridge.store.database import Store
from ledgerbridge.store.secrets import KEY_VARIABLE, Secrets

T = TypeVar("T")


@asynccontextmanager
async def opened(*, alone: bool) -> AsyncIterator[Workshop]:
    """
    The workshop of this installation. With `alone` no other process may change it meanwhile.

    Raises UsageError for wrong settings, StoreProblem for the database, AlreadyRunning.
    """
    settings, clock = load(), SystemClock()
    with Store.open(settings.database_url, clock=clock) as store:
        secrets = Secrets.load({KEY_VARIABLE: settings.secret_key}, store.path, clock)
        with store.claim() if alone else nullcontext():
            async with AiohttpTransport() as transport:
                yield Workshop(
                    store=store,
                    secrets=secrets,
                    clock=clock,
                    transport=transport,
                    settings=settings,
                )


def wait_for(work: Coroutine[Any, Any, T]) -> T:
    """Run the asynchronous part of a command."""
    return asyncio.run(work)
