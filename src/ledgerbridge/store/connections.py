"""
Connections: the tenants, their tokens at rest, and the epoch that keeps paused workers out.

A worker claims its connections when it starts, which raises their epoch. Each later transaction
of it checks that nobody has claimed them since (engine.md, promise 9).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from msgspec import Struct, field
from sqlalchemy import Row, delete, or_, select, update
from sqlalchemy.dialects.sqlite import insert

from ledgerbridge.core.model import Side
from ledgerbridge.errors import Fenced, StoreProblem
from ledgerbridge.store import tables
from ledgerbridge.store.secrets import Secrets
from ledgerbridge.store.transaction import Transaction

_TABLE = tables.connection
_COLUMNS = [column for column in _TABLE.c if column.name not in {"token", "epoch"}]


class Connection(Struct, frozen=True, kw_only=True):
    """One tenant of one service. `settings` are open-ended JSON values."""

    id: str
    service: Side
    account_id: str
    name: str
    time_zone: str
    home_currency: str
    connected_at: datetime
    currencies: tuple[str, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)


def put(tx: Transaction, connection: Connection) -> None:
    """
    Store a connection, or replace what is known of it; its token and epoch stay.

    Raises StoreProblem when that account is already connected under another id.
    """
    values = {column.name: getattr(connection, column.name) for column in _COLUMNS}
    values |= {"service": str(connection.service), "currencies": list(connection.currencies)}
    taken = tx.execute(
        select(_TABLE.c.id).where(
            _TABLE.c.service == values["service"],
            _TABLE.c.account_id == connection.account_id,
            _TABLE.c.id != connection.id,
        )
    ).scalar()
    if taken is not None:
        raise StoreProblem(
            f"The {connection.service} account {connection.account_id} is already connected as "
            f"{taken}. Nothing was written. Use that connection, or disconnect it first."
        )
    tx.execute(
        insert(_TABLE)
        .values(**values, epoch=0)
        .on_conflict_do_update(index_elements=[_TABLE.c.id], set_=values)
    )


def get(tx: Transaction, connection_id: str) -> Connection | None:
    """One connection, or None."""
    row = tx.execute(select(*_COLUMNS).where(_TABLE.c.id == connection_id)).one_or_none()
    return None if row is None else _connection(row)


def every(tx: Transaction) -> list[Connection]:
    """All connections, by service and name."""
    return [
        _connection(row)
        for row in tx.execute(select(*_COLUMNS).order_by(_TABLE.c.service, _TABLE.c.name))
    ]


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
    sealed = tx.execute(select(_TABLE.c.token).where(_TABLE.c.id == connection_id)).scalar()
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
    epochs = tx.execute(select(_TABLE.c.epoch).where(_TABLE.c.id.in_(ids))).scalars().all()
    epoch = max(epochs, default=0) + 1
    tx.execute(update(_TABLE).where(_TABLE.c.id.in_(ids)).values(epoch=epoch))
    return epoch


def check_epoch(tx: Transaction, connection_ids: Iterable[str], epoch: int) -> None:
    """Raises Fenced unless all these connections still have the epoch that was claimed."""
    wanted = set(connection_ids)
    rows = tx.rows_in("SELECT id FROM connection WHERE epoch = ? AND id IN (*)", (epoch,), wanted)
    lost = sorted(wanted - {id_ for (id_,) in rows})
    if lost:
        raise Fenced(
            f"Another worker claimed {', '.join(lost)} meanwhile, or it was disconnected. This "
            "step was not written, and this worker stops. What it had sent is settled by the "
            "next run."
        )


def _connection(row: Row[Any]) -> Connection:
    values = row._asdict()
    values |= {"service": Side(row.service), "currencies": tuple(row.currencies)}
    return Connection(**values)
