"""
Connections: the tenants, their tokens at rest, and the epoch that keeps paused workers out.

A worker claims its connections when it starts, which raises their epoch. Each later transaction
of it checks that nobody has claimed them since (engine.md, promise 9).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import delete, or_, select, update

from ledgerbridge.core.model import Side
from ledgerbridge.errors import Fenced, StoreProblem
from ledgerbridge.store import tables
from ledgerbridge.store.images import json_text, word_of
from ledgerbridge.store.secrets import Secrets
from ledgerbridge.store.transaction import Transaction

_TABLE = tables.connection


class Connection(Struct, frozen=True, kw_only=True):
    """One tenant of one service. `settings` are open-ended, as JSON text."""

    id: str
    service: Side
    account_id: str
    name: str
    time_zone: str
    home_currency: str
    connected_at: datetime
    currencies: tuple[str, ...] = ()
    settings: str = "{}"


_SELECT = (
    "SELECT id, service, account_id, name, time_zone, home_currency, connected_at, currencies, "
    "settings FROM connection "
)


def put(tx: Transaction, connection: Connection) -> None:
    """
    Store a connection, or replace what is known of it; its token and epoch stay.

    Raises StoreProblem when that account is already connected under another id.
    """
    taken = tx.rows(
        "SELECT id FROM connection WHERE service = ? AND account_id = ? AND id <> ?",
        (str(connection.service), connection.account_id, connection.id),
    )
    if taken:
        raise StoreProblem(
            f"The {connection.service} account {connection.account_id} is already connected as "
            f"{taken[0][0]}. Nothing was written. Use that connection, or disconnect it first."
        )
    values = msgspec.structs.asdict(connection) | {
        "service": str(connection.service),
        "currencies": msgspec.json.encode(connection.currencies).decode(),
        "connected_at": tables.instant_text(connection.connected_at),
    }
    tx.many(
        "INSERT INTO connection (id, service, account_id, name, time_zone, home_currency, "
        "connected_at, currencies, settings, epoch) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0) "
        "ON CONFLICT (id) DO UPDATE SET service = excluded.service, "
        "account_id = excluded.account_id, name = excluded.name, "
        "time_zone = excluded.time_zone, home_currency = excluded.home_currency, "
        "connected_at = excluded.connected_at, currencies = excluded.currencies, "
        "settings = excluded.settings",
        [tuple(values.values())],
    )


def get(tx: Transaction, connection_id: str) -> Connection | None:
    """One connection, or None."""
    found = tx.rows(_SELECT + "WHERE id = ?", (connection_id,))
    return _connection(found[0]) if found else None


def every(tx: Transaction) -> list[Connection]:
    """All connections, by service and name."""
    return [_connection(row) for row in tx.rows(_SELECT + "ORDER BY service, name")]


def remove(tx: Transaction, connection_id: str) -> None:
    """
    Forget a connection, its token, its cursors and what was seen of it.

    Raises StoreProblem while a sync uses it.
    """
    sync = tables.sync
    users = tx.execute(
        select(sync.c.name).where(
            or_(
                sync.c.hubspot_connection == connection_id,
                sync.c.quickbooks_connection == connection_id,
            )
        )
    ).scalars()
    if names := ", ".join(sorted(users)):
        raise StoreProblem(
            f"The connection {connection_id} is used by the syncs {names}. Nothing was removed. "
            "Delete those syncs first."
        )
    for table in (tables.record_key, tables.record_reference):
        tx.execute(delete(table).where(table.c.connection == connection_id))
    tx.execute(delete(_TABLE).where(_TABLE.c.id == connection_id))


def put_token(tx: Transaction, secrets: Secrets, connection_id: str, token: bytes) -> None:
    """Store a token of a known connection, encrypted."""
    sealed = secrets.seal(connection_id, token)
    done = tx.execute(update(_TABLE).where(_TABLE.c.id == connection_id).values(token=sealed))
    assert done.rowcount == 1, "a token belongs to a stored connection"


def get_token(tx: Transaction, secrets: Secrets, connection_id: str) -> bytes | None:
    """The token of a connection in clear, None if it has none; StoreProblem with a wrong key."""
    found = tx.rows("SELECT token FROM connection WHERE id = ?", (connection_id,))
    sealed = found[0][0] if found else None
    return None if sealed is None else secrets.open_sealed(connection_id, sealed)


def has_token(tx: Transaction, connection_id: str) -> bool:
    """Whether a connection has a token: without one it is disconnected."""
    row = tx.execute(select(_TABLE.c.token.is_not(None)).where(_TABLE.c.id == connection_id))
    return bool(row.scalar())


def drop_token(tx: Transaction, connection_id: str) -> None:
    """Forget the token of a connection; what was seen of it and its links stay."""
    tx.execute(update(_TABLE).where(_TABLE.c.id == connection_id).values(token=None))


def claim_epoch(tx: Transaction, connection_ids: Iterable[str]) -> int:
    """Claim connections: raises their epoch above all that went before, and returns it."""
    ids = sorted(set(connection_ids))
    epochs = tx.rows_in("SELECT epoch FROM connection WHERE id IN (*)", (), ids)
    epoch = max((one for (one,) in epochs), default=0) + 1
    tx.many("UPDATE connection SET epoch = ? WHERE id = ?", [(epoch, one) for one in ids])
    return epoch


def check_epoch(tx: Transaction, connection_ids: Iterable[str], epoch: int) -> None:
    """Raises Fenced unless all these connections still have the epoch that was claimed."""
    held = {id_ for (id_,) in tx.rows("SELECT id FROM connection WHERE epoch = ?", (epoch,))}
    lost = sorted(set(connection_ids) - held)
    if lost:
        raise Fenced(
            f"Another worker claimed {', '.join(lost)} meanwhile, or it was disconnected. This "
            "step was not written, and this worker stops. What it had sent is settled by the "
            "next run. See that only one process works on these accounts, then run again."
        )


def _connection(row: tuple[Any, ...]) -> Connection:
    values = dict(zip(Connection.__struct_fields__, row, strict=True))
    values["settings"] = json_text(values["settings"])
    values["service"] = word_of(Side, values["service"])
    values["currencies"] = tuple(msgspec.json.decode(values["currencies"]))
    values["connected_at"] = tables.instant_of(values["connected_at"])
    return Connection(**values)
