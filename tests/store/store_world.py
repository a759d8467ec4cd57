"""A small installation to test the store with: two connections, one sync, a clock that stands."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from ledgerbridge.clock import SystemClock
from ledgerbridge.core.model import Link, Record, Side
from ledgerbridge.store import connections, syncs
from ledgerbridge.store.connections import Connection
from ledgerbridge.store.database import Store
from ledgerbridge.store.syncs import Sync
from ledgerbridge.store.transaction import Transaction

P = ParamSpec("P")
T = TypeVar("T")

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
PORTAL, COMPANY, SYNC = "hubspot-1", "quickbooks-1", "contacts"


class StandingClock(SystemClock):
    """Always the same instant; ids and nonces are still fresh."""

    def now(self) -> datetime:
        """The instant of this world."""
        return NOW


def later(seconds: float) -> datetime:
    """An instant of this world, so many seconds after its start."""
    return NOW + timedelta(seconds=seconds)


def url_of(path: Path) -> str:
    """The URL of a database file."""
    return f"sqlite:///{path}"


def open_store(path: Path, *, lock_wait_s_max: float = 0.05) -> Store:
    """Open a database so that its functions run at once in the caller."""
    return Store.open(
        url_of(path), clock=StandingClock(), inline=True, lock_wait_s_max=lock_wait_s_max
    )


@contextmanager
def fresh_world(path: Path) -> Iterator[Store]:
    """A database with two connections and a sync between them, copied from a template."""
    shutil.copy(_template(), path)
    with open_store(path) as store:
        yield store


@contextmanager
def passing_world() -> Iterator[Store]:
    """A fresh world in a folder of its own, for one example of a property."""
    with tempfile.TemporaryDirectory() as folder, fresh_world(Path(folder) / "lb.db") as store:
        yield store


def do(
    store: Store,
    function: Callable[Concatenate[Transaction, P], T],
    *args: P.args,
    **named: P.kwargs,
) -> T:
    """Run one writing function in its own transaction."""
    return asyncio.run(store.write(function, *args, **named))


def ask(
    store: Store,
    function: Callable[Concatenate[Transaction, P], T],
    *args: P.args,
    **named: P.kwargs,
) -> T:
    """Run one reading function in its own transaction."""
    return asyncio.run(store.read(function, *args, **named))


def tenant(connection_id: str, service: Side, account_id: str) -> Connection:
    """A connection of this world."""
    return Connection(
        id=connection_id,
        service=service,
        account_id=account_id,
        name=f"Example {account_id}",
        time_zone="Europe/Vienna",
        home_currency="USD",
        connected_at=NOW,
        currencies=("USD", "EUR"),
        settings='{"api_version":"2026-09"}',
    )


def contact(record_id: str, version: str = "2026-03-01T00:00:00Z", **fields: str | None) -> Record:
    """A HubSpot contact with these fields."""
    return Record("contacts", record_id, version, dict(fields), modified_at=version)


def live_link(link_id: str, hubspot_id: str | None, quickbooks_id: str | None) -> Link:
    """A living link without base images."""
    return Link(id=link_id, hubspot_id=hubspot_id, quickbooks_id=quickbooks_id)


@cache
def _template() -> Path:
    descriptor, name = tempfile.mkstemp(prefix="ledgerbridge-template-", suffix=".db")
    os.close(descriptor)
    with open_store(Path(name)) as store:
        do(store, connections.put, tenant(PORTAL, Side.HUBSPOT, "501"))
        do(store, connections.put, tenant(COMPANY, Side.QUICKBOOKS, "9341"))
        do(
            store,
            syncs.put,
            Sync(
                id=SYNC,
                name="Contacts",
                hubspot_connection=PORTAL,
                quickbooks_connection=COMPANY,
                definition='{"preset": "contacts"}',
            ),
        )
    return Path(name)
