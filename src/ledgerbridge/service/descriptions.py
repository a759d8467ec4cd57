"""
What both sides said of themselves, as last heard: kept with the connection, so that an idle run
asks nobody. Refreshed on connect, by `doctor`, and when it is older than a day.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec

from ledgerbridge.connectors.port import Connector, Description
from ledgerbridge.core.model import Side
from ledgerbridge.service.observe import instant
from ledgerbridge.store import connections
from ledgerbridge.store.database import Store
from ledgerbridge.store.transaction import Transaction
from ledgerbridge.syncs.catalogue import KINDS

DESCRIPTION, HEARD_AT = "description", "heard_at"
STALE_AFTER = timedelta(hours=24)
HUBSPOT_EXTRA = ("commerce_payments", "line_items")


def types_of(side: Side) -> tuple[str, ...]:
    """The object types whose fields the syncs speak of."""
    if side is Side.QUICKBOOKS:
        return tuple(kind.observed for kind in KINDS.values())
    return (*(kind.hubspot_type for kind in KINDS.values()), *HUBSPOT_EXTRA)


async def hear(connector: Connector) -> Description:
    """Ask a side to describe itself. Raises CallFailed."""
    return await connector.describe(types_of(connector.side))


def settings_with(
    settings: dict[str, Any], description: Description, now: datetime
) -> dict[str, Any]:
    """A connection's settings with what was heard."""
    heard = msgspec.to_builtins(description)
    return {**settings, DESCRIPTION: heard, HEARD_AT: instant(now)}


def heard(connection: connections.Connection) -> Description:
    """What a connection last said of itself."""
    return msgspec.convert(connection.settings[DESCRIPTION], Description)


def is_stale(connection: connections.Connection, now: datetime) -> bool:
    """Whether it is time to ask again, also where our clock was wrong when it was asked."""
    at = connection.settings.get(HEARD_AT)
    return at is None or abs(now - datetime.fromisoformat(at)) > STALE_AFTER


async def refresh(
    store: Store, connection: connections.Connection, connector: Connector, now: datetime
) -> Description:
    """Ask again and remember the answer. Raises CallFailed."""
    description = await hear(connector)
    renewed = msgspec.structs.replace(
        connection,
        name=description.name,
        time_zone=description.time_zone,
        home_currency=description.home_currency,
        currencies=description.currencies,
        settings=settings_with(connection.settings, description, now),
    )
    await store.write(_put, renewed)
    return description


def _put(tx: Transaction, connection: connections.Connection) -> None:
    connections.put(tx, connection)
