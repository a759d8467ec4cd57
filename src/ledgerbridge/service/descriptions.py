"""
What both sides said of themselves, as last heard: kept with the connection, so that an idle run
asks nobody. Refreshed on connect, by `doctor`, and when it is older than a day.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache

import msgspec
from msgspec import Struct

from ledgerbridge.connectors.port import Connector, Description
from ledgerbridge.core.model import Side
from ledgerbridge.errors import UsageError
from ledgerbridge.service.observe import instant
from ledgerbridge.store import connections
from ledgerbridge.store.database import Store
from ledgerbridge.store.transaction import Transaction
from ledgerbridge.syncs.catalogue import KINDS

STALE_AFTER = timedelta(hours=24)
HUBSPOT_EXTRA = ("commerce_payments", "line_items")


class Heard(Struct, frozen=True):
    """What a connection said of itself, as JSON, and when; nothing yet, if it never answered."""

    description: msgspec.Raw = msgspec.Raw(b"null")
    heard_at: str | None = None


def types_of(side: Side) -> tuple[str, ...]:
    """The object types whose fields the syncs speak of."""
    if side is Side.QUICKBOOKS:
        return tuple(kind.observed for kind in KINDS.values())
    return (*(kind.hubspot_type for kind in KINDS.values()), *HUBSPOT_EXTRA)


async def hear(connector: Connector) -> Description:
    """Ask a side to describe itself. Raises CallFailed."""
    return await connector.describe(types_of(connector.side))


def as_settings(description: Description, now: datetime) -> str:
    """A connection's settings: what was heard of it."""
    said = msgspec.Raw(msgspec.json.encode(description))
    return msgspec.json.encode(Heard(said, instant(now))).decode()


@lru_cache(maxsize=2 * len(Side))
def _heard(settings: str) -> Heard:
    return msgspec.json.decode(settings, type=Heard)


@lru_cache(maxsize=2 * len(Side))
def _described(said: bytes) -> Description | None:
    return msgspec.json.decode(said, type=Description | None)


def heard_at(connection: connections.Connection) -> str | None:
    """When a connection last said what it is, as ISO text; None if it never did."""
    return _heard(connection.settings).heard_at


def heard(connection: connections.Connection) -> Description:
    """
    What a connection last said of itself, as the same object for as long as it says the same.

    Raises UsageError where it never answered: the process ended while it was being connected.
    """
    found = _described(bytes(_heard(connection.settings).description))
    if found is None:
        raise UsageError(
            f"{connection.id} was not connected to the end. Nothing was read or written. "
            f"Connect it again with: ledgerbridge connect {connection.service}"
        )
    return found


def is_stale(connection: connections.Connection, now: datetime) -> bool:
    """Whether it is time to ask again, also where our clock was wrong when it was asked."""
    at = heard_at(connection)
    return at is None or abs(now - datetime.fromisoformat(at)) > STALE_AFTER


async def refresh(
    store: Store, connection: connections.Connection, connector: Connector, now: datetime
) -> Description:
    """Ask again and remember the answer, which is returned as `heard` does. Raises CallFailed."""
    description = await hear(connector)
    renewed = msgspec.structs.replace(
        connection,
        name=description.name,
        time_zone=description.time_zone,
        home_currency=description.home_currency,
        currencies=description.currencies,
        settings=as_settings(description, now),
    )
    await store.write(_put, renewed)
    return heard(renewed)


def _put(tx: Transaction, connection: connections.Connection) -> None:
    connections.put(tx, connection)
